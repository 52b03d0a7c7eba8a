/*
 * fork while init runs: a child has no init thread, so its gates would stay shut.
 * The parent's forking thread therefore waits for init first, as a gate would.
 * A child of a fork that came before init began may run init itself.
 */
#include "internal.h"

/* Tid of the thread that runs init while it forks, so that its child knows itself again. */
static int forking_runner;

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

void rt0_fork_prepare(void)
{
	/* A wait here may take init over, where some libc would not register handlers: it holds their lock. */
	__atomic_store_n(&is_guarded, 1, __ATOMIC_RELEASE);
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
