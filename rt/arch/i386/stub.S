/*
 * What an attached library has of rt: the ways into librt0.so.0, whose table the
 * slot leads to.
 *
 * void rt0_stub_lib(int argc, char **argv, char **envp)
 * void rt0_stub_twin(int argc, char **argv, char **envp)
 *                    4(%esp)   8(%esp)      12(%esp)
 *
 * What the loader calls, with arguments or without; it calls lib or twin of the
 * table with the record's address as the fourth. A function may write where its
 * arguments are, and what stands there is the loader's own if it passes none, so
 * they are copied.
 *
 * rt0_stub_closed: called by a closed gate, 30 bytes into it. A jump to closed of the
 * table, with the record's address on the stack, %eax behind it, then the return
 * address in the gate, and all else but %eax as it was.
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
	endbr32
	.endm
	.macro	entry	name, pointer
	stub	\name
	call	1f
1:	popl	%eax
	leal	rt0_attached_record - 1b(%eax), %edx
	movl	rt0_attached_slot - 1b(%eax), %ecx
	subl	$12, %esp		/* the call finds %esp a multiple of 16 */
	pushl	%edx
	pushl	28(%esp)
	pushl	28(%esp)
	pushl	28(%esp)
	call	*RT0_TABLE_POINTERS + 4 * \pointer(%ecx)
	addl	$28, %esp
	ret
	.size	\name, . - \name
	.endm

	.balign	16
	entry	rt0_stub_lib, RT0_TABLE_LIB
	entry	rt0_stub_twin, RT0_TABLE_TWIN

	stub	rt0_stub_closed
	pushl	%eax
	pushl	%eax			/* room for the record's address */
	call	1f
1:	popl	%eax
	leal	rt0_attached_record - 1b(%eax), %eax
	movl	%eax, (%esp)
	call	2f
2:	popl	%eax
	movl	rt0_attached_slot - 2b(%eax), %eax
	jmp	*RT0_TABLE_POINTERS + 4 * RT0_TABLE_CLOSED(%eax)
	.size	rt0_stub_closed, . - rt0_stub_closed

	.section .note.GNU-stack, "", @progbits
#include "cet.inc"
