#include "document.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Length of the UTF-8 character at `text` (RFC 3629), 0 when it is none. */
static size_t character_size(const unsigned char *text)
{
	size_t size = text[0] < 0x80 ? 1 : text[0] < 0xc2 ? 0 : text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : 4;

	if (text[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < size; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	if ((text[0] == 0xe0 && text[1] < 0xa0) || (text[0] == 0xed && text[1] > 0x9f) ||
	    (text[0] == 0xf0 && text[1] < 0x90) || (text[0] == 0xf4 && text[1] > 0x8f))
		return 0;
	return size;
}

/* A document may lack what there was no memory for; jansson's callers would have to look at each call. */
static bool is_short;

static void *allocate(size_t size)
{
	void *memory = malloc(size);

	is_short |= !memory;
	return memory;
}

void document_init(void)
{
	json_set_alloc_funcs(allocate, free);
}

bool document_is_whole(struct why *why)
{
	bool is_whole = !is_short;

	is_short = false;
	return is_whole || why_set(why, "out of memory");
}

json_t *document_text(const char *text)
{
	size_t length = strlen(text), used = 0;
	char *clean = allocate(3 * length + 1);

	if (!clean)
		return NULL;
	while (*text) {
		size_t size = character_size((const unsigned char *)text);
		memcpy(clean + used, size ? text : "\xef\xbf\xbd", size ? size : 3);
		used += size ? size : 3;
		text += size ? size : 1;
	}
	json_t *string = json_stringn(clean, used);
	free(clean);
	return string;
}

json_t *document_hex(uint64_t value)
{
	return json_sprintf("0x%" PRIx64, value);
}

json_t *document_of_error(const char *path, const struct why *why)
{
	return json_pack("{s:o, s:o}", "error", document_text(why->text), "file", document_text(path));
}

const char *severity_name(enum severity severity)
{
	static const char *const names[] = {"info", "warning", "error"};

	return names[severity];
}

json_t *document_of_findings(const char *path, const struct findings *findings, bool is_quiet)
{
	json_t *list = json_array();

	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *f = &findings->items[i];
		if (is_quiet && f->severity == SEVERITY_INFO)
			continue;
		json_array_append_new(list, json_pack("{s:s, s:s, s:o, s:o, s:s}", "rule", f->rule, "severity",
						      severity_name(f->severity), "where", document_text(f->where),
						      "what", document_text(f->what), "todo", f->todo));
	}
	return json_pack("{s:I, s:o, s:o, s:I}", "errors", (json_int_t)findings->errors, "file", document_text(path),
			 "findings", list, "warnings", (json_int_t)findings->warnings);
}

bool document_print(json_t *document, struct why *why)
{
	char *text = json_dumps(document, JSON_COMPACT | JSON_SORT_KEYS);
	bool is_done = document_is_whole(why) && text;

	json_decref(document);
	if (is_done)
		puts(text);
	free(text);
	return is_done;
}
