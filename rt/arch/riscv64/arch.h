/* What the portable part of rt needs to know of Linux on riscv64. */
#ifndef RT0_ARCH_H
#define RT0_ARCH_H

#include <stdint.h>

/* System call numbers (include/uapi/asm-generic/unistd.h). */
#define SYS_GETCWD         17
#define SYS_EVENTFD2       19
#define SYS_OPENAT         56
#define SYS_CLOSE          57
#define SYS_LSEEK          62
#define SYS_READ           63
#define SYS_WRITE          64
#define SYS_EXIT_GROUP     94
#define SYS_FUTEX          98
#define SYS_CLOCK_GETTIME  113
#define SYS_TGKILL         131
#define SYS_RT_SIGACTION   134
#define SYS_RT_SIGPROCMASK 135
#define SYS_PRCTL          167
#define SYS_GETPID         172
#define SYS_GETTID         178
#define SYS_MUNMAP         215
#define SYS_MMAP           222
#define SYS_MPROTECT       226

/* Errors whose numbers differ between machines (asm-generic/errno.h here). */
#define RT0_EDEADLK   35
#define RT0_ETIMEDOUT 110

/* Kernel's view of a signal set: bytes. */
#define RT0_SIGSET_BYTES 8

static inline long rt0_syscall(long number, long a, long b, long c, long d, long e, long f)
{
	register long a7 __asm__("a7") = number;
	register long a0 __asm__("a0") = a;
	register long a1 __asm__("a1") = b;
	register long a2 __asm__("a2") = c;
	register long a3 __asm__("a3") = d;
	register long a4 __asm__("a4") = e;
	register long a5 __asm__("a5") = f;
	__asm__ volatile("ecall" : "+r"(a0) : "r"(a7), "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5) : "memory");
	return a0;
}

static inline long rt0_syscall3(long number, long a, long b, long c)
{
	register long a7 __asm__("a7") = number;
	register long a0 __asm__("a0") = a;
	register long a1 __asm__("a1") = b;
	register long a2 __asm__("a2") = c;
	__asm__ volatile("ecall" : "+r"(a0) : "r"(a7), "r"(a1), "r"(a2) : "memory");
	return a0;
}

/* Where a gate goes: 16 bytes into it stands a JAL, or AUIPC and JALR. */
static inline uintptr_t rt0_arch_gate_target(uintptr_t gate)
{
	const uint32_t *jump = (const uint32_t *)(gate + 16);
	int32_t word = (int32_t)jump[0];
	intptr_t distance;
	if ((word & 0x7f) == 0x6f)
		distance = (word >> 31) * (1 << 20) | (word & 0xff000) | (word >> 9 & 0x800) | (word >> 20 & 0x7fe);
	else
		distance = (intptr_t)(word & ~0xfff) + ((int32_t)jump[1] >> 20);
	return gate + 16 + (uintptr_t)distance;
}

/*
 * Bytes of a clone0 thread's TLS block below and from the thread pointer on
 * (variant I: the control block of a libc below, variables above; psABI, Thread
 * Local Storage).
 */
#define RT0_TLS_BELOW 0x2000
#define RT0_TLS_ABOVE 0x10000

/*
 * Make [tp - RT0_TLS_BELOW, tp + RT0_TLS_ABOVE), all zero, a thread's TLS block.
 * Nothing has to stand in it: the stack protector's canary is a global here.
 */
static inline void rt0_arch_tls_init(void *tp)
{
	(void)tp;
}

#endif
