#include "machine.h"

#include "elf_names.h"

#include "../../rt/abi.h"

#include <string.h>

static uint32_t word_le(const unsigned char *at)
{
	return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static void put_word_le(unsigned char *at, uint32_t word)
{
	for (int i = 0; i < 4; i++)
		at[i] = (unsigned char)(word >> (8 * i));
}

/*
 * x86-64: psABI, "Relocation Types".
 *
 * A gate is 32 bytes, or 64 where it looks at the thread instead of the state:
 *
 *	 0  f3 0f 1e fa           endbr64
 *	 4  80 3d <rel32> 83      cmpb $RT0_OPEN, rt0_state_word(%rip)
 *	11  75 05                 jne closed
 *	13  e9 <rel32>            jmp rt0_gate_target
 *	18  4c 8d 1d <rel32>      closed: lea gate(%rip), %r11
 *	25  e9 <rel32>            jmp rt0_gate_closed
 *
 *	 0  f3 0f 1e fa           endbr64
 *	 4  45 31 db              xor %r11d, %r11d
 *	 7  64 4d 8b 1b           mov %fs:(%r11), %r11
 *	11  45 69 db <imm32>      imul $factor, %r11d, %r11d
 *	18  41 c1 eb 13           shr $19, %r11d
 *	22  41 83 e3 f8           and $-8, %r11d
 *	26  4c 03 1d <rel32>      add rt0_config + ...(%rip), %r11
 *	33  4d 8b 1b              mov (%r11), %r11
 *	36  64 4c 3b 1c 25 0...   cmp %fs:0, %r11
 *	45  75 05                 jne closed
 *	47  e9 <rel32>            jmp rt0_gate_target
 *	52  4c 8d 1d <rel32>      closed: lea gate(%rip), %r11
 *	59  e9 <rel32>            jmp rt0_gate_closed
 */

static bool x86_64_fixup_put(unsigned char *at, uint32_t type, uint64_t place, uint64_t value)
{
	if (type != R_X86_64_PC32 && type != R_X86_64_PLT32)
		return false;
	uint64_t distance = value - place;
	if (distance + 0x80000000u > 0xffffffffu)
		return false;
	put_word_le(at, (uint32_t)distance);
	return true;
}

/* A stretch of a gate that no fixup touches. */
struct stretch {
	size_t at, size;
	unsigned char bytes[24];
};

static bool has_stretches(const unsigned char *gate, const struct stretch *stretches, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (memcmp(gate + stretches[i].at, stretches[i].bytes, stretches[i].size) != 0)
			return false;
	return true;
}

static uint64_t x86_64_gate_target(const unsigned char *at, size_t size, uint64_t gate)
{
	static const struct stretch state[] = {
		{0, 6, {0xf3, 0x0f, 0x1e, 0xfa, 0x80, 0x3d}},
		{10, 4, {RT0_OPEN, 0x75, 0x05, 0xe9}},
		{18, 8, {0x4c, 0x8d, 0x1d, 0xe7, 0xff, 0xff, 0xff, 0xe9}},
		{30, 2, {0xcc, 0xcc}},
	};
	static const struct stretch thread[] = {
		{0, 11, {0xf3, 0x0f, 0x1e, 0xfa, 0x45, 0x31, 0xdb, 0x64, 0x4d, 0x8b, 0x1b}},
		{11,
		 18,
		 {0x45, 0x69, 0xdb, 0xb1, 0x79, 0x37, 0x9e, 0x41, 0xc1, 0xeb, 0x13, 0x41, 0x83, 0xe3, 0xf8, 0x4c, 0x03,
		  0x1d}},
		{33, 15, {0x4d, 0x8b, 0x1b, 0x64, 0x4c, 0x3b, 0x1c, 0x25, 0, 0, 0, 0, 0x75, 0x05, 0xe9}},
		{52, 8, {0x4c, 0x8d, 0x1d, 0xc5, 0xff, 0xff, 0xff, 0xe9}},
	};
	size_t next;

	if (size == 32 && has_stretches(at, state, sizeof state / sizeof state[0]))
		next = 18;
	else if (size == 64 && has_stretches(at, thread, sizeof thread / sizeof thread[0]))
		next = 52;
	else
		return 0;
	return gate + next + (uint64_t)(int64_t)(int32_t)word_le(at + next - 4);
}

/*
 * i386: psABI, "Relocation". What x86-64 has as R_X86_64_PC32 and R_X86_64_PLT32,
 * with the addend in the place.
 *
 * A gate is 32 bytes:
 *
 *	 0  f3 0f 1e fb           endbr32
 *	 4  50                    push %eax
 *	 5  e8 00 00 00 00        call 1f
 *	10  58                    1: pop %eax
 *	11  80 b8 <rel32> 83      cmpb $RT0_OPEN, rt0_state_word - 1b(%eax)
 *	18  58                    pop %eax
 *	19  0f 84 <rel32>         2: je rt0_gate_target
 *	25  e8 <rel32>            call rt0_gate_closed
 *	30  eb f3                 jmp 2b
 */
enum { I386_GATE = 32, I386_NEXT = 25 };

static bool i386_fixup_put(unsigned char *at, uint32_t type, uint64_t place, uint64_t value)
{
	uint64_t distance = value - place;

	if ((type != R_386_PC32 && type != R_386_PLT32) || distance + 0x80000000u > 0xffffffffu)
		return false;
	put_word_le(at, (uint32_t)distance);
	return true;
}

static int64_t i386_addend_get(const unsigned char *at, uint32_t type)
{
	return type == R_386_PC32 || type == R_386_PLT32 ? (int32_t)word_le(at) : 0;
}

static uint64_t i386_gate_target(const unsigned char *at, size_t size, uint64_t gate)
{
	static const struct stretch stretches[] = {
		{0, 13, {0xf3, 0x0f, 0x1e, 0xfb, 0x50, 0xe8, 0, 0, 0, 0, 0x58, 0x80, 0xb8}},
		{17, 4, {RT0_OPEN, 0x58, 0x0f, 0x84}},
		{25, 1, {0xe8}},
		{30, 2, {0xeb, 0xf3}},
	};

	if (size != I386_GATE || !has_stretches(at, stretches, sizeof stretches / sizeof stretches[0]))
		return 0;
	return gate + I386_NEXT + (uint64_t)(int64_t)(int32_t)word_le(at + I386_NEXT - 4);
}

/*
 * arm: little-endian instruction words, A32; AAELF32, "Relocation types", with the
 * addend in the place. Bit 0 of a function's address says that it is Thumb.
 *
 * A gate is 64 bytes:
 *
 *	 0  e59fc02c            ldr ip, 52        4  e79fc00c            ldr ip, [pc, ip]
 *	 8  e1b0cc0c            lsls ip, ip, #24  12  3a000002           bcc 28
 *	16  f57ff05b            dmb ish
 *	20  b rt0_gate_target, or ldr ip, 56     24  e08ff00c            add pc, pc, ip
 *	28  5a000002            bpl 44
 *	32  b rt0_gate_target, or ldr ip, 60     36  e08fc00c            add ip, pc, ip
 *	40  e12fff1c            bx ip
 *	44  e24fc034            sub ip, pc, #52  48  b rt0_gate_closed
 *	52  distance of rt0_state_word from 12
 *	56  distance of rt0_gate_target from 32  60  the same from 44
 */
enum { ARM_GATE = 64, ARM_JUMPS = 2 };
static const struct {
	int64_t branch, base, distance;
	uint32_t load, add;
} arm_jumps[ARM_JUMPS] = {
	{20, 32, 56, 0xe59fc01c, 0xe08ff00c},
	{32, 44, 60, 0xe59fc014, 0xe08fc00c},
};

static bool arm_fixup_put(unsigned char *at, uint32_t type, uint64_t place, uint64_t value)
{
	uint64_t distance = value - place;

	if (type == R_ARM_REL32 && distance + 0x80000000u <= 0xffffffffu) {
		put_word_le(at, (uint32_t)distance);
		return true;
	}
	if (type != R_ARM_JUMP24)
		return false;
	if (distance % 4 == 0 && distance + 0x2000000 < 0x4000000) {
		put_word_le(at, 0xea000000 | ((uint32_t)distance >> 2 & 0xffffff));
		return true;
	}
	for (size_t i = 0; i < ARM_JUMPS; i++) {
		if (word_le(at + 4) == arm_jumps[i].add) {
			put_word_le(at, arm_jumps[i].load);
			return true;
		}
	}
	return false;
}

/* Words of a gate's branches are signed and count from 8 bytes behind the branch. */
static int32_t arm_branch_distance(uint32_t branch)
{
	return (int32_t)(branch << 8) >> 6;
}

static int64_t arm_addend_get(const unsigned char *at, uint32_t type)
{
	switch (type) {
	case R_ARM_JUMP24:
		return arm_branch_distance(word_le(at));
	case R_ARM_REL32:
		return (int32_t)word_le(at);
	default:
		return 0;
	}
}

static uint64_t arm_gate_target(const unsigned char *at, size_t size, uint64_t gate)
{
	static const struct {
		uint32_t fixed, bits;
	} words[ARM_GATE / 4] = {
		{0xffffffff, 0xe59fc02c},
		{0xffffffff, 0xe79fc00c},
		{0xffffffff, 0xe1b0cc0c},
		{0xffffffff, 0x3a000002},
		{0xffffffff, 0xf57ff05b},
		{0, 0},
		{0xffffffff, 0xe08ff00c},
		{0xffffffff, 0x5a000002},
		{0, 0},
		{0xffffffff, 0xe08fc00c},
		{0xffffffff, 0xe12fff1c},
		{0xffffffff, 0xe24fc034},
		{0xff000000, 0xea000000},
		{0, 0},
		{0, 0},
		{0, 0},
	};

	if (size != ARM_GATE)
		return 0;
	for (size_t i = 0; i < ARM_GATE / 4; i++)
		if ((word_le(at + 4 * i) & words[i].fixed) != words[i].bits)
			return 0;
	int64_t target = arm_jumps[0].base + (int32_t)word_le(at + arm_jumps[0].distance);
	/* Both ways go there, by either form. */
	for (size_t i = 0; i < ARM_JUMPS; i++) {
		uint32_t branch = word_le(at + arm_jumps[i].branch);
		if (arm_jumps[i].base + (int32_t)word_le(at + arm_jumps[i].distance) != target)
			return 0;
		if (branch != arm_jumps[i].load &&
		    (branch >> 24 != 0xea || arm_jumps[i].branch + 8 + arm_branch_distance(branch) != target))
			return 0;
	}
	return gate + (uint64_t)target;
}

/*
 * aarch64: little-endian instruction words; AAELF64, "Relocation types".
 *
 * A gate is 32 bytes:
 *
 *	 0  d503245f            bti c
 *	 4  90000010 | page     adrp x16, rt0_state_word
 *	 8  88dffe11            ldar w17, [x16]
 *	12  36380051            tbz w17, #7, closed
 *	16  14000000 | words    b rt0_gate_target
 *	20  10ffff70            closed: adr x16, gate
 *	24  14000000 | words    b rt0_gate_closed
 *	28  d4200000            brk #0
 */
enum { AARCH64_GATE = 32, AARCH64_B = 16 };
static const uint32_t aarch64_ldar = 0x88dffe11;

static bool aarch64_fixup_put(unsigned char *at, uint32_t type, uint64_t place, uint64_t value)
{
	if (type == R_AARCH64_ADR_PREL_PG_HI21) {
		/* The gate has no instruction for an offset in the page; the stub of an attached library has. */
		bool is_whole = word_le(at + 4) == aarch64_ldar;
		uint64_t pages = (value >> 12) - (place >> 12) + (1u << 20);
		if ((is_whole && value % 4096 != 0) || pages >= 1u << 21)
			return false;
		pages ^= 1u << 20;
		put_word_le(at,
			    (word_le(at) & 0x9f00001fu) | (uint32_t)(pages & 3) << 29 | (uint32_t)(pages >> 2) << 5);
		return true;
	}
	if (type == R_AARCH64_ADD_ABS_LO12_NC || type == R_AARCH64_LDST64_ABS_LO12_NC) {
		/* Loads of 64 bits count in as many. */
		unsigned shift = type == R_AARCH64_LDST64_ABS_LO12_NC ? 3 : 0;
		uint32_t offset = (uint32_t)value % 4096;
		if (offset % (1u << shift) != 0)
			return false;
		put_word_le(at, (word_le(at) & 0xffc003ffu) | offset >> shift << 10);
		return true;
	}
	uint64_t distance = value - place + (1u << 27);
	if ((type != R_AARCH64_JUMP26 && type != R_AARCH64_CALL26) || distance % 4 != 0 || distance >= 1u << 28)
		return false;
	put_word_le(at, (word_le(at) & 0xfc000000u) | ((uint32_t)(distance ^ 1u << 27) >> 2));
	return true;
}

static uint64_t aarch64_gate_target(const unsigned char *at, size_t size, uint64_t gate)
{
	static const struct {
		uint32_t fixed, bits;
	} words[AARCH64_GATE / 4] = {
		{0xffffffff, 0xd503245f}, {0x9f00001f, 0x90000010}, {0xffffffff, 0x88dffe11}, {0xffffffff, 0x36380051},
		{0xfc000000, 0x14000000}, {0xffffffff, 0x10ffff70}, {0xfc000000, 0x14000000}, {0xffffffff, 0xd4200000},
	};

	if (size < AARCH64_GATE)
		return 0;
	for (size_t i = 0; i < AARCH64_GATE / 4; i++)
		if ((word_le(at + 4 * i) & words[i].fixed) != words[i].bits)
			return 0;
	int32_t distance = (int32_t)(word_le(at + AARCH64_B) << 6) / 16;
	return gate + AARCH64_B + (uint64_t)(int64_t)distance;
}

/*
 * riscv64: psABI, "Relocations". A pair is AUIPC and an I-type instruction behind
 * it, which R_RISCV_CALL_PLT relocates together; a pair that jumps may become a JAL.
 *
 * A gate is 32 bytes:
 *
 *	 0  auipc t1, lb t1            rt0_state_word
 *	 8  00035863                   bgez t1, closed
 *	12  0230000f                   fence r, rw
 *	16  jal zero, or auipc t1, jalr zero, t1   rt0_gate_target
 *	24  auipc t3, jalr t1, t3      closed: rt0_gate_closed
 */
enum { RISCV64_GATE = 32, RISCV64_JUMP = 16, RISCV_AUIPC = 0x17, RISCV_JALR = 0x67, RISCV_JAL = 0x6f };

static bool riscv64_fixup_put(unsigned char *at, uint32_t type, uint64_t place, uint64_t value)
{
	uint64_t distance = value - place;
	uint32_t first = word_le(at), second = word_le(at + 4);

	/* The lower half is signed, so the upper one is rounded. */
	if (type != R_RISCV_CALL_PLT || (first & 0x7f) != RISCV_AUIPC || distance + 0x80000800u > 0xffffffffu)
		return false;
	if ((second & 0xfff) == RISCV_JALR && distance % 2 == 0 && distance + (1u << 20) < 1u << 21) {
		uint32_t d = (uint32_t)distance;
		put_word_le(at,
			    RISCV_JAL | (d & 0xff000) | (d & 0x800) << 9 | (d & 0x7fe) << 20 | (d & 1u << 20) << 11);
		return true;
	}
	put_word_le(at, (first & 0xfff) | (((uint32_t)distance + 0x800) & ~0xfffu));
	put_word_le(at + 4, (second & 0xfffff) | (uint32_t)distance << 20);
	return true;
}

static uint64_t riscv64_gate_target(const unsigned char *at, size_t size, uint64_t gate)
{
	/* AUIPC and JAL have 20 free bits, I-type instructions 12. */
	static const struct {
		uint32_t fixed, bits;
	} words[RISCV64_GATE / 4] = {
		{0xfff, 0x317}, {0xfffff, 0x30303}, {0xffffffff, 0x35863}, {0xffffffff, 0x230000f}, {0, 0},
		{0, 0},         {0xfff, 0xe17},     {0xfffff, 0xe0367},
	};
	uint32_t first = word_le(at + RISCV64_JUMP), second = word_le(at + RISCV64_JUMP + 4);
	int64_t distance;

	if (size != RISCV64_GATE)
		return 0;
	for (size_t i = 0; i < RISCV64_GATE / 4; i++)
		if ((word_le(at + 4 * i) & words[i].fixed) != words[i].bits)
			return 0;
	if ((first & 0xfff) == RISCV_JAL && second == 0x30067)
		distance = (int32_t)((first >> 31 ? 0xfff00000 : 0) | (first & 0xff000) | (first >> 9 & 0x800) |
				     (first >> 20 & 0x7fe));
	else if ((first & 0xfff) == 0x317 && (second & 0xfffff) == 0x30067)
		distance = (int64_t)(int32_t)(first & ~0xfffu) + ((int32_t)second >> 20);
	else
		return 0;
	return gate + RISCV64_JUMP + (uint64_t)distance;
}

/*
 * s390x: big-endian; ABI supplement, "Relocation". Distances are in halfwords from
 * the instruction, 2 bytes before the place.
 *
 * A gate is 32 bytes:
 *
 *	 0  c4 1d <rel32>         lrl %r1, rt0_state_word
 *	 6  ec 16 00 06 83 7f     clijne %r1, RT0_OPEN, closed
 *	12  c0 f4 <rel32>         jg rt0_gate_target
 *	18  c0 10 ff ff ff f7     closed: larl %r1, gate
 *	24  c0 f4 <rel32>         jg rt0_gate_closed
 *	30  00 00
 */
enum { S390X_GATE = 32, S390X_JUMP = 12 };

static bool s390x_fixup_put(unsigned char *at, uint32_t type, uint64_t place, uint64_t value)
{
	uint64_t distance = value - place;

	if ((type != R_390_PC32DBL && type != R_390_PLT32DBL) || distance % 2 != 0 ||
	    distance + 0x100000000u > 0x1ffffffffu)
		return false;
	distance /= 2;
	for (int i = 0; i < 4; i++)
		at[i] = (unsigned char)(distance >> (8 * (3 - i)));
	return true;
}

static uint64_t s390x_gate_target(const unsigned char *at, size_t size, uint64_t gate)
{
	static const struct stretch stretches[] = {
		{0, 2, {0xc4, 0x1d}},
		{6, 8, {0xec, 0x16, 0x00, 0x06, RT0_OPEN, 0x7f, 0xc0, 0xf4}},
		{18, 8, {0xc0, 0x10, 0xff, 0xff, 0xff, 0xf7, 0xc0, 0xf4}},
		{30, 2, {0, 0}},
	};
	uint32_t distance = 0;

	if (size != S390X_GATE || !has_stretches(at, stretches, sizeof stretches / sizeof stretches[0]))
		return 0;
	for (int i = 0; i < 4; i++)
		distance = distance << 8 | at[S390X_JUMP + 2 + i];
	return gate + S390X_JUMP + 2 * (uint64_t)(int64_t)(int32_t)distance;
}

/*
 * powerpc64le: ELFv2 ABI, "Relocation Types"; little-endian instruction words, whose
 * 16-bit fields come first.
 *
 * A gate is 64 bytes:
 *
 *	 0  3d6c.... addis r11, r12, state@ha    4  800b.... lwz r0, state@l(r11)
 *	 8  28000083 cmplwi r0, RT0_OPEN        12  40820018 bne closed
 *	16  4c00012c isync
 *	20  3d8c.... addis r12, r12, target@ha  24  398c.... addi r12, r12, target@l
 *	28  b target, or mtctr r12              32  4e800420 bctr
 *	36  b rt0_gate_closed                   40  7fe00008 trap, six times
 */
enum { POWERPC64_GATE = 64, POWERPC64_PAIR = 20, POWERPC64_B = 28 };
static const uint32_t powerpc_mtctr = 0x7d8903a6;

static bool powerpc64le_fixup_put(unsigned char *at, uint32_t type, uint64_t place, uint64_t value)
{
	uint64_t distance = value - place;

	switch (type) {
	case R_PPC64_REL16_HA:
		/* The lower half is signed, so the upper one is rounded. */
		if (distance + 0x80008000u > 0xffffffffu)
			return false;
		put_word_le(at, (word_le(at) & 0xffff0000) | (uint16_t)((distance + 0x8000) >> 16));
		return true;
	case R_PPC64_REL16_LO:
		put_word_le(at, (word_le(at) & 0xffff0000) | (uint16_t)distance);
		return true;
	case R_PPC64_REL24:
		if (distance % 4 != 0)
			return false;
		if (distance + 0x2000000 < 0x4000000)
			put_word_le(at, 0x48000000 | ((uint32_t)distance & 0x3fffffc));
		else if (word_le(at + 4) == 0x4e800420) /* bctr */
			put_word_le(at, powerpc_mtctr);
		else
			return false;
		return true;
	default:
		return false;
	}
}

static uint64_t powerpc64le_gate_target(const unsigned char *at, size_t size, uint64_t gate)
{
	static const struct {
		uint32_t fixed, bits;
	} words[POWERPC64_GATE / 4] = {
		{0xffff0000, 0x3d6c0000}, {0xffff0000, 0x800b0000}, {0xffffffff, 0x28000083}, {0xffffffff, 0x40820018},
		{0xffffffff, 0x4c00012c}, {0xffff0000, 0x3d8c0000}, {0xffff0000, 0x398c0000}, {0, 0},
		{0xffffffff, 0x4e800420}, {0xfc000003, 0x48000000}, {0xffffffff, 0x7fe00008}, {0xffffffff, 0x7fe00008},
		{0xffffffff, 0x7fe00008}, {0xffffffff, 0x7fe00008}, {0xffffffff, 0x7fe00008}, {0xffffffff, 0x7fe00008},
	};

	if (size != POWERPC64_GATE)
		return 0;
	for (size_t i = 0; i < POWERPC64_GATE / 4; i++)
		if ((word_le(at + 4 * i) & words[i].fixed) != words[i].bits)
			return 0;
	int64_t distance =
		(int64_t)(int16_t)word_le(at + POWERPC64_PAIR) * 0x10000 + (int16_t)word_le(at + POWERPC64_PAIR + 4);
	/* The branch goes where the address pair says. */
	uint32_t b = word_le(at + POWERPC64_B);
	int64_t branch = POWERPC64_B + (int64_t)((int32_t)(b << 6) >> 8) * 4;
	if (b != powerpc_mtctr && ((b & 0xfc000003) != 0x48000000 || branch != distance))
		return 0;
	return gate + (uint64_t)distance;
}

/*
 * powerpc64: 64-bit PowerPC ELF ABI supplement 1.9, "Relocation Types"; big-endian.
 * What counts from the TOC pointer, or in the stub of an attached library from the
 * place, relocates the lower half of its instruction, 2 bytes behind it.
 *
 * A gate is 64 bytes, `gate` its descriptor:
 *
 *	 0  3d82.... addis r12, r2, state@toc@ha     4  800c.... lwz r0, state@toc@l(r12)
 *	 8  28000083 cmplwi r0, RT0_OPEN            12  4082001c bne closed
 *	16  4c00012c isync                          20  b target, or nop
 *	24  3d82.... addis r12, r2, target@toc@ha   28  398c.... addi r12, r12, target@toc@l
 *	32  7d8903a6 mtctr r12                      36  4e800420 bctr
 *	40  3d82.... closed: addis r12, r2, gate@toc@ha   44  398c.... addi r12, r12, gate@toc@l
 *	48  b rt0_gate_closed                       52  7fe00008 trap, three times
 */
enum { POWERPC64_FAR = 24, POWERPC64_SELF = 40 };

static uint32_t word_be(const unsigned char *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void put_half_be(unsigned char *at, uint32_t half)
{
	at[0] = (unsigned char)(half >> 8);
	at[1] = (unsigned char)half;
}

static bool powerpc64_fixup_put(unsigned char *at, uint32_t type, uint64_t place, uint64_t value)
{
	uint64_t distance = value - place;
	uint32_t b = 0x60000000; /* nop */

	switch (type) {
	case R_PPC64_TOC16_HA:
	case R_PPC64_REL16_HA:
		if (distance + 0x80008000u > 0xffffffffu)
			return false;
		put_half_be(at, (uint32_t)((distance + 0x8000) >> 16));
		return true;
	case R_PPC64_TOC16_LO:
	case R_PPC64_REL16_LO:
		put_half_be(at, (uint32_t)distance);
		return true;
	case R_PPC64_REL24:
		if (distance % 4 != 0)
			return false;
		if (distance + 0x2000000 < 0x4000000)
			b = 0x48000000 | ((uint32_t)distance & 0x3fffffc);
		else if (word_be(at + 4) >> 16 != 0x3d82) /* the long way is not behind it */
			return false;
		put_half_be(at, b >> 16);
		put_half_be(at + 2, b);
		return true;
	default:
		return false;
	}
}

/* What ADDIS and ADDI, the latter 4 bytes behind, add up to. */
static int64_t powerpc64_pair(const unsigned char *at)
{
	return (int64_t)(int16_t)word_be(at) * 0x10000 + (int16_t)word_be(at + 4);
}

static uint64_t powerpc64_gate_target(const unsigned char *at, size_t size, uint64_t gate)
{
	static const struct {
		uint32_t fixed, bits;
	} words[POWERPC64_GATE / 4] = {
		{0xffff0000, 0x3d820000}, {0xffff0000, 0x800c0000}, {0xffffffff, 0x28000083},
		{0xffffffff, 0x4082001c}, {0xffffffff, 0x4c00012c}, {0, 0},
		{0xffff0000, 0x3d820000}, {0xffff0000, 0x398c0000}, {0xffffffff, 0x7d8903a6},
		{0xffffffff, 0x4e800420}, {0xffff0000, 0x3d820000}, {0xffff0000, 0x398c0000},
		{0xfc000003, 0x48000000}, {0xffffffff, 0x7fe00008}, {0xffffffff, 0x7fe00008},
		{0xffffffff, 0x7fe00008},
	};
	uint32_t b = word_be(at + 20);

	if (size != POWERPC64_GATE || (b != 0x60000000 && (b & 0xfc000003) != 0x48000000))
		return 0;
	for (size_t i = 0; i < POWERPC64_GATE / 4; i++)
		if ((word_be(at + 4 * i) & words[i].fixed) != words[i].bits)
			return 0;
	/* Both count from the TOC pointer, which is not known here. */
	return gate + (uint64_t)(powerpc64_pair(at + POWERPC64_FAR) - powerpc64_pair(at + POWERPC64_SELF));
}

/*
 * mips64el: n64, little-endian instruction words, whose 16-bit fields come first.
 * The relocations are Release 6's ("MIPS64 Release 6 psABI additions" in binutils):
 * halves of a distance that need no alignment.
 *
 * A gate is 64 bytes:
 *
 *	 0  3c18.... lui $24, state%hi    4  0319c02d daddu $24, $24, $25
 *	 8  8318.... lb $24, state%lo($24)
 *	12  07010005 bgez $24, closed    16  3c18.... lui $24, target%hi
 *	20  0338c82d daddu $25, $25, $24 24  6739.... daddiu $25, $25, target%lo
 *	28  03200008 jr $25              32  0000044f sync 0x11
 *	36  3c18.... closed: lui $24, rt0_gate_closed%hi
 *	40  0319c02d daddu $24, $24, $25 44  6718.... daddiu $24, $24, rt0_gate_closed%lo
 *	48  03000008 jr $24              52  00000000 nop
 *	56  0000000d break, twice
 */
enum { MIPS_GATE = 64, MIPS_PAIR_HI = 16, MIPS_PAIR_LO = 24 };

/* What glibc's elf.h lacks, or lacked. */
enum { MIPS_PCHI16 = 64, MIPS_PCLO16 = 65, MIPS_PC32 = 248 };
#define MIPS_XHASH 0x70000036 /* DT_MIPS_XHASH */

/* What all of MIPS have in common. */
#define MIPS_ROW                                                                                                       \
	.reloc_pc32 = MIPS_PC32, .reloc_import = R_MIPS_JUMP_SLOT, .glibc_runs_dt_init = true, .page_max = 65536,      \
	.hash_word = 4, .stack = STACK_CODE_OF_LIBC, .self_relative_tag = DT_MIPS_RLD_MAP_REL,                         \
	.movable_type = SHT_MIPS_OPTIONS, .movable_tag = DT_MIPS_OPTIONS,                                              \
	.movable_segments = {PT_MIPS_ABIFLAGS, PT_MIPS_REGINFO}, .dt_symbols = DT_MIPS_SYMTABNO,                       \
	.dt_got_symbol = DT_MIPS_GOTSYM, .dt_got_locals = DT_MIPS_LOCAL_GOTNO, .other_hash_tag = MIPS_XHASH

static bool mips64el_fixup_put(unsigned char *at, uint32_t type, uint64_t place, uint64_t value)
{
	uint64_t distance = value - place;

	if (type == MIPS_PCHI16) {
		/* The lower half is signed, so the upper one is rounded. */
		if (distance + 0x80008000u > 0xffffffffu)
			return false;
		distance = (distance + 0x8000) >> 16;
	} else if (type != MIPS_PCLO16) {
		return false;
	}
	put_word_le(at, (word_le(at) & 0xffff0000) | (uint16_t)distance);
	return true;
}

static uint64_t mips64el_gate_target(const unsigned char *at, size_t size, uint64_t gate)
{
	static const struct {
		uint32_t fixed, bits;
	} words[MIPS_GATE / 4] = {
		{0xffff0000, 0x3c180000}, {0xffffffff, 0x0319c02d}, {0xffff0000, 0x83180000}, {0xffffffff, 0x07010005},
		{0xffff0000, 0x3c180000}, {0xffffffff, 0x0338c82d}, {0xffff0000, 0x67390000}, {0xffffffff, 0x03200008},
		{0xffffffff, 0x0000044f}, {0xffff0000, 0x3c180000}, {0xffffffff, 0x0319c02d}, {0xffff0000, 0x67180000},
		{0xffffffff, 0x03000008}, {0xffffffff, 0x00000000}, {0xffffffff, 0x0000000d}, {0xffffffff, 0x0000000d},
	};

	if (size != MIPS_GATE)
		return 0;
	for (size_t i = 0; i < MIPS_GATE / 4; i++)
		if ((word_le(at + 4 * i) & words[i].fixed) != words[i].bits)
			return 0;
	int64_t distance = (int64_t)(int16_t)word_le(at + MIPS_PAIR_HI) * 0x10000 + (int16_t)word_le(at + MIPS_PAIR_LO);
	return gate + (uint64_t)distance;
}

/* Sources: the psABI of each machine, and glibc's dl-machine.h for the relative relocations. */
/* Code of V8 processors, and such that may use what V9 processors have besides. */
#define SPARC_ROW                                                                                                      \
	.elf_class = ELFCLASS32, .elf_data = ELFDATA2MSB, .arch = "sparc", .reloc_word = R_SPARC_32,                   \
	.reloc_pc32 = R_SPARC_DISP32, .reloc_relative = R_SPARC_RELATIVE, .is_rela = true, .glibc_runs_dt_init = true, \
	.page_max = 8192, .hash_word = 4, .trap = {0x91, 0xd0, 0x20, 0x01}, /* ta 1 */                                 \
		.trap_size = 4

static const struct machine machines[] = {
	{
		.e_machine = EM_X86_64,
		.elf_class = ELFCLASS64,
		.elf_data = ELFDATA2LSB,
		.arch = "x86_64",
		.name = "x86_64",
		.reloc_word = R_X86_64_64,
		.reloc_pc32 = R_X86_64_PC32,
		.reloc_relative = R_X86_64_RELATIVE,
		.is_rela = true,
		.glibc_runs_dt_init = true,
		.page_max = 4096,
		.hash_word = 4,
		.trap = {0xcc}, /* int3 */
		.trap_size = 1,
		.protection = GNU_PROPERTY_X86_FEATURE_1_AND,
		.protection_names = {"IBT", "SHSTK"},
		.landings = {{0xf3, 0x0f, 0x1e, 0xfa}, {0xf3, 0x0f, 0x1e, 0xfa}}, /* endbr64 */
		.fixup_put = x86_64_fixup_put,
		.gate_target = x86_64_gate_target,
	},
	{
		.e_machine = EM_X86_64,
		.elf_class = ELFCLASS32,
		.elf_data = ELFDATA2LSB,
		.arch = "x32",
		.reloc_word = R_X86_64_32,
		.reloc_pc32 = R_X86_64_PC32,
		.reloc_relative = R_X86_64_RELATIVE,
		.is_rela = true,
		.glibc_runs_dt_init = true,
		.page_max = 4096,
		.hash_word = 4,
		.trap = {0xcc}, /* int3 */
		.trap_size = 1,
	},
	{
		.e_machine = EM_386,
		.elf_class = ELFCLASS32,
		.elf_data = ELFDATA2LSB,
		.arch = "i386",
		.name = "i386",
		.reloc_word = R_386_32,
		.reloc_pc32 = R_386_PC32,
		.reloc_relative = R_386_RELATIVE,
		.is_rela = false,
		.glibc_runs_dt_init = true,
		.page_max = 4096,
		.hash_word = 4,
		.trap = {0xcc}, /* int3 */
		.trap_size = 1,
		.protection = GNU_PROPERTY_X86_FEATURE_1_AND,
		.protection_names = {"IBT", "SHSTK"},
		.landings = {{0xf3, 0x0f, 0x1e, 0xfb}, {0xf3, 0x0f, 0x1e, 0xfb}}, /* endbr32 */
		.fixup_put = i386_fixup_put,
		.addend_get = i386_addend_get,
		.gate_target = i386_gate_target,
	},
	{
		.e_machine = EM_ARM,
		.elf_class = ELFCLASS32,
		.elf_data = ELFDATA2LSB,
		.arch = "arm",
		.name = "arm",
		.reloc_word = R_ARM_ABS32,
		.reloc_pc32 = R_ARM_REL32,
		.reloc_relative = R_ARM_RELATIVE,
		.is_rela = false,
		.glibc_runs_dt_init = true,
		.page_max = 65536,
		.hash_word = 4,
		.trap = {0xf0, 0x00, 0xf0, 0xe7}, /* udf #0 */
		.trap_size = 4,
		.fixup_put = arm_fixup_put,
		.addend_get = arm_addend_get,
		.gate_target = arm_gate_target,
	},
	{
		.e_machine = EM_AARCH64,
		.elf_class = ELFCLASS64,
		.elf_data = ELFDATA2LSB,
		.arch = "aarch64",
		.name = "aarch64",
		.variant_cc = 0x80, /* STO_AARCH64_VARIANT_PCS */
		.reloc_word = R_AARCH64_ABS64,
		.reloc_pc32 = R_AARCH64_PREL32,
		.reloc_relative = R_AARCH64_RELATIVE,
		.is_rela = true,
		.glibc_runs_dt_init = true,
		.stack = STACK_DATA,
		.page_max = 65536,
		.hash_word = 4,
		.trap = {0x00, 0x00, 0x20, 0xd4}, /* brk #0 */
		.trap_size = 4,
		.protection = GNU_PROPERTY_AARCH64_FEATURE_1_AND,
		.protection_names = {"BTI", "PAC"},
		.landings = {{0x5f, 0x24, 0x03, 0xd5}, {0x3f, 0x23, 0x03, 0xd5}}, /* bti c, paciasp */
		.fixup_put = aarch64_fixup_put,
		.gate_target = aarch64_gate_target,
	},
	{
		.e_machine = EM_PPC64,
		.elf_class = ELFCLASS64,
		.elf_data = ELFDATA2LSB,
		.arch = "powerpc64le",
		.name = "powerpc64le",
		.local_entry = STO_PPC64_LOCAL_MASK,
		.reloc_word = R_PPC64_ADDR64,
		.reloc_pc32 = R_PPC64_REL32,
		.reloc_relative = R_PPC64_RELATIVE,
		.is_rela = true,
		.glibc_runs_dt_init = true,
		.stack = STACK_DATA,
		.page_max = 65536,
		.hash_word = 4,
		.trap = {0x08, 0x00, 0xe0, 0x7f}, /* trap */
		.trap_size = 4,
		.fixup_put = powerpc64le_fixup_put,
		.gate_target = powerpc64le_gate_target,
	},
	{
		.e_machine = EM_PPC64,
		.elf_class = ELFCLASS64,
		.elf_data = ELFDATA2MSB,
		.arch = "powerpc64",
		.name = "powerpc64",
		.has_descriptors = true,
		.reloc_toc = R_PPC64_TOC,
		.relocs_from_toc = {R_PPC64_TOC16_HA, R_PPC64_TOC16_LO},
		.reloc_word = R_PPC64_ADDR64,
		.reloc_pc32 = R_PPC64_REL32,
		.reloc_relative = R_PPC64_RELATIVE,
		.is_rela = true,
		.glibc_runs_dt_init = true,
		.stack = STACK_DATA,
		.page_max = 65536,
		.hash_word = 4,
		.trap = {0x7f, 0xe0, 0x00, 0x08}, /* trap */
		.trap_size = 4,
		.fixup_put = powerpc64_fixup_put,
		.gate_target = powerpc64_gate_target,
	},
	{
		.e_machine = EM_RISCV,
		.elf_class = ELFCLASS64,
		.elf_data = ELFDATA2LSB,
		.arch = "riscv64",
		.name = "riscv64",
		.variant_cc = 0x80, /* STO_RISCV_VARIANT_CC */
		.reloc_word = R_RISCV_64,
		.reloc_pc32 = R_RISCV_32_PCREL,
		.reloc_relative = R_RISCV_RELATIVE,
		.is_rela = true,
		.glibc_runs_dt_init = false,
		.stack = STACK_DATA,
		.page_max = 4096,
		.hash_word = 4,
		.trap = {0x73, 0x00, 0x10, 0x00}, /* ebreak */
		.trap_size = 4,
		.fixup_put = riscv64_fixup_put,
		.gate_target = riscv64_gate_target,
	},
	{
		.e_machine = EM_S390,
		.elf_class = ELFCLASS64,
		.elf_data = ELFDATA2MSB,
		.arch = "s390x",
		.name = "s390x",
		.reloc_word = R_390_64,
		.reloc_pc32 = R_390_PC32,
		.reloc_relative = R_390_RELATIVE,
		.is_rela = true,
		.glibc_runs_dt_init = true,
		.page_max = 4096,
		.hash_word = 8,
		.trap = {0x00, 0x01}, /* breakpoint */
		.trap_size = 2,
		.fixup_put = s390x_fixup_put,
		.gate_target = s390x_gate_target,
	},
	{
		/* n64: objects carry addends, the loader's relocations (R_MIPS_REL32 + R_MIPS_64) do not. */
		.e_machine = EM_MIPS,
		.elf_class = ELFCLASS64,
		.elf_data = ELFDATA2LSB,
		.arch = "mips64el",
		.name = "mips64el",
		.reloc_relative = R_MIPS_REL32 | R_MIPS_64 << 8,
		.reloc_word = R_MIPS_64,
		.is_rela = true,
		.has_split_info = true,
		.trap = {0x0d, 0x00, 0x00, 0x00}, /* break */
		.trap_size = 4,
		.fixup_put = mips64el_fixup_put,
		.gate_target = mips64el_gate_target,
		MIPS_ROW,
	},
	/* The other machines of Debian and of its ports, for which rt has none. */
	{
		.e_machine = EM_MIPS,
		.elf_class = ELFCLASS32,
		.elf_data = ELFDATA2LSB,
		.arch = "mipsel",
		.reloc_relative = R_MIPS_REL32,
		.reloc_word = R_MIPS_32,
		.trap = {0x0d, 0x00, 0x00, 0x00}, /* break */
		.trap_size = 4,
		MIPS_ROW,
	},
	{
		.e_machine = EM_MIPS,
		.elf_class = ELFCLASS32,
		.elf_data = ELFDATA2MSB,
		.arch = "mips",
		.reloc_relative = R_MIPS_REL32,
		.reloc_word = R_MIPS_32,
		.trap = {0x00, 0x00, 0x00, 0x0d}, /* break */
		.trap_size = 4,
		MIPS_ROW,
	},
	{
		.e_machine = EM_PPC,
		.elf_class = ELFCLASS32,
		.elf_data = ELFDATA2MSB,
		.arch = "powerpc",
		.reloc_word = R_PPC_ADDR32,
		.reloc_pc32 = R_PPC_REL32,
		.reloc_relative = R_PPC_RELATIVE,
		.is_rela = true,
		.glibc_runs_dt_init = true,
		.page_max = 65536,
		.hash_word = 4,
		.trap = {0x7f, 0xe0, 0x00, 0x08}, /* trap */
		.trap_size = 4,
	},
	{
		.e_machine = EM_SPARCV9,
		.elf_class = ELFCLASS64,
		.elf_data = ELFDATA2MSB,
		.arch = "sparc64",
		.reloc_word = R_SPARC_64,
		.reloc_pc32 = R_SPARC_DISP32,
		.reloc_relative = R_SPARC_RELATIVE,
		.is_rela = true,
		.glibc_runs_dt_init = true,
		.page_max = 8192,
		.hash_word = 4,
		.trap = {0x91, 0xd0, 0x20, 0x01}, /* ta 1 */
		.trap_size = 4,
	},
	{
		.e_machine = EM_SPARC32PLUS,
		SPARC_ROW,
	},
	{
		.e_machine = EM_SPARC,
		SPARC_ROW,
	},
	{
		.e_machine = EM_S390,
		.elf_class = ELFCLASS32,
		.elf_data = ELFDATA2MSB,
		.arch = "s390",
		.reloc_word = R_390_32,
		.reloc_pc32 = R_390_PC32,
		.reloc_relative = R_390_RELATIVE,
		.is_rela = true,
		.glibc_runs_dt_init = true,
		.page_max = 4096,
		.hash_word = 4,
		.trap = {0x00, 0x01}, /* breakpoint */
		.trap_size = 2,
	},
	{
		.e_machine = EM_ALPHA,
		.elf_class = ELFCLASS64,
		.elf_data = ELFDATA2LSB,
		.arch = "alpha",
		.reloc_word = R_ALPHA_REFQUAD,
		.reloc_pc32 = R_ALPHA_SREL32,
		.reloc_relative = R_ALPHA_RELATIVE,
		.is_rela = true,
		.glibc_runs_dt_init = true,
		.page_max = 65536,
		.hash_word = 8,
		.trap = {0x80, 0x00, 0x00, 0x00}, /* call_pal bpt */
		.trap_size = 4,
	},
	{
		/* A relative relocation is one against no symbol. */
		.e_machine = EM_PARISC,
		.elf_class = ELFCLASS32,
		.elf_data = ELFDATA2MSB,
		.arch = "hppa",
		.reloc_word = R_PARISC_DIR32,
		.reloc_pc32 = R_PARISC_PCREL32,
		.reloc_relative = R_PARISC_DIR32,
		.is_rela = true,
		.glibc_runs_dt_init = true,
		.page_max = 4096,
		.hash_word = 4,
		.trap = {0x00, 0x00, 0x00, 0x00}, /* break 0, 0 */
		.trap_size = 4,
	},
	{
		.e_machine = EM_IA_64,
		.elf_class = ELFCLASS64,
		.elf_data = ELFDATA2LSB,
		.arch = "ia64",
		.reloc_word = R_IA64_DIR64LSB,
		.reloc_pc32 = R_IA64_PCREL32LSB,
		.reloc_relative = R_IA64_REL64LSB,
		.is_rela = true,
		.glibc_runs_dt_init = true,
		.stack = STACK_DATA,
		.page_max = 65536,
		.hash_word = 4,
		.trap = {0x00, 0x00, 0x00, 0x00}, /* break 0 */
		.trap_size = 4,
	},
	{
		.e_machine = EM_LOONGARCH,
		.elf_class = ELFCLASS64,
		.elf_data = ELFDATA2LSB,
		.arch = "loongarch64",
		.reloc_word = R_LARCH_64,
		.reloc_pc32 = 99, /* R_LARCH_32_PCREL, which older elf.h lack */
		.reloc_relative = R_LARCH_RELATIVE,
		.is_rela = true,
		.glibc_runs_dt_init = false,
		.stack = STACK_DATA,
		.page_max = 65536,
		.hash_word = 4,
		.trap = {0x00, 0x00, 0x2a, 0x00}, /* break 0 */
		.trap_size = 4,
	},
	{
		.e_machine = EM_68K,
		.elf_class = ELFCLASS32,
		.elf_data = ELFDATA2MSB,
		.arch = "m68k",
		.reloc_word = R_68K_32,
		.reloc_pc32 = R_68K_PC32,
		.reloc_relative = R_68K_RELATIVE,
		.is_rela = true,
		.glibc_runs_dt_init = true,
		.page_max = 8192,
		.hash_word = 4,
		.trap = {0x4a, 0xfc}, /* illegal */
		.trap_size = 2,
	},
	{
		.e_machine = EM_SH,
		.elf_class = ELFCLASS32,
		.elf_data = ELFDATA2LSB,
		.arch = "sh4",
		.reloc_word = R_SH_DIR32,
		.reloc_pc32 = R_SH_REL32,
		.reloc_relative = R_SH_RELATIVE,
		.is_rela = true,
		.glibc_runs_dt_init = true,
		.page_max = 65536,
		.hash_word = 4,
		.trap = {0xc3, 0xc3}, /* trapa #0xc3 */
		.trap_size = 2,
	},
};

enum { MACHINES = sizeof machines / sizeof machines[0] };

const struct machine *machine_find(uint16_t e_machine, unsigned char elf_class, unsigned char elf_data)
{
	for (size_t i = 0; i < MACHINES; i++) {
		const struct machine *m = &machines[i];
		if (m->e_machine == e_machine && m->elf_class == elf_class && m->elf_data == elf_data)
			return m;
	}
	return NULL;
}

/* In the byte order of such a machine the symbol comes out below, the type that counts first on top. */
uint64_t machine_reloc_info(const struct machine *machine, uint32_t symbol, uint32_t type)
{
	if (!machine->has_split_info)
		return (uint64_t)symbol << 32 | type;
	return symbol | (uint64_t)(type & 0xff) << 56 | (uint64_t)(type & 0xff00) << 40 |
	       (uint64_t)(type & 0xff0000) << 24;
}

uint32_t machine_reloc_symbol(const struct machine *machine, uint64_t info)
{
	return (uint32_t)(machine->has_split_info ? info : info >> 32);
}

uint32_t machine_reloc_type(const struct machine *machine, uint64_t info)
{
	if (!machine->has_split_info)
		return (uint32_t)info;
	return (uint32_t)(info >> 56 | (info >> 40 & 0xff00) | (info >> 24 & 0xff0000));
}

bool machine_counts_from_toc(const struct machine *machine, uint32_t type)
{
	return machine->has_descriptors && (type == machine->relocs_from_toc[0] || type == machine->relocs_from_toc[1]);
}

const struct machine *machine_of_triple(const char *triple)
{
	static const struct {
		const char *cpu, *arch;
	} spellings[] = {
		{"amd64", "x86_64"},  {"i486", "i386"},       {"i586", "i386"},           {"i686", "i386"},
		{"arm64", "aarch64"}, {"ppc64", "powerpc64"}, {"ppc64le", "powerpc64le"},
	};
	size_t length = strcspn(triple, "-");

	/* ILP32 systems of 64-bit machines have another ELF class. */
	if (strstr(triple, "ilp32") || strstr(triple, "abin32"))
		return NULL;
	if (strstr(triple, "gnux32"))
		return machine_find(EM_X86_64, ELFCLASS32, ELFDATA2LSB);
	/* "armv7l", "thumbv7": one of many versions; a b at the end says big-endian. */
	if ((strncmp(triple, "armv", 4) == 0 || strncmp(triple, "thumbv", 6) == 0) && triple[length - 1] != 'b')
		return machine_find(EM_ARM, ELFCLASS32, ELFDATA2LSB);
	for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++) {
		if (strlen(spellings[i].cpu) == length && strncmp(triple, spellings[i].cpu, length) == 0) {
			triple = spellings[i].arch;
			length = strlen(triple);
			break;
		}
	}
	for (size_t i = 0; i < MACHINES; i++)
		if (strlen(machines[i].arch) == length && strncmp(triple, machines[i].arch, length) == 0)
			return &machines[i];
	return NULL;
}

const struct machine *machine_of_bits(const struct machine *machine, unsigned bits)
{
	if (machine == NULL || bits == 0 || (machine->elf_class == ELFCLASS32) == (bits == 32))
		return machine;
	switch (machine->e_machine) {
	case EM_386:
		return machine_find(EM_X86_64, ELFCLASS64, ELFDATA2LSB);
	case EM_X86_64:
		return machine_find(EM_386, ELFCLASS32, ELFDATA2LSB);
	default:
		return NULL;
	}
}
