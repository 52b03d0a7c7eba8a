/* The init thread, and the one run of rt0_runtime_init. */
#include "internal.h"
#include "probe.h"

#define PR_SET_NAME       15
#define PR_SET_TIMERSLACK 29
#define PR_GET_TIMERSLACK 30

/* How long the init thread waits for the library's own constructors: a loader may run none. */
#define TWIN_LIMIT (100 * RT0_MS)

static bool rt0_decide(struct rt0_library *rt, uint32_t state, int error, const char *why)
{
	/* A failure's words are in place before the state that sends readers to them. */
	if (__atomic_exchange_n(&rt->is_deciding, 1, __ATOMIC_ACQ_REL))
		return false;
	rt->error = error;
	rt->why = why;
	rt0_trace(rt, error == 0 ? "iopen" : "ifailure", 0);
	RT0_PROBE(decided, rt0_image_start(rt), (long)error);
	if (state == RT0_OPEN)
		state = rt0_threads_attach != NULL ? RT0_OPEN_ATTACHING : RT0_ARCH_OPEN;
	__atomic_store_n(rt0_state_word_of(rt), state, __ATOMIC_SEQ_CST);
	int fd = __atomic_load_n(&rt->ready_fd, __ATOMIC_SEQ_CST);
	static const uint64_t one = 1;
	if (fd > 0)
		rt0_write(fd - 1, &one, sizeof(one));
	rt0_futex_wake_all(rt0_state_word_of(rt)); /* last: who was woken finds the descriptor readable */
	return true;
}

static bool rt0_claim(struct rt0_library *rt, int tid)
{
	int nobody = 0;
	uint32_t state = RT0_STARTING;
	if (rt0_load_state(rt) != RT0_STARTING ||
	    !__atomic_compare_exchange_n(&rt->runner, &nobody, tid, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return false;
	if (__atomic_compare_exchange_n(rt0_state_word_of(rt), &state, RT0_RUNNING, false, __ATOMIC_ACQ_REL,
					__ATOMIC_ACQUIRE))
		return true;
	__atomic_store_n(&rt->runner, 0, __ATOMIC_RELEASE);
	return false;
}

/* No thread could be made. Somebody who runs init by now goes on with it. */
static void rt0_fail_start(struct rt0_library *rt, int tid, int error, const char *what)
{
	if (!rt0_claim(rt, tid))
		return;
	rt0_decide(rt, RT0_FAILED, error, what);
	__atomic_store_n(&rt->runner, 0, __ATOMIC_RELEASE);
}

/* A thread that was ended without a word leaves its waiters this to find out. */
static void rt0_look_at_runner(struct rt0_library *rt)
{
	int runner = __atomic_load_n(&rt->runner, __ATOMIC_ACQUIRE);
	if (runner != 0 && !rt0_thread_exists(runner))
		rt0_decide(rt, RT0_FAILED, RT0_ESRCH, "the thread that ran rt0_runtime_init is gone");
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

static bool rt0_is_init(const struct rt0_library *rt, int tid)
{
	if (__atomic_load_n(&rt->runner, __ATOMIC_ACQUIRE) == tid)
		return true;
	uint32_t mark = __atomic_load_n(&rt->mark, __ATOMIC_ACQUIRE);
	return mark != 0 && get_slack() == (long)mark;
}

/* A thread-specific destructor: the thread that ran init ended without coming back from it. */
static void on_exit(void *library)
{
	rt0_decide(rt0_library_of(library), RT0_FAILED, RT0_ESRCH, "the thread that ran rt0_runtime_init ended in it");
}

static void rt0_run_init(struct rt0_library *rt, int tid)
{
	rt0_args_settle(rt);
	long slack = get_slack();
	if (slack > 0) {
		uint32_t mark = (uint32_t)slack + 1 + (uint32_t)tid % 1024;
		if (set_slack(mark) == 0)
			__atomic_store_n(&rt->mark, mark, __ATOMIC_RELEASE);
	}
	bool is_watched = rt0_hosted_watch_exit != NULL && rt0_hosted_watch_exit(&rt->exit_key, on_exit, rt);
	const char *what;
	rt0_trace(rt, "Binit", 0);
	RT0_PROBE(init_start, rt0_image_start(rt), (long)rt->argc);
	int error = rt0_initialise(rt, &what);
	RT0_PROBE(init_done, rt0_image_start(rt), (long)error);
	rt0_trace(rt, "Einit", 0);
	if (is_watched)
		rt0_hosted_unwatch_exit(rt->exit_key);
	if (rt->mark != 0)
		set_slack((unsigned long)slack);
	if (error == 0)
		rt0_decide(rt, RT0_OPEN, 0, NULL);
	else
		rt0_decide(rt, RT0_FAILED, error, what);
	/* "I am the init thread" ends here: thread ids are used again. */
	__atomic_store_n(&rt->mark, 0, __ATOMIC_RELEASE);
	__atomic_store_n(&rt->runner, 0, __ATOMIC_RELEASE);
}

static void wait_for_load(struct rt0_library *rt)
{
	rt->stood_since = rt0_now();
	__atomic_store_n(&rt->is_standing, 1, __ATOMIC_RELEASE);
	if ((rt0_flags(rt) & RT0_START_MASK) == RT0_START_CONCURRENT)
		return;
	rt0_trace(rt, "Bloader-lock", 0);
	/* With no constructor but the twin there is nothing to wait for. */
	if (rt0_constructors(rt) > rt0_twins(rt)) {
		uint64_t until = rt0_now() + TWIN_LIMIT;
		uint32_t seen = RT0_CONSTRUCTING;
		__atomic_compare_exchange_n(&rt->constructed, &seen, RT0_CONSTRUCTING_WATCHED, false, __ATOMIC_ACQ_REL,
					    __ATOMIC_ACQUIRE);
		while (__atomic_load_n(&rt->constructed, __ATOMIC_ACQUIRE) != RT0_CONSTRUCTED &&
		       rt0_load_state(rt) == RT0_STARTING && rt0_now() < until)
			rt0_futex_wait(&rt->constructed, RT0_CONSTRUCTING_WATCHED, until);
	}
	if (rt0_hosted_pass_loader_lock != NULL)
		rt0_hosted_pass_loader_lock();
	rt0_trace(rt, "Eloader-lock", 0);
}

static void set_name(struct rt0_library *rt)
{
	/* Not with an initializer, for which some compilers call memset. */
	char name[16];
	const char *library = rt0_library_name(rt);
	size_t n = 0;
	for (; n < 4; n++)
		name[n] = "rt0:"[n];
	for (; n < sizeof(name) - 1 && *library != 0; n++)
		name[n] = *library++;
	name[n] = 0;
	rt0_syscall3(SYS_PRCTL, PR_SET_NAME, (long)name, 0);
}

static void *rt0_init_thread(void *library)
{
	struct rt0_library *rt = rt0_library_of(library);
	int tid = rt0_gettid();
	__atomic_store_n(&rt->spawned, tid, __ATOMIC_RELEASE);
	set_name(rt);
	if (!__atomic_load_n(&rt->is_second_made, __ATOMIC_ACQUIRE))
		wait_for_load(rt);
	rt0_guard_forks();
	bool is_mine = rt0_claim(rt, tid);
	if (is_mine)
		rt0_run_init(rt, tid);
	uint32_t state;
	while (!rt0_is_decided(state = rt0_load_state(rt))) {
		rt0_futex_wait(rt0_state_word_of(rt), state, rt0_now() + RT0_LIVENESS);
		rt0_look_at_runner(rt); /* after a take-over by a thread that ended */
	}
	/* After a take-over the main function is still this thread's to run. */
	if (rt0_is_open(state) && (is_mine || rt->is_taken_over))
		rt0_main(rt);
	return NULL;
}
