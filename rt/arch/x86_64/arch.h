/* What the portable part of rt needs to know of Linux on x86-64. */
#ifndef RT0_ARCH_H
#define RT0_ARCH_H

#include <stdint.h>

/* System call numbers (arch/x86/entry/syscalls/syscall_64.tbl). */
#define SYS_READ           0
#define SYS_WRITE          1
#define SYS_CLOSE          3
#define SYS_LSEEK          8
#define SYS_MMAP           9
#define SYS_MPROTECT       10
#define SYS_MUNMAP         11
#define SYS_RT_SIGACTION   13
#define SYS_RT_SIGPROCMASK 14
#define SYS_GETPID         39
#define SYS_GETCWD         79
#define SYS_PRCTL          157
#define SYS_ARCH_PRCTL     158
#define SYS_GETTID         186
#define SYS_FUTEX          202
#define SYS_CLOCK_GETTIME  228
#define SYS_EXIT_GROUP     231
#define SYS_TGKILL         234
#define SYS_OPENAT         257
#define SYS_EVENTFD2       290

/* Errors whose numbers differ between machines (asm-generic/errno.h here). */
#define RT0_EDEADLK   35
#define RT0_ETIMEDOUT 110

/* Kernel's view of a signal set: bytes. */
#define RT0_SIGSET_BYTES 8

static inline long rt0_syscall3(long number, long a, long b, long c)
{
	long result;
	__asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
	return result;
}

static inline long rt0_syscall(long number, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;
	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}

/*
 * Where a gate goes. Its jump with a 32-bit displacement ends 18 bytes into a gate
 * that looks at the state (a compare, 80 /7, follows its endbr64), 52 bytes into
 * one that looks at the thread.
 */
static inline uintptr_t rt0_arch_gate_target(uintptr_t gate)
{
	uintptr_t next = gate + (*(const unsigned char *)(gate + 4) == 0x80 ? 18 : 52);
	return next + (uintptr_t)(intptr_t) * (const int32_t *)(next - 4);
}

/*
 * gate_attach.S looks a thread up by its pointer, which is the first word of its
 * control block (psABI 3.4.2), in a table of 8 KiB. The slot is a multiplicative
 * hash of the pointer's lower half: thread pointers differ by multiples of pages.
 */
#define RT0_THREAD_SLOTS  1024
#define RT0_THREAD_FACTOR 0x9e3779b1
#define RT0_THREAD_SHIFT  22

#ifndef __ASSEMBLER__
static inline uintptr_t rt0_arch_thread_pointer(void)
{
	uintptr_t pointer;
	__asm__("movq %%fs:0, %0" : "=r"(pointer));
	return pointer;
}

static inline uint32_t rt0_arch_thread_slot(uintptr_t pointer)
{
	return (uint32_t)pointer * RT0_THREAD_FACTOR >> RT0_THREAD_SHIFT;
}
#endif

/*
 * Bytes of a clone0 thread's TLS block below and from the thread pointer on
 * (variant II: variables below, control block above; ELF TLS, 3.4.6).
 */
#define RT0_TLS_BELOW 0x10000
#define RT0_TLS_ABOVE 0x2000

/*
 * Make [tp - RT0_TLS_BELOW, tp + RT0_TLS_ABOVE), all zero, a thread's TLS block.
 *
 * The first word is the thread pointer itself (psABI 3.4.2), as the third is in
 * the control blocks of glibc and musl; the stack protector's canary (0x28) and
 * glibc's pointer guard (0x30) are the creating thread's, so that code compiled
 * with either runs on both.
 */
static inline void rt0_arch_tls_init(void *tp)
{
	uintptr_t *block = tp;
	uintptr_t creator = 0;
	block[0] = (uintptr_t)tp;
	block[2] = (uintptr_t)tp;
	if (rt0_syscall3(SYS_ARCH_PRCTL, 0x1003 /* ARCH_GET_FS */, (long)&creator, 0) == 0 && creator != 0) {
		block[5] = ((const uintptr_t *)creator)[5];
		block[6] = ((const uintptr_t *)creator)[6];
	}
}

#endif
