/* What the portable part of rt needs to know of Linux on arm (EABI, ARMv5T and later). */
#ifndef RT0_ARCH_H
#define RT0_ARCH_H

#include <stdint.h>

/* System call numbers (arch/arm/tools/syscall.tbl). SYS_MMAP is mmap2, whose offset counts pages. */
#define SYS_READ            3
#define SYS_WRITE           4
#define SYS_CLOSE           6
#define SYS_LSEEK           19
#define SYS_GETPID          20
#define SYS_MUNMAP          91
#define SYS_MPROTECT        125
#define SYS_PRCTL           172
#define SYS_RT_SIGACTION    174
#define SYS_RT_SIGPROCMASK  175
#define SYS_GETCWD          183
#define SYS_MMAP            192
#define SYS_GETTID          224
#define SYS_FUTEX           240
#define SYS_EXIT_GROUP      248
#define SYS_CLOCK_GETTIME   263
#define SYS_TGKILL          268
#define SYS_OPENAT          322
#define SYS_EVENTFD2        356
#define SYS_CLOCK_GETTIME64 403
#define SYS_FUTEX_TIME64    422

/* Errors whose numbers differ between machines (asm-generic/errno.h here). */
#define RT0_EDEADLK   35
#define RT0_ETIMEDOUT 110

/* Kernel's view of a signal set: bytes. */
#define RT0_SIGSET_BYTES 8

static inline long rt0_syscall(long number, long a, long b, long c, long d, long e, long f)
{
	register long r7 __asm__("r7") = number;
	register long r0 __asm__("r0") = a;
	register long r1 __asm__("r1") = b;
	register long r2 __asm__("r2") = c;
	register long r3 __asm__("r3") = d;
	register long r4 __asm__("r4") = e;
	register long r5 __asm__("r5") = f;
	__asm__ volatile("svc #0" : "+r"(r0) : "r"(r7), "r"(r1), "r"(r2), "r"(r3), "r"(r4), "r"(r5) : "memory");
	return r0;
}

static inline long rt0_syscall3(long number, long a, long b, long c)
{
	register long r7 __asm__("r7") = number;
	register long r0 __asm__("r0") = a;
	register long r1 __asm__("r1") = b;
	register long r2 __asm__("r2") = c;
	__asm__ volatile("svc #0" : "+r"(r0) : "r"(r7), "r"(r1), "r"(r2) : "memory");
	return r0;
}

/* builtin.S */
__attribute__((visibility("hidden"))) int rt0_arm_version(void);

/*
 * How the gates are opened: with bit 8 where they need a barrier and the CPU has DMB,
 * without it on ARMv5, which needs none. What ARMv6 has instead they do not know: all
 * calls go through rt there.
 */
#define RT0_ARCH_OPEN                                                                                                  \
	(rt0_arm_version() >= '7' ? RT0_OPEN | 0x100 : rt0_arm_version() == '6' ? RT0_OPEN_ATTACHING : RT0_OPEN)

/*
 * e_flags of an attached library, for rt0_call_preserving in librt0.so.0. Those that
 * meet in a process have one procedure call standard. The file header is at its start.
 */
#define RT0_ARCH_MEET(start) __atomic_store_n(&rt0_arm_flags, ((const uint32_t *)(start))[9], __ATOMIC_RELAXED)
extern __attribute__((visibility("hidden"))) uint32_t rt0_arm_flags;

/* Where a gate goes: its word 56 bytes into it is the distance from 32 bytes into it; bit 0 as in the function's
 * address. */
static inline uintptr_t rt0_arch_gate_target(uintptr_t gate)
{
	return gate + 32 + *(const uintptr_t *)(gate + 56);
}

/*
 * Bytes of a clone0 thread's TLS block below and from the thread pointer on
 * (variant I: a control block of 8 bytes, variables behind it, a libc's own block
 * below; ELF TLS for arm, "Thread Local Storage" in AAELF32).
 */
#define RT0_TLS_BELOW 0x2000
#define RT0_TLS_ABOVE 0x10000

/* [tp - RT0_TLS_BELOW, tp + RT0_TLS_ABOVE), all zero, is a thread's TLS block: no compiled code expects anything in it.
 */
static inline void rt0_arch_tls_init(void *tp)
{
	(void)tp;
}

#endif
