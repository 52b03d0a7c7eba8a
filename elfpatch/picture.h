/* A trace as a picture (SVG), and as a page around one. */
#ifndef PICTURE_H
#define PICTURE_H

#include "page.h"
#include "trace.h"

/* Drawn at most; of more the longest. */
enum { PICTURE_SPANS_MAX = 20000 };

/* A file of its own. */
void picture_write(FILE *file, const char *title, const struct trace *trace);
/* A page; false when memory runs out. */
bool picture_page(struct page *page, const char *title, const struct trace *trace);

#endif
