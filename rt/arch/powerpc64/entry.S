/*
 * The ways into rt that C cannot express: from a closed gate, and out to the
 * author's code in the middle of somebody else's call.
 */
	.text

/*
 * rt0_gate_closed: slow path of a gate
 *
 * In:  r12 the address of the gate's descriptor; everything else as at the call of
 *      the export, r2 its TOC pointer, LR the caller's return address.
 * Out: jumps to the export's code with every register as it was but r0, r12 and CTR,
 *      which nothing is passed in.
 *
 * A label of code, without a descriptor: gates branch here, and nothing else refers
 * to it. Calls rt0_gate_wait(gate, return address), which touches general registers
 * only and returns the address of the export's code; its descriptor has the TOC
 * pointer of rt, which may be another one than the export's.
 *
 * In librt0.so.0 it is the stub of an attached library that jumps here, through the
 * table, the gate's address at -16(r1) and at -8(r1) the record's, which
 * rt0_gate_wait gets as well.
 */
	.globl	rt0_gate_closed
	.hidden	rt0_gate_closed
	.hidden	rt0_gate_wait
	.type	rt0_gate_closed, @function
rt0_gate_closed:
	.cfi_startproc
	mflr	0
	std	0, 16(1)
	stdu	1, -208(1)
	.cfi_def_cfa_offset 208
	.cfi_offset 65, 16
	std	2, 40(1)
	std	3, 112(1)
	std	4, 120(1)
	std	5, 128(1)
	std	6, 136(1)
	std	7, 144(1)
	std	8, 152(1)
	std	9, 160(1)
	std	10, 168(1)
	std	11, 176(1)
#ifdef RT0_SHARED
	ld	12, 208 - 16(1)
	ld	5, 208 - 8(1)
#endif
	mr	3, 12
	mr	4, 0
	bcl	20, 31, 1f
1:	mflr	11
	/*
	 * The descriptor, less the 4 bytes from 1 to 2. The addends are 2 and 6: gold's
	 * --gc-sections adds them to the place in .opd and divides by 16, so that 8 could
	 * make it another descriptor's.
	 */
2:	addis	11, 11, (rt0_gate_wait - 2b)@ha
	addi	11, 11, (rt0_gate_wait - 2b)@l
	ld	12, 4 + 0(11)
	ld	2, 4 + 8(11)
	mtctr	12
	bctrl
	ld	2, 40(1)
	mtctr	3
	ld	3, 112(1)
	ld	4, 120(1)
	ld	5, 128(1)
	ld	6, 136(1)
	ld	7, 144(1)
	ld	8, 152(1)
	ld	9, 160(1)
	ld	10, 168(1)
	ld	11, 176(1)
	addi	1, 1, 208
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
 *
 * Not every processor has vector registers: glibc keeps AT_HWCAP at -0x7068 from the
 * thread pointer, which is null where there is neither libc nor a thread of rt's.
 */
	.set	VECTORS, 224
	.set	FRAME, VECTORS + 12 * 16
	.set	HAS_ALTIVEC, 0x1000 /* << 16 */
	.macro	floats	instruction
	.irp	n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13
	\instruction	\n, 112 + 8 * \n - 8(1)
	.endr
	.endm
	.macro	vectors	instruction
	cmpdi	13, 0
	beq	1f
	lwz	0, -0x7068(13)
	andis.	0, 0, HAS_ALTIVEC
	beq	1f
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
	li	0, VECTORS + 16 * \n
	\instruction	\n + 2, 1, 0
	.endr
1:
	.endm
	.machine push
	.machine altivec
	.globl	rt0_call_preserving
	.hidden	rt0_call_preserving
	.type	rt0_call_preserving, @function
	.section .opd, "aw", @progbits
	.balign	8
rt0_call_preserving:
	.quad	.L.rt0_call_preserving, .TOC.@tocbase, 0
	.previous
.L.rt0_call_preserving:
	.cfi_startproc
	mflr	0
	std	0, 16(1)
	stdu	1, -FRAME(1)
	.cfi_def_cfa_offset FRAME
	.cfi_offset 65, 16
	std	2, 40(1)
	floats	stfd
	vectors	stvx
	mr	7, 3
	mr	3, 4
	mr	4, 5
	mr	5, 6
	ld	0, 0(7)
	ld	2, 8(7)
	ld	11, 16(7)
	mtctr	0
	bctrl
	ld	2, 40(1)
	floats	lfd
	vectors	lvx
	addi	1, 1, FRAME
	.cfi_def_cfa_offset 0
	ld	0, 16(1)
	mtlr	0
	.cfi_restore 65
	blr
	.cfi_endproc
	.size	rt0_call_preserving, . - .L.rt0_call_preserving
	.machine pop

	.section .note.GNU-stack, "", @progbits
