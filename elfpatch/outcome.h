/* What a command that writes did to one file, and how it is told. */
#ifndef OUTCOME_H
#define OUTCOME_H

#include "options.h"

#include <jansson.h>

struct outcome {
	struct edit_notes notes;
	uint64_t written, places; /* bytes, and stretches of them; 0 when there was nothing to write */
	int64_t growth;
};

/* Take note of a patch that is about to be written, or would be. */
void outcome_of_patch(struct outcome *outcome, const struct patch *patch, const struct image *image);

/* Print it as --verbose and --dry-run want; warnings in any case. */
void outcome_print(const char *path, const struct settings *settings, const struct outcome *outcome);
/* The same as a document. */
json_t *outcome_document(const char *path, const struct outcome *outcome);
void outcome_free(struct outcome *outcome);

#endif
