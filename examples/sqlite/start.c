/* rt0 starts the store when the library is loaded, and tells which threads use it. */
#include <errno.h>
#include <time.h>

#include <rt0.h>

#include "hold.h"
#include "start.h"
#include "store.h"

static int attached, detached;

int rt0_runtime_init(int argc, char **argv, char **envp)
{
	char why[120];

	(void)argc, (void)argv, (void)envp;
	hold();
	if (store_start(why, sizeof(why)) == 0)
		return 0;
	rt0_notify_runtime_init_failed(EIO, why);
	return EIO;
}

/* Where that fails, the thread's calls try again and say why. */
void rt0_thread_attach(void)
{
	__atomic_fetch_add(&attached, 1, __ATOMIC_RELAXED);
	store_open_own();
}

void rt0_thread_detach(void)
{
	store_close_own();
	__atomic_fetch_add(&detached, 1, __ATOMIC_RELAXED);
}

/* Also starts the library where a fork has left that undone, or --rt0-start=first-call has. */
RT0_NO_GATE int store_is_ready(void)
{
	static const struct timespec none;

	return rt0_wait_runtime_init_done_timed(&none) == 0;
}

RT0_NO_GATE int store_attached(void)
{
	return __atomic_load_n(&attached, __ATOMIC_RELAXED);
}

RT0_NO_GATE int store_detached(void)
{
	return __atomic_load_n(&detached, __ATOMIC_RELAXED);
}
