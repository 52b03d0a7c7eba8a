/*
 * What an attached library has of rt: the ways into librt0.so.0, whose table the
 * slot leads to.
 *
 * void rt0_stub_lib(int argc, char **argv, char **envp)
 * void rt0_stub_twin(int argc, char **argv, char **envp)
 *                    w0        x1           x2
 *
 * What the loader calls; a jump to lib or twin of the table, with the record's
 * address as the fourth argument.
 *
 * rt0_stub_closed: where a closed gate goes, x16 its address. A jump to closed of
 * the table, with the record's address in x9 and all else but x17 as it was.
 *
 * BR x17 may land on `bti c` and `paciasp`, as BR x16 may.
 */
#include "abi.h"

	.section .rt0.stub, "ax", %progbits
	.hidden	rt0_attached_record
	.hidden	rt0_attached_slot
	.macro	stub	name, record, pointer
	.globl	\name
	.hidden	\name
	.type	\name, %function
\name:
	bti	c
	adrp	\record, rt0_attached_record
	add	\record, \record, :lo12:rt0_attached_record
	adrp	x17, rt0_attached_slot
	ldr	x17, [x17, :lo12:rt0_attached_slot]
	ldr	x17, [x17, #RT0_TABLE_POINTERS + 8 * \pointer]
	br	x17
	.size	\name, . - \name
	.endm

	.balign	16
	stub	rt0_stub_lib, x3, RT0_TABLE_LIB
	stub	rt0_stub_twin, x3, RT0_TABLE_TWIN
	stub	rt0_stub_closed, x9, RT0_TABLE_CLOSED

	.section .note.GNU-stack, "", %progbits
#include "property.inc"
