/*
 * The ways into rt that C cannot express: from a closed gate, and out to the
 * author's code in the middle of somebody else's call.
 */
	.text

/*
 * rt0_gate_closed: slow path of a gate
 *
 * In:  x16 the gate's address; everything else as at the call of the export,
 *      x30 the caller's return address.
 * Out: jumps to the export with every register as it was but x9 to x17 and the
 *      flags, which no call keeps and nothing is passed in (AAPCS64, 6.1.1).
 *
 * Calls rt0_gate_wait(gate, return address), which touches general registers
 * only, leaves x18 alone and returns the export's address. BR x16 may land on the
 * export's `bti c` or `paciasp`.
 *
 * In librt0.so.0 it is the stub of an attached library that jumps here, through the
 * table, x9 the record's address, which rt0_gate_wait gets as well.
 */
	.globl	rt0_gate_closed
	.hidden	rt0_gate_closed
	.type	rt0_gate_closed, %function
rt0_gate_closed:
	.cfi_startproc
	paciasp
	.cfi_negate_ra_state
	stp	x29, x30, [sp, #-96]!
	.cfi_def_cfa_offset 96
	.cfi_offset x29, -96
	.cfi_offset x30, -88
	mov	x29, sp
	stp	x0, x1, [sp, #16]
	stp	x2, x3, [sp, #32]
	stp	x4, x5, [sp, #48]
	stp	x6, x7, [sp, #64]
	str	x8, [sp, #80]		/* where the result goes */
	mov	x0, x16
	xpaclri				/* x30 without its signature */
	mov	x1, x30
#ifdef RT0_SHARED
	mov	x2, x9
#endif
	bl	rt0_gate_wait
	mov	x16, x0
	ldp	x0, x1, [sp, #16]
	ldp	x2, x3, [sp, #32]
	ldp	x4, x5, [sp, #48]
	ldp	x6, x7, [sp, #64]
	ldr	x8, [sp, #80]
	ldp	x29, x30, [sp], #96
	.cfi_restore x29
	.cfi_restore x30
	.cfi_def_cfa_offset 0
	autiasp
	.cfi_negate_ra_state
	br	x16
	.cfi_endproc
	.size	rt0_gate_closed, . - rt0_gate_closed

/*
 * long rt0_call_preserving(long (*fn)(long, long, long), long a, long b, long c)
 *                          x0                            x1      x2      x3
 *
 * Calls fn(a, b, c) and gives back v0 to v7: a gate runs the author's code here
 * while the arguments of a pending call are still in them. What else a function
 * may find in vector registers its own callees keep, or it has the variant
 * procedure call standard and no gate.
 */
	.globl	rt0_call_preserving
	.hidden	rt0_call_preserving
	.type	rt0_call_preserving, %function
	.arch	armv8-a+fp
rt0_call_preserving:
	.cfi_startproc
	paciasp
	.cfi_negate_ra_state
	stp	x29, x30, [sp, #-144]!
	.cfi_def_cfa_offset 144
	.cfi_offset x29, -144
	.cfi_offset x30, -136
	mov	x29, sp
	stp	q0, q1, [sp, #16]
	stp	q2, q3, [sp, #48]
	stp	q4, q5, [sp, #80]
	stp	q6, q7, [sp, #112]
	mov	x9, x0
	mov	x0, x1
	mov	x1, x2
	mov	x2, x3
	blr	x9
	ldp	q0, q1, [sp, #16]
	ldp	q2, q3, [sp, #48]
	ldp	q4, q5, [sp, #80]
	ldp	q6, q7, [sp, #112]
	ldp	x29, x30, [sp], #144
	.cfi_restore x29
	.cfi_restore x30
	.cfi_def_cfa_offset 0
	autiasp
	.cfi_negate_ra_state
	ret
	.cfi_endproc
	.size	rt0_call_preserving, . - rt0_call_preserving

	.section .note.GNU-stack, "", %progbits
#include "property.inc"
