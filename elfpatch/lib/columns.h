/* Text for a terminal of 80 columns: what --help prints. */
#ifndef COLUMNS_H
#define COLUMNS_H

#include <stddef.h>
#include <stdio.h>

/* The longest line, so that the cursor of a terminal stays on it. */
#define COLUMNS_WIDTH 79

/*
 * Write the words of `text` from column `at` on, where the cursor stands, and go on at
 * column `indent` of the next line when one no longer fits. Returns where the cursor
 * is; the line is not ended. A word longer than a line stands alone on one.
 */
size_t columns_words(FILE *to, const char *text, size_t at, size_t indent);

/* One row of two columns; `left` has a line of its own when it reaches into the right column, which begins at `indent`.
 */
void columns_row(FILE *to, const char *left, const char *right, size_t indent);

#endif
