/* The object that ldwrap adds to each link: gate pool, rt0_config, notes. */
#ifndef LINKOBJ_H
#define LINKOBJ_H

#include "../elfpatch/lib/machine.h"
#include "../elfpatch/lib/policy.h"
#include "../elfpatch/lib/why.h"

struct linkobj {
	const char *template_path; /* lib/rt0/<machine>/gate.o: the port's gate template */
	size_t gate_count;
	uint32_t flags; /* RT0_CONFIG_FLAGS */
	uint64_t stack_size;
	const char *init;    /* symbol names; init is required, the others may be null */
	bool is_init_hidden; /* refer to it as STV_HIDDEN, which hides it in the output */
	bool is_init_weak;   /* the link must succeed without it, to be done again plainly */
	const char *failure;
	const char *flag;
	const char *chain; /* a user's -init symbol; null chains crti's _init, weakly */
	struct policy policy;
};

/*
 * Write the object to `path`. Its .rt0.gates has room for gate_count gates (one at
 * least: linkers drop an empty section) and holds traps, its .opd their descriptors
 * where the machine has such, its note has the template, its unwind tables cover the
 * pool, and the template's e_flags and .note.gnu.property are kept so that the output's
 * are. The same arguments give the same bytes.
 */
bool linkobj_write(const struct linkobj *job, const char *path, struct why *why);

#endif
