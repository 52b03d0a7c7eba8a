/*
 * The ways into rt that C cannot express: from a closed gate, and out to the
 * author's code in the middle of somebody else's call.
 */
	.text

/*
 * rt0_gate_closed: slow path of a gate
 *
 * In:  r12 the gate's address; everything else as at the call of the export, LR
 *      the caller's return address.
 * Out: jumps to the export's global entry with every register as it was but r0,
 *      r11, r12 and CTR, which nothing is passed in.
 *
 * Entered by a jump, so r2 is still the caller's; the TOC of this library is found
 * from here. Calls rt0_gate_wait(gate, return address), which touches general
 * registers only and returns the export's address.
 *
 * In librt0.so.0 it is the stub of an attached library that jumps here, through the
 * table, r11 the record's address, which rt0_gate_wait gets as well.
 */
	.globl	rt0_gate_closed
	.hidden	rt0_gate_closed
	.type	rt0_gate_closed, @function
rt0_gate_closed:
	.cfi_startproc
	mflr	0
	std	0, 16(1)
	stdu	1, -112(1)
	.cfi_def_cfa_offset 112
	.cfi_offset 65, 16
	std	2, 96(1)
	std	3, 32(1)
	std	4, 40(1)
	std	5, 48(1)
	std	6, 56(1)
	std	7, 64(1)
	std	8, 72(1)
	std	9, 80(1)
	std	10, 88(1)
	mr	3, 12
	mr	4, 0
#ifdef RT0_SHARED
	mr	5, 11
#endif
	bcl	20, 31, 1f
1:	mflr	11
	addis	2, 11, (.TOC. - 1b)@ha
	addi	2, 2, (.TOC. - 1b)@l
	bl	rt0_gate_wait
	nop
	mr	12, 3
	mtctr	12
	ld	2, 96(1)
	ld	3, 32(1)
	ld	4, 40(1)
	ld	5, 48(1)
	ld	6, 56(1)
	ld	7, 64(1)
	ld	8, 72(1)
	ld	9, 80(1)
	ld	10, 88(1)
	addi	1, 1, 112
	.cfi_def_cfa_offset 0
	ld	0, 16(1)
	mtlr	0
	.cfi_restore 65
	bctr
	.cfi_endproc
	.size	rt0_gate_closed, . - rt0_gate_closed

/*
 * long rt0_call_preserving(long (*fn)(long, long, long), long a, long b, long c)
 *                          r3                            r4      r5      r6
 *
 * Calls fn(a, b, c) and gives back f1 to f13 and v2 to v13: a gate runs the
 * author's code here while the arguments of a pending call are still in them.
 */
	.globl	rt0_call_preserving
	.hidden	rt0_call_preserving
	.type	rt0_call_preserving, @function
	.set	VECTORS, 144
	.set	FRAME, VECTORS + 12 * 16
	.macro	vectors	instruction
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
	li	0, VECTORS + 16 * \n
	\instruction	\n + 2, 1, 0
	.endr
	.endm
	.macro	floats	instruction
	.irp	n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13
	\instruction	\n, 32 + 8 * \n - 8(1)
	.endr
	.endm
rt0_call_preserving:
	.cfi_startproc
	mflr	0
	std	0, 16(1)
	stdu	1, -FRAME(1)
	.cfi_def_cfa_offset FRAME
	.cfi_offset 65, 16
	std	2, 24(1)
	floats	stfd
	vectors	stvx
	mr	12, 3
	mtctr	12
	mr	3, 4
	mr	4, 5
	mr	5, 6
	bctrl
	ld	2, 24(1)
	floats	lfd
	vectors	lvx
	addi	1, 1, FRAME
	.cfi_def_cfa_offset 0
	ld	0, 16(1)
	mtlr	0
	.cfi_restore 65
	blr
	.cfi_endproc
	.size	rt0_call_preserving, . - rt0_call_preserving

	.section .note.GNU-stack, "", @progbits
