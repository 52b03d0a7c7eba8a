/* What a person at a terminal gets beside the text: colours, and how far the work is. */
#ifndef TERMINAL_H
#define TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

enum colour { COLOUR_NONE, COLOUR_RED, COLOUR_YELLOW };

/* Not where standard output is no terminal, or TERM=dumb or NO_COLOR (no-color.org) is set. */
bool colour_is_wanted(void);

/* What to print before and behind a text; empty for COLOUR_NONE. */
const char *colour_begin(enum colour colour);
const char *colour_end(enum colour colour);

/* One line on standard error that says how many of `count` files are done, where work lasts over a second. */
struct progress {
	bool is_on; /* standard error is a terminal */
	bool is_drawn;
	size_t count;
	struct timespec begun, drawn;
};

void progress_begin(struct progress *progress, size_t count);
/* To be called some times a second. */
void progress_draw(struct progress *progress, size_t done);
/* Take the line away, before anything else is printed. */
void progress_clear(struct progress *progress);

#endif
