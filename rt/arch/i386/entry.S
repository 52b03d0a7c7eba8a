/*
 * The ways into rt that C cannot express: from a closed gate, out to the author's
 * code in the middle of somebody else's call, and to the kernel with all registers.
 */
	.text

/*
 * rt0_gate_closed: slow path of a gate
 *
 * In:  called by the gate, 30 bytes into it; everything else as at the call of the
 *      export, 4(%esp) the caller's return address.
 * Out: returns to the gate, which jumps to the export, with every register as it
 *      was and the zero flag set.
 *
 * Calls rt0_gate_wait(gate, return address), which touches general registers only.
 * Its result, where the gate goes, is known to the gate.
 *
 * In librt0.so.0 it is the stub of an attached library, called by the gate, that jumps
 * here, through the table: 0(%esp) the record's address, which rt0_gate_wait gets as
 * well, 4(%esp) what %eax was, 8(%esp) the return address in the gate, 12(%esp) the
 * caller's.
 */
	.globl	rt0_gate_closed
	.hidden	rt0_gate_closed
	.type	rt0_gate_closed, @function
rt0_gate_closed:
	.cfi_startproc
#ifdef RT0_SHARED
	.cfi_def_cfa_offset 12
	endbr32
	pushl	%ecx
	.cfi_def_cfa_offset 16
	pushl	%edx
	.cfi_def_cfa_offset 20
	subl	$12, %esp
	.cfi_def_cfa_offset 32
	pushl	20(%esp)
	.cfi_def_cfa_offset 36
	pushl	36(%esp)
	.cfi_def_cfa_offset 40
	movl	36(%esp), %eax
	subl	$30, %eax
	pushl	%eax
	.cfi_def_cfa_offset 44
	call	rt0_gate_wait
	addl	$24, %esp
	.cfi_def_cfa_offset 20
	popl	%edx
	.cfi_def_cfa_offset 16
	popl	%ecx
	.cfi_def_cfa_offset 12
	popl	%eax
	.cfi_def_cfa_offset 8
#else
	pushl	%eax
	.cfi_def_cfa_offset 8
	pushl	%ecx
	.cfi_def_cfa_offset 12
	pushl	%edx
	.cfi_def_cfa_offset 16
	subl	$4, %esp		/* the call finds %esp a multiple of 16, as the gate's caller did */
	.cfi_def_cfa_offset 20
	pushl	20(%esp)
	.cfi_def_cfa_offset 24
	movl	20(%esp), %eax
	subl	$30, %eax
	pushl	%eax
	.cfi_def_cfa_offset 28
	call	rt0_gate_wait
	addl	$12, %esp
	.cfi_def_cfa_offset 16
	popl	%edx
	.cfi_def_cfa_offset 12
	popl	%ecx
	.cfi_def_cfa_offset 8
#endif
	popl	%eax
	.cfi_def_cfa_offset 4
	cmpl	%esp, %esp
	ret
	.cfi_endproc
	.size	rt0_gate_closed, . - rt0_gate_closed

/*
 * long rt0_call_preserving(long (*fn)(long, long, long), long a, long b, long c)
 *                          4(%esp)                       8(%esp) 12(%esp) 16(%esp)
 *
 * Calls fn(a, b, c) and gives back the x87, MMX, SSE, AVX and AVX-512 state as it
 * was: a gate runs the author's code here while the arguments of a pending call are
 * still in vector registers. Uses xsave where the system has enabled it, else
 * fxsave, else fnsave (Intel SDM vol. 1, 8.1.10, 10.5 and 13). Stack: the save area,
 * 108 to some 2,700 bytes, aligned to 64, whatever the alignment of the caller.
 */
	.globl	rt0_call_preserving
	.hidden	rt0_call_preserving
	.type	rt0_call_preserving, @function
	.set	XSAVE_MASK, 0xe7	/* x87, SSE, AVX, AVX-512; not PKRU, not AMX */
	.macro	call_fn
	pushl	%eax			/* 16 bytes, a multiple of 16 below the area */
	pushl	20(%ebp)
	pushl	16(%ebp)
	pushl	12(%ebp)
	call	*8(%ebp)
	addl	$16, %esp
	movl	%eax, %esi
	.endm
rt0_call_preserving:
	.cfi_startproc
	endbr32
	pushl	%ebp
	.cfi_def_cfa_offset 8
	.cfi_offset %ebp, -8
	movl	%esp, %ebp
	.cfi_def_cfa_register %ebp
	pushl	%ebx
	.cfi_offset %ebx, -12
	pushl	%esi
	.cfi_offset %esi, -16
	movl	$1, %eax
	xorl	%ecx, %ecx
	cpuid
	btl	$27, %ecx		/* OSXSAVE */
	jnc	1f
	movl	$0xd, %eax
	xorl	%ecx, %ecx
	cpuid				/* %ebx: bytes for what XCR0 enables */
	subl	%ebx, %esp
	andl	$-64, %esp
	xorl	%eax, %eax		/* the header's reserved bytes must be zero */
	.irp	n, 512, 516, 520, 524, 528, 532, 536, 540, 544, 548, 552, 556, 560, 564, 568, 572
	movl	%eax, \n(%esp)
	.endr
	movl	$XSAVE_MASK, %eax
	xorl	%edx, %edx
	xsave	(%esp)
	call_fn
	movl	$XSAVE_MASK, %eax
	xorl	%edx, %edx
	xrstor	(%esp)
	jmp	3f
1:	subl	$512, %esp
	andl	$-64, %esp
	btl	$24, %edx		/* FXSR */
	jnc	2f
	fxsave	(%esp)
	call_fn
	fxrstor	(%esp)
	jmp	3f
2:	fnsave	(%esp)			/* resets the x87 */
	frstor	(%esp)
	call_fn
	frstor	(%esp)
3:	movl	%esi, %eax
	leal	-8(%ebp), %esp
	popl	%esi
	popl	%ebx
	popl	%ebp
	.cfi_restore %esi
	.cfi_restore %ebx
	.cfi_restore %ebp
	.cfi_def_cfa %esp, 4
	ret
	.cfi_endproc
	.size	rt0_call_preserving, . - rt0_call_preserving

/*
 * long rt0_syscall(long number, long a, long b, long c, long d, long e, long f)
 *                  4(%esp)      8(%esp) ...                            28(%esp)
 *
 * Returns the kernel's result. In: %eax number, then %ebx, %ecx, %edx, %esi, %edi
 * and %ebp. The kernel keeps all but %eax.
 */
	.globl	rt0_syscall
	.hidden	rt0_syscall
	.type	rt0_syscall, @function
rt0_syscall:
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
	pushl	%ebp
	.cfi_def_cfa_offset 20
	.cfi_offset %ebp, -20
	movl	20(%esp), %eax
	movl	24(%esp), %ebx
	movl	28(%esp), %ecx
	movl	32(%esp), %edx
	movl	36(%esp), %esi
	movl	40(%esp), %edi
	movl	44(%esp), %ebp
	int	$0x80
	popl	%ebp
	.cfi_def_cfa_offset 16
	.cfi_restore %ebp
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
	.cfi_endproc
	.size	rt0_syscall, . - rt0_syscall

	.section .note.GNU-stack, "", @progbits
#include "cet.inc"
