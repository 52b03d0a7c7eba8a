/*
 * The ways into rt that C cannot express: from a closed gate, and out to the
 * author's code in the middle of somebody else's call.
 */
	.text

/*
 * rt0_gate_closed: slow path of a gate
 *
 * In:  %r11 the gate's address; everything else as at the call of the export,
 *      0(%rsp) the caller's return address.
 * Out: jumps to the export with every register as it was but %r11 and the flags.
 *
 * Calls rt0_gate_wait(gate, return address), which touches general registers
 * only and returns the export's address. That is a function entry, so it has its
 * endbr64 where the library claims IBT. No return address is rewritten, so shadow
 * stacks stay in step.
 *
 * In librt0.so.0 it is the stub of an attached library that jumps here, through the
 * table, 0(%rsp) the record's address, which rt0_gate_wait gets as well,
 * 8(%rsp) the gate's, 16(%rsp) the caller's return address.
 */
#ifdef RT0_SHARED
	.set	PASSED, 16
#else
	.set	PASSED, 0
#endif
	.globl	rt0_gate_closed
	.hidden	rt0_gate_closed
	.type	rt0_gate_closed, @function
rt0_gate_closed:
	.cfi_startproc
#ifdef RT0_SHARED
	.cfi_def_cfa_offset PASSED + 8
	endbr64
#endif
	pushq	%rbp
	.cfi_def_cfa_offset PASSED + 16
	.cfi_offset %rbp, -PASSED - 16
	movq	%rsp, %rbp
	.cfi_def_cfa_register %rbp
	pushq	%rdi
	pushq	%rsi
	pushq	%rdx
	pushq	%rcx
	pushq	%r8
	pushq	%r9
	pushq	%rax
	pushq	%r10			/* %rsp is a multiple of 16 again */
#ifdef RT0_SHARED
	movq	8(%rbp), %rdx
	movq	16(%rbp), %r11
#endif
	movq	%r11, %rdi
	movq	PASSED + 8(%rbp), %rsi
	call	rt0_gate_wait
	movq	%rax, %r11
	popq	%r10
	popq	%rax
	popq	%r9
	popq	%r8
	popq	%rcx
	popq	%rdx
	popq	%rsi
	popq	%rdi
	popq	%rbp
	.cfi_def_cfa %rsp, PASSED + 8
#ifdef RT0_SHARED
	leaq	PASSED(%rsp), %rsp
	.cfi_def_cfa_offset 8
#endif
	jmp	*%r11
	.cfi_endproc
	.size	rt0_gate_closed, . - rt0_gate_closed

/*
 * long rt0_call_preserving(long (*fn)(long, long, long), long a, long b, long c)
 *                          %rdi                          %rsi    %rdx    %rcx
 *
 * Calls fn(a, b, c) and gives back the x87, SSE, AVX and AVX-512 state as it was:
 * a gate runs the author's code here while the arguments of a pending call are
 * still in vector registers. Uses xsave where the system has enabled it, else
 * fxsave (Intel SDM vol. 1, 13). Stack: the save area, 512 to some 2,700 bytes
 * (more where CPUID counts AMX tiles), aligned to 64.
 */
	.globl	rt0_call_preserving
	.hidden	rt0_call_preserving
	.type	rt0_call_preserving, @function
	.set	XSAVE_MASK, 0xe7	/* x87, SSE, AVX, AVX-512; not PKRU, not AMX */
rt0_call_preserving:
	.cfi_startproc
	endbr64
	pushq	%rbp
	.cfi_def_cfa_offset 16
	.cfi_offset %rbp, -16
	movq	%rsp, %rbp
	.cfi_def_cfa_register %rbp
	pushq	%rbx
	.cfi_offset %rbx, -24
	pushq	%r12
	.cfi_offset %r12, -32
	pushq	%r13
	.cfi_offset %r13, -40
	pushq	%r14
	.cfi_offset %r14, -48
	movq	%rdi, %r12
	movq	%rsi, %r13
	movq	%rdx, %r14
	movq	%rcx, %r8
	movl	$1, %eax
	xorl	%ecx, %ecx
	cpuid
	btl	$27, %ecx		/* OSXSAVE */
	jnc	1f
	movl	$0xd, %eax
	xorl	%ecx, %ecx
	cpuid				/* %ebx: bytes for what XCR0 enables */
	subq	%rbx, %rsp
	andq	$-64, %rsp
	xorl	%eax, %eax		/* the header's reserved bytes must be zero */
	movq	%rax, 512(%rsp)
	movq	%rax, 520(%rsp)
	movq	%rax, 528(%rsp)
	movq	%rax, 536(%rsp)
	movq	%rax, 544(%rsp)
	movq	%rax, 552(%rsp)
	movq	%rax, 560(%rsp)
	movq	%rax, 568(%rsp)
	movl	$XSAVE_MASK, %eax
	xorl	%edx, %edx
	xsave	(%rsp)
	movq	%r13, %rdi
	movq	%r14, %rsi
	movq	%r8, %rdx
	call	*%r12
	movq	%rax, %rcx
	movl	$XSAVE_MASK, %eax
	xorl	%edx, %edx
	xrstor	(%rsp)
	movq	%rcx, %rax
	jmp	2f
1:	subq	$512, %rsp
	andq	$-64, %rsp
	fxsave	(%rsp)
	movq	%r13, %rdi
	movq	%r14, %rsi
	movq	%r8, %rdx
	call	*%r12
	fxrstor	(%rsp)
2:	leaq	-32(%rbp), %rsp
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	.cfi_def_cfa %rsp, 8
	ret
	.cfi_endproc
	.size	rt0_call_preserving, . - rt0_call_preserving

	.section .note.GNU-stack, "", @progbits
#include "cet.inc"
