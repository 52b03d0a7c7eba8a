/*
 * What os.c makes of time, by itself. ONLY_TIME64: a machine that has the calls
 * twice has lost the first ones.
 */
#define _GNU_SOURCE
#include "arch.h"

#if defined(ONLY_TIME64) && defined(SYS_FUTEX_TIME64)
#undef SYS_CLOCK_GETTIME
#undef SYS_FUTEX
#define SYS_CLOCK_GETTIME 0xfff /* no kernel has it */
#define SYS_FUTEX         0xfff
#endif

#include "internal.h"
#include "os.c"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

/* entry.S wants it. */
uintptr_t rt0_gate_wait(uintptr_t gate, uintptr_t caller)
{
	return gate + caller;
}

static void expect(bool claim, const char *what)
{
	if (claim)
		return;
	fprintf(stderr, "times: not so: %s\n", what);
	exit(1);
}

static void expect_quotient(uint64_t value, uint32_t by)
{
	uint32_t rest;
	expect(rt0_divide(value, by, &rest) == value / by && rest == value % by, "quotient and rest");
	expect(rt0_divide(value, by, NULL) == value / by, "quotient");
}

static uint32_t word;

static void *wake(void *unused)
{
	rt0_sleep(20 * RT0_MS);
	__atomic_store_n(&word, 1, __ATOMIC_RELEASE);
	rt0_futex_wake_all(&word);
	return unused;
}

int main(void)
{
	static const uint64_t values[] = {0, 1, 9, 10, 999999999, 1000000000, UINT64_C(0x123456789abcdef), RT0_NEVER};
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		expect_quotient(values[i], 1);
		expect_quotient(values[i], 10);
		expect_quotient(values[i], 1000000000);
		expect_quotient(values[i], UINT32_C(1) << 31);
	}

	uint64_t before = rt0_now();
	rt0_sleep(30 * RT0_MS);
	uint64_t after = rt0_now();
	expect(before > 0 && after - before >= 30 * RT0_MS && after - before < 20 * RT0_SECOND, "sleeps 30 ms");

	before = rt0_now();
	rt0_futex_wait(&word, 0, before + 30 * RT0_MS);
	after = rt0_now();
	expect(after - before >= 30 * RT0_MS && after - before < 20 * RT0_SECOND, "waits 30 ms");

	/* Moments past any clock's end do not come at once, and a wake-up comes whatever the moment. */
	static const uint64_t moments[] = {RT0_NEVER, RT0_NEVER - 1, (UINT64_C(1) << 33) * RT0_SECOND};
	for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++) {
		pthread_t thread;
		word = 0;
		expect(pthread_create(&thread, NULL, wake, NULL) == 0, "a thread");
		rt0_futex_wait(&word, 0, moments[i]);
		expect(__atomic_load_n(&word, __ATOMIC_ACQUIRE) == 1, "woken, not timed out");
		pthread_join(thread, NULL);
	}
	return 0;
}
