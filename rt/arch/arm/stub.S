/*
 * What an attached library has of rt: the ways into librt0.so.0, whose table the
 * slot leads to.
 *
 * void rt0_stub_lib(int argc, char **argv, char **envp)
 * void rt0_stub_twin(int argc, char **argv, char **envp)
 *                    r0        r1           r2
 *
 * What the loader calls; a jump to lib or twin of the table, with the record's
 * address as the fourth argument.
 *
 * rt0_stub_closed: where a closed gate goes, ip its address. A jump to closed of the
 * table, with the record's address on the stack, the gate's behind it, and all else
 * but ip as it was.
 *
 * A32 code. A load of the pc takes the instruction set from bit 0 of the address
 * (ARM ARM, DDI 0406C, A2.3.1).
 */
#include "abi.h"

	.syntax	unified
	.arch	armv5t
	.arm
	.section .rt0.stub, "ax", %progbits
	.hidden	rt0_attached_record
	.hidden	rt0_attached_slot
	.macro	stub	name
	.globl	\name
	.hidden	\name
	.type	\name, %function
\name:
	.endm
	.macro	leave	name, pointer
	ldr	ip, 4f
2:	ldr	ip, [pc, ip]
	ldr	pc, [ip, #RT0_TABLE_POINTERS + 4 * \pointer]
3:	.word	rt0_attached_record - (1b + 8)
4:	.word	rt0_attached_slot - (2b + 8)
	.size	\name, . - \name
	.endm

	.balign	16
	stub	rt0_stub_lib
	ldr	r3, 3f
1:	add	r3, pc, r3
	leave	rt0_stub_lib, RT0_TABLE_LIB

	stub	rt0_stub_twin
	ldr	r3, 3f
1:	add	r3, pc, r3
	leave	rt0_stub_twin, RT0_TABLE_TWIN

	stub	rt0_stub_closed
	sub	sp, sp, #8
	str	ip, [sp, #4]
	ldr	ip, 3f
1:	add	ip, pc, ip
	str	ip, [sp]
	leave	rt0_stub_closed, RT0_TABLE_CLOSED

	.section .note.GNU-stack, "", %progbits
