/*
 * The gate template: what stands in front of every export.
 *
 * After the link these 32 bytes are copied once for each export and made to refer
 * to it. 32 bytes on a 32-byte boundary never straddle a cache line.
 *
 * Open path: three instructions. Storage operands are fetched in program order
 * (Principles of Operation, 5, "Storage-Operand Fetch References"), so the plain
 * load has acquire order. The jump reaches 4 GiB either way.
 *
 * Closed path: %r1 <- address of this gate. %r1 is what the PLT uses on the way to
 * a function; %r0 is the static chain.
 */
#include "abi.h"

	.section .rt0.gates, "ax", @progbits
	.hidden	rt0_state_word
	.hidden	rt0_gate_closed
	.hidden	rt0_gate_target
	.balign	32
	.cfi_startproc
0:	lrl	%r1, rt0_state_word
	clijne	%r1, RT0_OPEN, 1f
	jg	rt0_gate_target
1:	larl	%r1, 0b
	jg	rt0_gate_closed
	.balign	32, 0
	.cfi_endproc

	.section .note.GNU-stack, "", @progbits
