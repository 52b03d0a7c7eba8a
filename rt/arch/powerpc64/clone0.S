/*
 * long rt0_clone0(unsigned long flags, void *stack_top, int (*fn)(void *), void *arg, void *tls)
 *                 r3                   r4               r5                 r6         r7
 *
 * Returns the thread id, or -errno, in the parent. The child never returns: it
 * runs fn(arg) on the new stack with the thread pointer at tls, and exits with
 * status 111 if fn comes back. stack_top must be a multiple of 16.
 *
 * clone(2) on ppc64: r3 flags, r4 stack, r5 parent tid, r6 tls, r7 child tid. The
 * system call destroys r4 to r12, so fn and arg wait on the new stack.
 */
	.globl	rt0_clone0
	.hidden	rt0_clone0
	.type	rt0_clone0, @function
	.section .opd, "aw", @progbits
	.balign	8
rt0_clone0:
	.quad	.L.rt0_clone0, .TOC.@tocbase, 0
	.text
.L.rt0_clone0:
	.cfi_startproc
	addi	4, 4, -128
	std	5, 112(4)
	std	6, 120(4)
	li	0, 0
	std	0, 0(4)			/* back chain */
	li	5, 0
	mr	6, 7
	li	7, 0
	li	0, 120			/* clone */
	sc
	bns	1f
	neg	3, 3
	blr
1:	cmpdi	3, 0
	bnelr
	.cfi_undefined 65		/* LR: unwinders stop here */
	ld	5, 112(1)
	ld	3, 120(1)
	ld	0, 0(5)
	ld	2, 8(5)
	ld	11, 16(5)
	mtctr	0
	bctrl
	li	3, 111
	li	0, 1			/* exit: this thread only */
	sc
	trap
	.cfi_endproc
	.size	rt0_clone0, . - .L.rt0_clone0

	.section .note.GNU-stack, "", @progbits
