/*
 * The gate template of a library with rt0_thread_attach or rt0_thread_detach: 64
 * bytes, a cache line.
 *
 * Open path: %r11 <- slot of this thread in rt0_thread_slots (arch.h), whose
 * address is in rt0_config; a thread that finds its own thread pointer there is
 * attached, and was only after the state became open. So the state need not be
 * looked at, and no order is needed between this thread's store and its load.
 *
 * No thread-local variable: in a library that dlopen loads, one costs a call that
 * does not keep the argument registers (__tls_get_addr, and TLS descriptors before
 * glibc 2.40), or room in the static TLS block, of which there is little.
 *
 * Closed path and %r11: as in gate.S.
 */
#include "abi.h"

	.set	CONFIG_THREADS, RT0_CONFIG_POINTERS + 8 * RT0_POINTER_THREADS
	.set	FACTOR, 0x9e3779b1 - 0x100000000	/* RT0_THREAD_FACTOR, as a signed immediate */

	.section .rt0.gates, "ax", @progbits
	.hidden	rt0_config
	.hidden	rt0_gate_closed
	.hidden	rt0_gate_target
	.balign	64
	.cfi_startproc
0:	endbr64
	xorl	%r11d, %r11d
	movq	%fs:(%r11), %r11
	imull	$FACTOR, %r11d, %r11d
	shrl	$22 - 3, %r11d			/* RT0_THREAD_SHIFT, and 8 bytes a slot */
	andl	$-8, %r11d
	addq	rt0_config + CONFIG_THREADS(%rip), %r11
	movq	(%r11), %r11
	cmpq	%fs:0, %r11
	jne	1f
	jmp	rt0_gate_target
1:	leaq	0b(%rip), %r11
	jmp	rt0_gate_closed
	.balign	64, 0xcc
	.cfi_endproc

	.section .note.GNU-stack, "", @progbits
#include "cet.inc"
