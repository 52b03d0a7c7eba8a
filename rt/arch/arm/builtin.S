/*
 * What compilers call for ARMv5 and Thumb-1. Where that differs between versions of
 * the architecture, it is chosen while the library runs: one rt serves them all.
 *
 * Weak: libgcc has the same functions, in objects that others of its functions may
 * bring into the link.
 */
	.syntax	unified
	.arch	armv7-a
	.object_arch armv5t		/* the later instructions are not met on an earlier CPU */
	.eabi_attribute 9, 1		/* Tag_THUMB_ISA_use: nor are they Thumb */
	.arm
	.text

/*
 * int rt0_arm_version(void)
 *
 * Returns the digit in the kernel's name for the machine, "armv5tejl" or "armv7l":
 * '4' and up, more than '7' under 64-bit kernels. uname(2) is there where no /proc
 * is, and a sandbox that refuses it is not on a CPU of before ARMv7.
 */
	.set	UNAME, 122
	.set	UTSNAME, 392		/* six strings of 65 bytes, up to a multiple of 8 */
	.set	DIGIT, 4 * 65 + 4	/* "armv" of the fifth */
	.globl	rt0_arm_version
	.hidden	rt0_arm_version
	.type	rt0_arm_version, %function
rt0_arm_version:
	.fnstart
	.cfi_startproc
	ldr	ip, 3f
1:	add	ip, pc, ip
	ldr	r0, [ip]
	cmp	r0, #0
	bxne	lr
	push	{r7, lr}
	.save	{r7, lr}
	.cfi_def_cfa_offset 8
	.cfi_offset r7, -8
	.cfi_offset lr, -4
	sub	sp, sp, #UTSNAME
	.pad	#UTSNAME
	.cfi_def_cfa_offset 8 + UTSNAME
	mov	r0, #'7'
	strb	r0, [sp, #DIGIT]
	mov	r0, sp
	mov	r7, #UNAME
	svc	#0
	ldrb	r0, [sp, #DIGIT]
	str	r0, [ip]
	add	sp, sp, #UTSNAME
	.cfi_def_cfa_offset 8
	pop	{r7, pc}
	.balign	4
3:	.word	known - (1b + 8)
	.cfi_endproc
	.fnend
	.size	rt0_arm_version, . - rt0_arm_version

	.local	known
	.comm	known, 4, 4

/*
 * void __sync_synchronize(void): GCC manual, "Legacy __sync Built-in Functions"
 *
 * ARMv7 has DMB, ARMv6 the same as an operation of coprocessor 15 (ARM ARM, DDI
 * 0406C, B6.2.3), and no kernel runs an earlier one on more than one CPU.
 */
	.weak	__sync_synchronize
	.hidden	__sync_synchronize
	.type	__sync_synchronize, %function
__sync_synchronize:
	.fnstart
	.cfi_startproc
	push	{r4, lr}
	.save	{r4, lr}
	.cfi_def_cfa_offset 8
	.cfi_offset r4, -8
	.cfi_offset lr, -4
	bl	rt0_arm_version
	cmp	r0, #'6'
	moveq	r0, #0
	mcreq	p15, 0, r0, c7, c10, 5
	bls	1f
	dmb	ish
1:	pop	{r4, pc}
	.cfi_endproc
	.fnend
	.size	__sync_synchronize, . - __sync_synchronize

/*
 * uint32_t __sync_val_compare_and_swap_4(uint32_t *at, uint32_t old, uint32_t new)
 *                                        r0            r1            r2
 *
 * Returns what was at `at`. LDREX is ARMv6's; on an earlier CPU there is the
 * kernel's helper (Documentation/arch/arm/kernel_user_helpers.rst: r0 old, r1 new,
 * r2 pointer; r0 0 when done; r3, ip and the flags change), which kernels for later
 * ones may lack.
 */
	.set	KUSER_CMPXCHG, 0xffff0fc0
	.weak	__sync_val_compare_and_swap_4
	.hidden	__sync_val_compare_and_swap_4
	.type	__sync_val_compare_and_swap_4, %function
__sync_val_compare_and_swap_4:
	.fnstart
	.cfi_startproc
	push	{r4, r5, r6, lr}
	.save	{r4, r5, r6, lr}
	.cfi_def_cfa_offset 16
	.cfi_offset r4, -16
	.cfi_offset r5, -12
	.cfi_offset r6, -8
	.cfi_offset lr, -4
	mov	r4, r0
	mov	r5, r1
	mov	r6, r2
	bl	rt0_arm_version
	cmp	r0, #'6'
	blo	3f
	bl	__sync_synchronize
1:	ldrex	r0, [r4]
	cmp	r0, r5
	bne	2f
	strex	r1, r6, [r4]
	cmp	r1, #0
	bne	1b
2:	mov	r5, r0
	bl	__sync_synchronize
	mov	r0, r5
	pop	{r4, r5, r6, pc}
3:	ldr	r0, [r4]
	cmp	r0, r5
	popne	{r4, r5, r6, pc}
	mov	r1, r6
	mov	r2, r4
	mvn	r3, #0xffffffff - 0xffff0fff
	sub	r3, r3, #0xffff0fff - KUSER_CMPXCHG
	blx	r3
	cmp	r0, #0
	bne	3b
	mov	r0, r5
	pop	{r4, r5, r6, pc}
	.cfi_endproc
	.fnend
	.size	__sync_val_compare_and_swap_4, . - __sync_val_compare_and_swap_4

/*
 * uint64_t __aeabi_lmul(uint64_t a, uint64_t b): RTABI32, 5.1.1
 *                       r0, r1      r2, r3
 */
	.weak	__aeabi_lmul
	.hidden	__aeabi_lmul
	.type	__aeabi_lmul, %function
__aeabi_lmul:
	.fnstart
	.cfi_startproc
	mul	r1, r2, r1
	mla	r3, r0, r3, r1
	mov	r1, r2
	umull	r2, ip, r0, r1
	mov	r0, r2
	add	r1, r3, ip
	bx	lr
	.cfi_endproc
	.fnend
	.size	__aeabi_lmul, . - __aeabi_lmul

	.section .note.GNU-stack, "", %progbits
