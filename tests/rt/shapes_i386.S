/* The static chain of a nested function, %ecx (i386 psABI, 2.2.2). */
	.text
	.globl	shape_chain
	.type	shape_chain, @function
shape_chain:
	endbr32
	movl	%ecx, %eax
	ret
	.size	shape_chain, . - shape_chain
	.section .note.GNU-stack, "", @progbits
