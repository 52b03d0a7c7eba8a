/*
 * fork while init runs: a child has no init thread, so its gates would stay shut.
 * The parent's forking thread therefore waits for init first, as a gate would.
 * A child of a fork that came before init began starts anew, see gate.c.
 */
#include "internal.h"

static uint32_t is_guarded;

/*
 * Before any claim, so that a fork either meets the handlers or has a child in which
 * init has not begun. Not on the loader thread: the first use of fork's handlers
 * costs two page faults in libc.
 */
static void rt0_guard_forks(void)
{
	if (rt0_hosted_fork_handlers == NULL || __atomic_load_n(&is_guarded, __ATOMIC_ACQUIRE))
		return;
	rt0_hosted_fork_handlers(); /* twice, by two threads at once, does no harm */
	__atomic_store_n(&is_guarded, 1, __ATOMIC_RELEASE);
}

static void prepare(struct rt0_library *rt)
{
	uint32_t state = rt0_load_state(rt);
	if (state != RT0_STARTING && state != RT0_RUNNING)
		return;
	int tid = rt0_gettid();
	if (__atomic_load_n(&rt->runner, __ATOMIC_ACQUIRE) == tid) {
		rt->forking_runner = tid;
		return;
	}
	static const struct rt0_waiter waiter = {0, 0, RT0_NEVER, true};
	rt0_wait(rt, &waiter);
}

void rt0_fork_prepare(void)
{
	/* A wait here may take init over, where some libc would not register handlers: it holds their lock. */
	__atomic_store_n(&is_guarded, 1, __ATOMIC_RELEASE);
	for (struct rt0_library *rt = rt0_library_first(); rt != NULL; rt = rt0_library_next(rt))
		prepare(rt);
}

void rt0_fork_parent(void)
{
	for (struct rt0_library *rt = rt0_library_first(); rt != NULL; rt = rt0_library_next(rt))
		if (rt->forking_runner != 0 && rt->forking_runner == rt0_gettid())
			rt->forking_runner = 0;
}

void rt0_fork_child(void)
{
	if (rt0_threads_forked != NULL)
		rt0_threads_forked();
	for (struct rt0_library *rt = rt0_library_first(); rt != NULL; rt = rt0_library_next(rt)) {
		if (rt->forking_runner == 0)
			continue;
		rt->forking_runner = 0;
		__atomic_store_n(&rt->runner, rt0_gettid(), __ATOMIC_RELEASE);
	}
}
