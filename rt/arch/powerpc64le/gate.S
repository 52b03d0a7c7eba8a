/*
 * The gate template: what stands in front of every export.
 *
 * After the link these 64 bytes are copied once for each export and made to refer
 * to it. 64 bytes on a 64-byte boundary never straddle a cache line.
 *
 * A gate is entered as any function of another file, at its global entry with its
 * own address in r12 (ELFv2 ABI, 2.3.2.1), and leaves to the function's global
 * entry with that one's address in r12. That and the absence of PC-relative loads
 * before Power ISA 3.1 make eight instructions of what is a load, a test and a
 * jump elsewhere.
 *
 * ISYNC behind the branch that depends on the load gives acquire order (Power ISA
 * book II, B.2.1.1).
 *
 * r0 and r11 are free: the environment pointer in r11 does not pass a PLT, whose
 * resolver uses it.
 *
 * B reaches 32 MiB; a function that is farther is reached through CTR: the tools
 * then put MTCTR in its place, and BCTR is behind it.
 *
 * Closed path: r12 is the address of this gate.
 */
#include "abi.h"

	.section .rt0.gates, "ax", @progbits
	.hidden	rt0_state_word
	.hidden	rt0_gate_closed
	.hidden	rt0_gate_target
	.balign	64
	.cfi_startproc
0:	addis	11, 12, (rt0_state_word - 0b)@ha
	lwz	0, (rt0_state_word - 0b)@l(11)
	cmplwi	0, RT0_OPEN
	bne	1f
	isync
	addis	12, 12, (rt0_gate_target - 0b)@ha
	addi	12, 12, (rt0_gate_target - 0b)@l
	b	rt0_gate_target
	bctr
1:	b	rt0_gate_closed
	trap
	trap
	trap
	trap
	trap
	trap
	.cfi_endproc

	.section .note.GNU-stack, "", @progbits
