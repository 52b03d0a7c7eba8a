/* The reason of a failure: library code fills one in, programs print it once. */
#ifndef WHY_H
#define WHY_H

#include <stdbool.h>

struct why {
	char text[512]; /* one line, lower case, no full stop, no program name */
};

/* Format the reason; always returns false, so `return why_set(why, ...)` reads well. */
bool why_set(struct why *why, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
