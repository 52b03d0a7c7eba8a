/* What the portable part of rt needs to know of Linux on powerpc64. */
#ifndef RT0_ARCH_H
#define RT0_ARCH_H

#include <stdint.h>

/* System call numbers (arch/powerpc/kernel/syscalls/syscall.tbl). */
#define SYS_READ            3
#define SYS_WRITE           4
#define SYS_CLOSE           6
#define SYS_LSEEK           19
#define SYS_GETPID          20
#define SYS_MMAP            90
#define SYS_MUNMAP          91
#define SYS_MPROTECT        125
#define SYS_PRCTL           171
#define SYS_RT_SIGACTION    173
#define SYS_RT_SIGPROCMASK  174
#define SYS_GETCWD          182
#define SYS_GETTID          207
#define SYS_FUTEX           221
#define SYS_EXIT_GROUP      234
#define SYS_CLOCK_GETTIME   246
#define SYS_CLOCK_NANOSLEEP 248
#define SYS_TGKILL          250
#define SYS_OPENAT          286
#define SYS_EVENTFD2        314

/* Errors whose numbers differ between machines (asm-generic/errno.h here). */
#define RT0_EDEADLK   35
#define RT0_ETIMEDOUT 110

/* Kernel's view of a signal set: bytes. */
#define RT0_SIGSET_BYTES 8

/* An error is told by the summary overflow bit of CR0, with errno as it is in r3. */
static inline long rt0_syscall(long number, long a, long b, long c, long d, long e, long f)
{
	register long r0 __asm__("r0") = number;
	register long r3 __asm__("r3") = a;
	register long r4 __asm__("r4") = b;
	register long r5 __asm__("r5") = c;
	register long r6 __asm__("r6") = d;
	register long r7 __asm__("r7") = e;
	register long r8 __asm__("r8") = f;
	__asm__ volatile("sc\n\tbns+ 1f\n\tneg 3, 3\n1:"
			 : "+r"(r0), "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r6), "+r"(r7), "+r"(r8)
			 :
			 : "r9", "r10", "r11", "r12", "cr0", "ctr", "xer", "memory");
	return r3;
}

static inline long rt0_syscall3(long number, long a, long b, long c)
{
	return rt0_syscall(number, a, b, c, 0, 0, 0);
}

/*
 * Where a gate goes, which is known by its descriptor: ADDIS and ADDI, 24 bytes into
 * its code, make the function's address from the TOC pointer.
 */
static inline uintptr_t rt0_arch_gate_target(uintptr_t gate)
{
	const uintptr_t *descriptor = (const uintptr_t *)gate; /* code, TOC pointer, environment */
	const int32_t *pair = (const int32_t *)(descriptor[0] + 24);
	return descriptor[1] + (uintptr_t)((intptr_t)(int16_t)pair[0] * 0x10000 + (int16_t)pair[1]);
}

/*
 * Bytes of a clone0 thread's TLS block below and from the thread pointer on
 * (variant I; the thread pointer is 0x7000 past the beginning of the variables,
 * and a libc's control block is below that; ELF ABI supplement, TLS appendix).
 */
#define RT0_TLS_BELOW 0x9000
#define RT0_TLS_ABOVE 0x9000

/*
 * Make [tp - RT0_TLS_BELOW, tp + RT0_TLS_ABOVE), all zero, a thread's TLS block.
 *
 * The stack protector's canary (-0x7010) is the creating thread's, so that code
 * compiled with it runs on both, and so are the processor's features, as glibc keeps
 * them for __builtin_cpu_supports and __builtin_cpu_is (-0x7068 to -0x7058) and as
 * rt0_call_preserving reads them.
 */
static inline void rt0_arch_tls_init(void *tp)
{
	static const short copied[] = {-0x7068, -0x7060, -0x7010};
	uintptr_t creator;
	__asm__("mr %0, 13" : "=r"(creator));
	for (unsigned i = 0; creator != 0 && i < sizeof(copied) / sizeof(copied[0]); i++)
		*(uintptr_t *)((uintptr_t)tp + (uintptr_t)copied[i]) =
			*(const uintptr_t *)(creator + (uintptr_t)copied[i]);
}

#endif
