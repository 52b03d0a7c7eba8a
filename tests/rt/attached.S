/*
 * What elfpatch puts into a library that it attaches, from an ordinary linker:
 * record, state block, slot and the entry of .init_array. FLAGS: of the record.
 */
#include "abi.h"

#if __SIZEOF_POINTER__ == 8
	.macro	pointer	value
	.8byte	\value
	.endm
	.macro	relative	target
	.8byte	\target - .
	.endm
	.macro	none
	.8byte	0
	.endm
#else
	.macro	pointer	value
	.4byte	\value
	.endm
	/* What is added to a 32-bit address needs no upper half. In memory the halves stand in the machine's order. */
	.macro	relative	target
	.4byte	\target - .
	.4byte	0
	.endm
	.macro	none
	.4byte	0, 0
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
	.8byte	0
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
	none		/* gates, which tools look for */
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

	.section .init_array, "aw"
	.balign	__SIZEOF_POINTER__
	pointer	rt0_stub_twin

	.section .note.GNU-stack, "", %progbits
