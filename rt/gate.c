/*
 * The slow path: everything a call may meet while the gates are closed. Compiled
 * for general registers only, so that the vector registers of the waiting call are
 * as its caller left them; what calls libc or the author's code goes through
 * rt0_call_preserving.
 */
#include "internal.h"
#include "probe.h"

#define LOADER_PATIENCE  (2 * RT0_MS)     /* the init thread stands at the lock that this thread holds */
#define FOREIGN_PATIENCE (100 * RT0_MS)   /* a constructor may be joining this thread */
#define REPORT           (5 * RT0_SECOND) /* until the first report */

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/*
 * Whether nobody is there who was to start init: this is the child of a fork that
 * came before init began.
 */
static bool is_orphaned(const struct rt0_library *rt)
{
	int loader = __atomic_load_n(&rt->loader, __ATOMIC_RELAXED);
	int spawned = __atomic_load_n(&rt->spawned, __ATOMIC_ACQUIRE);
	return loader != 0 && !rt0_thread_exists(loader) && (spawned == 0 || !rt0_thread_exists(spawned));
}

/*
 * When this thread may take the init over; to be asked again whenever that moment
 * has come. The loader thread may hold the very lock at which the init thread
 * stands, which shows in that the init thread sleeps: one that only was not
 * scheduled yet is through the lock as soon as it is.
 */
static uint64_t take_over_at(const struct rt0_library *rt, int tid, uint64_t since, uint64_t now)
{
	uint64_t at_last = since + FOREIGN_PATIENCE;
	if (__atomic_load_n(&rt->loader, __ATOMIC_RELAXED) != tid)
		return at_last;
	uint64_t stood = __atomic_load_n(&rt->is_standing, __ATOMIC_ACQUIRE) ? rt->stood_since : now;
	if (now >= stood + LOADER_PATIENCE) {
		char state = rt0_task_state(rt->spawned);
		if (state == 'S' || state == '?')
			return now;
		stood = now;
	}
	return earlier(at_last, stood + LOADER_PATIENCE);
}

static long take_over_here(long tid, long library, long unused)
{
	(void)unused;
	struct rt0_library *rt = rt0_library_of((void *)library);
	struct rt0_sigset old;
	rt0_signals_block(&old);
	rt0_guard_forks();
	if (rt0_claim(rt, (int)tid)) {
		__atomic_store_n(&rt->is_taken_over, 1, __ATOMIC_RELEASE);
		rt0_run_init(rt, (int)tid);
	}
	rt0_signals_restore(&old);
	return 0;
}

/* Making a thread calls libc, or the author's rt0_sys_thread_create. */
static long start_here(long tid, long library, long unused)
{
	(void)unused;
	rt0_start(rt0_library_of((void *)library), (int)tid);
	return 0;
}

static long make_thread_here(long tid, long library, long unused)
{
	(void)unused;
	struct rt0_library *rt = rt0_library_of((void *)library);
	const char *what;
	int error = rt0_spawn(rt, rt0_init_thread, &what);
	if (error != 0)
		rt0_fail_start(rt, (int)tid, error, what);
	return 0;
}

/* Start an orphan as the load would have: one thread does, which from then on stands for the loader's. */
static void start_anew(struct rt0_library *rt, int tid)
{
	int loader = __atomic_load_n(&rt->loader, __ATOMIC_RELAXED);
	if (!is_orphaned(rt) ||
	    !__atomic_compare_exchange_n(&rt->loader, &loader, tid, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		return;
	__atomic_store_n(&rt->is_standing, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&rt->spawned, 0, __ATOMIC_RELEASE);
	rt0_call_preserving(make_thread_here, tid, (long)rt, 0);
}

static void take_over(struct rt0_library *rt, int tid, uintptr_t gate)
{
	rt0_trace(rt, "Btake-over", gate);
	if ((rt0_flags(rt) & RT0_NO_TAKE_OVER) != 0) {
		/* Init belongs on a thread of its own: one that does not wait for the load. */
		if (!__atomic_exchange_n(&rt->is_second_made, 1, __ATOMIC_ACQ_REL))
			rt0_call_preserving(make_thread_here, tid, (long)rt, 0);
	} else {
		rt0_call_preserving(take_over_here, tid, (long)rt, 0);
	}
	rt0_trace(rt, "Etake-over", gate);
}

/* is_waiting: false before. */
static int wait_closed(struct rt0_library *rt, const struct rt0_waiter *waiter, bool *is_waiting)
{
	int tid = rt0_gettid();
	uint64_t since = rt0_now(), now = since;
	bool may_take_over = waiter->may_take_over;
	for (;; now = rt0_now()) {
		uint64_t wake = earlier(waiter->until, now + RT0_LIVENESS);
		uint32_t state = rt0_load_state(rt);
		if (rt0_is_open(state))
			return 0;
		switch (state) {
		case RT0_FAILED:
			return rt->error;
		case RT0_UNSTARTED:
			rt0_trace_begin(rt); /* before the library entry, in a constructor of another library */
			rt0_call_preserving(start_here, tid, (long)rt, 0);
			continue;
		case RT0_STARTING:
			if (is_orphaned(rt)) {
				start_anew(rt, tid);
				continue;
			}
			if (may_take_over) {
				uint64_t at = take_over_at(rt, tid, since, now);
				if (now >= at) {
					may_take_over = (rt0_flags(rt) & RT0_NO_TAKE_OVER) == 0;
					take_over(rt, tid, waiter->gate);
					continue;
				}
				wake = earlier(wake, at);
			}
			break;
		default:
			if (rt0_is_init(rt, tid))
				return RT0_EDEADLK;
			rt0_look_at_runner(rt);
			break;
		}
		if (now >= waiter->until)
			return RT0_ETIMEDOUT;
		if (now >= since + REPORT)
			rt0_report(rt, waiter, tid, since, now);
		else
			wake = earlier(wake, since + REPORT);
		if (!*is_waiting) {
			RT0_PROBE(gate_wait, waiter->gate, waiter->caller);
			rt0_trace(rt, "Bwait", waiter->gate);
		}
		*is_waiting = true;
		rt0_futex_wait(rt0_state_word_of(rt), state, wake);
		/* Thousands may be woken by one opening: no system call more for each of them. */
		if (rt0_is_open(rt0_load_state(rt)))
			return 0;
	}
}

static int rt0_wait(struct rt0_library *rt, const struct rt0_waiter *waiter)
{
	/* The functions of rt0.h come here in every state: an open one costs no system call. */
	if (rt0_is_open(rt0_load_state(rt)))
		return 0;
	if (waiter->caller != 0 && rt0_is_inside(rt, waiter->caller))
		return RT0_EDEADLK;

	bool is_waiting = false;
	int error = wait_closed(rt, waiter, &is_waiting);
	if (is_waiting)
		rt0_trace(rt, "Ewait", waiter->gate);
	return error;
}

static long call_failure_handler(long error, long why, long library)
{
	rt0_handle_failure(rt0_library_of((void *)library), (int)error, (const char *)why);
	return 0;
}

static _Noreturn void die(struct rt0_library *rt, const char *why, int error)
{
	rt0_tell(rt, why, error);
	rt0_abort();
}

static void meet_failure(struct rt0_library *rt, int error)
{
	const char *why = rt->why;
	switch (rt0_flags(rt) & RT0_FAILURE_MASK) {
	case RT0_FAILURE_CONTINUE:
		return;
	case RT0_FAILURE_CALL:
		rt0_call_preserving(call_failure_handler, error, (long)why, (long)rt);
		return;
	default:
		die(rt, why, error);
	}
}

static void rt0_pass(struct rt0_library *rt, const struct rt0_waiter *waiter)
{
	int error = rt0_wait(rt, waiter);
	bool is_own_call = error == RT0_EDEADLK && rt->error != error;
	if (error != 0 && !is_own_call)
		meet_failure(rt, error);
}

static uintptr_t rt0_wait_at_gate(struct rt0_library *rt, uintptr_t gate, uintptr_t caller)
{
	struct rt0_waiter waiter = {gate, caller, RT0_NEVER, true};
	rt0_pass(rt, &waiter);
	/* The library's own calls, and those that pass a closed gate, are not a host's. */
	if (rt0_threads_attach != NULL && rt0_is_open(rt0_load_state(rt)) && !rt0_is_inside(rt, caller)) {
		int error = (int)rt0_call_preserving(rt0_threads_attach, 0, 0, 0);
		if (error != 0)
			die(rt, "this thread cannot be attached", error);
	}
	return rt0_arch_gate_target(gate);
}
