/*
 * long rt0_clone0(unsigned long flags, void *stack_top, int (*fn)(void *), void *arg, void *tls)
 *                 %rdi                 %rsi             %rdx               %rcx       %r8
 *
 * Returns the thread id, or -errno, in the parent. The child never returns: it
 * runs fn(arg) on the new stack with the thread pointer at tls, and exits with
 * status 111 if fn comes back. stack_top must be a multiple of 16.
 *
 * clone(2) on x86-64: %rdi flags, %rsi stack, %rdx parent tid, %r10 child tid,
 * %r8 tls. The system call destroys %rcx and %r11.
 */
	.text
	.globl	rt0_clone0
	.hidden	rt0_clone0
	.type	rt0_clone0, @function
rt0_clone0:
	.cfi_startproc
	endbr64
	subq	$16, %rsi
	movq	%rdx, 0(%rsi)
	movq	%rcx, 8(%rsi)
	xorl	%edx, %edx
	xorl	%r10d, %r10d
	movl	$56, %eax		/* clone */
	syscall
	testq	%rax, %rax
	jz	1f
	ret
1:	.cfi_undefined %rip		/* unwinders stop here */
	xorl	%ebp, %ebp
	popq	%rax
	popq	%rdi
	call	*%rax
	movl	$111, %edi
	movl	$60, %eax		/* exit: this thread only */
	syscall
	ud2
	.cfi_endproc
	.size	rt0_clone0, . - rt0_clone0

	.section .note.GNU-stack, "", @progbits
#include "cet.inc"
