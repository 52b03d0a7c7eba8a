/* The real driver: finding it, running it, passing on how it ended. */
#ifndef RUN_H
#define RUN_H

#include "args.h"

struct driver {
	const char *path;
	struct words words; /* its argv[0], and more words for `ccache gcc` */
	size_t at, skip;    /* argv[at] and on, `skip` of them, named it on our command line */
	enum driver_kind kind;
	bool is_own_name; /* ours, as a symbolic link has it */
};

/*
 * Find the driver for this command line: an explicit first argument that names a
 * compiler, $LDWRAP_CC, our own name, `cc`; on PATH, leaving out ourselves and
 * what would lead back to us.
 * Returns 0, or the status to exit with and `why`.
 */
int driver_find(char **argv, struct driver *driver, struct why *why);

/* Were we started by another ldwrap? Then it does the work, and we only pass through. */
bool run_is_nested(void);

/*
 * Become the driver; returns only on failure, with 126 or 127 and `why`. Here and in
 * run_wait, arguments that are too long for the system go in a response file that
 * needs no removing.
 */
int run_exec(const struct driver *driver, const struct words *argv, struct why *why);

/*
 * Hold back the signals that end us, so that nothing is left behind: they are
 * passed to a running driver and then end ldwrap too. Called once, before the
 * first temporary file.
 */
void run_hold_signals(void);

/*
 * Where we were started with stdin, stdout or stderr closed: keep their numbers from
 * files of ours, without giving the driver anything.
 */
void run_hold_streams(void);

/* Before we become another program: the signals as we got them. One that has come ends us. */
void run_release_signals(void);

/* End by a held-back signal if one has come. */
void run_check_signals(void);

struct run {
	int status;   /* as from waitpid(2) */
	int out, err; /* its output, when it was captured, or -1 */
};

/* Run to the end; dies by the signal that ldwrap itself got meanwhile. */
bool run_wait(const struct driver *driver, const struct words *argv, bool is_captured, struct run *run,
	      struct why *why);

/* Pass on, or forget, what was captured. */
void run_replay(struct run *run);
void run_forget(struct run *run);

/* Exit as the driver did, by the same signal if it died of one. */
_Noreturn void run_exit(const struct run *run);

#endif
