/*
 * The gate template: what stands in front of every export.
 *
 * After the link these 32 bytes are copied once for each export and made to refer
 * to it. 32 bytes on a 32-byte boundary never straddle a cache line.
 *
 * Open path: endbr64, one load that the compare folds in, a branch not taken, a
 * direct jump; no register changes. x86-64 loads have acquire order (Intel SDM
 * vol. 3A, 9.2), so the plain compare is enough.
 *
 * Closed path: %r11 <- address of this gate. %r11 is the one register that no
 * calling convention passes anything in or asks to be kept (x86-64 psABI, 3.2.1);
 * %r10 is the static chain, %al the number of vector registers of a variadic call.
 *
 * The stack pointer does not move, so one CFA rule holds for the whole pool.
 */
#include "abi.h"

	.section .rt0.gates, "ax", @progbits
	.hidden	rt0_state_word
	.hidden	rt0_gate_closed
	.hidden	rt0_gate_target
	.balign	32
	.cfi_startproc
0:	endbr64
	cmpb	$RT0_OPEN, rt0_state_word(%rip)
	jne	1f
	jmp	rt0_gate_target
1:	leaq	0b(%rip), %r11
	jmp	rt0_gate_closed
	.balign	32, 0xcc
	.cfi_endproc

	.section .note.GNU-stack, "", @progbits
#include "cet.inc"
