#include "set.h"

#include "document.h"
#include "outcome.h"
#include "print.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Fields of the file as it is now; into the document, or printed when that is null. */
static bool print_fields_of(const char *path, const struct settings *settings, json_t *document, struct why *why)
{
	struct image image;
	bool is_done = true;

	if (settings->print_count == 0)
		return true;
	if (!image_open(path, false, &image, why))
		return false;
	for (size_t i = 0; is_done && i < settings->print_count; i++) {
		json_t *values = print_field(&image, settings->prints[i], why);
		is_done = values != NULL;
		for (size_t v = 0; !document && v < json_array_size(values); v++)
			printf("%s%s%s\n", settings->file_count > 1 ? path : "", settings->file_count > 1 ? ": " : "",
			       json_string_value(json_array_get(values, v)));
		if (document)
			json_object_set(document, settings->prints[i], values);
		json_decref(values);
	}
	image_close(&image);
	return is_done;
}

static bool plan_and_write(struct transaction *transaction, const struct image *image, const struct settings *settings,
			   struct outcome *outcome, struct why *why)
{
	const struct edits edits = {.items = settings->edits,
				    .count = settings->edit_count,
				    .prefixes = settings->prefixes,
				    .prefix_count = settings->prefix_count};
	struct edit_check check;
	struct patch patch;

	if (!edit_plan(image, &edits, &patch, &outcome->notes, why))
		return false;
	outcome_of_patch(outcome, &patch, image);
	bool is_done = settings->is_dry || (edit_check_prepare(image, &edits, &patch, &check, why) &&
					    transaction_commit(transaction, &patch, NULL, edit_check, &check, why));
	patch_free(&patch);
	return is_done;
}

static bool edit_file(const char *path, const struct settings *settings, struct outcome *outcome, struct why *why)
{
	struct transaction transaction;
	struct image image;

	if (settings->edit_count == 0)
		return true;
	if (!transaction_open(path, &settings->write, &transaction, why))
		return false;
	bool is_done = image_open_fd(transaction.fd, path, &image, why);
	if (is_done) {
		is_done = plan_and_write(&transaction, &image, settings, outcome, why);
		image_close(&image);
	}
	transaction_close(&transaction);
	return is_done;
}

bool set_file(const char *path, const struct settings *settings, struct why *why)
{
	const char *result = settings->write.output && !settings->is_dry ? settings->write.output : path;
	struct outcome outcome = {0};
	json_t *document = NULL;

	bool is_done = edit_file(path, settings, &outcome, why);
	if (is_done && settings->is_json)
		document = outcome_document(path, &outcome);
	else if (is_done)
		outcome_print(path, settings, &outcome);
	is_done = is_done && print_fields_of(result, settings, document, why);
	outcome_free(&outcome);
	if (!is_done)
		json_decref(document);
	else if (settings->is_json)
		is_done = document_print(document, why);
	return is_done;
}
