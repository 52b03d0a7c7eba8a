/* The rt that is linked into a library: it serves that one, as rt0_config says. */
#include "internal.h"

#pragma GCC visibility push(hidden)

extern const struct rt0_config {
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
} rt0_config; /* made by ldwrap for each link */

extern const char __ehdr_start[], _end[], _DYNAMIC[]; /* made by the linker */

#pragma GCC visibility pop

#ifndef RT0_STATE_ALIGN
#define RT0_STATE_ALIGN 64
#endif
uint32_t rt0_state_word[16] __attribute__((aligned(RT0_STATE_ALIGN), section(".bss.rt0_state_word")));
struct rt0_library rt0_self;

const volatile unsigned char rt0_islibrary = 0;

static struct rt0_library *rt0_library_of(void *passed)
{
	(void)passed;
	return &rt0_self;
}

static struct rt0_library *rt0_library_first(void)
{
	return &rt0_self;
}

static struct rt0_library *rt0_library_next(const struct rt0_library *rt)
{
	(void)rt;
	return NULL;
}

static uint32_t *rt0_state_word_of(struct rt0_library *rt)
{
	(void)rt;
	return rt0_state_word;
}

static uintptr_t rt0_image_start(const struct rt0_library *rt)
{
	(void)rt;
	return (uintptr_t)__ehdr_start;
}

static uintptr_t rt0_image_end(const struct rt0_library *rt)
{
	(void)rt;
	return (uintptr_t)_end;
}

static const void *rt0_image_dynamic(const struct rt0_library *rt)
{
	(void)rt;
	return _DYNAMIC;
}

static uint32_t rt0_flags(const struct rt0_library *rt)
{
	(void)rt;
	return rt0_config.flags;
}

static uint64_t rt0_stack_size(const struct rt0_library *rt)
{
	(void)rt;
	return rt0_config.stack_size;
}

static size_t rt0_twins(const struct rt0_library *rt)
{
	(void)rt;
	return 1;
}

static void rt0_set_flag(const struct rt0_library *rt)
{
	(void)rt;
	if (rt0_config.flag != NULL && *rt0_config.flag == 0) /* may be read-only where it is 1 */
		*rt0_config.flag = 1;
}

static void rt0_chain(const struct rt0_library *rt, int argc, char **argv, char **envp)
{
	(void)rt;
	if (rt0_config.chain != NULL)
		rt0_config.chain(argc, argv, envp);
}

static int rt0_initialise(const struct rt0_library *rt, const char **what)
{
	int error = rt0_threads_begin != NULL ? rt0_threads_begin(rt0_config.attach, rt0_config.detach) : 0;
	*what = "pthread_key_create failed";
	if (error == 0) {
		error = rt0_config.init(rt->argc, rt->argv, rt->envp);
		*what = "rt0_runtime_init failed";
	}
	return error;
}

static void rt0_main(const struct rt0_library *rt)
{
	(void)rt;
	if (rt0_config.main != NULL) {
		rt0_trace(&rt0_self, "Bmain", 0);
		rt0_config.main();
		rt0_trace(&rt0_self, "Emain", 0);
	}
}

static void rt0_handle_failure(const struct rt0_library *rt, int error, const char *why)
{
	(void)rt;
	rt0_config.failure(error, why);
}

uintptr_t rt0_gate_wait(uintptr_t gate, uintptr_t caller)
{
	return rt0_wait_at_gate(&rt0_self, gate, caller);
}

/* A machine may have the functions that the loader calls in start.S, which then call these. */
#ifndef RT0_ENTRY
#define RT0_ENTRY(name) void name
#endif

RT0_ENTRY(rt0_lib)(int argc, char **argv, char **envp)
{
	rt0_enter(&rt0_self, argc, argv, envp);
}

/*
 * The last constructor of the library: ldwrap puts rt0.o behind the author's
 * objects, and entries of .init_array without a priority keep their link order.
 */
RT0_ENTRY(rt0_lib_twin)(int argc, char **argv, char **envp)
{
	rt0_lib(argc, argv, envp);
	rt0_mark_constructed(&rt0_self);
}

static void (*const twin)(int, char **, char **) __attribute__((section(".init_array"), used)) = rt0_lib_twin;
