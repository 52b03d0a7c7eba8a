/* The functions of rt0.h that a library's author calls. */
#include "internal.h"

enum rt0_state rt0_state(void)
{
	return (enum rt0_state)(rt0_load_state(&rt0_self) & RT0_STATE_MASK);
}

int rt0_init_error(void)
{
	return rt0_load_state(&rt0_self) == RT0_FAILED ? rt0_self.error : 0;
}

void rt0_wait_runtime_init_done(void)
{
	static const struct rt0_waiter waiter = {0, 0, RT0_NEVER, true};
	rt0_pass(&rt0_self, &waiter);
}

/* Some 292 years are for ever. */
#define SECONDS_MAX ((int64_t)(RT0_NEVER / RT0_SECOND / 2))

static int wait_timed(int64_t seconds, long nanoseconds)
{
	struct rt0_waiter waiter = {0, 0, RT0_NEVER, false};
	if (seconds < 0 || nanoseconds < 0 || nanoseconds >= (long)RT0_SECOND)
		return RT0_EINVAL;
	if (seconds < SECONDS_MAX)
		waiter.until = rt0_now() + (uint64_t)seconds * RT0_SECOND + (uint64_t)nanoseconds;
	return rt0_wait(&rt0_self, &waiter);
}

/* The author's struct timespec, as rt0.h takes it: two longs. */
int rt0_wait_runtime_init_done_timed(const struct timespec *timeout)
{
	const long *span = (const void *)timeout;
	return span != NULL ? wait_timed(span[0], span[1]) : wait_timed(SECONDS_MAX, 0);
}

#if __SIZEOF_LONG__ == 4
/* The same where it has 64-bit seconds; the nanoseconds are the low half of the other 64 bits, the rest is padding. */
int rt0_wait_runtime_init_done_timed64(const struct timespec *timeout)
{
	const struct {
		int64_t seconds, nanoseconds;
	} *span = (const void *)timeout;
	return span != NULL ? wait_timed(span->seconds, (long)span->nanoseconds) : wait_timed(SECONDS_MAX, 0);
}
#endif

void rt0_notify_runtime_init_done(void)
{
	rt0_decide(&rt0_self, RT0_OPEN, 0, NULL);
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
	rt0_decide(&rt0_self, RT0_FAILED, error != 0 ? error : RT0_EINVAL,
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
