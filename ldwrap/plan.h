/* A link job and what rt adds to it, as the command line to run. No side effects. */
#ifndef PLAN_H
#define PLAN_H

#include "args.h"
#include "inputs.h"

struct plan_files {
	const char *output;    /* where the driver is to write */
	const char *rt_folder; /* lib/rt0/<machine> */
	const char *object;    /* what linkobj_write makes */
	bool has_attach;       /* rt attaches threads */
	const char *dumps;     /* how the names of the driver's files beside the output begin, or null */
};

/*
 * The driver's command line: `driver` (its path and launcher words), the user's
 * arguments with each output name replaced, then rt's, each of them behind
 * -Xlinker, since paths may hold commas and `-x c` may be in force.
 */
void plan_link(const struct words *driver, const struct link_job *job, const struct options *options,
	       const struct inputs *inputs, const struct plan_files *files, struct words *argv);

/*
 * Must the link succeed without the init symbol, to be judged afterwards? True
 * when no input is known to define it.
 */
bool plan_is_tentative(const struct inputs *inputs);

/* A word as a shell would need it; the word itself when it needs no quotes. */
char *plan_quote(const char *word);

#endif
