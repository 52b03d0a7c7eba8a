/* What the portable part of rt needs to know of Linux on mips64el (n64). */
#ifndef RT0_ARCH_H
#define RT0_ARCH_H

#include <stdint.h>

/* System call numbers (arch/mips/kernel/syscalls/syscall_n64.tbl, from 5000 on). */
#define SYS_READ            5000
#define SYS_WRITE           5001
#define SYS_CLOSE           5003
#define SYS_LSEEK           5008
#define SYS_MMAP            5009
#define SYS_MPROTECT        5010
#define SYS_MUNMAP          5011
#define SYS_RT_SIGACTION    5013
#define SYS_RT_SIGPROCMASK  5014
#define SYS_GETPID          5038
#define SYS_GETCWD          5077
#define SYS_PRCTL           5153
#define SYS_GETTID          5178
#define SYS_FUTEX           5194
#define SYS_EXIT_GROUP      5205
#define SYS_CLOCK_GETTIME   5222
#define SYS_CLOCK_NANOSLEEP 5224
#define SYS_TGKILL          5225
#define SYS_OPENAT          5247
#define SYS_EVENTFD2        5284

/* Errors whose numbers differ between machines (arch/mips/include/uapi/asm/errno.h). */
#define RT0_EDEADLK   45
#define RT0_ETIMEDOUT 145

/* Kernel's view of a signal set: bytes. */
#define RT0_SIGSET_BYTES 16

/* Constants that MIPS has otherwise (arch/mips/include/uapi/asm: mman.h, fcntl.h, signal.h). */
#define MAP_PRIVATE_ANONYMOUS 0x802
#define EFD_CLOEXEC_NONBLOCK  (02000000 | 0x80)
#define SIG_BLOCK             1
#define SIG_UNBLOCK           2
#define SIG_SETMASK           3
#define O_CREAT               0x100
#define O_NOCTTY              0x800
#define O_APPEND              0x8
#define O_NONBLOCK            0x80

/* $7, the fourth argument, comes back as 1 for an error, whose number is in $2. */
static inline long rt0_syscall(long number, long a, long b, long c, long d, long e, long f)
{
	register long r2 __asm__("$2") = number;
	register long r4 __asm__("$4") = a;
	register long r5 __asm__("$5") = b;
	register long r6 __asm__("$6") = c;
	register long r7 __asm__("$7") = d;
	register long r8 __asm__("$8") = e;
	register long r9 __asm__("$9") = f;
	__asm__ volatile("syscall"
			 : "+r"(r2), "+r"(r7), "+r"(r8), "+r"(r9)
			 : "r"(r4), "r"(r5), "r"(r6)
			 : "$1", "$3", "$10", "$11", "$12", "$13", "$14", "$15", "$24", "$25", "hi", "lo", "memory");
	return r7 != 0 ? -r2 : r2;
}

static inline long rt0_syscall3(long number, long a, long b, long c)
{
	return rt0_syscall(number, a, b, c, 0, 0, 0);
}

/* Where a gate goes: LUI and DADDIU, 16 and 24 bytes into it, hold the function's distance from the gate. */
static inline uintptr_t rt0_arch_gate_target(uintptr_t gate)
{
	const int32_t *pair = (const int32_t *)(gate + 16);
	return gate + (uintptr_t)((intptr_t)(int16_t)pair[0] * 0x10000 + (int16_t)pair[2]);
}

/*
 * Bytes of a clone0 thread's TLS block below and from the thread pointer on
 * (variant I; the thread pointer is 0x7000 past the beginning of the variables,
 * and a libc's control block is below that).
 */
#define RT0_TLS_BELOW 0x9000
#define RT0_TLS_ABOVE 0x9000

/*
 * Make [tp - RT0_TLS_BELOW, tp + RT0_TLS_ABOVE), all zero, a thread's TLS block.
 * Nothing has to stand in it: the stack protector's canary is a global here.
 */
static inline void rt0_arch_tls_init(void *tp)
{
	(void)tp;
}

#endif
