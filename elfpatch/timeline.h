/* A trace as text. */
#ifndef TIMELINE_H
#define TIMELINE_H

#include "trace.h"

#include <stdio.h>

struct timeline_style {
	unsigned columns;
	bool has_colours, is_utf8;
};

/*
 * What fits standard output: the terminal's width, or $COLUMNS, or 80; colours on a
 * terminal that is not "dumb" and without NO_COLOR; characters of the locale.
 */
struct timeline_style timeline_style(void);

enum { TIMELINE_COLUMNS_MIN = 40, TIMELINE_COLUMNS_MAX = 1000 };

/* Draw a line a thread, and list the events under it. */
void timeline_print(FILE *out, const char *title, const struct trace *trace, const struct timeline_style *style);

#endif
