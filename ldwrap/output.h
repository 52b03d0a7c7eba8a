/* Where the driver writes, and how that becomes the file the user asked for. */
#ifndef OUTPUT_H
#define OUTPUT_H

#include "../elfpatch/lib/why.h"

struct output {
	const char *final;  /* what the user named */
	const char *named;  /* what the file may call itself: `final`, or the base name of a device */
	const char *folder; /* ours, beside it: .rt0-NAME */
	const char *linked; /* in the folder, with the final file's base name */
	const char *object; /* in the folder: rt0-link.o */
	const char *args;   /* in the folder: a response file, if one is needed */
	const char *dumps;  /* what gcc's names of files beside the final one begin with, or null */
	bool is_special;    /* final is no regular file: its bytes are written in place */
};

/* The names for a plan that is only printed. */
void output_name(const char *final, struct output *output);

/*
 * Make the temporary folder. It is removed with all it holds by output_discard,
 * at exit, and when a held-back signal ends us.
 */
bool output_begin(const char *final, struct output *output, struct why *why);

/*
 * Give the make rule that the linker wrote to `path` the names that the user knows: the final one as its target, and
 * `source` in the place of our object, which is made from it.
 */
bool output_name_rule(const struct output *output, const char *path, const char *source, struct why *why);

/* Put the linked file in its place, and other files the driver left beside it. */
bool output_deliver(const struct output *output, struct why *why);

/* Async-signal-safe; a second call does nothing. */
void output_discard(void);

#endif
