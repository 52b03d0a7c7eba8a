#include "outcome.h"

#include "document.h"

#include <inttypes.h>
#include <stdio.h>

void outcome_of_patch(struct outcome *outcome, const struct patch *patch, const struct image *image)
{
	outcome->written = patch_bytes(patch);
	outcome->places = patch->count;
	outcome->growth = (int64_t)(patch->size - image->size);
}

void outcome_print(const char *path, const struct settings *settings, const struct outcome *outcome)
{
	for (size_t i = 0; i < outcome->notes.count; i++) {
		const struct edit_note *note = &outcome->notes.items[i];
		if (note->is_warning)
			fprintf(stderr, "elfpatch: '%s': %s\n", path, note->text);
		else if (settings->is_dry || settings->is_verbose)
			printf("%s: %s\n", path, note->text);
	}
	if (!settings->is_dry && !settings->is_verbose)
		return;
	if (outcome->places == 0)
		printf("%s: nothing to write\n", path);
	else
		printf("%s: %s %" PRIu64 " bytes in %" PRIu64 " places, growth %" PRId64 "\n", path,
		       settings->is_dry ? "would write" : "wrote", outcome->written, outcome->places, outcome->growth);
}

static json_t *texts(const struct edit_notes *notes, bool are_warnings)
{
	json_t *list = json_array();

	for (size_t i = 0; i < notes->count; i++)
		if (notes->items[i].is_warning == are_warnings)
			json_array_append_new(list, document_text(notes->items[i].text));
	return list;
}

json_t *outcome_document(const char *path, const struct outcome *outcome)
{
	return json_pack("{s:o, s:o, s:I, s:o, s:I}", "changes", texts(&outcome->notes, false), "file",
			 document_text(path), "growth", (json_int_t)outcome->growth, "warnings",
			 texts(&outcome->notes, true), "written", (json_int_t)outcome->written);
}

void outcome_free(struct outcome *outcome)
{
	edit_notes_free(&outcome->notes);
}
