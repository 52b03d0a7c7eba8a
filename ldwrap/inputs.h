/* What the inputs of a link tell before it: is there a runtime, for which machine, how many exports. */
#ifndef INPUTS_H
#define INPUTS_H

#include "args.h"
#include "../elfpatch/lib/machine.h"

enum evidence {
	EVIDENCE_NONE,
	EVIDENCE_TEXT,   /* a source or bitcode file names the symbol */
	EVIDENCE_DEFINED /* an object or archive defines it */
};

struct inputs {
	enum evidence evidence;
	const char *init_where;     /* the input that defines or names it */
	bool is_init_data;          /* it is defined, but not as a function */
	bool has_hooks;             /* an input defines or names a thread hook */
	bool is_main_in_archive;    /* rt0_runtime_main must be asked for by name */
	bool is_failure_in_archive; /* so must the failure handler */
	bool is_attach_in_archive, is_detach_in_archive;
	bool has_opaque;          /* an input whose symbols cannot be read before the link */
	bool has_archive;         /* an archive, of which only the symbols' names are read */
	bool has_unfound_library; /* a -l that no -L folder has */
	bool has_stream;          /* an input that can be read only once */
	bool has_elf;             /* e_machine and so on are set */
	uint16_t e_machine;
	unsigned char elf_class, elf_data;
};

/* Look at every input. False when one is damaged. Missing files are the driver's to report. */
bool inputs_scan(const struct link_job *job, const struct options *options, struct inputs *inputs, struct why *why);

/*
 * Upper bound of the functions that the output may export; inputs that cannot be
 * read before the link count as a fixed guess.
 */
size_t inputs_count_exports(const struct link_job *job, const struct options *options);

#endif
