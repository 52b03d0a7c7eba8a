/*
 * What an attached library has of rt: the ways into librt0.so.0, whose table the
 * slot leads to.
 *
 * void rt0_stub_lib(int argc, char **argv, char **envp)
 * void rt0_stub_twin(int argc, char **argv, char **envp)
 *                    r3        r4           r5
 *
 * Labels of code: the loader calls them through descriptors that the tools make. A
 * jump to lib or twin of the table, with the record's address as the fourth argument.
 *
 * rt0_stub_closed: where a closed gate goes, r12 the address of its descriptor. A
 * jump to closed of the table, with all but r0, r12 and CTR as it was: the gate's
 * address is at -16(r1), the record's at -8(r1), where no signal handler writes (ELF
 * ABI supplement, 3.2.2).
 *
 * Only LR tells where the code is.
 */
#include "abi.h"

	.abiversion 1
	.section .rt0.stub, "ax", @progbits
	.hidden	rt0_attached_record
	.hidden	rt0_attached_slot
	.macro	stub	name
	.globl	\name
	.hidden	\name
	.type	\name, @function
\name:
	.endm
	/* register <- target; LR is in r0 */
	.macro	address	register, target
	bcl	20, 31, 1f
1:	mflr	\register
	mtlr	0
	addis	\register, \register, (\target - 1b)@ha
	addi	\register, \register, (\target - 1b)@l
	.endm
	.macro	entry	name, pointer
	stub	\name
	mflr	0
	address	6, rt0_attached_record
	address	12, rt0_attached_slot
	ld	12, 0(12)
	ld	12, RT0_TABLE_POINTERS + 8 * \pointer(12)
	ld	0, 0(12)
	ld	2, 8(12)
	mtctr	0
	bctr
	.size	\name, . - \name
	.endm

	.balign	16
	entry	rt0_stub_lib, RT0_TABLE_LIB
	entry	rt0_stub_twin, RT0_TABLE_TWIN

	stub	rt0_stub_closed
	std	12, -16(1)
	mflr	0
	address	12, rt0_attached_record
	std	12, -8(1)
	address	12, rt0_attached_slot
	ld	12, 0(12)
	ld	12, RT0_TABLE_POINTERS + 8 * RT0_TABLE_CLOSED(12)
	mtctr	12
	bctr
	.size	rt0_stub_closed, . - rt0_stub_closed

	.section .note.GNU-stack, "", @progbits
