	.text
	.globl	shape_chain
	.type	shape_chain, @function
shape_chain:
	endbr64
	movq	%r10, %rax
	ret
	.size	shape_chain, . - shape_chain

	.globl	shape_wide
	.type	shape_wide, @function
shape_wide:
	endbr64
	vaddpd	%ymm1, %ymm0, %ymm0
	ret
	.size	shape_wide, . - shape_wide
	.section .note.GNU-stack, "", @progbits
