/* What an edit writes: stretches of bytes, in the order in which they are to reach the file. */
#ifndef PATCH_H
#define PATCH_H

#include "image.h"

/*
 * `bytes` is null for zeros. It points into the image that the patch was made
 * from, which must stay open, or to memory of the patch's own.
 */
struct patch_write {
	uint64_t offset;
	uint64_t size;
	const unsigned char *bytes;
	unsigned char *owned;
};

/*
 * `size` is the file's size afterwards. Starts as {.size = image->size}. When memory
 * runs out a write is dropped and is_out_of_memory set, which patch_is_complete
 * reports: the callers between need not look.
 */
struct patch {
	struct patch_write *writes;
	size_t count, capacity;
	uint64_t size;
	bool is_out_of_memory;
};

/*
 * Add a write of bytes that are copied, of bytes that were allocated and are the patch's from
 * then on, of bytes that already stand at `from` in the image, or of zeros. What the file has there already is left out
 * at both ends, and a write of nothing but that is not added.
 */
void patch_put(struct patch *patch, const struct image *image, uint64_t offset, const void *bytes, uint64_t size);
void patch_give(struct patch *patch, const struct image *image, uint64_t offset, unsigned char *bytes, uint64_t size);
void patch_copy(struct patch *patch, const struct image *image, uint64_t offset, uint64_t from, uint64_t size);
void patch_zero(struct patch *patch, const struct image *image, uint64_t offset, uint64_t size);

void patch_free(struct patch *patch);

bool patch_is_complete(const struct patch *patch, struct why *why);
/* Nothing to write, and the size stays. */
bool patch_is_empty(const struct patch *patch, const struct image *image);
/* Sum of the writes. */
uint64_t patch_bytes(const struct patch *patch);

/* Give the file its new size and write to it, in order. */
bool patch_apply(const struct patch *patch, int fd, struct why *why);

#endif
