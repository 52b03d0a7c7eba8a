/*
 * The ways into rt that C cannot express: from a closed gate, and out to the
 * author's code in the middle of somebody else's call.
 */
	.text

/*
 * rt0_gate_closed: slow path of a gate
 *
 * In:  t1 the address behind the gate, which is 32 bytes long; everything else as
 *      at the call of the export, ra the caller's return address.
 * Out: jumps to the export with every register as it was but t1, t3 to t6 and t0,
 *      which nothing is passed in (psABI, Register Convention).
 *
 * Calls rt0_gate_wait(gate, return address), which touches general registers only
 * and returns the export's address.
 *
 * In librt0.so.0 it is the stub of an attached library that jumps here, through the
 * table, t4 the record's address, which rt0_gate_wait gets as well.
 */
	.globl	rt0_gate_closed
	.hidden	rt0_gate_closed
	.type	rt0_gate_closed, @function
rt0_gate_closed:
	.cfi_startproc
	addi	sp, sp, -80
	.cfi_def_cfa_offset 80
	sd	ra, 72(sp)
	.cfi_offset ra, -8
	sd	a0, 0(sp)
	sd	a1, 8(sp)
	sd	a2, 16(sp)
	sd	a3, 24(sp)
	sd	a4, 32(sp)
	sd	a5, 40(sp)
	sd	a6, 48(sp)
	sd	a7, 56(sp)
	sd	t2, 64(sp)		/* static chain */
	addi	a0, t1, -32
	mv	a1, ra
#ifdef RT0_SHARED
	mv	a2, t4
#endif
	call	rt0_gate_wait
	mv	t1, a0
	ld	a0, 0(sp)
	ld	a1, 8(sp)
	ld	a2, 16(sp)
	ld	a3, 24(sp)
	ld	a4, 32(sp)
	ld	a5, 40(sp)
	ld	a6, 48(sp)
	ld	a7, 56(sp)
	ld	t2, 64(sp)
	ld	ra, 72(sp)
	.cfi_restore ra
	addi	sp, sp, 80
	.cfi_def_cfa_offset 0
	jr	t1
	.cfi_endproc
	.size	rt0_gate_closed, . - rt0_gate_closed

/*
 * long rt0_call_preserving(long (*fn)(long, long, long), long a, long b, long c)
 *                          a0                            a1      a2      a3
 *
 * Calls fn(a, b, c) and gives back fa0 to fa7: a gate runs the author's code here
 * while the arguments of a pending call are still in them. A function that takes
 * more in vector registers has a variant calling convention and no gate.
 */
	.globl	rt0_call_preserving
	.hidden	rt0_call_preserving
	.type	rt0_call_preserving, @function
rt0_call_preserving:
	.cfi_startproc
	addi	sp, sp, -80
	.cfi_def_cfa_offset 80
	sd	ra, 72(sp)
	.cfi_offset ra, -8
	fsd	fa0, 0(sp)
	fsd	fa1, 8(sp)
	fsd	fa2, 16(sp)
	fsd	fa3, 24(sp)
	fsd	fa4, 32(sp)
	fsd	fa5, 40(sp)
	fsd	fa6, 48(sp)
	fsd	fa7, 56(sp)
	mv	t1, a0
	mv	a0, a1
	mv	a1, a2
	mv	a2, a3
	jalr	t1
	fld	fa0, 0(sp)
	fld	fa1, 8(sp)
	fld	fa2, 16(sp)
	fld	fa3, 24(sp)
	fld	fa4, 32(sp)
	fld	fa5, 40(sp)
	fld	fa6, 48(sp)
	fld	fa7, 56(sp)
	ld	ra, 72(sp)
	.cfi_restore ra
	addi	sp, sp, 80
	.cfi_def_cfa_offset 0
	ret
	.cfi_endproc
	.size	rt0_call_preserving, . - rt0_call_preserving

	.section .note.GNU-stack, "", @progbits
