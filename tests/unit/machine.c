/* machine.c: the table, triples, and each port's gate. */
#include "../../elfpatch/lib/machine.h"

#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct machine *x86_64(void)
{
	return machine_find(EM_X86_64, ELFCLASS64, ELFDATA2LSB);
}

static void rows_are_found_by_machine_class_and_byte_order(void **state)
{
	(void)state;
	assert_string_equal(x86_64()->name, "x86_64");
	assert_null(machine_find(EM_X86_64, ELFCLASS32, ELFDATA2LSB)->name);
	assert_null(machine_find(EM_X86_64, ELFCLASS64, ELFDATA2MSB));
	assert_null(machine_find(EM_VAX, ELFCLASS32, ELFDATA2LSB));
	assert_string_equal(machine_find(EM_PPC64, ELFCLASS64, ELFDATA2LSB)->arch, "powerpc64le");
	assert_string_equal(machine_find(EM_PPC64, ELFCLASS64, ELFDATA2MSB)->arch, "powerpc64");
	assert_false(machine_find(EM_RISCV, ELFCLASS64, ELFDATA2LSB)->glibc_runs_dt_init);
}

static void triples_name_machines(void **state)
{
	static const struct {
		const char *triple, *arch;
	} cases[] = {
		{"x86_64-linux-gnu", "x86_64"},
		{"x86_64-pc-linux-musl", "x86_64"},
		{"x86_64-linux-gnux32", "x32"},
		{"i686-linux-gnu", "i386"},
		{"i386", "i386"},
		{"aarch64-linux-gnu", "aarch64"},
		{"aarch64_be-linux-gnu", NULL},
		{"aarch64-linux-gnu_ilp32", NULL},
		{"arm-linux-gnueabihf", "arm"},
		{"armv6-linux-gnueabihf", "arm"},
		{"thumbv7-unknown-linux-gnueabihf", "arm"},
		{"armv7b", NULL},
		{"armeb-linux-gnueabi", NULL},
		{"powerpc64-linux-gnu", "powerpc64"},
		{"powerpc64le-linux-gnu", "powerpc64le"},
		{"powerpc-linux-gnu", "powerpc"},
		{"riscv64-linux-gnu", "riscv64"},
		{"riscv32-linux-gnu", NULL},
		{"s390x-linux-gnu", "s390x"},
		{"mips64el-linux-gnuabi64", "mips64el"},
		{"mips64el-linux-gnuabin32", NULL},
		{"sparc64-linux-gnu", "sparc64"},
		{"loongarch64-linux-gnu", "loongarch64"},
		{"", NULL},
		{"-", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct machine *machine = machine_of_triple(cases[i].triple);
		if (!cases[i].arch)
			assert_null(machine);
		else
			assert_string_equal(machine->arch, cases[i].arch);
	}
}

static void width_options_choose_between_machines_of_one_compiler(void **state)
{
	const struct machine *i386 = machine_find(EM_386, ELFCLASS32, ELFDATA2LSB);
	const struct machine *s390x = machine_of_triple("s390x-linux-gnu");

	(void)state;
	assert_ptr_equal(machine_of_bits(x86_64(), 32), i386);
	assert_ptr_equal(machine_of_bits(i386, 64), x86_64());
	assert_ptr_equal(machine_of_bits(i386, 32), i386);
	assert_ptr_equal(machine_of_bits(x86_64(), 64), x86_64());
	assert_ptr_equal(machine_of_bits(s390x, 0), s390x);
	assert_null(machine_of_bits(s390x, 32));
	assert_null(machine_of_bits(NULL, 32));
}

enum { GATE_MAX = 128, FIXUPS = 8 };

/* A port's gate as gate.S is assembled, its fixups, and how far the function may be from the gate. */
struct gate {
	uint16_t e_machine;
	unsigned char elf_class, elf_data;
	size_t size;
	unsigned char bytes[GATE_MAX];
	struct {
		unsigned place;
		uint32_t type;
		int64_t addend;
		bool is_target;
	} fixups[FIXUPS]; /* up to one of type 0 */
	int64_t lowest, highest, step;
};

enum { MIPS_PCHI16 = 64, MIPS_PCLO16 = 65 }; /* not in every elf.h */

static const struct gate gates[] = {
	{
		EM_X86_64,
		ELFCLASS64,
		ELFDATA2LSB,
		32,
		{0xf3, 0x0f, 0x1e, 0xfa, 0x80, 0x3d, 0,    0,    0,    0,    0x83, 0x75, 5, 0xe9, 0,    0,
		 0,    0,    0x4c, 0x8d, 0x1d, 0xe7, 0xff, 0xff, 0xff, 0xe9, 0,    0,    0, 0,    0xcc, 0xcc},
		{{6, R_X86_64_PC32, -5, false}, {14, R_X86_64_PLT32, -4, true}, {26, R_X86_64_PLT32, -4, false}},
		18 - 0x80000000LL,
		18 + 0x7fffffffLL,
		1,
	},
	{
		EM_X86_64,
		ELFCLASS64,
		ELFDATA2LSB,
		64,
		{0xf3, 0x0f, 0x1e, 0xfa, 0x45, 0x31, 0xdb, 0x64, 0x4d, 0x8b, 0x1b, 0x45, 0x69, 0xdb, 0xb1, 0x79,
		 0x37, 0x9e, 0x41, 0xc1, 0xeb, 0x13, 0x41, 0x83, 0xe3, 0xf8, 0x4c, 0x03, 0x1d, 0,    0,    0,
		 0,    0x4d, 0x8b, 0x1b, 0x64, 0x4c, 0x3b, 0x1c, 0x25, 0,    0,    0,    0,    0x75, 0x05, 0xe9,
		 0,    0,    0,    0,    0x4c, 0x8d, 0x1d, 0xc5, 0xff, 0xff, 0xff, 0xe9, 0,    0,    0,    0},
		{{29, R_X86_64_PC32, 0x44, false}, {48, R_X86_64_PLT32, -4, true}, {60, R_X86_64_PLT32, -4, false}},
		52 - 0x80000000LL,
		52 + 0x7fffffffLL,
		1,
	},
	{
		EM_386,
		ELFCLASS32,
		ELFDATA2LSB,
		32,
		{0xf3, 0x0f, 0x1e, 0xfb, 0x50, 0xe8, 0,    0,    0,    0,    0x58, 0x80, 0xb8, 3,    0,    0,
		 0,    0x83, 0x58, 0x0f, 0x84, 0xfc, 0xff, 0xff, 0xff, 0xe8, 0xfc, 0xff, 0xff, 0xff, 0xeb, 0xf3},
		{{13, R_386_PC32, 3, false}, {21, R_386_PC32, -4, true}, {26, R_386_PC32, -4, false}},
		25 - 0x80000000LL,
		25 + 0x7fffffffLL,
		1,
	},
	{
		EM_ARM,
		ELFCLASS32,
		ELFDATA2LSB,
		64,
		{0x2c, 0xc0, 0x9f, 0xe5, 0x0c, 0xc0, 0x9f, 0xe7, 0x0c, 0xcc, 0xb0, 0xe1, 0x02, 0x00, 0x00, 0x3a,
		 0x5b, 0xf0, 0x7f, 0xf5, 0xfe, 0xff, 0xff, 0xea, 0x0c, 0xf0, 0x8f, 0xe0, 0x02, 0x00, 0x00, 0x5a,
		 0xfe, 0xff, 0xff, 0xea, 0x0c, 0xc0, 0x8f, 0xe0, 0x1c, 0xff, 0x2f, 0xe1, 0x34, 0xc0, 0x4f, 0xe2,
		 0xfe, 0xff, 0xff, 0xea, 0x28, 0x00, 0x00, 0x00, 0x18, 0x00, 0x00, 0x00, 0x10, 0x00, 0x00, 0x00},
		{{56, R_ARM_REL32, 24, true},
		 {60, R_ARM_REL32, 16, true},
		 {52, R_ARM_REL32, 40, false},
		 {20, R_ARM_JUMP24, -8, true},
		 {32, R_ARM_JUMP24, -8, true},
		 {48, R_ARM_JUMP24, -8, false}},
		44 - 0x80000000LL,
		32 + 0x7fffffffLL,
		16, /* more than the places of the two distances differ by */
	},
	{
		EM_AARCH64,
		ELFCLASS64,
		ELFDATA2LSB,
		32,
		{0x5f, 0x24, 0x03, 0xd5, 0x10, 0,    0,    0x90, 0x11, 0xfe, 0xdf, 0x88, 0x51, 0, 0x38, 0x36,
		 0,    0,    0,    0x14, 0x70, 0xff, 0xff, 0x10, 0,    0,    0,    0x14, 0,    0, 0x20, 0xd4},
		{{4, R_AARCH64_ADR_PREL_PG_HI21, 0, false},
		 {16, R_AARCH64_JUMP26, 0, true},
		 {24, R_AARCH64_JUMP26, 0, false}},
		16 - 0x8000000LL,
		16 + 0x7fffffcLL,
		4,
	},
	{
		EM_S390,
		ELFCLASS64,
		ELFDATA2MSB,
		32,
		{0xc4, 0x1d, 0,    0,    0,    0,    0xec, 0x16, 0x00, 0x06, 0x83, 0x7f, 0xc0, 0xf4, 0, 0,
		 0,    0,    0xc0, 0x10, 0xff, 0xff, 0xff, 0xf7, 0xc0, 0xf4, 0,    0,    0,    0,    0, 0},
		{{2, R_390_PC32DBL, 2, false}, {14, R_390_PC32DBL, 2, true}, {26, R_390_PC32DBL, 2, false}},
		12 - 0x100000000LL,
		12 + 0xfffffffeLL,
		2,
	},
	{
		EM_PPC64,
		ELFCLASS64,
		ELFDATA2LSB,
		64,
		{0x00, 0x00, 0x6c, 0x3d, 0x00, 0x00, 0x0b, 0x80, 0x83, 0x00, 0x00, 0x28, 0x18, 0x00, 0x82, 0x40,
		 0x2c, 0x01, 0x00, 0x4c, 0x00, 0x00, 0x8c, 0x3d, 0x00, 0x00, 0x8c, 0x39, 0x00, 0x00, 0x00, 0x48,
		 0x20, 0x04, 0x80, 0x4e, 0x00, 0x00, 0x00, 0x48, 0x08, 0x00, 0xe0, 0x7f, 0x08, 0x00, 0xe0, 0x7f,
		 0x08, 0x00, 0xe0, 0x7f, 0x08, 0x00, 0xe0, 0x7f, 0x08, 0x00, 0xe0, 0x7f, 0x08, 0x00, 0xe0, 0x7f},
		{{0, R_PPC64_REL16_HA, 0, false},
		 {4, R_PPC64_REL16_LO, 4, false},
		 {20, R_PPC64_REL16_HA, 20, true},
		 {24, R_PPC64_REL16_LO, 24, true},
		 {28, R_PPC64_REL24, 0, true},
		 {36, R_PPC64_REL24, 0, false}},
		-0x80008000LL,
		0x7fff7ffcLL,
		4,
	},
	{
		EM_PPC64,
		ELFCLASS64,
		ELFDATA2MSB,
		64,
		{0x3d, 0x82, 0x00, 0x00, 0x80, 0x0c, 0x00, 0x00, 0x28, 0x00, 0x00, 0x83, 0x40, 0x82, 0x00, 0x1c,
		 0x4c, 0x00, 0x01, 0x2c, 0x48, 0x00, 0x00, 0x00, 0x3d, 0x82, 0x00, 0x00, 0x39, 0x8c, 0x00, 0x00,
		 0x7d, 0x89, 0x03, 0xa6, 0x4e, 0x80, 0x04, 0x20, 0x3d, 0x82, 0x00, 0x00, 0x39, 0x8c, 0x00, 0x00,
		 0x48, 0x00, 0x00, 0x00, 0x7f, 0xe0, 0x00, 0x08, 0x7f, 0xe0, 0x00, 0x08, 0x7f, 0xe0, 0x00, 0x08},
		{{2, R_PPC64_TOC16_HA, 0, false},
		 {6, R_PPC64_TOC16_LO, 0, false},
		 {26, R_PPC64_TOC16_HA, 0, true},
		 {30, R_PPC64_TOC16_LO, 0, true},
		 {20, R_PPC64_REL24, 0, true},
		 {42, R_PPC64_TOC16_HA, 0, false},
		 {46, R_PPC64_TOC16_LO, 0, false},
		 {48, R_PPC64_REL24, 0, false}},
		-0x80008000LL,
		0x7fff7ffcLL,
		4,
	},
	{
		EM_MIPS,
		ELFCLASS64,
		ELFDATA2LSB,
		64,
		{0x00, 0x00, 0x18, 0x3c, 0x2d, 0xc0, 0x19, 0x03, 0x00, 0x00, 0x18, 0x83, 0x05, 0x00, 0x01, 0x07,
		 0x00, 0x00, 0x18, 0x3c, 0x2d, 0xc8, 0x38, 0x03, 0x00, 0x00, 0x39, 0x67, 0x08, 0x00, 0x20, 0x03,
		 0x4f, 0x04, 0x00, 0x00, 0x00, 0x00, 0x18, 0x3c, 0x2d, 0xc0, 0x19, 0x03, 0x00, 0x00, 0x18, 0x67,
		 0x08, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x00, 0x0d, 0x00, 0x00, 0x00, 0x0d, 0x00, 0x00, 0x00},
		{{0, MIPS_PCHI16, 0, false},
		 {8, MIPS_PCLO16, 8, false},
		 {16, MIPS_PCHI16, 16, true},
		 {24, MIPS_PCLO16, 24, true},
		 {36, MIPS_PCHI16, 36, false},
		 {44, MIPS_PCLO16, 44, false}},
		-0x80008000LL,
		0x7fff7fffLL,
		1,
	},
	{
		EM_RISCV,
		ELFCLASS64,
		ELFDATA2LSB,
		32,
		{0x17, 0x03, 0, 0, 0x03, 0x03, 0x03, 0, 0x63, 0x58, 0x03, 0, 0x0f, 0,    0x30, 0x02,
		 0x17, 0x03, 0, 0, 0x67, 0x00, 0x03, 0, 0x17, 0x0e, 0,    0, 0x67, 0x03, 0x0e, 0},
		{{0, R_RISCV_CALL_PLT, 0, false}, {16, R_RISCV_CALL_PLT, 0, true}, {24, R_RISCV_CALL_PLT, 0, false}},
		16 - 0x80000800LL,
		16 + 0x7ffff7fELL,
		2,
	},
};

static const struct machine *machine_of(const struct gate *gate)
{
	const struct machine *machine = machine_find(gate->e_machine, gate->elf_class, gate->elf_data);
	assert_non_null(machine);
	assert_non_null(machine->gate_target);
	return machine;
}

/* The gate at `at`, which is the TOC pointer too, that goes to `target`. FIXUP_ROOM bytes stand behind it. */
static bool make(const struct gate *gate, uint64_t at, uint64_t target, unsigned char bytes[GATE_MAX + FIXUP_ROOM])
{
	const struct machine *machine = machine_of(gate);
	memset(bytes, 0, GATE_MAX + FIXUP_ROOM);
	memcpy(bytes, gate->bytes, gate->size);
	for (size_t i = 0; i < FIXUPS && gate->fixups[i].type != 0; i++)
		if (gate->fixups[i].is_target &&
		    !machine->fixup_put(
			    bytes + gate->fixups[i].place, gate->fixups[i].type,
			    machine_counts_from_toc(machine, gate->fixups[i].type) ? at : at + gate->fixups[i].place,
			    target + (uint64_t)gate->fixups[i].addend))
			return false;
	return true;
}

static const uint64_t AT = 0x40000000;

static void a_gate_goes_where_it_was_put_within_its_reach_and_no_farther(void **state)
{
	unsigned char bytes[GATE_MAX + FIXUP_ROOM];

	(void)state;
	for (size_t i = 0; i < sizeof gates / sizeof gates[0]; i++) {
		const struct gate *gate = &gates[i];
		const int64_t distances[] = {gate->lowest, gate->highest, gate->lowest / 2 / 16 * 16,
					     0x1000,       -0x1000,       0x12340};
		const uint64_t at = gate->elf_class == ELFCLASS64 ? 0x1000000000 : AT;
		for (size_t k = 0; k < sizeof distances / sizeof distances[0]; k++) {
			assert_true(make(gate, at, at + (uint64_t)distances[k], bytes));
			assert_int_equal(machine_of(gate)->gate_target(bytes, gate->size, at),
					 at + (uint64_t)distances[k]);
		}
		assert_false(make(gate, at, at + (uint64_t)(gate->lowest - gate->step), bytes));
		assert_memory_equal(bytes, gate->bytes, gate->size);
		assert_false(make(gate, at, at + (uint64_t)(gate->highest + gate->step), bytes));
		assert_memory_equal(bytes, gate->bytes, gate->size);
	}
}

static void addends_are_read_from_the_places_where_relocations_carry_none(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof gates / sizeof gates[0]; i++) {
		const struct machine *machine = machine_of(&gates[i]);
		for (size_t k = 0; machine->addend_get && k < FIXUPS && gates[i].fixups[k].type != 0; k++)
			assert_int_equal(
				machine->addend_get(gates[i].bytes + gates[i].fixups[k].place, gates[i].fixups[k].type),
				gates[i].fixups[k].addend);
	}
}

static void a_relocation_that_no_template_has_is_refused(void **state)
{
	unsigned char bytes[GATE_MAX + FIXUP_ROOM] = {0};

	(void)state;
	for (size_t i = 0; i < sizeof gates / sizeof gates[0]; i++)
		assert_false(machine_of(&gates[i])->fixup_put(bytes, 0xfe, AT, AT + 0x1000));
}

/* The bits that a fixup may change are those that differ between any two places that it can refer to. */
static void add_variable_bits(const struct gate *gate, size_t fixup, unsigned char variable[GATE_MAX])
{
	const struct machine *machine = machine_of(gate);
	unsigned char first[GATE_MAX + FIXUP_ROOM] = {0}, other[GATE_MAX + FIXUP_ROOM];
	unsigned place = gate->fixups[fixup].place;

	memcpy(first, gate->bytes, gate->size);
	for (int bit = 0; bit < 32; bit++)
		for (int sign = -1; sign <= 1; sign += 2) {
			memcpy(other, first, sizeof other);
			uint64_t value = (AT & ~UINT64_C(0xfff)) + (uint64_t)(((int64_t)1 << bit) * sign);
			if (!machine->fixup_put(other + place, gate->fixups[fixup].type, AT + place, value))
				continue;
			for (size_t i = 0; i < gate->size; i++)
				variable[i] |= first[i] ^ other[i];
		}
}

static void what_differs_from_a_gate_in_one_bit_is_no_gate(void **state)
{
	unsigned char bytes[GATE_MAX + FIXUP_ROOM];

	(void)state;
	for (size_t i = 0; i < sizeof gates / sizeof gates[0]; i++) {
		const struct gate *gate = &gates[i];
		const struct machine *machine = machine_of(gate);
		unsigned char variable[GATE_MAX] = {0};
		for (size_t k = 0; k < FIXUPS && gate->fixups[k].type != 0; k++)
			add_variable_bits(gate, k, variable);
		assert_true(make(gate, AT, AT + 0x1000, bytes));
		assert_int_equal(machine->gate_target(bytes, gate->size, AT), AT + 0x1000);
		assert_int_equal(machine->gate_target(bytes, gate->size - 1, AT), 0);
		for (size_t k = 0; k < gate->size; k++)
			for (int bit = 0; bit < 8; bit++)
				if ((variable[k] & 1 << bit) == 0) {
					bytes[k] ^= (unsigned char)(1 << bit);
					if (machine->gate_target(bytes, gate->size, AT) != 0)
						fail_msg("%s: byte %zu, bit %d", machine->arch, k, bit);
					bytes[k] ^= (unsigned char)(1 << bit);
				}
		for (size_t k = 0; k < gate->size; k++)
			bytes[k] = machine->trap[k % machine->trap_size];
		assert_int_equal(machine->gate_target(bytes, gate->size, AT), 0);
	}
}

/* Bytes of each port's stub that a relocation changes, at AT + 16 and going to AT + 0x12345678: what they become. */
static void the_relocations_of_stubs_are_applied(void **state)
{
	static const struct {
		const char *triple;
		uint32_t type;
		unsigned char before[8], after[8];
	} cases[] = {
		{"x86_64", R_X86_64_PC32, {0}, {0x68, 0x56, 0x34, 0x12}},
		{"i386", R_386_PC32, {0}, {0x68, 0x56, 0x34, 0x12}},
		{"arm", R_ARM_REL32, {0}, {0x68, 0x56, 0x34, 0x12}},
		/* adrp x3, .+0x12345000; add x3, x3, #0x678; ldr x17, [x17, #0x678] */
		{"aarch64",
		 R_AARCH64_ADR_PREL_PG_HI21,
		 {0x03, 0, 0, 0x90, 0x63, 0, 0, 0x91},
		 {0x23, 0x1a, 0x09, 0xb0, 0x63, 0, 0, 0x91}},
		{"aarch64", R_AARCH64_ADD_ABS_LO12_NC, {0x63, 0, 0, 0x91}, {0x63, 0xe0, 0x19, 0x91}},
		{"aarch64", R_AARCH64_LDST64_ABS_LO12_NC, {0x31, 0x02, 0x40, 0xf9}, {0x31, 0x3e, 0x43, 0xf9}},
		/* auipc a3, 0x12345; addi a3, a3, 0x668; and with ld t3, 0x668(t3) */
		{"riscv64",
		 R_RISCV_CALL_PLT,
		 {0x97, 0x06, 0, 0, 0x93, 0x86, 0x06, 0},
		 {0x97, 0x56, 0x34, 0x12, 0x93, 0x86, 0x86, 0x66}},
		{"riscv64",
		 R_RISCV_CALL_PLT,
		 {0x17, 0x0e, 0, 0, 0x03, 0x3e, 0x0e, 0},
		 {0x17, 0x5e, 0x34, 0x12, 0x03, 0x3e, 0x8e, 0x66}},
		{"s390x", R_390_PC32DBL, {0}, {0x09, 0x1a, 0x2b, 0x34}},
		{"powerpc64le", R_PPC64_REL16_HA, {0, 0, 0xcc, 0x3c}, {0x34, 0x12, 0xcc, 0x3c}},
		{"powerpc64le", R_PPC64_REL16_LO, {0, 0, 0xc6, 0x38}, {0x68, 0x56, 0xc6, 0x38}},
		{"powerpc64", R_PPC64_REL16_HA, {0, 0}, {0x12, 0x34}},
		{"powerpc64", R_PPC64_REL16_LO, {0, 0}, {0x56, 0x68}},
		{"mips64el", MIPS_PCHI16, {0, 0, 0x07, 0x3c}, {0x34, 0x12, 0x07, 0x3c}},
		{"mips64el", MIPS_PCLO16, {0, 0, 0xe7, 0x64}, {0x68, 0x56, 0xe7, 0x64}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		unsigned char bytes[8 + FIXUP_ROOM] = {0};
		memcpy(bytes, cases[i].before, 8);
		const struct machine *machine = machine_of_triple(cases[i].triple);
		assert_true(machine->fixup_put(bytes, cases[i].type, AT + 16, AT + 0x12345678));
		assert_memory_equal(bytes, cases[i].after, 8);
	}
}

static void an_aarch64_gate_asks_for_the_beginning_of_a_page_and_a_load_for_its_alignment(void **state)
{
	const struct machine *aarch64 = machine_of_triple("aarch64");
	unsigned char gate[8 + FIXUP_ROOM] = {0x10, 0, 0, 0x90, 0x11, 0xfe, 0xdf, 0x88};
	unsigned char load[4 + FIXUP_ROOM] = {0x31, 0x02, 0x40, 0xf9};

	(void)state;
	assert_false(aarch64->fixup_put(gate, R_AARCH64_ADR_PREL_PG_HI21, AT, AT + 0x5008));
	assert_true(aarch64->fixup_put(gate, R_AARCH64_ADR_PREL_PG_HI21, AT, AT + 0x5000));
	assert_false(aarch64->fixup_put(load, R_AARCH64_LDST64_ABS_LO12_NC, AT, AT + 0x5004));
}

/* R_MIPS_REL32 that relocates 64 bits, against symbol 5, as it stands in a little-endian file of n64. */
static void mips_n64_writes_a_symbol_and_three_types(void **state)
{
	static const unsigned char bytes[8] = {5, 0, 0, 0, 0, 0, R_MIPS_64, R_MIPS_REL32};
	const struct machine *mips = machine_of_triple("mips64el-linux-gnuabi64");
	uint32_t type = R_MIPS_REL32 | R_MIPS_64 << 8;
	uint64_t info = 0;

	(void)state;
	for (int i = 7; i >= 0; i--)
		info = info << 8 | bytes[i];
	assert_int_equal(machine_reloc_info(mips, 5, type), info);
	assert_int_equal(machine_reloc_symbol(mips, info), 5);
	assert_int_equal(machine_reloc_type(mips, info), type);
	assert_int_equal(machine_reloc_type(mips, machine_reloc_info(mips, 0xfffffffe, 0x123456)), 0x123456);
	assert_int_equal(machine_reloc_info(x86_64(), 5, R_X86_64_RELATIVE), ELF64_R_INFO(5, R_X86_64_RELATIVE));
}

static void every_port_has_its_case_here(void **state)
{
	static const char *const triples[] = {"x86_64",    "i386",    "arm",   "aarch64", "powerpc64le",
					      "powerpc64", "riscv64", "s390x", "mips64el"};

	(void)state;
	for (size_t i = 0; i < sizeof triples / sizeof triples[0]; i++) {
		const struct machine *machine = machine_of_triple(triples[i]);
		size_t cases = 0;
		assert_non_null(machine);
		for (size_t k = 0; k < sizeof gates / sizeof gates[0]; k++)
			cases += machine_of(&gates[k]) == machine;
		assert_int_equal(cases > 0, machine->name != NULL);
		assert_int_equal(machine->fixup_put != NULL, machine->name != NULL);
		assert_int_equal(machine->gate_target != NULL, machine->name != NULL);
		assert_int_equal(machine->reloc_toc != 0, machine->has_descriptors);
		assert_int_equal(machine->addend_get != NULL, machine->name != NULL && !machine->is_rela);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_found_by_machine_class_and_byte_order),
		cmocka_unit_test(triples_name_machines),
		cmocka_unit_test(width_options_choose_between_machines_of_one_compiler),
		cmocka_unit_test(every_port_has_its_case_here),
		cmocka_unit_test(the_relocations_of_stubs_are_applied),
		cmocka_unit_test(an_aarch64_gate_asks_for_the_beginning_of_a_page_and_a_load_for_its_alignment),
		cmocka_unit_test(mips_n64_writes_a_symbol_and_three_types),
		cmocka_unit_test(a_gate_goes_where_it_was_put_within_its_reach_and_no_farther),
		cmocka_unit_test(addends_are_read_from_the_places_where_relocations_carry_none),
		cmocka_unit_test(a_relocation_that_no_template_has_is_refused),
		cmocka_unit_test(what_differs_from_a_gate_in_one_bit_is_no_gate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
