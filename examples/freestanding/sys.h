/* Linux without a libc: system calls, and where a program begins. */
#ifndef SYS_H
#define SYS_H

#include <asm/unistd.h>

#define SYS_AT_FDCWD  (-100)
#define SYS_EINTR     4
#define SYS_O_CLOEXEC 02000000

#if defined(__x86_64__)
static inline long sys6(long number, long a, long b, long c, long d, long e, long f)
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
#define SYS_START(function)                                                                                            \
	__asm__(".text\n.globl _start\n.type _start, @function\n"                                                      \
		"_start: xor %ebp, %ebp\n\tand $-16, %rsp\n\tcall " #function "\n\tud2\n.size _start, . - _start\n")
#elif defined(__aarch64__)
static inline long sys6(long number, long a, long b, long c, long d, long e, long f)
{
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
	return x0;
}
#define SYS_START(function)                                                                                            \
	__asm__(".text\n.globl _start\n.type _start, %function\n"                                                      \
		"_start: mov x29, xzr\n\tmov x30, xzr\n\tbl " #function "\n\tbrk 0\n.size _start, . - _start\n")
#else
#error "sys.h knows x86-64 and aarch64"
#endif

static inline long sys3(long number, long a, long b, long c)
{
	return sys6(number, a, b, c, 0, 0, 0);
}

#endif
