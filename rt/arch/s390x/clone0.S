/*
 * long rt0_clone0(unsigned long flags, void *stack_top, int (*fn)(void *), void *arg, void *tls)
 *                 %r2                  %r3              %r4                %r5        %r6
 *
 * Returns the thread id, or -errno, in the parent. The child never returns: it
 * runs fn(arg) on the new stack with the thread pointer at tls, and exits with
 * status 111 if fn comes back. stack_top must be a multiple of 8.
 *
 * clone(2) on s390x: %r2 stack, %r3 flags, %r4 parent tid, %r5 child tid, %r6 tls.
 * The system call keeps every register but %r2, so fn and arg wait in %r1 and %r0.
 */
	.text
	.globl	rt0_clone0
	.hidden	rt0_clone0
	.type	rt0_clone0, @function
rt0_clone0:
	.cfi_startproc
	lgr	%r1, %r4
	lgr	%r0, %r5
	lgr	%r4, %r2
	lgr	%r2, %r3
	lgr	%r3, %r4
	lghi	%r4, 0
	lghi	%r5, 0
	svc	120			/* clone */
	ltgr	%r2, %r2
	je	1f
	br	%r14
1:	.cfi_undefined %r14		/* unwinders stop here */
	aghi	%r15, -160		/* the register save area of a called function (ABI supplement, 1.2.2) */
	xc	0(8, %r15), 0(%r15)
	lgr	%r2, %r0
	basr	%r14, %r1
	lghi	%r2, 111
	svc	1			/* exit: this thread only */
	.word	1
	.cfi_endproc
	.size	rt0_clone0, . - rt0_clone0

	.section .note.GNU-stack, "", @progbits
