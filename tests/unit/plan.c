/* plan.c: what is run for a link with rt. */
#include "../../ldwrap/plan.h"
#include "../../ldwrap/response.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct options options;
static struct link_job job;
static struct inputs inputs;

#define OUT    "-Xlinker --output=t/out "
#define RT     "-Xlinker -init=rt0_lib -Xlinker -u -Xlinker rt0_lib "
#define INIT   "-Xlinker -u -Xlinker rt0_runtime_init "
#define REST   "-Xlinker -z -Xlinker nodelete -Xlinker -Bsymbolic-functions -Xlinker /rt/rt0.o "
#define BOUND  "-Xlinker -z -Xlinker nodelete -Xlinker /rt/rt0.o "
#define HOSTED "-Xlinker /rt/hosted.o "
#define OBJECT "-Xlinker t/rt0-link.o"

static char *planned_for(enum driver_kind kind, const char *line)
{
	struct plan_files files = {"t/out", "/rt", "t/rt0-link.o", false};
	struct words argv = {0}, driver = {0}, plan = {0};
	struct why why;
	char *text = format_text("%s", "");

	response_split(line, strlen(line), &argv);
	options_init(&options);
	if (!args_parse(&argv, kind, &options, &job, &why))
		fail_msg("%s: %s", line, why.text);
	words_push(&driver, "/bin/cc");
	plan_link(&driver, &job, &options, &inputs, &files, &plan);
	for (size_t i = 0; i < plan.count; i++)
		text = format_text("%s%s%s", text, i ? " " : "", plan.items[i]);
	return text;
}

static char *planned(const char *line)
{
	return planned_for(DRIVER_GCC, line);
}

static void gcc_and_clang_keep_the_outputs_and_the_linker_gets_another(void **state)
{
	static const struct {
		const char *line, *plan;
	} rows[] = {
		{"-shared a.o", "/bin/cc -shared a.o " OUT RT INIT REST HOSTED OBJECT},
		{"-shared -o x a.o", "/bin/cc -shared -o x a.o " OUT RT INIT REST HOSTED OBJECT},
		{"-shared -Wl,-o,x a.o", "/bin/cc -shared -Wl,-o,x a.o " OUT RT INIT REST HOSTED OBJECT},
		{"-shared -MMD a.c -o x", "/bin/cc -shared -MMD a.c -o x " OUT RT INIT REST HOSTED OBJECT},
		{"-shared a.o --rt0=on -- b.o", "/bin/cc -shared a.o " OUT RT INIT REST HOSTED OBJECT " -- b.o"},
	};

	(void)state;
	inputs = (struct inputs){.evidence = EVIDENCE_DEFINED};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_string_equal(planned_for(DRIVER_GCC, rows[i].line), rows[i].plan);
		assert_string_equal(planned_for(DRIVER_CLANG, rows[i].line), rows[i].plan);
	}
}

static void outputs_of_other_drivers_are_replaced(void **state)
{
	static const struct {
		const char *line, *plan;
	} rows[] = {
		{"-shared a.o", "/bin/cc -shared a.o -o t/out " RT INIT REST HOSTED OBJECT},
		{"-shared -o x a.o", "/bin/cc -shared -o t/out a.o " RT INIT REST HOSTED OBJECT},
		{"-shared -ox a.o", "/bin/cc -shared -ot/out a.o " RT INIT REST HOSTED OBJECT},
		{"-shared --output x a.o", "/bin/cc -shared --output t/out a.o " RT INIT REST HOSTED OBJECT},
		{"-shared --output=x a.o", "/bin/cc -shared --output=t/out a.o " RT INIT REST HOSTED OBJECT},
		{"-o x -shared a.o -o y", "/bin/cc -o t/out -shared a.o -o t/out " RT INIT REST HOSTED OBJECT},
		{"-shared -Wl,-o,x a.o",
		 "/bin/cc -shared -Wl,-o,x a.o -o t/out -Xlinker --output=t/out " RT INIT REST HOSTED OBJECT},
		{"-shared a.o --rt0=on -- b.o", "/bin/cc -shared a.o -o t/out " RT INIT REST HOSTED OBJECT " -- b.o"},
		{"-shared -nostdlib a.o", "/bin/cc -shared -nostdlib a.o -o t/out " RT INIT REST OBJECT},
		{"-shared -nodefaultlibs a.o -lc",
		 "/bin/cc -shared -nodefaultlibs a.o -lc -o t/out " RT INIT REST HOSTED OBJECT},
		{"-shared -Wl,-init=mine a.o",
		 "/bin/cc -shared -Wl,-init=mine a.o -o t/out " RT INIT REST HOSTED OBJECT},
	};

	(void)state;
	inputs = (struct inputs){.evidence = EVIDENCE_DEFINED};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(planned_for(DRIVER_UNKNOWN, rows[i].line), rows[i].plan);
}

static void the_stronger_of_the_symbolic_options_is_kept(void **state)
{
	(void)state;
	inputs = (struct inputs){.evidence = EVIDENCE_DEFINED};
	assert_string_equal(planned("-shared -Wl,-Bsymbolic a.o"),
			    "/bin/cc -shared -Wl,-Bsymbolic a.o " OUT RT INIT BOUND HOSTED OBJECT);
	assert_string_equal(planned("-shared -Xlinker --Bsymbolic a.o"),
			    "/bin/cc -shared -Xlinker --Bsymbolic a.o " OUT RT INIT BOUND HOSTED OBJECT);
	assert_string_equal(planned("-shared -Wl,-Bsymbolic,-Bno-symbolic a.o"),
			    "/bin/cc -shared -Wl,-Bsymbolic,-Bno-symbolic a.o " OUT RT INIT REST HOSTED OBJECT);
	assert_string_equal(planned("-shared -Wl,-Bsymbolic,-Bsymbolic-functions a.o"),
			    "/bin/cc -shared -Wl,-Bsymbolic,-Bsymbolic-functions a.o " OUT RT INIT REST HOSTED OBJECT);
}

static void a_tentative_link_does_not_ask_for_the_symbol(void **state)
{
	(void)state;
	inputs = (struct inputs){.evidence = EVIDENCE_TEXT};
	assert_string_equal(planned("-shared a.c"), "/bin/cc -shared a.c " OUT RT REST HOSTED OBJECT);
}

static void make_rules_name_the_real_output(void **state)
{
	(void)state;
	inputs = (struct inputs){.evidence = EVIDENCE_TEXT};
	assert_string_equal(planned_for(DRIVER_UNKNOWN, "-shared -MMD a.c -o x"),
			    "/bin/cc -shared -MMD a.c -o t/out -MQ x " RT REST HOSTED OBJECT);
	assert_string_equal(planned_for(DRIVER_UNKNOWN, "-shared -MD -MT y a.c -o x"),
			    "/bin/cc -shared -MD -MT y a.c -o t/out " RT REST HOSTED OBJECT);
}

static void archive_members_are_asked_for(void **state)
{
	(void)state;
	inputs = (struct inputs){
		.evidence = EVIDENCE_DEFINED, .is_main_in_archive = true, .is_failure_in_archive = true};
	assert_string_equal(planned("-shared a.a --rt0-on-failure=call:oops"),
			    "/bin/cc -shared a.a " OUT RT INIT
			    "-Xlinker -u -Xlinker rt0_runtime_main -Xlinker -u -Xlinker oops " REST HOSTED OBJECT);
}

static void words_are_quoted_for_a_shell(void **state)
{
	(void)state;
	assert_string_equal(plan_quote("-Wl,-z,now"), "-Wl,-z,now");
	assert_string_equal(plan_quote(""), "''");
	assert_string_equal(plan_quote("a b"), "'a b'");
	assert_string_equal(plan_quote("it's"), "'it'\\''s'");
	assert_string_equal(plan_quote("-DX=\"y\""), "'-DX=\"y\"'");
	assert_string_equal(plan_quote("$x"), "'$x'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gcc_and_clang_keep_the_outputs_and_the_linker_gets_another),
		cmocka_unit_test(outputs_of_other_drivers_are_replaced),
		cmocka_unit_test(the_stronger_of_the_symbolic_options_is_kept),
		cmocka_unit_test(a_tentative_link_does_not_ask_for_the_symbol),
		cmocka_unit_test(make_rules_name_the_real_output),
		cmocka_unit_test(archive_members_are_asked_for),
		cmocka_unit_test(words_are_quoted_for_a_shell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
