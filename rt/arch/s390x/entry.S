/*
 * The ways into rt that C cannot express: from a closed gate, and out to the
 * author's code in the middle of somebody else's call.
 */
	.text

/*
 * rt0_gate_closed: slow path of a gate
 *
 * In:  %r1 the gate's address; everything else as at the call of the export, %r14
 *      the caller's return address.
 * Out: jumps to the export with every register as it was but %r1.
 *
 * Registers are kept in the save area that the caller has made for the export,
 * which may overwrite it. Calls rt0_gate_wait(gate, return address), which touches
 * general registers only and returns the export's address.
 *
 * In librt0.so.0 it is the stub of an attached library that jumps here, through the
 * table, the gate's address at 128(%r15) and at 136(%r15) the record's, which
 * rt0_gate_wait gets as well.
 */
	.globl	rt0_gate_closed
	.hidden	rt0_gate_closed
	.type	rt0_gate_closed, @function
rt0_gate_closed:
	.cfi_startproc
	stmg	%r2, %r15, 16(%r15)
	.cfi_offset %r6, 48 - 160
	.cfi_offset %r14, 112 - 160
	.cfi_offset %r15, 120 - 160
	stg	%r0, 8(%r15)		/* static chain */
	lgr	%r0, %r15
	aghi	%r15, -160
	.cfi_def_cfa_offset 320
	stg	%r0, 0(%r15)		/* back chain */
#ifdef RT0_SHARED
	lg	%r1, 160 + 128(%r15)
	lg	%r4, 160 + 136(%r15)
#endif
	lgr	%r2, %r1
	lgr	%r3, %r14
	brasl	%r14, rt0_gate_wait
	lgr	%r1, %r2
	lg	%r0, 168(%r15)
	lg	%r14, 272(%r15)
	lmg	%r2, %r6, 176(%r15)
	aghi	%r15, 160
	.cfi_def_cfa_offset 160
	.cfi_restore %r6
	.cfi_restore %r14
	.cfi_restore %r15
	br	%r1
	.cfi_endproc
	.size	rt0_gate_closed, . - rt0_gate_closed

/*
 * long rt0_call_preserving(long (*fn)(long, long, long), long a, long b, long c)
 *                          %r2                           %r3     %r4     %r5
 *
 * Calls fn(a, b, c) and gives back %f0, %f2, %f4, %f6 and, where there are vector
 * registers (facility 129), %v24 to %v31: a gate runs the author's code here while
 * the arguments of a pending call are still in them.
 */
	.globl	rt0_call_preserving
	.hidden	rt0_call_preserving
	.type	rt0_call_preserving, @function
	.machine push
	.machine z13
rt0_call_preserving:
	.cfi_startproc
	stmg	%r11, %r15, 88(%r15)
	.cfi_offset %r11, 88 - 160
	.cfi_offset %r12, 96 - 160
	.cfi_offset %r13, 104 - 160
	.cfi_offset %r14, 112 - 160
	.cfi_offset %r15, 120 - 160
	lgr	%r11, %r15
	.cfi_def_cfa_register %r11
	aghi	%r15, -160 - 32 - 128 - 24
	stg	%r11, 0(%r15)
	std	%f0, 160(%r15)
	std	%f2, 168(%r15)
	std	%f4, 176(%r15)
	std	%f6, 184(%r15)
	lghi	%r0, 2			/* facilities 0 to 191, as far as they go */
	xc	320(24, %r15), 320(%r15)
	stfle	320(%r15)
	tm	336(%r15), 0x40
	je	1f
	vstm	%v24, %v31, 192(%r15)
1:	lgr	%r1, %r2
	lgr	%r2, %r3
	lgr	%r3, %r4
	lgr	%r4, %r5
	basr	%r14, %r1
	tm	336(%r15), 0x40
	je	2f
	vlm	%v24, %v31, 192(%r15)
2:	ld	%f0, 160(%r15)
	ld	%f2, 168(%r15)
	ld	%f4, 176(%r15)
	ld	%f6, 184(%r15)
	lmg	%r11, %r15, 88(%r11)
	.cfi_def_cfa %r15, 160
	.cfi_restore %r11
	.cfi_restore %r12
	.cfi_restore %r13
	.cfi_restore %r14
	.cfi_restore %r15
	br	%r14
	.cfi_endproc
	.machine pop
	.size	rt0_call_preserving, . - rt0_call_preserving

	.section .note.GNU-stack, "", @progbits
