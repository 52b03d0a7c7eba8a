/* What the portable part of rt needs to know of Linux on s390x. */
#ifndef RT0_ARCH_H
#define RT0_ARCH_H

#include <stdint.h>

/* System call numbers (arch/s390/kernel/syscalls/syscall.tbl). */
#define SYS_READ           3
#define SYS_WRITE          4
#define SYS_CLOSE          6
#define SYS_LSEEK          19
#define SYS_GETPID         20
#define SYS_MMAP           90
#define SYS_MUNMAP         91
#define SYS_MPROTECT       125
#define SYS_PRCTL          172
#define SYS_RT_SIGACTION   174
#define SYS_RT_SIGPROCMASK 175
#define SYS_GETCWD         183
#define SYS_GETTID         236
#define SYS_FUTEX          238
#define SYS_TGKILL         241
#define SYS_EXIT_GROUP     248
#define SYS_CLOCK_GETTIME  260
#define SYS_OPENAT         288
#define SYS_EVENTFD2       323

/* Errors whose numbers differ between machines (asm-generic/errno.h here). */
#define RT0_EDEADLK   35
#define RT0_ETIMEDOUT 110

/* Kernel's view of a signal set: bytes. */
#define RT0_SIGSET_BYTES 8

/* mmap(2) takes the address of its six arguments here. */
static inline long rt0_syscall(long number, long a, long b, long c, long d, long e, long f)
{
	const long block[6] = {a, b, c, d, e, f};
	register long r1 __asm__("r1") = number;
	register long r2 __asm__("r2") = number == SYS_MMAP ? (long)block : a;
	register long r3 __asm__("r3") = b;
	register long r4 __asm__("r4") = c;
	register long r5 __asm__("r5") = d;
	register long r6 __asm__("r6") = e;
	register long r7 __asm__("r7") = f;
	__asm__ volatile("svc 0" : "+r"(r2) : "r"(r1), "r"(r3), "r"(r4), "r"(r5), "r"(r6), "r"(r7) : "memory");
	return r2;
}

static inline long rt0_syscall3(long number, long a, long b, long c)
{
	register long r1 __asm__("r1") = number;
	register long r2 __asm__("r2") = a;
	register long r3 __asm__("r3") = b;
	register long r4 __asm__("r4") = c;
	__asm__ volatile("svc 0" : "+r"(r2) : "r"(r1), "r"(r3), "r"(r4) : "memory");
	return r2;
}

/* Where a gate goes: its jump is 12 bytes into the gate, with a distance in halfwords 2 bytes into it. */
static inline uintptr_t rt0_arch_gate_target(uintptr_t gate)
{
	const uint16_t *distance = (const uint16_t *)(gate + 14);
	return gate + 12 + 2 * (uintptr_t)(intptr_t)(int32_t)((uint32_t)distance[0] << 16 | distance[1]);
}

/*
 * Bytes of a clone0 thread's TLS block below and from the thread pointer on
 * (variant II: variables below, control block above; ELF TLS, 3.4.7).
 */
#define RT0_TLS_BELOW 0x10000
#define RT0_TLS_ABOVE 0x2000

/*
 * Make [tp - RT0_TLS_BELOW, tp + RT0_TLS_ABOVE), all zero, a thread's TLS block.
 *
 * The first word is the thread pointer itself, as the third is in glibc's control
 * block; the stack protector's canary (0x28) is the creating thread's, so that code
 * compiled with it runs on both.
 */
static inline void rt0_arch_tls_init(void *tp)
{
	uintptr_t *block = tp;
	const uintptr_t *creator = __builtin_thread_pointer();
	block[0] = (uintptr_t)tp;
	block[2] = (uintptr_t)tp;
	if (creator != 0)
		block[5] = creator[5];
}

#endif
