/* The way back: what a file was before it was made another one, kept in a section of its own. */
#ifndef UNDO_H
#define UNDO_H

#include "patch.h"

#define UNDO_SECTION ".rt0.undo"

/*
 * Give the last section of a writable image, UNDO_SECTION, its contents at the end of
 * the file: the bytes of `old` that it no longer has, and a digest of all that is new.
 * The image is of no use afterwards but to be closed.
 */
bool undo_append(struct image *image, const struct image *old, struct why *why);

/*
 * Plan the way back to the file that was. False with an empty reason when there is
 * no such section, and with one when something that is to go was changed since.
 */
bool undo_plan(const struct image *image, struct patch *patch, struct why *why);

#endif
