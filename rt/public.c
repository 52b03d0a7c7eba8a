/* The functions of rt0.h that a library's author calls. */
#include "internal.h"

enum rt0_state rt0_state(void)
{
	return (enum rt0_state)(rt0_load_state() & RT0_STATE_MASK);
}

int rt0_init_error(void)
{
	return rt0_load_state() == RT0_FAILED ? rt0_self.error : 0;
}

void rt0_wait_runtime_init_done(void)
{
	static const struct rt0_waiter waiter = {0, 0, RT0_NEVER, true};
	rt0_pass(&waiter);
}

int rt0_wait_runtime_init_done_timed(const struct timespec *timeout)
{
	const struct rt0_timespec *span = (const void *)timeout;
	uint64_t until = RT0_NEVER;
	if (span != NULL) {
		if (span->seconds < 0 || span->nanoseconds < 0 || span->nanoseconds >= (long)RT0_SECOND)
			return RT0_EINVAL;
		uint64_t now = rt0_now();
		if ((uint64_t)span->seconds < (RT0_NEVER - now) / RT0_SECOND - 1)
			until = now + (uint64_t)span->seconds * RT0_SECOND + (uint64_t)span->nanoseconds;
	}
	struct rt0_waiter waiter = {0, 0, until, false};
	return rt0_wait(&waiter);
}

void rt0_notify_runtime_init_done(void)
{
	rt0_decide(RT0_OPEN, 0, NULL);
}

void rt0_notify_runtime_init_failed(int error, const char *why)
{
	static uint32_t is_told;
	if (__atomic_exchange_n(&is_told, 1, __ATOMIC_ACQ_REL))
		return;
	size_t n = 0;
	if (why != NULL)
		for (; n < sizeof(rt0_self.why_text) - 1 && why[n] != 0 && why[n] != '\n'; n++)
			rt0_self.why_text[n] = why[n];
	rt0_decide(RT0_FAILED, error != 0 ? error : RT0_EINVAL,
		   n != 0 ? rt0_self.why_text : "the runtime reported a failed init");
}

int rt0_ready_fd(void)
{
	int known = __atomic_load_n(&rt0_self.ready_fd, __ATOMIC_ACQUIRE);
	if (known == 0) {
		int fd = rt0_eventfd();
		if (fd < 0)
			return -1;
		if (__atomic_compare_exchange_n(&rt0_self.ready_fd, &known, fd + 1, false, __ATOMIC_SEQ_CST,
						__ATOMIC_SEQ_CST)) {
			known = fd + 1;
			/* Decided before the descriptor was to be seen: rt0_decide did not write to it. */
			static const uint64_t one = 1;
			if (rt0_is_decided(__atomic_load_n(&rt0_state_word[0], __ATOMIC_SEQ_CST)))
				rt0_write(fd, &one, sizeof(one));
		} else {
			rt0_close(fd);
		}
	}
	return known - 1;
}
