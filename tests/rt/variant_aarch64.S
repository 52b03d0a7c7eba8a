/* An export of the variant procedure call standard (AAELF64, STO_AARCH64_VARIANT_PCS). */
	.globl	odd
	.type	odd, %function
	.variant_pcs	odd
odd:
	mov	w0, #42
	ret
	.size	odd, . - odd
	.section .note.GNU-stack, "", %progbits
