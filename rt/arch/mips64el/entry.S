/*
 * The ways into rt that C cannot express: from a closed gate, and out to the
 * author's code in the middle of somebody else's call.
 */
	.text
	.set	noreorder

/*
 * rt0_gate_closed: slow path of a gate
 *
 * In:  $25 the gate's address, $24 the address of this function; everything else
 *      as at the call of the export, $31 the caller's return address.
 * Out: jumps to the export with its address in $25 and every register as it was
 *      but $1, $2, $3, $12 to $14 and $24, which nothing is passed in.
 *
 * $gp is the caller's here, and no function may change it for its caller. Calls
 * rt0_gate_wait(gate, return address), which touches general registers only and
 * returns the export's address.
 *
 * In librt0.so.0 it is the stub of an attached library that jumps here, through the
 * table, $14 the record's address, which rt0_gate_wait gets as well.
 */
	.globl	rt0_gate_closed
	.hidden	rt0_gate_closed
	.type	rt0_gate_closed, @function
rt0_gate_closed:
	.cfi_startproc
	daddiu	$sp, $sp, -96
	.cfi_def_cfa_offset 96
	sd	$31, 88($sp)
	.cfi_offset 31, -8
	sd	$28, 80($sp)
	.cfi_offset 28, -16
	sd	$4, 0($sp)
	sd	$5, 8($sp)
	sd	$6, 16($sp)
	sd	$7, 24($sp)
	sd	$8, 32($sp)
	sd	$9, 40($sp)
	sd	$10, 48($sp)
	sd	$11, 56($sp)
	sd	$15, 64($sp)		/* static chain */
	lui	$28, %hi(%neg(%gp_rel(rt0_gate_closed)))
	daddu	$28, $28, $24
	daddiu	$28, $28, %lo(%neg(%gp_rel(rt0_gate_closed)))
	move	$4, $25
	ld	$25, %call16(rt0_gate_wait)($28)
	move	$5, $31
#ifdef RT0_SHARED
	move	$6, $14
#endif
	jalr	$25
	nop
	move	$25, $2
	ld	$4, 0($sp)
	ld	$5, 8($sp)
	ld	$6, 16($sp)
	ld	$7, 24($sp)
	ld	$8, 32($sp)
	ld	$9, 40($sp)
	ld	$10, 48($sp)
	ld	$11, 56($sp)
	ld	$15, 64($sp)
	ld	$28, 80($sp)
	.cfi_restore 28
	ld	$31, 88($sp)
	.cfi_restore 31
	jr	$25
	daddiu	$sp, $sp, 96
	.cfi_endproc
	.size	rt0_gate_closed, . - rt0_gate_closed

/*
 * long rt0_call_preserving(long (*fn)(long, long, long), long a, long b, long c)
 *                          $4                            $5      $6      $7
 *
 * Calls fn(a, b, c) and gives back $f12 to $f19: a gate runs the author's code here
 * while the arguments of a pending call are still in them. Vectors are passed in
 * general registers.
 */
	.globl	rt0_call_preserving
	.hidden	rt0_call_preserving
	.type	rt0_call_preserving, @function
rt0_call_preserving:
	.cfi_startproc
	daddiu	$sp, $sp, -80
	.cfi_def_cfa_offset 80
	sd	$31, 72($sp)
	.cfi_offset 31, -8
	sdc1	$f12, 0($sp)
	sdc1	$f13, 8($sp)
	sdc1	$f14, 16($sp)
	sdc1	$f15, 24($sp)
	sdc1	$f16, 32($sp)
	sdc1	$f17, 40($sp)
	sdc1	$f18, 48($sp)
	sdc1	$f19, 56($sp)
	move	$25, $4
	move	$4, $5
	move	$5, $6
	jalr	$25
	move	$6, $7
	ldc1	$f12, 0($sp)
	ldc1	$f13, 8($sp)
	ldc1	$f14, 16($sp)
	ldc1	$f15, 24($sp)
	ldc1	$f16, 32($sp)
	ldc1	$f17, 40($sp)
	ldc1	$f18, 48($sp)
	ldc1	$f19, 56($sp)
	ld	$31, 72($sp)
	.cfi_restore 31
	jr	$31
	daddiu	$sp, $sp, 80
	.cfi_endproc
	.size	rt0_call_preserving, . - rt0_call_preserving

	.section .note.GNU-stack, "", @progbits
