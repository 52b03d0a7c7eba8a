/* policy.c: which exports are gated. */
#include "../../elfpatch/lib/machine.h"
#include "../../elfpatch/lib/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	struct judge ready;
	struct why why;

	assert_true(judge_open(&ready, &policy, &why));
	enum verdict verdict = judge_export(&ready, &image, &sym, name);
	judge_close(&ready);
	return verdict;
}

static void ghc_code_has_tables_in_front(void **state)
{
	struct image haskell = image;
	struct judge none = {0};
	GElf_Sym sym = sym_of(STB_GLOBAL, STT_FUNC, 0x3000);

	(void)state;
	assert_int_equal(judge_export(&none, &haskell, &sym, "Plug_answer_info"), EXPORT_GATE);
	haskell.has_info_tables = true;
	assert_int_equal(judge_export(&none, &haskell, &sym, "Plug_answer_info"), EXPORT_TABLED);
	assert_int_equal(judge_export(&none, &haskell, &sym, "answer"), EXPORT_GATE);
	assert_int_equal(judge_export(&none, &haskell, &sym, "_info"), EXPORT_GATE);
	assert_int_equal(judge_export(&none, &haskell, &sym, "info"), EXPORT_GATE);
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

static void names_and_globs_are_found_among_many(void **state)
{
	const GElf_Sym global = sym_of(STB_GLOBAL, STT_FUNC, 0x3000);
	char *strings = malloc(16 * 1000), *end = strings;
	int count = 0;

	(void)state;
	assert_non_null(strings);
	for (int i = 0; i < 1000; i++, end += count + 1)
		count = sprintf(end, i % 2 ? "+name_%d" : "+[g]lob_%d", i);
	assert_int_equal(judge(strings, (size_t)(end - strings), global, "name_1"), EXPORT_GATE);
	assert_int_equal(judge(strings, (size_t)(end - strings), global, "name_501"), EXPORT_GATE);
	assert_int_equal(judge(strings, (size_t)(end - strings), global, "name_500"), EXPORT_EXEMPT);
	assert_int_equal(judge(strings, (size_t)(end - strings), global, "glob_998"), EXPORT_GATE);
	assert_int_equal(judge(strings, (size_t)(end - strings), global, "glob_999"), EXPORT_EXEMPT);
	free(strings);
}

static void globs_are_bounded(void **state)
{
	struct policy policy = {.size = POLICY_GLOBS_MAX + 2};
	char *strings = calloc(1, policy.size);
	struct judge ready;
	struct why why;

	(void)state;
	assert_non_null(strings);
	memset(strings, '*', policy.size - 1);
	policy.strings = strings;
	strings[0] = '+';
	assert_false(judge_open(&ready, &policy, &why));
	judge_close(&ready);
	assert_string_equal(why.text, "the gate policy has patterns of 65537 bytes together, at most 65536");
	strings[1] = '\0';
	strings[2] = '-';
	assert_true(judge_open(&ready, &policy, &why));
	judge_close(&ready);
	free(strings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ghc_code_has_tables_in_front),
		cmocka_unit_test(kinds_of_symbols_are_told_apart),
		cmocka_unit_test(places_decide_before_names),
		cmocka_unit_test(patterns_choose),
		cmocka_unit_test(names_and_globs_are_found_among_many),
		cmocka_unit_test(globs_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
