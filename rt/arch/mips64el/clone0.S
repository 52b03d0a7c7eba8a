/*
 * long rt0_clone0(unsigned long flags, void *stack_top, int (*fn)(void *), void *arg, void *tls)
 *                 $4                   $5               $6                 $7         $8
 *
 * Returns the thread id, or -errno, in the parent. The child never returns: it
 * runs fn(arg) on the new stack with the thread pointer at tls, and exits with
 * status 111 if fn comes back. stack_top must be a multiple of 16.
 *
 * clone(2) on MIPS: $4 flags, $5 stack, $6 parent tid, $7 tls, $8 child tid; $7 comes
 * back as 1 for an error, whose number is in $2. The system call destroys what a
 * function may, so fn and arg wait on the new stack.
 */
	.text
	.set	noreorder
	.globl	rt0_clone0
	.hidden	rt0_clone0
	.type	rt0_clone0, @function
rt0_clone0:
	.cfi_startproc
	daddiu	$5, $5, -16
	sd	$6, 0($5)
	sd	$7, 8($5)
	move	$6, $0
	move	$7, $8
	move	$8, $0
	li	$2, 5055		/* clone */
	syscall
	bnez	$7, 1f
	nop
	beqz	$2, 2f
	nop
	jr	$31
	nop
1:	jr	$31
	dsubu	$2, $0, $2
2:	.cfi_undefined 31		/* unwinders stop here */
	ld	$25, 0($sp)
	ld	$4, 8($sp)
	jalr	$25
	nop
	li	$4, 111
	li	$2, 5058		/* exit: this thread only */
	syscall
	break
	.cfi_endproc
	.size	rt0_clone0, . - rt0_clone0

	.section .note.GNU-stack, "", @progbits
