/*
 * librt0.a: the functions of rt0.h for an executable, whose main calls
 * rt0_runtime_init itself. Gates never wait there and islibrary is 0. All are weak:
 * in a library that names librt0.a too, as build systems do for all that they link,
 * rt's own come first.
 */
#include "arch.h"
#include "rt0.h"

#include <stdbool.h>

#ifndef EFD_CLOEXEC_NONBLOCK
#define EFD_CLOEXEC_NONBLOCK (02000000 | 04000) /* see os.c */
#endif

#define WEAK __attribute__((weak))

WEAK const volatile unsigned char rt0_islibrary = 0;

WEAK enum rt0_state rt0_state(void)
{
	return RT0_STATE_OPEN;
}

WEAK int rt0_init_error(void)
{
	return 0;
}

WEAK int rt0_ready_fd(void)
{
	static int known; /* plus one */
	int fd = __atomic_load_n(&known, __ATOMIC_ACQUIRE);
	if (fd != 0)
		return fd - 1;
	fd = (int)rt0_syscall3(SYS_EVENTFD2, 1, EFD_CLOEXEC_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	int nobody = 0;
	if (__atomic_compare_exchange_n(&known, &nobody, fd + 1, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return fd;
	rt0_syscall3(SYS_CLOSE, fd, 0, 0);
	return nobody - 1;
}

WEAK void rt0_wait_runtime_init_done(void)
{
}

WEAK int rt0_wait_runtime_init_done_timed(const struct timespec *timeout)
{
	(void)timeout;
	return 0;
}

#if __SIZEOF_LONG__ == 4
/* What rt0.h calls it where time_t has 64 bits. */
RT0_HIDDEN int rt0_wait_runtime_init_done_timed64(const struct timespec *timeout)
	__attribute__((weak, alias("rt0_wait_runtime_init_done_timed")));
#endif

WEAK void rt0_notify_runtime_init_done(void)
{
}

WEAK void rt0_notify_runtime_init_failed(int error, const char *why)
{
	(void)error;
	(void)why;
}
