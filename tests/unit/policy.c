/* policy.c: which exports are gated. */
#include "../../elfpatch/lib/machine.h"
#include "../../elfpatch/lib/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

/* A machine with a variant calling convention. */
static const struct machine machine = {.variant_cc = 0x80};
static const struct image image = {
	.machine = &machine, .gates = 0x1000, .gates_size = 0x100, .nogate = 0x2000, .nogate_size = 0x10};

static GElf_Sym sym_of(int bind, int type, uint64_t value)
{
	return (GElf_Sym){.st_info = (unsigned char)GELF_ST_INFO(bind, type), .st_shndx = 5, .st_value = value};
}

static enum verdict judge(const char *strings, size_t size, GElf_Sym sym, const char *name)
{
	struct policy policy = {strings, size};

	return policy_judge(&policy, &image, &sym, name);
}

static void ghc_code_has_tables_in_front(void **state)
{
	struct image haskell = image;
	struct policy policy = {NULL, 0};
	GElf_Sym sym = sym_of(STB_GLOBAL, STT_FUNC, 0x3000);

	(void)state;
	assert_int_equal(policy_judge(&policy, &haskell, &sym, "Plug_answer_info"), EXPORT_GATE);
	haskell.has_info_tables = true;
	assert_int_equal(policy_judge(&policy, &haskell, &sym, "Plug_answer_info"), EXPORT_TABLED);
	assert_int_equal(policy_judge(&policy, &haskell, &sym, "answer"), EXPORT_GATE);
	assert_int_equal(policy_judge(&policy, &haskell, &sym, "_info"), EXPORT_GATE);
	assert_int_equal(policy_judge(&policy, &haskell, &sym, "info"), EXPORT_GATE);
}

static void kinds_of_symbols_are_told_apart(void **state)
{
	GElf_Sym sym;

	(void)state;
	assert_int_equal(judge(NULL, 0, sym_of(STB_GLOBAL, STT_FUNC, 0x3000), "foo"), EXPORT_GATE);
	assert_int_equal(judge(NULL, 0, sym_of(STB_WEAK, STT_FUNC, 0x3000), "foo"), EXPORT_GATE);
	assert_int_equal(judge(NULL, 0, sym_of(STB_WEAK, STT_FUNC, 0x3000), "_Z3foov"), EXPORT_VAGUE);
	assert_int_equal(judge(NULL, 0, sym_of(STB_GLOBAL, STT_FUNC, 0x3000), "_Z3foov"), EXPORT_GATE);
	assert_int_equal(judge(NULL, 0, sym_of(STB_GLOBAL, STT_GNU_IFUNC, 0x3000), "foo"), EXPORT_IFUNC);
	assert_int_equal(judge(NULL, 0, sym_of(STB_GLOBAL, STT_OBJECT, 0x3000), "foo"), EXPORT_DATA);
	assert_int_equal(judge(NULL, 0, sym_of(STB_GNU_UNIQUE, STT_OBJECT, 0x3000), "foo"), EXPORT_DATA);
	assert_int_equal(judge(NULL, 0, sym_of(STB_GLOBAL, STT_TLS, 0), "foo"), EXPORT_DATA);
	assert_int_equal(judge(NULL, 0, sym_of(STB_GLOBAL, STT_NOTYPE, 0x3000), "foo"), EXPORT_DATA);
	assert_int_equal(judge(NULL, 0, sym_of(STB_GLOBAL, STT_NOTYPE, 0x3000), "_edata"), EXPORT_NONE);
	assert_int_equal(judge(NULL, 0, sym_of(STB_LOCAL, STT_FUNC, 0x3000), "foo"), EXPORT_NONE);
	sym = sym_of(STB_GLOBAL, STT_FUNC, 0x3000);
	sym.st_other = 0x80;
	assert_int_equal(judge(NULL, 0, sym, "foo"), EXPORT_VARIANT);
	sym.st_other = 0x40;
	assert_int_equal(judge(NULL, 0, sym, "foo"), EXPORT_GATE);
	sym = sym_of(STB_GLOBAL, STT_FUNC, 0);
	sym.st_shndx = SHN_UNDEF;
	assert_int_equal(judge(NULL, 0, sym, "foo"), EXPORT_NONE);
	sym = sym_of(STB_GLOBAL, STT_FUNC, 0x3000);
	sym.st_other = STV_HIDDEN;
	assert_int_equal(judge(NULL, 0, sym, "foo"), EXPORT_NONE);
	sym.st_other = STV_PROTECTED;
	assert_int_equal(judge(NULL, 0, sym, "foo"), EXPORT_GATE);
	sym = sym_of(STB_GLOBAL, STT_OBJECT, 0);
	sym.st_shndx = SHN_ABS;
	assert_int_equal(judge(NULL, 0, sym, "V1"), EXPORT_NONE);
}

static void places_decide_before_names(void **state)
{
	static const char none[] = "-foo";

	(void)state;
	assert_int_equal(judge(none, sizeof none, sym_of(STB_GLOBAL, STT_FUNC, 0x1000), "foo"), EXPORT_GATE);
	assert_int_equal(judge(none, sizeof none, sym_of(STB_GLOBAL, STT_FUNC, 0x10ff), "foo"), EXPORT_GATE);
	assert_int_equal(judge(none, sizeof none, sym_of(STB_GLOBAL, STT_FUNC, 0x1100), "foo"), EXPORT_EXEMPT);
	assert_int_equal(judge(NULL, 0, sym_of(STB_GLOBAL, STT_FUNC, 0x1fff), "foo"), EXPORT_GATE);
	assert_int_equal(judge(NULL, 0, sym_of(STB_GLOBAL, STT_FUNC, 0x2000), "foo"), EXPORT_EXEMPT);
	assert_int_equal(judge(NULL, 0, sym_of(STB_GLOBAL, STT_FUNC, 0x2010), "foo"), EXPORT_GATE);
	assert_int_equal(judge(NULL, 0, sym_of(STB_GLOBAL, STT_FUNC, 0x3000), "_init"), EXPORT_EXEMPT);
	assert_int_equal(judge(NULL, 0, sym_of(STB_GLOBAL, STT_FUNC, 0x3000), "_fini"), EXPORT_EXEMPT);
}

static void patterns_choose(void **state)
{
	static const char both[] = "+lua_*\0-lua_new*\0+_ZN*";
	const GElf_Sym global = sym_of(STB_GLOBAL, STT_FUNC, 0x3000), weak = sym_of(STB_WEAK, STT_FUNC, 0x3000);

	(void)state;
	assert_int_equal(judge(both, sizeof both, global, "lua_call"), EXPORT_GATE);
	assert_int_equal(judge(both, sizeof both, global, "lua_newstate"), EXPORT_EXEMPT);
	assert_int_equal(judge(both, sizeof both, global, "other"), EXPORT_EXEMPT);
	assert_int_equal(judge(both, sizeof both, weak, "_ZN1aC1Ev"), EXPORT_GATE);
	assert_int_equal(judge(both, sizeof both, weak, "_Z1av"), EXPORT_EXEMPT);
	/* Without its null byte the last pattern is none. */
	assert_int_equal(judge("-foo", 4, global, "foo"), EXPORT_GATE);
	/* Only '-' patterns: everything else as without any. */
	assert_int_equal(judge("-foo", 5, global, "bar"), EXPORT_GATE);
	assert_int_equal(judge("-foo", 5, weak, "_Z1av"), EXPORT_VAGUE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ghc_code_has_tables_in_front),
		cmocka_unit_test(kinds_of_symbols_are_told_apart),
		cmocka_unit_test(places_decide_before_names),
		cmocka_unit_test(patterns_choose),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
