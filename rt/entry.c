/* The library entry: what runs on the loader thread. Everything else has time; this has not. */
#include "internal.h"

static uint32_t rt0_load_state(struct rt0_library *rt)
{
	return __atomic_load_n(rt0_state_word_of(rt), __ATOMIC_ACQUIRE);
}

static void rt0_start(struct rt0_library *rt, int loader)
{
	uint32_t state = RT0_UNSTARTED;
	if (!__atomic_compare_exchange_n(rt0_state_word_of(rt), &state, RT0_STARTING, false, __ATOMIC_ACQ_REL,
					 __ATOMIC_ACQUIRE))
		return;
	__atomic_store_n(&rt->loader, loader, __ATOMIC_RELAXED);
	const char *what;
	int error = rt0_spawn(rt, rt0_init_thread, &what);
	if (error != 0)
		rt0_fail_start(rt, loader, error, what);
}

/*
 * DT_INIT. glibc passes (argc, argv, envp); musl passes nothing and the registers
 * hold what they held, so they are kept here and judged in args.c.
 */
static void rt0_enter(struct rt0_library *rt, int argc, char **argv, char **envp)
{
	if (__atomic_exchange_n(&rt->is_entered, 1, __ATOMIC_ACQ_REL))
		return;
	rt0_trace_begin(rt);
	rt0_trace(rt, "Bload", 0);
	rt0_set_flag(rt);
	rt->argc = argc;
	rt->argv = argv;
	rt->envp = envp;
	if ((rt0_flags(rt) & RT0_START_MASK) != RT0_START_FIRST_CALL)
		rt0_start(rt, rt0_gettid());
	rt0_chain(rt, argc, argv, envp);
	rt0_trace(rt, "Eload", 0);
}

static void rt0_mark_constructed(struct rt0_library *rt)
{
	if (__atomic_exchange_n(&rt->constructed, RT0_CONSTRUCTED, __ATOMIC_ACQ_REL) == RT0_CONSTRUCTING_WATCHED)
		rt0_futex_wake_all(&rt->constructed);
}
