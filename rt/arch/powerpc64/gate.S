/*
 * The gate template: what stands in front of every export.
 *
 * After the link these 64 bytes are copied once for each export and made to refer
 * to it. 64 bytes on a 64-byte boundary never straddle a cache line.
 *
 * A gate is entered as any function of another file, through its descriptor (64-bit
 * PowerPC ELF ABI supplement, 3.2.5), in which the tools put the function's TOC
 * pointer: r2 is right for the function and stays as it is, and what the gate needs
 * is found from it. Nothing else tells where the gate is: r12 and r11 are loaded by
 * some callers only. That and the lack of PC-relative loads before Power ISA 3.1 make
 * six instructions of what is a load, a test and a jump elsewhere.
 *
 * ISYNC behind the branch that depends on the load gives acquire order (Power ISA
 * book II, B.2.1.1).
 *
 * r0 and r12 are free. r11, the environment pointer, is left alone although calls
 * through a PLT do not pass it.
 *
 * B reaches 32 MiB; for a function that is farther the tools put NOP in its place,
 * and the long way is behind it. rt0_arch_gate_target reads its two ADDs, so they are
 * right in every gate.
 *
 * Closed path: r12 is the address of this gate's descriptor.
 */
#include "abi.h"

	.abiversion 1
	.section .rt0.gates, "ax", @progbits
	.hidden	rt0_state_word
	.hidden	rt0_gate
	.hidden	rt0_gate_closed
	.hidden	rt0_gate_target
	.balign	64
	.cfi_startproc
	addis	12, 2, rt0_state_word@toc@ha
	lwz	0, rt0_state_word@toc@l(12)
	cmplwi	0, RT0_OPEN
	bne	1f
	isync
	b	rt0_gate_target
	addis	12, 2, rt0_gate_target@toc@ha
	addi	12, 12, rt0_gate_target@toc@l
	mtctr	12
	bctr
1:	addis	12, 2, rt0_gate@toc@ha
	addi	12, 12, rt0_gate@toc@l
	b	rt0_gate_closed
	trap
	trap
	trap
	.cfi_endproc

	.section .note.GNU-stack, "", @progbits
