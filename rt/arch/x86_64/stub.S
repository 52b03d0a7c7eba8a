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

	.set	POINTERS, RT0_TABLE_POINTERS
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

	.balign	16
	stub	rt0_stub_lib
	leaq	rt0_attached_record(%rip), %rcx
	movq	rt0_attached_slot(%rip), %r11
	jmp	*POINTERS + 8 * RT0_TABLE_LIB(%r11)
	.size	rt0_stub_lib, . - rt0_stub_lib

	stub	rt0_stub_twin
	leaq	rt0_attached_record(%rip), %rcx
	movq	rt0_attached_slot(%rip), %r11
	jmp	*POINTERS + 8 * RT0_TABLE_TWIN(%r11)
	.size	rt0_stub_twin, . - rt0_stub_twin

	stub	rt0_stub_closed
	pushq	%r11
	leaq	rt0_attached_record(%rip), %r11
	pushq	%r11
	movq	rt0_attached_slot(%rip), %r11
	jmp	*POINTERS + 8 * RT0_TABLE_CLOSED(%r11)
	.size	rt0_stub_closed, . - rt0_stub_closed

	.section .note.GNU-stack, "", @progbits
#include "cet.inc"
