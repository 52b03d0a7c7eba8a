/*
 * long rt0_clone0(unsigned long flags, void *stack_top, int (*fn)(void *), void *arg, void *tls)
 *                 a0                   a1               a2                 a3         a4
 *
 * Returns the thread id, or -errno, in the parent. The child never returns: it
 * runs fn(arg) on the new stack with the thread pointer at tls, and exits with
 * status 111 if fn comes back. stack_top must be a multiple of 16.
 *
 * clone(2) on riscv64: a0 flags, a1 stack, a2 parent tid, a3 tls, a4 child tid. The
 * system call keeps every register but a0, so fn and arg wait in t1 and t3.
 */
	.text
	.globl	rt0_clone0
	.hidden	rt0_clone0
	.type	rt0_clone0, @function
rt0_clone0:
	.cfi_startproc
	mv	t1, a2
	mv	t3, a3
	li	a2, 0
	mv	a3, a4
	li	a4, 0
	li	a7, 220			/* clone */
	ecall
	beqz	a0, 1f
	ret
1:	.cfi_undefined ra		/* unwinders stop here */
	li	s0, 0
	li	ra, 0
	mv	a0, t3
	jalr	t1
	li	a0, 111
	li	a7, 93			/* exit: this thread only */
	ecall
	unimp
	.cfi_endproc
	.size	rt0_clone0, . - rt0_clone0

	.section .note.GNU-stack, "", @progbits
