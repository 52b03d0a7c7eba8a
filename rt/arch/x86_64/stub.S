/*
 * What an attached library has of rt: the ways into librt0.so.0, whose table the
 * slot leads to.
 *
 * void rt0_stub_lib(int argc, char **argv, char **envp)
 * void rt0_stub_twin(int argc, char **argv, char **envp)
 *                    %edi      %rsi         %rdx
 *
 * What the loader calls; a jump to lib or twin of the table, with the record's
 * address as the fourth argument.
 *
 * rt0_stub_closed: where a closed gate goes, %r11 its address. A jump to closed of
 * the table, with the record's address on the stack, the gate's behind it, and all
 * else but %r11 as it was.
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
	endbr64
	.endm
	.macro	leave	name, pointer
	movq	rt0_attached_slot(%rip), %r11
	jmp	*RT0_TABLE_POINTERS + 8 * \pointer(%r11)
	.size	\name, . - \name
	.endm

	.balign	16
	stub	rt0_stub_lib
	leaq	rt0_attached_record(%rip), %rcx
	leave	rt0_stub_lib, RT0_TABLE_LIB

	stub	rt0_stub_twin
	leaq	rt0_attached_record(%rip), %rcx
	leave	rt0_stub_twin, RT0_TABLE_TWIN

	stub	rt0_stub_closed
	pushq	%r11
	leaq	rt0_attached_record(%rip), %r11
	pushq	%r11
	leave	rt0_stub_closed, RT0_TABLE_CLOSED

	.section .note.GNU-stack, "", @progbits
#include "cet.inc"
