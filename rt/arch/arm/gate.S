/*
 * The gate template: what stands in front of every export.
 *
 * After the link these 64 bytes are copied once for each export and made to refer
 * to it. 64 bytes on a 64-byte boundary never straddle a cache line.
 *
 * Open path: six instructions to an A32 function, seven to a Thumb one (ARMv5: eight).
 * The data is too far for a load with an immediate offset, so the first load reads its
 * distance, as another does for a function that B does not reach.
 * The shift puts bit 8 of the state into the carry, bit 7 into the sign. Bit 8 says
 * that the CPU has DMB and may be one of several: behind the load it gives acquire
 * order, for ARMv7 has no load that does (ARM ARM, DDI 0406C, A3.8.3). It is written
 * as a number, since the gate is there for ARMv5 too, where it is undefined and not
 * met: a CPU of before ARMv6 is the only one of its machine. See RT0_ARCH_OPEN.
 *
 * The gate is A32 code. B reaches A32 functions within 32 MiB. For a Thumb function,
 * or a farther one, the tools put a load of the distance in its place; ADD to the pc
 * is a jump that takes the instruction set from bit 0 of the address, from ARMv7 on
 * (A2.3.2, ALUWritePC); before that only BX is.
 *
 * ip is the one register that a veneer or a PLT entry may change (AAPCS32, 6.1.1).
 * GCC's static chain is in it, and passes no PLT either. The flags are nobody's.
 *
 * Closed path: ip <- address of this gate.
 */
	.syntax	unified
	.arch	armv5t
	.arm
	.section .rt0.gates, "ax", %progbits
	.hidden	rt0_state_word
	.hidden	rt0_gate_closed
	.hidden	rt0_gate_target
	.balign	64
	.fnstart
	.cfi_startproc
	ldr	ip, 5f
1:	ldr	ip, [pc, ip]
	lsls	ip, ip, #24
	bcc	3f
	.inst	0xf57ff05b		/* dmb ish */
	b	rt0_gate_target		/* or ldr ip, 6f */
2:	add	pc, pc, ip
3:	bpl	8f
	b	rt0_gate_target		/* or ldr ip, 7f */
4:	add	ip, pc, ip
	bx	ip
8:	sub	ip, pc, #52
	b	rt0_gate_closed
5:	.word	rt0_state_word - (1b + 8)
6:	.word	rt0_gate_target - (2b + 8)
7:	.word	rt0_gate_target - (4b + 8)
	.cfi_endproc
	.fnend

	.section .note.GNU-stack, "", %progbits
