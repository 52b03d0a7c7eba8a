/*
 * What an attached library has of rt: the ways into librt0.so.0, whose table the
 * slot leads to.
 *
 * void rt0_stub_lib(int argc, char **argv, char **envp)
 * void rt0_stub_twin(int argc, char **argv, char **envp)
 *                    $4        $5           $6
 *
 * What the loader calls, with the function's address in $25; a jump to lib or twin of
 * the table, with the record's address as the fourth argument.
 *
 * rt0_stub_closed: where a closed gate goes, $25 its address, $24 that of this
 * function. A jump to closed of the table, whose address is in $24 then, with the
 * record's address in $14 and all else but $2 as it was.
 *
 * The relocations are those of gate.S.
 */
#include "abi.h"

	.section .rt0.stub, "ax", @progbits
	.hidden	rt0_attached_record
	.hidden	rt0_attached_slot
	.set	noreorder
	/* The function's address is in `self`; the table's pointer goes into `to`. */
	.macro	stub	name, self, record, to, pointer
	.globl	\name
	.hidden	\name
	.type	\name, @function
\name:
	lui	\record, %pcrel_hi(rt0_attached_record)
	daddu	\record, \record, \self
	daddiu	\record, \record, %pcrel_lo(rt0_attached_record + 8)
	lui	$2, %pcrel_hi(rt0_attached_slot + 12)
	daddu	$2, $2, \self
	ld	$2, %pcrel_lo(rt0_attached_slot + 20)($2)
	ld	\to, RT0_TABLE_POINTERS + 8 * \pointer($2)
	jr	\to
	nop
	.size	\name, . - \name
	.endm

	.balign	16
	stub	rt0_stub_lib, $25, $7, $25, RT0_TABLE_LIB
	stub	rt0_stub_twin, $25, $7, $25, RT0_TABLE_TWIN
	stub	rt0_stub_closed, $24, $14, $24, RT0_TABLE_CLOSED

	.section .note.GNU-stack, "", @progbits
