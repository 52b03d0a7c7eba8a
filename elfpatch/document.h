/* JSON documents: what --json prints, and what the text of `show` is made from. */
#ifndef DOCUMENT_H
#define DOCUMENT_H

#include "lib/image.h"
#include "lib/verify.h"

#include <jansson.h>

/* Before anything else here. */
void document_init(void);

/*
 * Has there been memory for all of the documents since this was last asked? What
 * is missing in one is missing without a word: ask before it is shown.
 */
bool document_is_whole(struct why *why);

/* A string of a file as JSON: what is no UTF-8 becomes U+FFFD. Null, as everything here, when memory runs out. */
json_t *document_text(const char *text);
json_t *document_hex(uint64_t value);

/* {"error": why, "file": path} */
json_t *document_of_error(const char *path, const struct why *why);
json_t *document_of_findings(const char *path, const struct findings *findings, bool is_quiet);

/* Everything that `show` knows of a file (show.c). Null with a reason when it cannot be read. */
json_t *document_of_image(const struct image *image, struct why *why);

/* One line with sorted keys; nothing when it is not whole. Takes the document over. */
bool document_print(json_t *document, struct why *why);

const char *severity_name(enum severity severity);

#endif
