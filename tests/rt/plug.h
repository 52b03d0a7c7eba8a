/* What the hosts of the tests may see of plug.c. */
#ifndef PLUG_H
#define PLUG_H

#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>

#define PLUG_FOR_EVER (-1)

struct plug_view {
	int entered, released, is_ready, runs;
	int argc;
	char **argv, **envp;
	int init_tid, main_tid, init_islibrary, islibrary, init_state, main_state, state, error;
	int constructed, constructed_before_init, own_call, reentry, dlopened, timed_in_init, child;
	uint64_t blocked;
	size_t stack_size;
	char name[16];
};

static inline void prctl_name(char name[16])
{
	prctl(PR_GET_NAME, name);
}

#endif
