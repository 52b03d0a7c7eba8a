/*
 * What the files of rt share. Nothing here is for authors; see rt0.h.
 *
 * The build makes two translation units of the C files here, hosted.c, attach.c and
 * exe.c aside: with linked.c the rt of the library that it is linked into, with
 * shared.c that of librt0.so.0, which serves any number. What is static here is
 * inlined or left out as the compiler sees fit, which keeps a library's share of rt
 * small; where there is one library only, its address is no argument any more.
 */
#ifndef RT0_INTERNAL_H
#define RT0_INTERNAL_H

#include "abi.h"
#include "rt0.h"
#include "arch.h"
#include "hosted.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

/* errno values that are the same on every Linux machine. */
#define RT0_ESRCH  3
#define RT0_EAGAIN 11
#define RT0_ENOMEM 12
#define RT0_EFAULT 14
#define RT0_EINVAL 22
#define RT0_ENOSYS 38

#define RT0_MS       UINT64_C(1000000) /* nanoseconds */
#define RT0_SECOND   (1000 * RT0_MS)
#define RT0_LIVENESS RT0_SECOND /* between two looks at whether the thread that runs init lives */
#define RT0_NEVER    UINT64_MAX /* a moment that does not come */

/* ---- os.c: system calls. All return what the kernel does: a value or -errno. ---- */

static long rt0_write(int fd, const void *bytes, size_t count);
static long rt0_open_read(const char *path);
static long rt0_read(int fd, void *bytes, size_t count);
static void rt0_close(int fd);
static void *rt0_map(size_t size); /* private, zeroed; null when there is no memory */
static void rt0_unmap(void *at, size_t size);
static char *rt0_read_block(const char *path, size_t *length); /* a whole file of /proc */
static int rt0_getpid(void);
static int rt0_gettid(void);
static bool rt0_thread_exists(int tid);                                           /* in this process */
static uint64_t rt0_now(void);                                                    /* ns, CLOCK_MONOTONIC */
static void rt0_sleep(uint64_t nanoseconds);                                      /* may return early */
static void rt0_futex_wait(const uint32_t *word, uint32_t value, uint64_t until); /* may return early */
/* A division of 64 bits is a call of libgcc on machines of 32. by: 1 to 2^31; null rest: not wanted. */
static uint64_t rt0_divide(uint64_t value, uint32_t by, uint32_t *rest);
static void rt0_futex_wake_all(const uint32_t *word);
static int rt0_eventfd(void);          /* non-blocking, close-on-exec */
static _Noreturn void rt0_abort(void); /* SIGABRT, whatever the host has done to it */

struct rt0_sigset {
	unsigned long words[128 / sizeof(long)]; /* libc's sigset_t: 1024 bits */
};
static void rt0_signals_block(struct rt0_sigset *old); /* all but those that libc needs itself */
static void rt0_signals_restore(const struct rt0_sigset *old);

/* ---- clone0.S, entry.S ---- */

long rt0_clone0(unsigned long flags, void *stack_top, int (*fn)(void *), void *arg, void *tls);
long rt0_call_preserving(long (*fn)(long, long, long), long a, long b, long c);

/* ---- state ---- */

/* A library that is served, apart from its futex word. All zero until something has happened. */
struct rt0_library {
	uint32_t is_entered;     /* the library entry has run */
	uint32_t constructed;    /* futex, enum below: the twin has run */
	int loader;              /* tid of the loader thread, 0 before it is known */
	int spawned;             /* tid of the init thread, 0 before it runs */
	int runner;              /* tid of the thread that runs init, 0 when none does */
	uint32_t is_taken_over;  /* a foreign thread ran init */
	uint32_t mark;           /* timer slack of the runner and of threads it makes, ns */
	uint32_t is_standing;    /* the init thread has begun to wait for the load */
	uint64_t stood_since;    /* since when; there once is_standing was seen */
	uint32_t is_second_made; /* an init thread that does not wait for the load */
	uint32_t is_deciding;    /* somebody decides the state */
	uint32_t report_at;      /* when the next report is due, seconds */
	int ready_fd;            /* plus one; 0 before rt0_ready_fd was called */
	int forking_runner;      /* the runner while it forks, so that its child knows itself again */
	unsigned exit_key;       /* watches over the runner's end, see hosted.h */
	int error;
	const char *why;    /* what failed */
	const char *name;   /* see rt0_library_name */
	char why_text[120]; /* room for the author's words */
	int argc;
	char **argv, **envp;
};

/* Values of `constructed`. */
enum { RT0_CONSTRUCTING, RT0_CONSTRUCTING_WATCHED, RT0_CONSTRUCTED };

/* The state of open gates; a machine's may want to know more. */
#ifndef RT0_ARCH_OPEN
#define RT0_ARCH_OPEN RT0_OPEN
#endif

/* ---- linked.c: the one library there ---- */

extern uint32_t rt0_state_word[16];
extern struct rt0_library rt0_self;
void rt0_lib(int argc, char **argv, char **envp);
void rt0_lib_twin(int argc, char **argv, char **envp);

/* ---- linked.c or shared.c: which library, and what is known of it ---- */

/* The library of a function that is given no more than a pointer, which was made of the library. */
static struct rt0_library *rt0_library_of(void *passed);
/* All that there are. */
static struct rt0_library *rt0_library_first(void);
static struct rt0_library *rt0_library_next(const struct rt0_library *rt);

/* The futex word, alone on its cache line: every gated call reads it. */
static uint32_t *rt0_state_word_of(struct rt0_library *rt);

/* Its image: from where to where, and its dynamic section. */
static uintptr_t rt0_image_start(const struct rt0_library *rt);
static uintptr_t rt0_image_end(const struct rt0_library *rt);
static const void *rt0_image_dynamic(const struct rt0_library *rt);

static uint32_t rt0_flags(const struct rt0_library *rt); /* RT0_CONFIG_FLAGS */
static uint64_t rt0_stack_size(const struct rt0_library *rt);
/* Entries of .init_array that are rt's alone. */
static size_t rt0_twins(const struct rt0_library *rt);
/* Set the author's own islibrary byte. */
static void rt0_set_flag(const struct rt0_library *rt);
/* The DT_INIT that was there. */
static void rt0_chain(const struct rt0_library *rt, int argc, char **argv, char **envp);
/* rt0_runtime_init: an error number, and what failed. */
static int rt0_initialise(const struct rt0_library *rt, const char **what);
/* rt0_runtime_main. */
static void rt0_main(const struct rt0_library *rt);
/* The author's failure handler. */
static void rt0_handle_failure(const struct rt0_library *rt, int error, const char *why);

static inline bool rt0_is_open(uint32_t state)
{
	return (state & RT0_STATE_MASK) == (RT0_OPEN & RT0_STATE_MASK);
}

static inline bool rt0_is_decided(uint32_t state)
{
	return rt0_is_open(state) || state == RT0_FAILED;
}

/* ---- entry.c ---- */

static uint32_t rt0_load_state(struct rt0_library *rt);
/* What DT_INIT does, once. */
static void rt0_enter(struct rt0_library *rt, int argc, char **argv, char **envp);
/* The library's own constructors are done. */
static void rt0_mark_constructed(struct rt0_library *rt);
/* UNSTARTED -> STARTING and make the init thread; loader: the calling thread's tid. */
static void rt0_start(struct rt0_library *rt, int loader);

/* ---- spawn.c, newosproc0.c ---- */

/* Start fn(rt) on a new thread, all signals blocked. On failure *what says which step. */
static int rt0_spawn(struct rt0_library *rt, void *(*fn)(void *), const char **what);
static int rt0_newosproc0(struct rt0_library *rt, void *(*fn)(void *), const char **what);

/* ---- init.c ---- */

/* Body of the init thread. Once a second one was made, neither waits for the load to be over. */
static void *rt0_init_thread(void *library);
/* Become the one thread that runs init. */
static bool rt0_claim(struct rt0_library *rt, int tid);
/* FAILED, unless somebody claimed it in the meantime. */
static void rt0_fail_start(struct rt0_library *rt, int tid, int error, const char *what);
/* FAILED if the thread that claimed it is no more. */
static void rt0_look_at_runner(struct rt0_library *rt);
/* Run init on the thread that claimed it, and decide the state. */
static void rt0_run_init(struct rt0_library *rt, int tid);
/* Decide the state, once: false when it was decided before. why: static, or null for OPEN. */
static bool rt0_decide(struct rt0_library *rt, uint32_t state, int error, const char *why);
/* This thread runs init, or was made by one that does. */
static bool rt0_is_init(const struct rt0_library *rt, int tid);

/* ---- fork.c ---- */

/* Have fork wait for init. Calls libc. */
static void rt0_guard_forks(void);

/* ---- args.c ---- */

/* The environment, never null, from libc or else from /proc. */
static char **rt0_environment(void);
/* Make argc, argv and envp trustworthy. */
static void rt0_args_settle(struct rt0_library *rt);

/* ---- gate.c ---- */

struct rt0_waiter {
	uintptr_t gate;   /* address of the gate, 0 for a function of rt0.h */
	uintptr_t caller; /* return address of the gated call, 0 when unknown */
	uint64_t until;   /* ns, CLOCK_MONOTONIC */
	bool may_take_over;
};

/* 0: open. RT0_EDEADLK: the runtime calls itself. RT0_ETIMEDOUT. Else the init error. */
static int rt0_wait(struct rt0_library *rt, const struct rt0_waiter *waiter);
/* The wait of a closed gate. Returns where the call goes on: the gate's function. */
static uintptr_t rt0_wait_at_gate(struct rt0_library *rt, uintptr_t gate, uintptr_t caller);
/* The wait of a call that meets a failed init as the author chose. */
static void rt0_pass(struct rt0_library *rt, const struct rt0_waiter *waiter);

/* ---- message.c, report.c ---- */

struct rt0_line {
	char text[1024];
	size_t length;
};
static void rt0_line_text(struct rt0_line *line, const char *text);
static void rt0_line_number(struct rt0_line *line, uint64_t number);
static void rt0_line_error(struct rt0_line *line, int error); /* as strerror says it */
/*
 * Inside a string of JSON, up to so many bytes of it and five more. What is no ASCII
 * stands there as code points of the bytes' values: a name need not be UTF-8.
 */
#define RT0_QUOTED_ROOM 260
static void rt0_line_quoted(struct rt0_line *line, const char *text);
static void rt0_line_begin(struct rt0_line *line, struct rt0_library *rt); /* "rt0: libfoo.so: " */
static void rt0_line_end(struct rt0_line *line);                           /* newline, to standard error in one write */
/* "rt0: libfoo.so: WHAT: ERROR" */
static void rt0_tell(struct rt0_library *rt, const char *what, int error);
static const char *rt0_library_name(struct rt0_library *rt); /* file name, never null */
/* What a file of /proc/PID/task/TID says, its last newline left out, with a NUL: its length, 0 when it cannot be read.
 */
static size_t rt0_read_task(int tid, const char *file, char *text, size_t size);
/* State letter of /proc/PID/task/TID/stat (proc(5)), '?' when it cannot be read. */
static char rt0_task_state(int tid);
/* At most one report per period and library, from whichever waiter comes first. */
static void rt0_report(struct rt0_library *rt, const struct rt0_waiter *waiter, int tid, uint64_t since, uint64_t now);

/* ---- image.c: the library as it is mapped ---- */

static bool rt0_is_inside(const struct rt0_library *rt, uintptr_t address);
static size_t rt0_constructors(const struct rt0_library *rt); /* entries of .init_array */
static const char *rt0_soname(const struct rt0_library *rt);  /* null when it has none */
/* Name in .dynsym, null when unknown. */
static const char *rt0_export_name(const struct rt0_library *rt, uintptr_t address);

/* ---- trace.c ---- */

/* Look once whether there is something to trace, as RT0_TRACE says. */
static void rt0_trace_begin(struct rt0_library *rt);
/*
 * An event on the calling thread, if there is something to trace. what: "B" where
 * something begins, "E" where it ends, "i" where it takes no time, and one word for
 * it. gate: of the call that it is about, 0 for none. Both ends of a thing have the same.
 */
static void rt0_trace(struct rt0_library *rt, const char *what, uintptr_t gate);

#pragma GCC visibility pop

#endif
