/* Pages of HTML that need nothing but themselves: style and script are in them, and no other may run. */
#ifndef PAGE_H
#define PAGE_H

#include "lib/why.h"

#include <stdio.h>

struct page {
	FILE *file;
	const char *path;
};

/*
 * Begin a file of which the name `input` is not one: what is read is not written
 * over. "-" is standard output.
 */
bool page_open(struct page *page, const char *path, const char *input, struct why *why);
/* Write out what there is; on failure, and without `is_good`, the file is removed. */
bool page_close(struct page *page, bool is_good, struct why *why);

/* The beginning of a page up to its heading, and its end. */
void page_begin(struct page *page, const char *title, const char *subtitle);
void page_end(struct page *page);

/* Text, also inside an attribute's quotes; what HTML and XML have no character for is U+FFFD. Wants UTF-8. */
void page_text(FILE *file, const char *text);

/* The style alone, for a picture. */
void page_style(FILE *file);

#endif
