/*
 * long rt0_clone0(unsigned long flags, void *stack_top, int (*fn)(void *), void *arg, void *tls)
 *                 r0                   r1               r2                 r3         [sp]
 *
 * Returns the thread id, or -errno, in the parent. The child never returns: it
 * runs fn(arg) on the new stack with the thread pointer at tls, and exits with
 * status 111 if fn comes back. stack_top must be a multiple of 8.
 *
 * clone(2) on arm: r0 flags, r1 stack, r2 parent tid, r3 tls, r4 child tid. The
 * system call keeps every register but r0.
 */
	.syntax	unified
	.arch	armv5t
	.set	EXIT, 1
	.set	CLONE, 120
	.text
	.arm
	.globl	rt0_clone0
	.hidden	rt0_clone0
	.type	rt0_clone0, %function
rt0_clone0:
	.fnstart
	.cantunwind			/* unwinders stop here */
	.cfi_startproc
	push	{r4, r5, r6, r7}
	.cfi_def_cfa_offset 16
	.cfi_offset r4, -16
	.cfi_offset r5, -12
	.cfi_offset r6, -8
	.cfi_offset r7, -4
	mov	r5, r2
	mov	r6, r3
	mov	r2, #0
	ldr	r3, [sp, #16]
	mov	r4, #0
	mov	r7, #CLONE
	svc	#0
	cmp	r0, #0
	beq	1f
	.cfi_remember_state
	pop	{r4, r5, r6, r7}
	.cfi_def_cfa_offset 0
	.cfi_restore r4
	.cfi_restore r5
	.cfi_restore r6
	.cfi_restore r7
	bx	lr
1:	.cfi_restore_state
	.cfi_undefined lr
	mov	r0, r6
	blx	r5
	mov	r0, #111
	mov	r7, #EXIT		/* this thread only */
	svc	#0
	udf	#0
	.cfi_endproc
	.fnend
	.size	rt0_clone0, . - rt0_clone0

	.section .note.GNU-stack, "", %progbits
