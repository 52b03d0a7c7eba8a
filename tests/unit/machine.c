/* machine.c: the table, triples, and x86-64's branch. */
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
	assert_null(machine_find(EM_X86_64, ELFCLASS32, ELFDATA2LSB));
	assert_null(machine_find(EM_X86_64, ELFCLASS64, ELFDATA2MSB));
	assert_null(machine_find(EM_SPARC, ELFCLASS32, ELFDATA2MSB));
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
		{"x86_64-linux-gnux32", NULL},
		{"i686-linux-gnu", "i386"},
		{"i386", "i386"},
		{"aarch64-linux-gnu", "aarch64"},
		{"aarch64_be-linux-gnu", NULL},
		{"aarch64-linux-gnu_ilp32", NULL},
		{"arm-linux-gnueabihf", "arm"},
		{"armeb-linux-gnueabi", NULL},
		{"powerpc64-linux-gnu", "powerpc64"},
		{"powerpc64le-linux-gnu", "powerpc64le"},
		{"powerpc-linux-gnu", NULL},
		{"riscv64-linux-gnu", "riscv64"},
		{"riscv32-linux-gnu", NULL},
		{"s390x-linux-gnu", "s390x"},
		{"mips64el-linux-gnuabi64", "mips64el"},
		{"mips64el-linux-gnuabin32", NULL},
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

/* As gate.S is assembled, its branch not resolved. */
static const unsigned char template[32] = {
	0xf3, 0x0f, 0x1e, 0xfa, 0x80, 0x3d, 0,    0,    0,    0,    0x83, 0x75, 5, 0xe9, 0,    0,
	0,    0,    0x4c, 0x8d, 0x1d, 0xe7, 0xff, 0xff, 0xff, 0xe9, 0,    0,    0, 0,    0xcc, 0xcc,
};

static void a_branch_goes_where_it_was_put(void **state)
{
	static const uint64_t targets[] = {0x10000000, 0x10000012, 0x10000011, 0x12345678, 0x8000, 0x90000011};
	const uint64_t gate = 0x10000000;
	unsigned char bytes[32];

	(void)state;
	for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
		memcpy(bytes, template, sizeof bytes);
		assert_true(x86_64()->fixup_put(bytes + 14, R_X86_64_PLT32, gate + 14, targets[i] - 4));
		assert_int_equal(x86_64()->gate_target(bytes, sizeof bytes, gate), targets[i]);
	}
}

static void a_branch_out_of_reach_is_refused_and_not_written(void **state)
{
	const uint64_t gate = 0x1000000000, next = gate + 18;
	unsigned char bytes[32];

	(void)state;
	memcpy(bytes, template, sizeof bytes);
	assert_false(x86_64()->fixup_put(bytes + 14, R_X86_64_PLT32, gate + 14, next + 0x80000000 - 4));
	assert_false(x86_64()->fixup_put(bytes + 14, R_X86_64_PLT32, gate + 14, next - 0x80000001 - 4));
	assert_false(x86_64()->fixup_put(bytes + 14, R_X86_64_64, gate + 14, next - 4));
	assert_memory_equal(bytes, template, sizeof bytes);
	assert_true(x86_64()->fixup_put(bytes + 14, R_X86_64_PC32, gate + 14, next + 0x7fffffff - 4));
	assert_int_equal(x86_64()->gate_target(bytes, sizeof bytes, gate), next + 0x7fffffff);
	assert_true(x86_64()->fixup_put(bytes + 14, R_X86_64_PC32, gate + 14, next - 0x80000000 - 4));
	assert_int_equal(x86_64()->gate_target(bytes, sizeof bytes, gate), next - 0x80000000);
}

static void what_is_no_gate_goes_nowhere(void **state)
{
	/* Those that hold the displacements may be anything. */
	static const size_t fixed[] = {0, 1, 2, 3, 4, 5, 10, 11, 12, 13};
	unsigned char bytes[32];

	(void)state;
	memset(bytes, x86_64()->trap[0], sizeof bytes);
	assert_int_equal(x86_64()->gate_target(bytes, sizeof bytes, 0x1000), 0);
	assert_int_equal(x86_64()->gate_target(template, 31, 0x1000), 0);
	for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++) {
		memcpy(bytes, template, sizeof bytes);
		bytes[fixed[i]] ^= 0x40;
		assert_int_equal(x86_64()->gate_target(bytes, sizeof bytes, 0x1000), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_found_by_machine_class_and_byte_order),
		cmocka_unit_test(triples_name_machines),
		cmocka_unit_test(a_branch_goes_where_it_was_put),
		cmocka_unit_test(a_branch_out_of_reach_is_refused_and_not_written),
		cmocka_unit_test(what_is_no_gate_goes_nowhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
