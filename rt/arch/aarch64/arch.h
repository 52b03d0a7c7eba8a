/* What the portable part of rt needs to know of Linux on aarch64. */
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

/* The gate names the state word by its 4 KiB page alone, whatever the kernel's page size. */
#define RT0_STATE_ALIGN 4096

static inline long rt0_syscall(long number, long a, long b, long c, long d, long e, long f)
{
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;
	__asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
	return x0;
}

static inline long rt0_syscall3(long number, long a, long b, long c)
{
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	__asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
	return x0;
}

/* Where a gate goes: its B is 16 bytes into the gate, with a 26-bit distance in words. */
static inline uintptr_t rt0_arch_gate_target(uintptr_t gate)
{
	uint32_t b = *(const uint32_t *)(gate + 16);
	return gate + 16 + (uintptr_t)((intptr_t)(int32_t)(b << 6) >> 4);
}

/*
 * Bytes of a clone0 thread's TLS block below and from the thread pointer on
 * (variant I: the control block of a libc below, variables above; ELF TLS, 3.4).
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
