/* The init thread, and the one run of rt0_runtime_init. */
#include "internal.h"

#define PR_SET_NAME       15
#define PR_SET_TIMERSLACK 29
#define PR_GET_TIMERSLACK 30

/* How long the init thread waits for the library's own constructors: a loader may run none. */
#define TWIN_LIMIT (100 * RT0_MS)

static bool rt0_decide(uint32_t state, int error, const char *why)
{
	/* A failure's words are in place before the state that sends readers to them. */
	static uint32_t is_deciding;
	if (__atomic_exchange_n(&is_deciding, 1, __ATOMIC_ACQ_REL))
		return false;
	rt0_self.error = error;
	rt0_self.why = why;
	if (state == RT0_OPEN)
		state = rt0_threads_attach != NULL ? RT0_OPEN_ATTACHING : RT0_ARCH_OPEN;
	__atomic_store_n(&rt0_state_word[0], state, __ATOMIC_SEQ_CST);
	int fd = __atomic_load_n(&rt0_self.ready_fd, __ATOMIC_SEQ_CST);
	static const uint64_t one = 1;
	if (fd > 0)
		rt0_write(fd - 1, &one, sizeof(one));
	rt0_futex_wake_all(&rt0_state_word[0]); /* last: who was woken finds the descriptor readable */
	return true;
}

static bool rt0_claim(int tid)
{
	int nobody = 0;
	uint32_t state = RT0_STARTING;
	if (rt0_load_state() != RT0_STARTING ||
	    !__atomic_compare_exchange_n(&rt0_self.runner, &nobody, tid, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return false;
	if (__atomic_compare_exchange_n(&rt0_state_word[0], &state, RT0_RUNNING, false, __ATOMIC_ACQ_REL,
					__ATOMIC_ACQUIRE))
		return true;
	__atomic_store_n(&rt0_self.runner, 0, __ATOMIC_RELEASE);
	return false;
}

/* No thread could be made. Somebody who runs init by now goes on with it. */
static void rt0_fail_start(int tid, int error, const char *what)
{
	if (!rt0_claim(tid))
		return;
	rt0_decide(RT0_FAILED, error, what);
	__atomic_store_n(&rt0_self.runner, 0, __ATOMIC_RELEASE);
}

/* A thread that was ended without a word leaves its waiters this to find out. */
static void rt0_look_at_runner(void)
{
	int runner = __atomic_load_n(&rt0_self.runner, __ATOMIC_ACQUIRE);
	if (runner != 0 && !rt0_thread_exists(runner))
		rt0_decide(RT0_FAILED, RT0_ESRCH, "the thread that ran rt0_runtime_init is gone");
}

/*
 * Threads inherit the timer slack of the one that makes them (prctl(2)), whatever
 * they do to their name or signal mask later: that makes it a mark of descent.
 */
static long set_slack(unsigned long nanoseconds)
{
	return rt0_syscall3(SYS_PRCTL, PR_SET_TIMERSLACK, (long)nanoseconds, 0);
}

static long get_slack(void)
{
	return rt0_syscall3(SYS_PRCTL, PR_GET_TIMERSLACK, 0, 0);
}

static bool rt0_is_init(int tid)
{
	if (__atomic_load_n(&rt0_self.runner, __ATOMIC_ACQUIRE) == tid)
		return true;
	uint32_t mark = __atomic_load_n(&rt0_self.mark, __ATOMIC_ACQUIRE);
	return mark != 0 && get_slack() == (long)mark;
}

/* A thread-specific destructor: the thread that ran init ended without coming back from it. */
static void on_exit(void *unused)
{
	(void)unused;
	rt0_decide(RT0_FAILED, RT0_ESRCH, "the thread that ran rt0_runtime_init ended in it");
}

static void rt0_run_init(int tid)
{
	rt0_args_settle();
	long slack = get_slack();
	if (slack > 0) {
		uint32_t mark = (uint32_t)slack + 1 + (uint32_t)tid % 1024;
		if (set_slack(mark) == 0)
			__atomic_store_n(&rt0_self.mark, mark, __ATOMIC_RELEASE);
	}
	if (rt0_hosted_watch_exit != NULL)
		rt0_hosted_watch_exit(on_exit);
	int error = rt0_threads_begin != NULL ? rt0_threads_begin(rt0_config.attach, rt0_config.detach) : 0;
	const char *what = "pthread_key_create failed";
	if (error == 0) {
		error = rt0_config.init(rt0_self.argc, rt0_self.argv, rt0_self.envp);
		what = "rt0_runtime_init failed";
	}
	if (rt0_hosted_unwatch_exit != NULL)
		rt0_hosted_unwatch_exit();
	if (rt0_self.mark != 0)
		set_slack((unsigned long)slack);
	if (error == 0)
		rt0_decide(RT0_OPEN, 0, NULL);
	else
		rt0_decide(RT0_FAILED, error, what);
	/* "I am the init thread" ends here: thread ids are used again. */
	__atomic_store_n(&rt0_self.mark, 0, __ATOMIC_RELEASE);
	__atomic_store_n(&rt0_self.runner, 0, __ATOMIC_RELEASE);
}

static void wait_for_load(void)
{
	rt0_self.stood_since = rt0_now();
	__atomic_store_n(&rt0_self.is_standing, 1, __ATOMIC_RELEASE);
	if ((rt0_config.flags & RT0_START_MASK) == RT0_START_CONCURRENT)
		return;
	/* With no constructor but the twin there is nothing to wait for. */
	if (rt0_constructors() > 1) {
		uint64_t until = rt0_now() + TWIN_LIMIT;
		uint32_t seen = RT0_CONSTRUCTING;
		__atomic_compare_exchange_n(&rt0_self.constructed, &seen, RT0_CONSTRUCTING_WATCHED, false,
					    __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
		while (__atomic_load_n(&rt0_self.constructed, __ATOMIC_ACQUIRE) != RT0_CONSTRUCTED &&
		       rt0_load_state() == RT0_STARTING && rt0_now() < until)
			rt0_futex_wait(&rt0_self.constructed, RT0_CONSTRUCTING_WATCHED, until);
	}
	if (rt0_hosted_pass_loader_lock != NULL)
		rt0_hosted_pass_loader_lock();
}

static void set_name(void)
{
	/* Not with an initializer, for which some compilers call memset. */
	char name[16];
	const char *library = rt0_library_name();
	size_t n = 0;
	for (; n < 4; n++)
		name[n] = "rt0:"[n];
	for (; n < sizeof(name) - 1 && *library != 0; n++)
		name[n] = *library++;
	name[n] = 0;
	rt0_syscall3(SYS_PRCTL, PR_SET_NAME, (long)name, 0);
}

static void *rt0_init_thread(void *skip_load)
{
	int tid = rt0_gettid();
	__atomic_store_n(&rt0_self.spawned, tid, __ATOMIC_RELEASE);
	set_name();
	if (skip_load == NULL)
		wait_for_load();
	rt0_guard_forks();
	bool is_mine = rt0_claim(tid);
	if (is_mine)
		rt0_run_init(tid);
	uint32_t state;
	while (!rt0_is_decided(state = rt0_load_state())) {
		rt0_futex_wait(&rt0_state_word[0], state, rt0_now() + RT0_LIVENESS);
		rt0_look_at_runner(); /* after a take-over by a thread that ended */
	}
	/* After a take-over the main function is still this thread's to run. */
	if (rt0_is_open(state) && (is_mine || rt0_self.is_taken_over) && rt0_config.main != NULL)
		rt0_config.main();
	return NULL;
}
