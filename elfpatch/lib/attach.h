/*
 * Giving a finished library a runtime's start-up: entry, gates and state in segments
 * of their own, everything else in librt0.so.0 (rt/abi.h, attached libraries).
 */
#ifndef ATTACH_H
#define ATTACH_H

#include "edit.h"
#include "policy.h"

struct attach_options {
	const char *init;    /* the init function's symbol */
	const char *flag;    /* a variable whose first byte becomes 1, or null */
	uint32_t flags;      /* RT0_CONFIG_FLAGS */
	uint64_t stack_size; /* bytes, 0 for the system's default */
	const char *objects; /* folder of rt's files, or null for that beside the program */
	struct policy policy;
};

/*
 * Plan what attach_finish completes on a copy of the file. The patch, which the
 * caller frees, refers to the image; it is empty when the library was attached with
 * the same options before. False with a reason when it cannot be done.
 */
bool attach_plan(const struct image *image, const struct attach_options *options, struct patch *patch,
		 struct edit_notes *notes, struct why *why);

/* Fill the gates of the file at `path`, made from `old` by that patch, and keep the way back in it. */
bool attach_finish(const char *path, const struct image *old, const struct attach_options *options, struct why *why);

/* Of a transaction: the file is sound, and its gates are. */
bool attach_check(const char *path, void *context, struct why *why);

#endif
