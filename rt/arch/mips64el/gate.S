/*
 * The gate template: what stands in front of every export.
 *
 * After the link these 64 bytes are copied once for each export and made to refer
 * to it. 64 bytes on a 64-byte boundary never straddle a cache line.
 *
 * A function that may be called from another file is entered with its own address
 * in $25, of which it makes its $gp (MIPS psABI, "Position-Independent Function
 * Prologue"). So a gate finds everything from $25, and leaves with the function's
 * address in it.
 *
 * Open path: nine instructions, where a load, a test and a jump would be three.
 * There is no load relative to the program counter before Release 6, which takes
 * two instructions for the state and, since $25 has to be right, three for the
 * function; the ninth is the barrier. LB gives the state's low byte with its sign,
 * which is set in RT0_OPEN alone. Both delay slots do work.
 *
 * SYNC 0x11 (SYNC_ACQUIRE) gives acquire order: what is loaded before it is
 * performed before all loads and stores behind it. A processor that tells no kinds
 * of SYNC apart takes it for SYNC 0, which orders more (MIPS64 volume II, SYNC).
 * It stands in the delay slot of the jump, before the first instruction of the
 * function.
 *
 * $24 is free between a call and its function: a lazy-binding stub uses it, with
 * $15 (the static chain, which does not pass a stub) and $25.
 *
 * The relocations, R_MIPS_PCHI16 and R_MIPS_PCLO16, are those of Release 6, which
 * assemblers write for any machine and ldwrap applies: the halves of a distance from
 * the place, which is one from the gate since each addend is the place's offset in
 * it. They reach 2 GiB. An odd address, a function in microMIPS code, is as good as
 * an even one.
 *
 * Closed path: $25 is the address of this gate, $24 that of rt0_gate_closed.
 */
#include "abi.h"

	.section .rt0.gates, "ax", @progbits
	.hidden	rt0_state_word
	.hidden	rt0_gate_closed
	.hidden	rt0_gate_target
	.set	noreorder
	.balign	64
	.cfi_startproc
	lui	$24, %pcrel_hi(rt0_state_word)
	daddu	$24, $24, $25
	lb	$24, %pcrel_lo(rt0_state_word + 8)($24)
	bgez	$24, 1f
	lui	$24, %pcrel_hi(rt0_gate_target + 16)
	daddu	$25, $25, $24
	daddiu	$25, $25, %pcrel_lo(rt0_gate_target + 24)
	jr	$25
	.set	push
	.set	mips64r2
	sync	0x11
	.set	pop
1:	lui	$24, %pcrel_hi(rt0_gate_closed + 36)
	daddu	$24, $24, $25
	daddiu	$24, $24, %pcrel_lo(rt0_gate_closed + 44)
	jr	$24
	nop
	break
	break
	.cfi_endproc

	.section .note.GNU-stack, "", @progbits
