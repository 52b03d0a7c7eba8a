/*
 * The ways into rt that C cannot express: from a closed gate, and out to the
 * author's code in the middle of somebody else's call.
 *
 * Unwind rules stand here twice: for the exception tables of the ABI (EHABI32), and
 * as DWARF, which debuggers read.
 */
	.syntax	unified
	.arch	armv5t
	.text

/*
 * rt0_gate_closed: slow path of a gate
 *
 * In:  ip the gate's address; everything else as at the call of the export, lr the
 *      caller's return address.
 * Out: jumps to the export, A32 or Thumb, with every register as it was but ip.
 *
 * Calls rt0_gate_wait(gate, return address), which touches general registers only
 * and returns the export's address.
 *
 * In librt0.so.0 it is the stub of an attached library that jumps here, through the
 * table, the record's address, which rt0_gate_wait gets as well, at 0(sp)
 * and the gate's behind it.
 */
#ifdef RT0_SHARED
	.set	PASSED, 8
#else
	.set	PASSED, 0
#endif
	.arm
	.balign	4
	.globl	rt0_gate_closed
	.hidden	rt0_gate_closed
	.type	rt0_gate_closed, %function
rt0_gate_closed:
	.fnstart
	.cfi_startproc
#ifdef RT0_SHARED
	.pad	#PASSED
	.cfi_def_cfa_offset PASSED
#endif
	push	{r0-r3, ip, lr}		/* sp stays a multiple of 8 */
	.save	{lr}
	.pad	#20
	.cfi_def_cfa_offset PASSED + 24
	.cfi_offset lr, -PASSED - 4
#ifdef RT0_SHARED
	ldr	r2, [sp, #24]
	ldr	ip, [sp, #28]
#endif
	mov	r0, ip
	mov	r1, lr
	bl	rt0_gate_wait
	str	r0, [sp, #16]
	pop	{r0-r3, ip, lr}
	.cfi_def_cfa_offset PASSED
	.cfi_restore lr
#ifdef RT0_SHARED
	add	sp, sp, #PASSED
	.cfi_def_cfa_offset 0
#endif
	bx	ip
	.cfi_endproc
	.fnend
	.size	rt0_gate_closed, . - rt0_gate_closed

/*
 * long rt0_call_preserving(long (*fn)(long, long, long), long a, long b, long c)
 *                          r0                            r1      r2      r3
 *
 * Calls fn(a, b, c) and gives back d0 to d7, in which the VFP variant of the
 * procedure call standard passes arguments: a gate runs the author's code here while
 * those of a pending call are still in them. The base variant passes none there, and
 * serves CPUs without the registers; which one this library was linked for is in its
 * file header (AAELF32, 5.2: EF_ARM_ABI_FLOAT_SOFT). What counts in librt0.so.0 is the
 * header of the library that it serves.
 */
#ifdef RT0_SHARED
	.hidden	rt0_arm_flags
	.comm	rt0_arm_flags, 4, 4
#endif
	.globl	rt0_call_preserving
	.hidden	rt0_call_preserving
	.type	rt0_call_preserving, %function
	.fpu	vfp
	.eabi_attribute 10, 0		/* Tag_FP_arch: not needed, all the same */
	.set	E_FLAGS, 36
	.set	EF_ARM_ABI_FLOAT_SOFT, 0x200
	.hidden	__ehdr_start
rt0_call_preserving:
	.fnstart
	.cfi_startproc
	push	{r4, lr}
	.save	{r4, lr}
	.cfi_def_cfa_offset 8
	.cfi_offset r4, -8
	.cfi_offset lr, -4
	sub	sp, sp, #64
	.pad	#64
	.cfi_def_cfa_offset 72
	ldr	r4, 3f
1:	ldr	r4, [pc, r4]
	tst	r4, #EF_ARM_ABI_FLOAT_SOFT
	vstmiaeq sp, {d0-d7}
	mov	ip, r0
	mov	r0, r1
	mov	r1, r2
	mov	r2, r3
	blx	ip
	tst	r4, #EF_ARM_ABI_FLOAT_SOFT
	vldmiaeq sp, {d0-d7}
	add	sp, sp, #64
	.cfi_def_cfa_offset 8
	pop	{r4, pc}
#ifdef RT0_SHARED
3:	.word	rt0_arm_flags - (1b + 8)
#else
3:	.word	__ehdr_start + E_FLAGS - (1b + 8)
#endif
	.cfi_endproc
	.fnend
	.size	rt0_call_preserving, . - rt0_call_preserving

/*
 * Each entry of an exception table mentions the function that reads it, to bring it
 * into the link (EHABI32, 5.3). Unwinders bring it themselves, and rt asks no
 * library to be linked: weak, hidden and called by nobody.
 */
	.irp	name, __aeabi_unwind_cpp_pr0, __aeabi_unwind_cpp_pr1
	.weak	\name
	.hidden	\name
	.set	\name, 0
	.endr

	.section .note.GNU-stack, "", %progbits
