/*
 * The gate template: what stands in front of every export.
 *
 * After the link these 32 bytes are copied once for each export and made to refer
 * to it. 32 bytes on a 32-byte boundary never straddle a cache line.
 *
 * Open path: five instructions. LB gives the state's low byte with its sign, which
 * is set in RT0_OPEN alone. RVWMO has no load with acquire order but LR and AMOs,
 * which write, and a branch orders only later stores (unprivileged ISA, 14.1,
 * rules 4 and 11), so FENCE R,RW does it, the mapping of a load-acquire in
 * table A.6. It and the absence of PC-relative loads are the two instructions more
 * than the three that a load, a test and a jump are.
 *
 * The pair behind the fence becomes a JAL and an instruction that nothing reaches
 * when the function is within 1 MiB; it reaches 2 GiB as it is.
 *
 * Closed path: t1 <- address behind this gate. Neither t1 nor t3 carries anything
 * into a function: the static chain is t2, t0 the second link register.
 *
 * The relocations are those of a call on any pair of AUIPC and an I-type
 * instruction, since gas has no way to name the high part from another place.
 */
#include "abi.h"

	.section .rt0.gates, "ax", @progbits
	.option	norelax
	.option	norvc
	.hidden	rt0_state_word
	.hidden	rt0_gate_closed
	.hidden	rt0_gate_target
	.balign	32
	.cfi_startproc
	.reloc	., R_RISCV_CALL_PLT, rt0_state_word
	auipc	t1, 0
	lb	t1, 0(t1)
	.word	0x00035863		/* bgez t1, 1f: as, told so, would leave a relocation */
	fence	r, rw
	.reloc	., R_RISCV_CALL_PLT, rt0_gate_target
	auipc	t1, 0
	jr	0(t1)
1:	.reloc	., R_RISCV_CALL_PLT, rt0_gate_closed
	auipc	t3, 0
	jalr	t1, 0(t3)
	.cfi_endproc

	.section .note.GNU-stack, "", @progbits
