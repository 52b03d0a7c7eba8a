/* The library entry: what runs on the loader thread. Everything else has time; this has not. */
#include "internal.h"

#ifndef RT0_STATE_ALIGN
#define RT0_STATE_ALIGN 64
#endif
uint32_t rt0_state_word[16] __attribute__((aligned(RT0_STATE_ALIGN)));
struct rt0_self rt0_self;

const volatile unsigned char rt0_islibrary = 0;

/* A machine may have the functions that the loader calls in start.S, which then call these. */
#ifndef RT0_ENTRY
#define RT0_ENTRY(name) void name
#endif

static void rt0_start(int loader)
{
	uint32_t state = RT0_UNSTARTED;
	if (!__atomic_compare_exchange_n(&rt0_state_word[0], &state, RT0_STARTING, false, __ATOMIC_ACQ_REL,
					 __ATOMIC_ACQUIRE))
		return;
	__atomic_store_n(&rt0_self.loader, loader, __ATOMIC_RELAXED);
	const char *what;
	int error = rt0_spawn(rt0_init_thread, NULL, &what);
	if (error != 0)
		rt0_fail_start(loader, error, what);
}

/*
 * DT_INIT. glibc passes (argc, argv, envp); musl passes nothing and the registers
 * hold what they held, so they are kept here and judged in args.c.
 */
RT0_ENTRY(rt0_lib)(int argc, char **argv, char **envp)
{
	if (__atomic_exchange_n(&rt0_self.is_entered, 1, __ATOMIC_ACQ_REL))
		return;
	if (rt0_config.flag != NULL && *rt0_config.flag == 0) /* may be read-only where it is 1 */
		*rt0_config.flag = 1;
	rt0_self.argc = argc;
	rt0_self.argv = argv;
	rt0_self.envp = envp;
	if ((rt0_config.flags & RT0_START_MASK) != RT0_START_FIRST_CALL)
		rt0_start(rt0_gettid());
	if (rt0_config.chain != NULL)
		rt0_config.chain(argc, argv, envp);
}

/*
 * The last constructor of the library: ldwrap puts rt0.o behind the author's
 * objects, and entries of .init_array without a priority keep their link order.
 */
RT0_ENTRY(rt0_lib_twin)(int argc, char **argv, char **envp)
{
	rt0_lib(argc, argv, envp);
	if (__atomic_exchange_n(&rt0_self.constructed, RT0_CONSTRUCTED, __ATOMIC_ACQ_REL) == RT0_CONSTRUCTING_WATCHED)
		rt0_futex_wake_all(&rt0_self.constructed);
}

static void (*const twin)(int, char **, char **) __attribute__((section(".init_array"), used)) = rt0_lib_twin;
