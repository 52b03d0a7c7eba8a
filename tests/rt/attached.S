/*
 * What elfpatch puts into a library that it attaches, from an ordinary linker:
 * record, state block, slot and the entry of .init_array. VERSION, FLAGS and
 * STACK_SIZE are the record's.
 */
#include "abi.h"

#if __SIZEOF_POINTER__ == 8
	.macro	pointer	value
	.8byte	\value
	.endm
#else
	.macro	pointer	value
	.4byte	\value
	.endm
#endif
#if __SIZEOF_POINTER__ == 8 && !defined(__mips__)
	.macro	relative	target, upper
	.8byte	\target - .
	.endm
#else
	/* 32-bit addresses need no upper half; for that of MIPS, which has no such relocation, see sign_extend. */
	.macro	relative	target
	.4byte	\target - ., 0
	.endm
#endif

	.section .note.rt0, "a", %note
	.balign	8
	.4byte	4, RT0_ATTACHED_SIZE, RT0_NT_ATTACHED
	.asciz	RT0_NOTE_NAME
	.hidden	rt0_attached_record
	.globl	rt0_attached_record
rt0_attached_record:
	.4byte	VERSION
	.4byte	FLAGS
	.8byte	STACK_SIZE
	relative	attached_init
	relative	attached_old_init
	relative	attached_last_constructor
	relative	rt0_islibrary
	relative	__ehdr_start
	relative	_end
	relative	_DYNAMIC
	relative	attached_state
	relative	rt0_attached_slot
	relative	rt0_stub_lib
	.8byte	0		/* gates, for which tools look */
	.4byte	0, 0
	.if	. - rt0_attached_record - RT0_ATTACHED_SIZE
	.error	"the record has another size"
	.endif
	.hidden	__ehdr_start, _end, _DYNAMIC, rt0_stub_lib, rt0_stub_twin
	.hidden	attached_init, attached_old_init, attached_last_constructor

	.section .bss.attached, "aw", %nobits
	.balign	RT0_ATTACHED_STATE_ALIGN
	.hidden	attached_state
	.globl	attached_state
attached_state:
	.skip	RT0_ATTACHED_STATE_SIZE

	.data
	.hidden	rt0_islibrary
	.globl	rt0_islibrary
rt0_islibrary:
	.byte	0
	.balign	8
	.hidden	rt0_attached_slot
	.globl	rt0_attached_slot
rt0_attached_slot:
	pointer	rt0_attached

#if defined(_CALL_ELF) && _CALL_ELF == 1
#include "arch/powerpc64/stub.S"
	/* The stub has no descriptors, which the loader calls. */
	.section .opd, "aw", %progbits
	.balign	8
	.hidden	attached_lib
	.globl	attached_lib
	.type	attached_lib, %function
attached_lib:
	.8byte	rt0_stub_lib, .TOC.@tocbase, 0
	.type	attached_twin, %function
attached_twin:
	.8byte	rt0_stub_twin, .TOC.@tocbase, 0
#else
	.set	attached_twin, rt0_stub_twin
#endif
	.section .init_array, "aw"
	.balign	__SIZEOF_POINTER__
	pointer	attached_twin

	.section .note.GNU-stack, "", %progbits
