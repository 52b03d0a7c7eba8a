/* What the portable part of rt needs to know of Linux on i386 (an i686 with endbr32, a long no-operation there). */
#ifndef RT0_ARCH_H
#define RT0_ARCH_H

#include <stdint.h>

/* System call numbers (arch/x86/entry/syscalls/syscall_32.tbl). SYS_MMAP is mmap2, whose offset counts pages. */
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
#define SYS_EXIT_GROUP      252
#define SYS_CLOCK_GETTIME   265
#define SYS_TGKILL          270
#define SYS_OPENAT          295
#define SYS_EVENTFD2        328
#define SYS_CLOCK_GETTIME64 403
#define SYS_FUTEX_TIME64    422

/* Errors whose numbers differ between machines (asm-generic/errno.h here). */
#define RT0_EDEADLK   35
#define RT0_ETIMEDOUT 110

/* Kernel's view of a signal set: bytes. */
#define RT0_SIGSET_BYTES 8

/* Through the gate of the kernel that every CPU and every process has: no vDSO is needed, nor a thread pointer. */
static inline long rt0_syscall3(long number, long a, long b, long c)
{
	long result;
	__asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory");
	return result;
}

/* entry.S: the sixth argument is in %ebp, which may be the frame pointer here. */
__attribute__((visibility("hidden"))) long rt0_syscall(long number, long a, long b, long c, long d, long e, long f);

/* start.S has the functions that the loader calls. */
#define RT0_ENTRY(name)                                                                                                \
	__attribute__((regparm(3))) void name##_in_registers(int argc, char **argv, char **envp);                      \
	__attribute__((regparm(3))) void name##_in_registers

/* Where a gate goes: its jump with a 32-bit displacement ends 25 bytes into it. */
static inline uintptr_t rt0_arch_gate_target(uintptr_t gate)
{
	return gate + 25 + *(const uintptr_t *)(gate + 21);
}

/*
 * Bytes of a clone0 thread's TLS block below and from the thread pointer on
 * (variant II: variables below, control block above; ELF TLS, 3.4.2).
 */
#define RT0_TLS_BELOW 0x10000
#define RT0_TLS_ABOVE 0x2000

/*
 * Make [tp - RT0_TLS_BELOW, tp + RT0_TLS_ABOVE), all zero, a thread's TLS block.
 *
 * The first word is the thread pointer itself, as the third is in the control
 * blocks of glibc and musl; the system call's entry (0x10), the stack protector's
 * canary (0x14) and glibc's pointer guard (0x18) are the creating thread's, so that
 * code compiled with any of them runs on both. No selector: no creator's block.
 */
static inline void rt0_arch_tls_init(void *tp)
{
	uintptr_t *block = tp;
	unsigned selector;
	block[0] = (uintptr_t)tp;
	block[2] = (uintptr_t)tp;
	__asm__("movl %%gs, %0" : "=r"(selector));
	if ((selector & 0xfffc) == 0)
		return;
	__asm__("movl %%gs:0x10, %0" : "=r"(block[4]));
	__asm__("movl %%gs:0x14, %0" : "=r"(block[5]));
	__asm__("movl %%gs:0x18, %0" : "=r"(block[6]));
}

#endif
