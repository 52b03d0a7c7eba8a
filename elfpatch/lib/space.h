/* Unused bytes of a file's segments, and blocks of sections that can move into them; for room.c. */
#ifndef SPACE_H
#define SPACE_H

#include "layout.h"

/* Stretches of the file by offset, in ascending order, apart from each other. */
struct span {
	uint64_t start, end;
};

struct spans {
	struct span *items; /* the caller's to free */
	size_t count;
};

/* Everything in the file that something refers to. */
bool spans_find(const struct layout *layout, struct spans *spans, struct why *why);
/* The start of the first span that ends behind `offset`, or UINT64_MAX. */
uint64_t spans_next(const struct spans *spans, uint64_t offset);

/* The PT_LOAD whose file part holds that offset, or null. */
GElf_Phdr *segment_of(const struct layout *layout, uint64_t offset);
/* Make the segment, and the file, reach to offset `end` at least. */
void segment_reach(struct layout *layout, GElf_Phdr *segment, uint64_t end);

/* Bytes free at `offset`, inside the segment or at its end; at most `size`. */
uint64_t space_free(const struct layout *layout, const struct spans *spans, const GElf_Phdr *segment, uint64_t offset,
		    uint64_t size);

/*
 * Unused bytes for what stands in segment `from` now, at the place *to, which is
 * `skew` more than a multiple of `align`. Null when no segment has them. What is
 * written at run time goes to a segment that room.c made only.
 */
GElf_Phdr *space_find(struct layout *layout, const struct spans *spans, const GElf_Phdr *from, bool is_written,
		      uint64_t size, uint64_t align, uint64_t skew, uint64_t *to);

/*
 * Have `size` bytes behind a segment that is fit for what stands in `from` be unused:
 * what stands there in the file, which nothing loads, goes to the end of the file.
 * *is_done is false when there is no such segment.
 */
bool space_clear(struct layout *layout, const GElf_Phdr *from, bool is_written, uint64_t size, bool *is_done,
		 struct why *why);

/* Contiguous sections that can move together. */
struct block {
	uint64_t start, end; /* offsets */
	uint64_t align;
	bool is_written;
};

/*
 * Widen [start, end) of the file to whole sections and program headers. False with
 * a reason when something in it cannot move: nothing but program headers, dynamic
 * entries and symbols may say where it is.
 */
bool block_find(const struct layout *layout, uint64_t start, uint64_t end, struct block *block, struct why *why);

#endif
