/* A file as a page for people: `show --html`, `verify --html`. */
#ifndef PORTRAIT_H
#define PORTRAIT_H

#include "lib/image.h"
#include "lib/verify.h"
#include "page.h"

/*
 * Segments to scale, what runs at load in its order, gates, and findings, null where
 * there can be none. On failure the page is to be thrown away.
 */
bool portrait_page(struct page *page, const struct image *image, const struct findings *findings, struct why *why);

#endif
