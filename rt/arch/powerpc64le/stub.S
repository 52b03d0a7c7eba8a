/*
 * What an attached library has of rt: the ways into librt0.so.0, whose table the
 * slot leads to.
 *
 * void rt0_stub_lib(int argc, char **argv, char **envp)
 * void rt0_stub_twin(int argc, char **argv, char **envp)
 *                    r3        r4           r5
 *
 * What the loader calls, at the global entry with the address in r12; a jump to lib
 * or twin of the table, with the record's address as the fourth argument.
 *
 * rt0_stub_closed: where a closed gate goes, r12 its address. A jump to closed of the
 * table, with the record's address in r11 and all else but r0 and CTR as it was. Only
 * LR tells where the code is, and r11 is the one register for both addresses, so the
 * table's pointer is in CTR first.
 */
#include "abi.h"

	.section .rt0.stub, "ax", @progbits
	.hidden	rt0_attached_record
	.hidden	rt0_attached_slot
	.macro	stub	name
	.globl	\name
	.hidden	\name
	.type	\name, @function
\name:
	.endm
	.macro	entry	name, pointer
	stub	\name
0:	addis	6, 12, (rt0_attached_record - 0b)@ha
	addi	6, 6, (rt0_attached_record - 0b)@l
	addis	11, 12, (rt0_attached_slot - 0b)@ha
	addi	11, 11, (rt0_attached_slot - 0b)@l
	ld	11, 0(11)
	ld	12, RT0_TABLE_POINTERS + 8 * \pointer(11)
	mtctr	12
	bctr
	.size	\name, . - \name
	.endm

	.balign	16
	entry	rt0_stub_lib, RT0_TABLE_LIB
	entry	rt0_stub_twin, RT0_TABLE_TWIN

	stub	rt0_stub_closed
	mflr	0
	bcl	20, 31, 1f
1:	mflr	11
	addis	11, 11, (rt0_attached_slot - 1b)@ha
	addi	11, 11, (rt0_attached_slot - 1b)@l
	ld	11, 0(11)
	ld	11, RT0_TABLE_POINTERS + 8 * RT0_TABLE_CLOSED(11)
	mtctr	11
	bcl	20, 31, 2f
2:	mflr	11
	mtlr	0
	addis	11, 11, (rt0_attached_record - 2b)@ha
	addi	11, 11, (rt0_attached_record - 2b)@l
	bctr
	.size	rt0_stub_closed, . - rt0_stub_closed

	.section .note.GNU-stack, "", @progbits
