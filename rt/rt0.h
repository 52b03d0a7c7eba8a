/*
 * rt0: the interface for the author of a language runtime.
 *
 * Include this in the object that defines rt0_runtime_init, and link the library
 * with `ldwrap -shared`. C11 and later, C++11 and later. See rt0(3) and rt0(7).
 *
 * Every symbol declared here is hidden in the output, so any number of libraries
 * with a runtime of their own can live in one process.
 */
#ifndef RT0_H
#define RT0_H

struct timespec;

/*
 * Where long has 32 bits, time_t may have 64: under musl, and under glibc with
 * -D_TIME_BITS=64. The libc's header tells which. Without a libc (-ffreestanding)
 * struct timespec is two longs.
 */
#if __SIZEOF_LONG__ == 4 && __STDC_HOSTED__
#include <time.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define RT0_HIDDEN __attribute__((visibility("hidden")))

/*
 * What the author writes.
 */

/*
 * Initialise the runtime. Runs once, with all signals blocked, on the init
 * thread (or, when a constructor needs the runtime while the library is still
 * being loaded, on the thread that runs the constructor; see --rt0-take-over).
 *
 * argc, argv and envp are the process's; argv[argc] is null; they live as long
 * as the process and are valid under every libc. Returns 0, or an errno value
 * that each gated call then meets according to --rt0-on-failure.
 */
RT0_HIDDEN int rt0_runtime_init(int argc, char **argv, char **envp);

/* Optional. Runs on the init thread after the gates have opened; may never return. */
RT0_HIDDEN void rt0_runtime_main(void);

/*
 * Optional, each for itself: for a runtime that must know the threads that use it.
 * attach runs on each of the host's threads once, before its first gated call
 * passes; detach when that thread ends, as a thread-specific destructor does.
 * Gated calls that they make pass. See rt0(3) for which threads are the host's.
 */
RT0_HIDDEN void rt0_thread_attach(void);
RT0_HIDDEN void rt0_thread_detach(void);

/*
 * Put in front of an export that must work before the runtime is ready, such as
 * a version string or a status query:
 *
 *     RT0_NO_GATE int foo_is_ready(void) { return rt0_state() == RT0_STATE_OPEN; }
 */
#define RT0_NO_GATE __attribute__((visibility("default"), section(".rt0.nogate")))

/*
 * What rt gives. All of it is thread-safe and async-signal-safe.
 */

/* 1 in a library that ldwrap linked, 0 in an executable. */
extern RT0_HIDDEN const volatile unsigned char rt0_islibrary;

enum rt0_state {
	RT0_STATE_UNSTARTED, /* nothing has run yet */
	RT0_STATE_STARTING,  /* the init thread waits for the load to finish */
	RT0_STATE_RUNNING,   /* rt0_runtime_init runs */
	RT0_STATE_OPEN,      /* calls pass */
	RT0_STATE_FAILED     /* init failed; see rt0_init_error */
};

/* The state now; never blocks. In an executable: RT0_STATE_OPEN. */
RT0_HIDDEN enum rt0_state rt0_state(void);

/* 0 unless the state is RT0_STATE_FAILED, then the errno value; never blocks. */
RT0_HIDDEN int rt0_init_error(void);

/*
 * A descriptor that polls readable once the state is OPEN or FAILED; never
 * blocks. It belongs to rt: neither read nor close it. The same one at each
 * call. -1 with no errno set when the system gives none.
 */
RT0_HIDDEN int rt0_ready_fd(void);

/*
 * The gate as a function: returns when calls may pass, and meets a failed init
 * as --rt0-on-failure says. Returns at once on the init thread and in an
 * executable.
 */
RT0_HIDDEN void rt0_wait_runtime_init_done(void);

/*
 * The same for at most `timeout`, relative, measured on CLOCK_MONOTONIC; null
 * waits without limit. Returns 0, ETIMEDOUT, EDEADLK on the thread that is
 * running init, EINVAL for a timeout out of range, or the init error. Never
 * takes the init over and never applies --rt0-on-failure.
 */
#if __SIZEOF_LONG__ == 4 && (defined(__USE_TIME_BITS64) || defined(_REDIR_TIME64))
RT0_HIDDEN int rt0_wait_runtime_init_done_timed(const struct timespec *timeout) __asm__(
	"rt0_wait_runtime_init_done_timed64");
#else
RT0_HIDDEN int rt0_wait_runtime_init_done_timed(const struct timespec *timeout);
#endif

/*
 * For a runtime whose init never returns: open the gates now. A second call, or
 * one after the init has ended, changes nothing.
 */
RT0_HIDDEN void rt0_notify_runtime_init_done(void);

/*
 * The same for a failure: `error` is an errno value (0 is taken as EINVAL), `why`
 * one line or null; it is copied, up to 119 bytes.
 */
RT0_HIDDEN void rt0_notify_runtime_init_failed(int error, const char *why);

/*
 * How the init thread is made. Starts `start(arg)` on a new thread with all
 * signals blocked and returns 0 or an errno value (EAGAIN: up to 20
 * tries). The default calls pthread_create; null means a raw clone on a stack
 * of its own. An author who defines this variable replaces the default.
 */
extern RT0_HIDDEN int (*rt0_sys_thread_create)(void *(*start)(void *), void *arg);

#ifdef __cplusplus
}
#endif

#endif
