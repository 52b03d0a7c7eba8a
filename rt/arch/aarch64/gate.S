/*
 * The gate template: what stands in front of every export.
 *
 * After the link these 32 bytes are copied once for each export and made to refer
 * to it. 32 bytes on a 32-byte boundary never straddle a cache line.
 *
 * Open path: a landing pad and four instructions. LDAR is the load with acquire
 * order (Arm ARM, B2.3.11), so that what init wrote is seen behind the gate; a
 * plain load and a branch would order no later loads. It has no offset, so rt
 * puts rt0_state_word at the start of a 4 KiB page, which ADRP alone can name.
 *
 * Closed path: x16 <- address of this gate. x16 and x17 may be changed between a
 * call and its target by any veneer (AAPCS64, 6.1.1), so nothing is passed in
 * them; the jump that ends the slow path goes through x16, which BTI lets land
 * on `bti c`.
 *
 * B reaches 128 MiB either way.
 */
#include "abi.h"

	.section .rt0.gates, "ax", %progbits
	.hidden	rt0_state_word
	.hidden	rt0_gate_closed
	.hidden	rt0_gate_target
	.balign	32
	.cfi_startproc
0:	bti	c
	adrp	x16, rt0_state_word
	ldar	w17, [x16]
	tbz	w17, #7, 1f		/* bit 7 is set in RT0_OPEN alone */
	b	rt0_gate_target
1:	adr	x16, 0b
	b	rt0_gate_closed
	brk	#0
	.cfi_endproc

	.section .note.GNU-stack, "", %progbits
#include "property.inc"
