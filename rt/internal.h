/*
 * What the files of rt share. Nothing here is for authors; see rt0.h.
 *
 * The build makes one translation unit of every C file here but hosted.c and exe.c:
 * what is static here is then inlined or left out as the compiler sees fit, which
 * keeps a library's share of rt small.
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

struct rt0_config {
	uint32_t version, flags;
	uint64_t stack_size;
	int (*init)(int, char **, char **);
	void (*main)(void);
	void (*failure)(int, const char *);
	void (*chain)(int, char **, char **);
	unsigned char *flag;
	void (*attach)(void);
	void (*detach)(void);
	uintptr_t *threads;
};
extern const struct rt0_config rt0_config; /* made by ldwrap for each link */

/* The futex word, alone on its cache line: every gated call reads it. */
extern uint32_t rt0_state_word[16];

extern struct rt0_self {
	uint32_t is_entered;    /* rt0_lib has run */
	uint32_t constructed;   /* futex, enum below: the twin has run */
	int loader;             /* tid of the loader thread, 0 before it is known */
	int spawned;            /* tid of the init thread, 0 before it runs */
	int runner;             /* tid of the thread that runs init, 0 when none does */
	uint32_t is_taken_over; /* a foreign thread ran init */
	uint32_t mark;          /* timer slack of the runner and of threads it makes, ns */
	uint32_t is_standing;   /* the init thread has begun to wait for the load */
	uint64_t stood_since;   /* since when; there once is_standing was seen */
	uint32_t report_at;     /* when the next report is due, seconds */
	int ready_fd;           /* plus one; 0 before rt0_ready_fd was called */
	int error;
	const char *why;    /* what failed */
	char why_text[120]; /* room for the author's words */
	int argc;
	char **argv, **envp;
} rt0_self;

/* Values of `constructed`. */
enum { RT0_CONSTRUCTING, RT0_CONSTRUCTING_WATCHED, RT0_CONSTRUCTED };

/* The state of open gates; a machine's may want to know more. */
#ifndef RT0_ARCH_OPEN
#define RT0_ARCH_OPEN RT0_OPEN
#endif

static inline uint32_t rt0_load_state(void)
{
	return __atomic_load_n(&rt0_state_word[0], __ATOMIC_ACQUIRE);
}

static inline bool rt0_is_open(uint32_t state)
{
	return (state & RT0_STATE_MASK) == (RT0_OPEN & RT0_STATE_MASK);
}

static inline bool rt0_is_decided(uint32_t state)
{
	return rt0_is_open(state) || state == RT0_FAILED;
}

/* ---- entry.c ---- */

void rt0_lib(int argc, char **argv, char **envp);
void rt0_lib_twin(int argc, char **argv, char **envp);
/* UNSTARTED -> STARTING and make the init thread; loader: the calling thread's tid. */
static void rt0_start(int loader);

/* ---- spawn.c, newosproc0.c ---- */

/* Start fn(arg) on a new thread, all signals blocked. On failure *what says which step. */
static int rt0_spawn(void *(*fn)(void *), void *arg, const char **what);
static int rt0_newosproc0(void *(*fn)(void *), void *arg, const char **what);

/* ---- init.c ---- */

/* Body of the init thread. A non-null arg: do not wait for the load to be over. */
static void *rt0_init_thread(void *arg);
/* Become the one thread that runs init. */
static bool rt0_claim(int tid);
/* FAILED, unless somebody claimed it in the meantime. */
static void rt0_fail_start(int tid, int error, const char *what);
/* FAILED if the thread that claimed it is no more. */
static void rt0_look_at_runner(void);
/* Run init on the thread that claimed it, and decide the state. */
static void rt0_run_init(int tid);
/* Decide the state, once: false when it was decided before. why: static, or null for OPEN. */
static bool rt0_decide(uint32_t state, int error, const char *why);
/* This thread runs init, or was made by one that does. */
static bool rt0_is_init(int tid);

/* ---- fork.c ---- */

/* Have fork wait for init. Calls libc. */
static void rt0_guard_forks(void);

/* ---- args.c ---- */

/* Make argc, argv and envp of rt0_self trustworthy. */
static void rt0_args_settle(void);

/* ---- gate.c ---- */

struct rt0_waiter {
	uintptr_t gate;   /* address of the gate, 0 for a function of rt0.h */
	uintptr_t caller; /* return address of the gated call, 0 when unknown */
	uint64_t until;   /* ns, CLOCK_MONOTONIC */
	bool may_take_over;
};

/* 0: open. RT0_EDEADLK: the runtime calls itself. RT0_ETIMEDOUT. Else the init error. */
static int rt0_wait(const struct rt0_waiter *waiter);
/* The wait of a closed gate. Returns where the call goes on: the gate's function. */
uintptr_t rt0_gate_wait(uintptr_t gate, uintptr_t caller);
/* The wait of a call that meets a failed init as the author chose. */
static void rt0_pass(const struct rt0_waiter *waiter);

/* ---- message.c, report.c ---- */

struct rt0_line {
	char text[480];
	size_t length;
};
static void rt0_line_text(struct rt0_line *line, const char *text);
static void rt0_line_number(struct rt0_line *line, uint64_t number);
static void rt0_line_error(struct rt0_line *line, int error); /* as strerror says it */
static void rt0_line_begin(struct rt0_line *line);            /* "rt0: libfoo.so: " */
static void rt0_line_end(struct rt0_line *line);              /* newline, to standard error in one write */
static const char *rt0_library_name(void);                    /* file name, never null */
/* State letter of /proc/PID/task/TID/stat (proc(5)), '?' when it cannot be read. */
static char rt0_task_state(int tid);
/* At most one report per period and library, from whichever waiter comes first. */
static void rt0_report(const struct rt0_waiter *waiter, int tid, uint64_t since, uint64_t now);

/* ---- image.c: this library as it is mapped ---- */

static bool rt0_is_inside(uintptr_t address);
static size_t rt0_constructors(void);                  /* entries of .init_array */
static const char *rt0_soname(void);                   /* null when it has none */
static const char *rt0_export_name(uintptr_t address); /* name in .dynsym, null when unknown */

#pragma GCC visibility pop

#endif
