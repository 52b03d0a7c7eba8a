/* An export of a variant calling convention (riscv psABI, STO_RISCV_VARIANT_CC). */
	.globl	odd
	.type	odd, @function
	.variant_cc	odd
odd:
	li	a0, 42
	ret
	.size	odd, . - odd
	.section .note.GNU-stack, "", @progbits
