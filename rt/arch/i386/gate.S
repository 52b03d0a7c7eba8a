/*
 * The gate template: what stands in front of every export.
 *
 * After the link these 32 bytes are copied once for each export and made to refer
 * to it. 32 bytes on a 32-byte boundary never straddle a cache line.
 *
 * Open path: seven instructions. No load is relative to the instruction pointer,
 * which only a call can read, and every register may hold something: %eax, %edx and
 * %ecx arguments (regparm, fastcall) or the static chain, the others are the
 * caller's (i386 psABI, 2.2.2 and 2.3). So %eax makes room for the address and comes
 * back before the jump; the flags are free. A call of displacement 0 is none to the
 * return predictor, nor to the shadow stack (Intel SDM vol. 2, CALL). XCHG with the
 * stack would save one instruction and lock the bus. Loads have acquire order
 * (SDM vol. 3A, 9.2).
 *
 * Closed path: a call, whose return address tells the gate. rt0_gate_closed returns
 * with the zero flag set, which is what lets the jump be taken: a register to jump
 * through there is none, and returns match calls.
 *
 * What the gate has on the stack depends on how far in it is. The canonical frame
 * address is an expression of the instruction pointer, as in a PLT, so one rule
 * holds for the whole pool: %esp + 4, + 8 from 5 on up to 18, + 12 at 10.
 */
#include "abi.h"

	.section .rt0.gates, "ax", @progbits
	.hidden	rt0_state_word
	.hidden	rt0_gate_closed
	.hidden	rt0_gate_target
	.balign	32
	.cfi_startproc
	.cfi_escape 0x0f, 20		/* DW_CFA_def_cfa_expression */
	.cfi_escape 0x78, 0, 0x4f, 0x1a	/* breg8 (eip) 0, lit31, and */
	.cfi_escape 0x12, 0x35, 0x2a	/* dup, lit5, ge */
	.cfi_escape 0x14, 0x43, 0x2a	/* over, lit19, ge */
	.cfi_escape 0x1c		/* minus: 1 from 5 to 18 */
	.cfi_escape 0x16, 0x3a, 0x29, 0x22 /* swap, lit10, eq, plus */
	.cfi_escape 0x32, 0x24		/* lit2, shl */
	.cfi_escape 0x74, 4, 0x22	/* breg4 (esp) 4, plus */
0:	endbr32
	pushl	%eax
	call	1f			/* 5 */
1:	popl	%eax			/* 10 */
	cmpb	$RT0_OPEN, rt0_state_word - 1b(%eax)
	popl	%eax
2:	je	rt0_gate_target		/* 19 */
	call	rt0_gate_closed
	jmp	2b			/* 30 */
	.cfi_endproc

	.section .note.GNU-stack, "", @progbits
#include "cet.inc"
