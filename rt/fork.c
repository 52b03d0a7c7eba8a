/*
 * fork while init runs: a child has no init thread, so its gates would stay shut.
 * The parent's forking thread therefore waits for init first, as a gate would.
 */
#include "internal.h"

/* Tid of the thread that runs init while it forks, so that its child knows itself again. */
static int forking_runner;

void rt0_fork_prepare(void)
{
	uint32_t state = rt0_load_state();
	if (state != RT0_STARTING && state != RT0_RUNNING)
		return;
	int tid = rt0_gettid();
	if (__atomic_load_n(&rt0_self.runner, __ATOMIC_ACQUIRE) == tid) {
		forking_runner = tid;
		return;
	}
	static const struct rt0_waiter waiter = {0, 0, RT0_NEVER, true};
	rt0_wait(&waiter);
}

void rt0_fork_parent(void)
{
	if (forking_runner != 0 && forking_runner == rt0_gettid())
		forking_runner = 0;
}

void rt0_fork_child(void)
{
	if (rt0_threads_forked != NULL)
		rt0_threads_forked();
	if (forking_runner == 0)
		return;
	forking_runner = 0;
	__atomic_store_n(&rt0_self.runner, rt0_gettid(), __ATOMIC_RELEASE);
}
