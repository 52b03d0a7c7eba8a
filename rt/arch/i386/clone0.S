/*
 * long rt0_clone0(unsigned long flags, void *stack_top, int (*fn)(void *), void *arg, void *tls)
 *                 4(%esp)              8(%esp)          12(%esp)           16(%esp)   20(%esp)
 *
 * Returns the thread id, or -errno, in the parent. The child never returns: it
 * runs fn(arg) on the new stack with the thread pointer at tls, and exits with
 * status 111 if fn comes back. stack_top must be a multiple of 16.
 *
 * clone(2) on i386: %ebx flags, %ecx stack, %edx parent tid, %esi tls, %edi child
 * tid. tls is a struct user_desc (set_thread_area(2)), which must name an entry of
 * the segment table, of which each thread has its own: the one that %gs selects here
 * and so in the child, or, in a process that has no thread pointer, one that the
 * kernel says is free. That takes it for this thread, so it is given back.
 */
	.set	EXIT, 1
	.set	CLONE, 120
	.set	SET_THREAD_AREA, 243
	/* user_desc: entry, base, limit, bits */
	.macro	area	base, limit, bits
	movl	\base, 4(%esi)
	movl	\limit, 8(%esi)
	movl	\bits, 12(%esi)
	.endm
	.text
	.globl	rt0_clone0
	.hidden	rt0_clone0
	.type	rt0_clone0, @function
rt0_clone0:
	.cfi_startproc
	endbr32
	pushl	%ebx
	.cfi_def_cfa_offset 8
	.cfi_offset %ebx, -8
	pushl	%esi
	.cfi_def_cfa_offset 12
	.cfi_offset %esi, -12
	pushl	%edi
	.cfi_def_cfa_offset 16
	.cfi_offset %edi, -16
	movl	20(%esp), %ecx
	subl	$32, %ecx		/* the child's stack: arg, fn, user_desc */
	movl	28(%esp), %eax
	movl	%eax, 0(%ecx)
	movl	24(%esp), %eax
	movl	%eax, 4(%ecx)
	leal	8(%ecx), %esi
	movl	32(%esp), %edx
	movl	%gs, %eax
	testl	$4, %eax		/* of the other table, the process's own */
	jnz	1f
	shrl	$3, %eax
	movl	%eax, 0(%esi)
	jnz	2f
1:	movl	$-1, 0(%esi)
	area	%edx, $0xfffff, $0x51
	movl	%esi, %ebx
	movl	$SET_THREAD_AREA, %eax
	int	$0x80
	testl	%eax, %eax
	jnz	3f
	area	$0, $0, $0x28		/* read-only, not present: takes the entry away */
	movl	$SET_THREAD_AREA, %eax
	int	$0x80
2:	area	%edx, $0xfffff, $0x51	/* 32 bits, limit in pages, usable */
	movl	16(%esp), %ebx
	xorl	%edx, %edx
	xorl	%edi, %edi
	movl	$CLONE, %eax
	int	$0x80
	testl	%eax, %eax
	jz	4f
3:	.cfi_remember_state
	popl	%edi
	.cfi_def_cfa_offset 12
	.cfi_restore %edi
	popl	%esi
	.cfi_def_cfa_offset 8
	.cfi_restore %esi
	popl	%ebx
	.cfi_def_cfa_offset 4
	.cfi_restore %ebx
	ret
4:	.cfi_restore_state
	.cfi_undefined %eip		/* unwinders stop here */
	movl	8(%esp), %eax
	leal	3(, %eax, 8), %eax	/* a selector: entry, privilege level 3 */
	movl	%eax, %gs
	xorl	%ebp, %ebp
	call	*4(%esp)
	movl	$111, %ebx
	movl	$EXIT, %eax		/* this thread only */
	int	$0x80
	ud2
	.cfi_endproc
	.size	rt0_clone0, . - rt0_clone0

	.section .note.GNU-stack, "", @progbits
#include "cet.inc"
