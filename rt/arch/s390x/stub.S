/*
 * What an attached library has of rt: the ways into librt0.so.0, whose table the
 * slot leads to.
 *
 * void rt0_stub_lib(int argc, char **argv, char **envp)
 * void rt0_stub_twin(int argc, char **argv, char **envp)
 *                    %r2       %r3          %r4
 *
 * What the loader calls; a jump to lib or twin of the table, with the record's
 * address as the fourth argument.
 *
 * rt0_stub_closed: where a closed gate goes, %r1 its address. A jump to closed of
 * the table, with all but %r1 as it was. %r1 is the only register that is free, so
 * the gate's address and the record's are in the save area that the caller has made
 * for the export, which may overwrite it: in the 16 bytes behind those of %r15, where
 * %f0 and %f2 have their place.
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
	.macro	leave	name, pointer
	lgrl	%r1, rt0_attached_slot
	lg	%r1, RT0_TABLE_POINTERS + 8 * \pointer(%r1)
	br	%r1
	.size	\name, . - \name
	.endm

	.balign	16
	stub	rt0_stub_lib
	larl	%r5, rt0_attached_record
	leave	rt0_stub_lib, RT0_TABLE_LIB

	stub	rt0_stub_twin
	larl	%r5, rt0_attached_record
	leave	rt0_stub_twin, RT0_TABLE_TWIN

	stub	rt0_stub_closed
	stg	%r1, 128(%r15)
	larl	%r1, rt0_attached_record
	stg	%r1, 136(%r15)
	leave	rt0_stub_closed, RT0_TABLE_CLOSED

	.section .note.GNU-stack, "", @progbits
