/*
 * void rt0_lib(int argc, char **argv, char **envp)
 * void rt0_lib_twin(int argc, char **argv, char **envp)
 *              4(%esp)   8(%esp)      12(%esp)
 *
 * What the loader calls, with arguments or without. A function may write where its
 * arguments are, and C does; under musl, whose loader passes none, what stands there
 * is the loader's own. So the three words are read here, and go on in registers.
 */
	.text
	.irp	name, rt0_lib, rt0_lib_twin
	.globl	\name
	.hidden	\name
	.type	\name, @function
\name:
	.cfi_startproc
	endbr32
	movl	4(%esp), %eax
	movl	8(%esp), %edx
	movl	12(%esp), %ecx
	jmp	\name\()_in_registers
	.cfi_endproc
	.size	\name, . - \name
	.endr

	.section .note.GNU-stack, "", @progbits
#include "cet.inc"
