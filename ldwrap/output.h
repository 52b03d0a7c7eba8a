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
	const char *old;    /* in the folder: another link to what has the final name, if anything has */
	bool is_special;    /* final is no regular file: its bytes are written in place */
};

/* The names for a plan that is only printed. */
void output_name(const char *final, struct output *output);

/*
 * Make the temporary folder. It is removed with all it holds by output_discard,
 * at exit, and when a held-back signal ends us.
 */
bool output_begin(const char *final, struct output *output, struct why *why);

/* Put the linked file in its place, and other files the driver left beside it. */
bool output_deliver(const struct output *output, struct why *why);

/*
 * Remove the folder. Where the driver has removed what had the final name, as clang
 * does when a link fails, it is put back. Async-signal-safe; a second call does nothing.
 */
void output_discard(void);

#endif
