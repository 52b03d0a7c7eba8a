/* The command line of one command. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "lib/attach.h"
#include "lib/transaction.h"
#include "timeline.h"

struct settings {
	bool is_json, is_quiet, is_verbose, is_dry;
	struct timeline_style style; /* of standard output, which a job has not */
	size_t jobs;
	struct transaction_options write;
	struct attach_options attach; /* its policy's strings are the settings' own */
	struct edit *edits;
	size_t edit_count;
	const char **prefixes;
	size_t prefix_count;
	const char **prints; /* names of fields, see print.h */
	size_t print_count;
	const char *html, *svg; /* where to write a page or a picture; null for text */
	unsigned width;         /* columns, 0 for those of the terminal */
	char **files;           /* with those of @LIST in place */
	size_t file_count;
};

/*
 * Read the options of `command` from argv[1] on. False with *status set, and all
 * that there is to say said, when the program is to end: after --help, or for wrong
 * usage.
 */
bool options_read(const char *command, int argc, char **argv, struct settings *settings, int *status);
void options_free(struct settings *settings);

/* Print the options of a command, its own first. */
void options_print(const char *command);

/* The option table has no such thing, or not in that form; returns the status of wrong usage. */
int options_usage(const char *format, const char *subject);

/* Print the usage of a command (main.c). */
void command_print_help(const char *command);

#endif
