/*
 * What an attached library has of rt: the ways into librt0.so.0, whose table the
 * slot leads to.
 *
 * void rt0_stub_lib(int argc, char **argv, char **envp)
 * void rt0_stub_twin(int argc, char **argv, char **envp)
 *                    a0        a1           a2
 *
 * What the loader calls; a jump to lib or twin of the table, with the record's
 * address as the fourth argument.
 *
 * rt0_stub_closed: where a closed gate goes, t1 the address behind it. A jump to
 * closed of the table, with the record's address in t4 and all else but t3 as it was.
 *
 * The relocations are those of a call, as in gate.S.
 */
#include "abi.h"

	.section .rt0.stub, "ax", @progbits
	.option	norelax
	.option	norvc
	.hidden	rt0_attached_record
	.hidden	rt0_attached_slot
	.macro	stub	name, record, pointer
	.globl	\name
	.hidden	\name
	.type	\name, @function
\name:
	.reloc	., R_RISCV_CALL_PLT, rt0_attached_record
	auipc	\record, 0
	addi	\record, \record, 0
	.reloc	., R_RISCV_CALL_PLT, rt0_attached_slot
	auipc	t3, 0
	ld	t3, 0(t3)
	ld	t3, RT0_TABLE_POINTERS + 8 * \pointer(t3)
	jr	t3
	.size	\name, . - \name
	.endm

	.balign	16
	stub	rt0_stub_lib, a3, RT0_TABLE_LIB
	stub	rt0_stub_twin, a3, RT0_TABLE_TWIN
	stub	rt0_stub_closed, t4, RT0_TABLE_CLOSED

	.section .note.GNU-stack, "", @progbits
