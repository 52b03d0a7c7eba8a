/*
 * What a library that is attached has beside its own code: the functions that its
 * record names. plug.c and shapes.c are such libraries when they are linked with it;
 * of rt0.h they get what can be told without rt.
 */
#include <abi.h>
#include <rt0.h>

#include <stdint.h>
#include <stdlib.h>

#define HIDDEN __attribute__((visibility("hidden")))

HIDDEN extern uint32_t attached_state[];

/* The order in which they have run. */
int attached_ran[3];
static int ran;

HIDDEN int attached_init(int argc, char **argv, char **envp)
{
	return rt0_runtime_init(argc, argv, envp);
}

HIDDEN void attached_old_init(int argc, char **argv, char **envp)
{
	(void)argc;
	(void)argv;
	(void)envp;
	attached_ran[0] = ++ran;
}

static void __attribute__((constructor)) first(void)
{
	attached_ran[1] = ++ran;
}

/* A constructor that calls an export of its own library, as one does through its gate: by a pointer. */
__attribute__((weak)) extern int plug_answer(int);
static int (*volatile answer)(int) = plug_answer;
int attached_own_call;

HIDDEN void attached_last_constructor(int argc, char **argv, char **envp)
{
	(void)argc;
	(void)argv;
	(void)envp;
	attached_ran[2] = ++ran;
	if (answer != NULL)
		attached_own_call = answer(1);
}

enum rt0_state rt0_state(void)
{
	return (enum rt0_state)(__atomic_load_n(&attached_state[0], __ATOMIC_ACQUIRE) & RT0_STATE_MASK);
}

/* Asked by plug_look and by hosts whatever the state: no answer. */
int rt0_init_error(void)
{
	return 0;
}

int rt0_ready_fd(void)
{
	return -1;
}

void rt0_wait_runtime_init_done(void)
{
	abort();
}

int rt0_wait_runtime_init_done_timed(const struct timespec *timeout)
{
	(void)timeout;
	abort();
}

void rt0_notify_runtime_init_done(void)
{
	abort();
}

void rt0_notify_runtime_init_failed(int error, const char *why)
{
	(void)error;
	(void)why;
	abort();
}
