/*
 * A library as ldwrap makes them, written by hand, so that each rule of verify can
 * be broken by itself. Export functions twice(int) and again (an alias), seven(),
 * and ready() in .rt0.nogate. The pool's branches are resolved by the linker; what
 * is left to do is to point the dynamic symbols at the gates, see fixture() in
 * fixture.bash. x86-64 only.
 *
 * Macros choose what is wrong with it, or what it has besides.
 */
#include "abi.h"

#ifdef NO_ENDBR
#define LANDING
#else
#define LANDING endbr64
#endif

	.macro	function name
	.type	\name, @function
\name:
	LANDING
	.endm

	.macro	end name
	.size	\name, . - \name
	.endm

	.text
	.globl	twice, again, seven
	.type	again, @function
	.balign	16
again:
function twice
	leal	(%rdi,%rdi), %eax
	ret
end twice
	.size	again, . - again

function seven
	movl	$7, %eax
	ret
end seven

	.globl	rt0_lib, rt0_lib_twin, rt0_gate_closed, rt0_runtime_init, rt0_state_word, rt0_config, rt0_islibrary
	.hidden	rt0_lib, rt0_lib_twin, rt0_gate_closed, rt0_runtime_init, rt0_config, rt0_islibrary
#ifndef LEAK
	.hidden	rt0_state_word
#endif

function rt0_lib
	movl	$RT0_OPEN, .Lstate(%rip)
	ret
end rt0_lib

function rt0_lib_twin
	ret
end rt0_lib_twin

function rt0_runtime_init
	xorl	%eax, %eax
	ret
end rt0_runtime_init

function rt0_gate_closed
	ud2
end rt0_gate_closed

	.section .rt0.nogate, "ax", @progbits
	.globl	ready
function ready
	movl	$1, %eax
	ret
end ready

/* The pool: gates of twice, seven and a second one of twice, and an unused one. */
	.macro	gate name, target
	.balign	32
\name:
	endbr64
	cmpb	$RT0_OPEN, .Lstate(%rip)
	jne	1f
	.byte	0xe9
	.long	\target - (. + 4)
1:	leaq	\name(%rip), %r11
	jmp	rt0_gate_closed
	.balign	32, 0xcc
	.endm

	.text
	.set	.Ltwice, twice
	.set	.Lseven, seven

	.section RT0_SEC_GATES, "ax", @progbits
	.balign	32
pool:
	gate	gate_twice, .Ltwice
	gate	gate_seven, .Lseven
	gate	gate_twice_2, .Ltwice
gate_unused:
	.fill	32, 1, 0xcc

	.data
	.type	rt0_state_word, @object
	.balign	4
rt0_state_word:
.Lstate:
	.long	0
	.size	rt0_state_word, 4

	.section .rodata
	.type	rt0_islibrary, @object
rt0_islibrary:
	.byte	1
	.size	rt0_islibrary, 1

	.section RT0_SEC_CONFIG, "aw", @progbits
	.type	rt0_config, @object
	.balign	8
rt0_config:
	.long	RT0_ABI_VERSION, 0
	.quad	0
#ifdef NO_INIT
	.quad	0
#else
	.quad	rt0_runtime_init
#endif
	.quad	0, 0, 0
	.size	rt0_config, . - rt0_config

#ifndef NO_TWIN
	.section .init_array, "aw", @init_array
	.quad	rt0_lib_twin
#ifdef TWIN_FIRST
	.quad	rt0_runtime_init
#endif
#endif

#ifndef NO_NOTE
	.section RT0_SEC_NOTE, "a", @note
	.balign	4
	.long	4, note_end - note_start, RT0_NT_LIBRARY
	.asciz	RT0_NOTE_NAME
note_start:
	.long	RT0_ABI_VERSION, 32, 4
	.long	pool - .
	.long	.Lstate - .
	.long	rt0_islibrary - .
	.long	rt0_config - .
	.long	rt0_lib - .
	.long	rt0_gate_closed - .
	.long	rt0_lib_twin - .
	.long	3				/* fixups, all R_X86_64_PC32 or R_X86_64_PLT32 */
	.long	6 | RT0_FIXUP_STATE << 16, 2, -5
	.long	14 | RT0_FIXUP_TARGET << 16, 4, -4
	.long	26 | RT0_FIXUP_CLOSED << 16, 4, -4
template:
	endbr64
	.byte	0x80, 0x3d, 0, 0, 0, 0, RT0_OPEN /* cmpb */
	jne	1f
	.byte	0xe9, 0, 0, 0, 0
1:	leaq	template(%rip), %r11
	.byte	0xe9, 0, 0, 0, 0
	.fill	32 - (. - template), 1, 0xcc
note_end:
#ifdef POLICY
	.balign	4
	.long	4, policy_end - policy_start, RT0_NT_POLICY
	.asciz	RT0_NOTE_NAME
policy_start:
	.asciz	POLICY
policy_end:
	.balign	4
#endif
#endif

#ifdef DATA
	.data
	.globl	counter
	.type	counter, @object
counter:
	.long	1
	.size	counter, 4
#endif

#ifdef UNTYPED
	.text
	.globl	untyped
untyped:
	ret
#endif

#ifdef VAGUE
	.text
	.weak	_Z5vaguev
function _Z5vaguev
	ret
end _Z5vaguev
#endif

#ifdef IFUNC
	.text
	.globl	chosen
	.type	chosen, @gnu_indirect_function
chosen:
	leaq	.Lseven(%rip), %rax
	ret
#endif

#ifdef MALLOC
	.text
	.globl	malloc
	.set	malloc, seven
#endif

#ifdef TEXTREL
	.text
	.quad	rt0_runtime_init
#endif

#ifdef LAZY
	.text
	jmp	somewhere@PLT
#endif

#ifdef TLS
	.section .tbss, "awT", @nobits
	.type	local, @object
local:
	.zero	TLS
	.size	local, TLS
	.text
#ifdef TLS_DYNAMIC
	leaq	local@TLSLD(%rip), %rdi
	call	__tls_get_addr@PLT
#else
	movq	local@GOTTPOFF(%rip), %rax
#endif
#endif

#ifdef PTHREAD
	.weak	pthread_create
	.data
	.quad	pthread_create
#endif

	.section .note.GNU-stack, "", @progbits

#ifndef NO_PROPERTY
#ifndef PROPERTY
#define PROPERTY 3
#endif
	.section .note.gnu.property, "a", @note
	.balign	8
	.long	4, 16, 5 /* NT_GNU_PROPERTY_TYPE_0 */
	.asciz	"GNU"
	.long	0xc0000002, 4, PROPERTY, 0 /* GNU_PROPERTY_X86_FEATURE_1_AND */
#endif
