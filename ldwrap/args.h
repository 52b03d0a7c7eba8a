/* A driver's command line, understood as far as a link needs it. No side effects. */
#ifndef ARGS_H
#define ARGS_H

#include "options.h"

enum driver_kind { DRIVER_UNKNOWN, DRIVER_GCC, DRIVER_CLANG };

enum input_kind {
	INPUT_FILE,    /* by its content */
	INPUT_SOURCE,  /* text, by its name or by -x */
	INPUT_LIBRARY, /* -lNAME */
	INPUT_STDIN
};

struct input {
	const char *name; /* file name, or NAME of -lNAME */
	enum input_kind kind;
	bool is_static; /* -Bstatic was in force: only archives are looked for */
};

/* Where the driver is told its output: args.items[index] from byte `prefix` on. */
struct output_arg {
	size_t index, prefix;
};

/* Strings are borrowed from the argv that was parsed. */
struct link_job {
	struct words args; /* the driver's arguments, ours taken out */
	size_t insert_at;  /* where more may be put: at the end, but before "--" */

	bool is_link; /* nothing stops the driver before the linker */
	bool is_library;
	bool is_relocatable, is_static;
	bool has_libc;
	bool has_dependencies;      /* -MD or -MMD: a make rule is written beside the output */
	bool has_dependency_target; /* the rule's target is given */

	const char *linker_dependencies; /* the file that the linker writes a make rule to, or null */

	const char *output; /* never null */
	bool is_output_of_linker;
	struct output_arg *outputs;
	size_t output_count;

	struct input *inputs;
	size_t input_count;
	bool has_stdin, has_source;
	struct words library_dirs;

	const char *init;       /* the user's -init symbol, or null */
	bool is_symbolic;       /* -Bsymbolic: data is bound here, too */
	bool is_build_id_given; /* a value or uuid: not ours to recompute */
	unsigned bits;          /* 32 for -m32 and -mx32, 64 for -m64, or 0 */
	bool is_x32;
	bool is_gcc;
};

/*
 * Sort argv (without the driver's name) into a job and ldwrap's own options.
 * False on a bad --rt0 option.
 */
bool args_parse(const struct words *argv, enum driver_kind kind, struct options *options, struct link_job *job,
		struct why *why);

/* gcc or clang, by the name of the program. */
enum driver_kind args_driver_kind(const char *program);

#endif
