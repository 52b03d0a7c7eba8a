/*
 * long rt0_clone0(unsigned long flags, void *stack_top, int (*fn)(void *), void *arg, void *tls)
 *                 x0                   x1               x2                 x3         x4
 *
 * Returns the thread id, or -errno, in the parent. The child never returns: it
 * runs fn(arg) on the new stack with the thread pointer at tls, and exits with
 * status 111 if fn comes back. stack_top must be a multiple of 16.
 *
 * clone(2) on arm64: x0 flags, x1 stack, x2 parent tid, x3 tls, x4 child tid. The
 * system call keeps every register but x0, so fn and arg wait in x9 and x10.
 */
	.text
	.globl	rt0_clone0
	.hidden	rt0_clone0
	.type	rt0_clone0, %function
rt0_clone0:
	.cfi_startproc
	bti	c
	mov	x9, x2
	mov	x10, x3
	mov	x2, xzr
	mov	x3, x4
	mov	x4, xzr
	mov	x8, #220		/* clone */
	svc	#0
	cbz	x0, 1f
	ret
1:	.cfi_undefined x30		/* unwinders stop here */
	mov	x29, xzr
	mov	x30, xzr
	mov	x0, x10
	blr	x9
	mov	x0, #111
	mov	x8, #93			/* exit: this thread only */
	svc	#0
	brk	#0
	.cfi_endproc
	.size	rt0_clone0, . - rt0_clone0

	.section .note.GNU-stack, "", %progbits
#include "property.inc"
