/*
 * The kernel, without libc: these run inside a call that has its arguments in
 * registers and its errno to keep.
 */
#include "internal.h"

/* Of include/uapi/asm-generic. A machine that has one otherwise says so in its arch.h. */
#define AT_FDCWD                  (-100)
#define O_CLOEXEC                 02000000
#define PROT_READ_WRITE           3
#define CLOCK_MONOTONIC           1
#define FUTEX_WAIT_BITSET_PRIVATE (9 | 128) /* absolute time, CLOCK_MONOTONIC */
#define FUTEX_WAKE_PRIVATE        (1 | 128)
#define FUTEX_ANY                 0xffffffffL
#define SIGABRT                   6
#ifndef MAP_PRIVATE_ANONYMOUS
#define MAP_PRIVATE_ANONYMOUS 0x22
#endif
#ifndef EFD_CLOEXEC_NONBLOCK
#define EFD_CLOEXEC_NONBLOCK (02000000 | 04000)
#endif
#ifndef SIG_BLOCK
#define SIG_BLOCK   0
#define SIG_UNBLOCK 1
#define SIG_SETMASK 2
#endif
/* Signals that glibc and musl keep for themselves: 32, 33, 34 is musl's third. */
#define LIBC_SIGNALS (UINT64_C(7) << 31)

extern int pthread_sigmask(int, const struct rt0_sigset *, struct rt0_sigset *)
	__attribute__((weak, visibility("default")));

static long rt0_write(int fd, const void *bytes, size_t count)
{
	return rt0_syscall3(SYS_WRITE, fd, (long)bytes, (long)count);
}

static long rt0_open_read(const char *path)
{
	return rt0_syscall3(SYS_OPENAT, AT_FDCWD, (long)path, O_CLOEXEC);
}

static long rt0_read(int fd, void *bytes, size_t count)
{
	return rt0_syscall3(SYS_READ, fd, (long)bytes, (long)count);
}

static void rt0_close(int fd)
{
	rt0_syscall3(SYS_CLOSE, fd, 0, 0);
}

static void *rt0_map(size_t size)
{
	long at = rt0_syscall(SYS_MMAP, 0, (long)size, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0);
	return at < 0 && at > -4096 ? NULL : (void *)at;
}

static void rt0_unmap(void *at, size_t size)
{
	rt0_syscall3(SYS_MUNMAP, (long)at, (long)size, 0);
}

/*
 * A whole file of /proc, followed by at least one NUL that `length` counts when
 * the last byte is none. The memory is never given back. Null when it cannot be read.
 */
static char *rt0_read_block(const char *path, size_t *length)
{
	for (size_t size = 0x4000;; size *= 4) {
		long fd = rt0_open_read(path);
		if (fd < 0)
			return NULL;
		char *block = rt0_map(size);
		size_t used = 0;
		for (long n;
		     block != NULL && used < size - 1 && (n = rt0_read((int)fd, block + used, size - 1 - used)) > 0;)
			used += (size_t)n;
		rt0_close((int)fd);
		if (block == NULL)
			return NULL;
		if (used < size - 1) {
			if (used > 0 && block[used - 1] != 0)
				used++;
			*length = used;
			return block;
		}
		rt0_unmap(block, size);
	}
}

static int rt0_getpid(void)
{
	return (int)rt0_syscall3(SYS_GETPID, 0, 0, 0);
}

static int rt0_gettid(void)
{
	return (int)rt0_syscall3(SYS_GETTID, 0, 0, 0);
}

static bool rt0_thread_exists(int tid)
{
	return rt0_syscall3(SYS_TGKILL, rt0_getpid(), tid, 0) != -RT0_ESRCH;
}

static uint64_t rt0_divide(uint64_t value, uint32_t by, uint32_t *rest)
{
#if __SIZEOF_LONG__ == 8
	uint32_t left = (uint32_t)(value % by);
	value /= by;
#else
	uint32_t left = 0;
	for (int bit = 0; bit < 64; bit++) {
		left = left << 1 | (uint32_t)(value >> 63);
		value <<= 1;
		if (left >= by) {
			left -= by;
			value |= 1;
		}
	}
#endif
	if (rest != NULL)
		*rest = left;
	return value;
}

/*
 * A machine of 32 bits has each call that takes a time twice: with a struct of two
 * longs, and since Linux 5.1 with 64 bits for either member. The first is asked
 * first. Its seconds are enough, for CLOCK_MONOTONIC counts them from the boot, and
 * the second is refused by sandboxes that do not know it, with whatever error. A
 * kernel may lack the first (CONFIG_COMPAT_32BIT_TIME), and says ENOSYS.
 */
struct timespec_of_longs {
	long seconds, nanoseconds;
};

struct timespec_of_64_bits {
	int64_t seconds, nanoseconds;
};

static uint64_t rt0_now(void)
{
	struct timespec_of_longs now = {0, 0};
	long result = rt0_syscall3(SYS_CLOCK_GETTIME, CLOCK_MONOTONIC, (long)&now, 0);
#ifdef SYS_CLOCK_GETTIME64
	if (result == -RT0_ENOSYS) {
		struct timespec_of_64_bits now64 = {0, 0};
		rt0_syscall3(SYS_CLOCK_GETTIME64, CLOCK_MONOTONIC, (long)&now64, 0);
		return (uint64_t)now64.seconds * RT0_SECOND + (uint64_t)now64.nanoseconds;
	}
#endif
	(void)result;
	return (uint64_t)now.seconds * RT0_SECOND + (uint64_t)now.nanoseconds;
}

static void futex(const uint32_t *word, long operation, uint32_t value, uint64_t until)
{
	uint32_t rest;
	uint64_t seconds = rt0_divide(until, RT0_SECOND, &rest);
	struct timespec_of_longs at = {seconds < INTPTR_MAX ? (long)seconds : INTPTR_MAX, (long)rest};
	long result = rt0_syscall(SYS_FUTEX, (long)word, operation, (long)value, until == RT0_NEVER ? 0 : (long)&at, 0,
				  FUTEX_ANY);
#ifdef SYS_FUTEX_TIME64
	if (result == -RT0_ENOSYS) {
		struct timespec_of_64_bits at64 = {(int64_t)seconds, (int64_t)rest};
		rt0_syscall(SYS_FUTEX_TIME64, (long)word, operation, (long)value, until == RT0_NEVER ? 0 : (long)&at64,
			    0, FUTEX_ANY);
	}
#endif
	(void)result;
}

static void rt0_futex_wait(const uint32_t *word, uint32_t value, uint64_t until)
{
	futex(word, FUTEX_WAIT_BITSET_PRIVATE, value, until);
}

static void rt0_futex_wake_all(const uint32_t *word)
{
	futex(word, FUTEX_WAKE_PRIVATE, INT32_MAX, RT0_NEVER);
}

static void rt0_sleep(uint64_t nanoseconds)
{
	uint32_t unchanged = 0;
	rt0_futex_wait(&unchanged, unchanged, rt0_now() + nanoseconds);
}

static int rt0_eventfd(void)
{
	return (int)rt0_syscall3(SYS_EVENTFD2, 0, EFD_CLOEXEC_NONBLOCK, 0);
}

static void rt0_abort(void)
{
	/* A zeroed kernel sigaction is SIG_DFL with no flags, whatever its layout. */
	static const unsigned long by_default[8];
	static const struct rt0_sigset abort_only = {{1UL << (SIGABRT - 1)}};
	int pid = rt0_getpid();
	rt0_syscall(SYS_RT_SIGPROCMASK, SIG_UNBLOCK, (long)&abort_only, 0, RT0_SIGSET_BYTES, 0, 0);
	rt0_syscall3(SYS_TGKILL, pid, rt0_gettid(), SIGABRT);
	rt0_syscall(SYS_RT_SIGACTION, SIGABRT, (long)by_default, 0, RT0_SIGSET_BYTES, 0, 0);
	rt0_syscall3(SYS_TGKILL, pid, rt0_gettid(), SIGABRT);
	for (;;)
		rt0_syscall3(SYS_EXIT_GROUP, 127, 0, 0);
}

/*
 * Through libc where it is there: it leaves out the signals with which it runs
 * cancellation and setuid, and a thread that blocked those would hang the host.
 */
static void sigmask(int how, const struct rt0_sigset *set, struct rt0_sigset *old)
{
	if (pthread_sigmask != NULL)
		pthread_sigmask(how, set, old);
	else
		rt0_syscall(SYS_RT_SIGPROCMASK, how, (long)set, (long)old, RT0_SIGSET_BYTES, 0, 0);
}

static void rt0_signals_block(struct rt0_sigset *old)
{
	struct rt0_sigset all;
	for (size_t i = 0; i < sizeof(all.words) / sizeof(all.words[0]); i++)
		all.words[i] = ~0UL;
	if (pthread_sigmask == NULL)
		for (size_t i = 0; i * 8 * sizeof(long) < 64; i++)
			all.words[i] &= ~(unsigned long)(LIBC_SIGNALS >> (i * 8 * sizeof(long)));
	sigmask(SIG_BLOCK, &all, old);
}

static void rt0_signals_restore(const struct rt0_sigset *old)
{
	sigmask(SIG_SETMASK, old, NULL);
}
