/* The rules of what must hold of a library with a runtime. */
#ifndef VERIFY_H
#define VERIFY_H

#include "image.h"

enum severity { SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_ERROR };

/* One finding; strings live as long as the findings. */
struct finding {
	const char *rule; /* "init-entry", as documented in elfpatch(1) */
	enum severity severity;
	char *where;      /* symbol or "offset 0x..." */
	char *what;       /* what it means */
	const char *todo; /* what to do about it */
};

struct findings {
	struct finding *items;
	size_t count, errors, warnings;
};

/* Apply every rule. False only when the file cannot be judged at all. */
bool verify_image(const struct image *image, struct findings *findings, struct why *why);
void findings_free(struct findings *findings);

/* The rules' names, in the order in which they are applied; ends with null. */
extern const char *const verify_rules[];

#endif
