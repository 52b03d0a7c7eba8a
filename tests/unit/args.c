/* args.c: every spelling of a driver's command line that decides what a link is. */
#include "../../ldwrap/args.h"
#include "../../ldwrap/response.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct options options;
static struct link_job job;

/* `line` is split as a response file is. */
static void parse(const char *line, enum driver_kind kind)
{
	struct words argv = {0};
	struct why why;

	response_split(line, strlen(line), &argv);
	options_init(&options);
	if (!args_parse(&argv, kind, &options, &job, &why))
		fail_msg("%s: %s", line, why.text);
}

static bool is_library(void)
{
	return job.is_link && job.is_library && !job.is_relocatable;
}

static void shared_spellings(void **state)
{
	static const struct {
		const char *line;
		bool gcc, clang;
	} rows[] = {
		{"-shared a.o", true, true},
		{"a.o -shared", true, true},
		{"--shared a.o", true, true},
		{"-Wl,-shared a.o", true, true},
		{"-Wl,--shared a.o", true, true},
		{"-Wl,-O1,-shared,-x a.o", true, true},
		{"-Xlinker -shared a.o", true, true},
		{"--for-linker -shared a.o", true, true},
		{"-Wl,-Bshareable a.o", true, true},
		{"-shared -pie a.o", false, true},
		{"-pie -shared a.o", true, true},
		{"-shared -no-pie a.o", false, true},
		{"-no-pie -shared a.o", true, true},
		{"-shared -static-pie a.o", false, true},
		{"-static-pie -shared a.o", true, true},
		{"-shared -Wl,-pie a.o", false, false},
		{"-shared -Wl,-pie -Wl,-shared a.o", true, true},
		{"-shared -v a.o", true, true},
		{"-shared -fPIC -g -O2 a.c", true, true},
		{"-shared -MD a.c", true, true},
		{"-shared -MMD -MF a.d a.c", true, true},
		{"-shared-libgcc a.o", false, false},
		{"-static-libgcc a.o", false, false},
		{"a.o", false, false},
		{"-o -shared a.o", false, false},
		{"-Xlinker -soname -Xlinker -shared a.o", false, false},
		{"-Wl,-soname,-shared a.o", false, false},
		{"-D -shared a.o", false, false},
		{"-shared", false, false},
		{"-shared -v", false, false},
		{"-shared -r a.o", false, false},
		{"-shared -Wl,-r a.o", false, false},
		{"-shared -Wl,--relocatable a.o", false, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		parse(rows[i].line, DRIVER_GCC);
		if (is_library() != rows[i].gcc)
			fail_msg("gcc %s", rows[i].line);
		parse(rows[i].line, DRIVER_CLANG);
		if (is_library() != rows[i].clang)
			fail_msg("clang %s", rows[i].line);
	}
}

static void no_link_spellings(void **state)
{
	static const char *const rows[] = {
		"-c",
		"-E",
		"-S",
		"-M",
		"-MM",
		"-fsyntax-only",
		"--version",
		"--help",
		"--help=common",
		"--target-help",
		"-dumpmachine",
		"-dumpversion",
		"-dumpspecs",
		"-dumpfullversion",
		"-print-search-dirs",
		"-print-prog-name=ld",
		"--print-file-name=libc.a",
		"-Wl,--version",
		"-Wl,--help",
		"-Xlinker --version",
		"-Wl,-O1,--version",
		"-emit-ast",
		"--analyze",
		"--precompile",
	};
	static const char *const links[] = {
		"-v",          "-MD",         "-MMD",      "-MF x",
		"-dumpdir d-", "-dumpbase b", "-o -c",     "-Wl,-soname,--version",
		"-Xlinker -v", "-include -E", "-coverage", "-Map",
		"-Sx",         "-Mx",
	};
	char line[200];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(line, sizeof(line), "-shared %s a.o", rows[i]);
		parse(line, DRIVER_UNKNOWN);
		if (job.is_link)
			fail_msg("links: %s", line);
	}
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		snprintf(line, sizeof(line), "-shared %s a.o", links[i]);
		parse(line, DRIVER_UNKNOWN);
		if (!is_library())
			fail_msg("does not link: %s", line);
	}
}

static void output_spellings(void **state)
{
	static const struct {
		const char *line, *output;
		bool is_of_linker;
	} rows[] = {
		{"a.o", "a.out", false},
		{"-o x a.o", "x", false},
		{"-ox a.o", "x", false},
		{"--output x a.o", "x", false},
		{"--output=x a.o", "x", false},
		{"-o x -o y a.o", "y", false},
		{"-o x --output=y a.o", "y", false},
		{"-Wl,-o,x a.o", "x", true},
		{"-Wl,-ox a.o", "x", true},
		{"-Wl,--output=x a.o", "x", true},
		{"-Wl,--output,x a.o", "x", true},
		{"-Xlinker -o -Xlinker x a.o", "x", true},
		{"-Xlinker -o -Wl,x a.o", "x", true},
		/* The driver puts its own -o first, so the linker's wins wherever it stands. */
		{"-Wl,-o,x -o y a.o", "x", true},
		{"-o y -Wl,-o,x a.o", "x", true},
		{"-Wl,--oformat,elf64-x86-64 -o y a.o", "y", false},
		{"-Wl,--oformat=elf64-x86-64 -o y a.o", "y", false},
		{"-Wl,-soname,-o -o y a.o", "y", false},
		{"-L -o -o y a.o", "y", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		parse(rows[i].line, DRIVER_UNKNOWN);
		if (strcmp(job.output, rows[i].output) || job.is_output_of_linker != rows[i].is_of_linker)
			fail_msg("%s: '%s'", rows[i].line, job.output);
	}
}

/* The inputs as one line: S source, F file, L library, A library as archive, I stdin. */
static const char *inputs_line(void)
{
	static char line[500];
	size_t at = 0;

	line[0] = 0;
	for (size_t i = 0; i < job.input_count; i++) {
		const struct input *input = &job.inputs[i];
		char kind = input->kind == INPUT_SOURCE    ? 'S'
			    : input->kind == INPUT_STDIN   ? 'I'
			    : input->kind == INPUT_LIBRARY ? (input->is_static ? 'A' : 'L')
							   : 'F';
		at += (size_t)snprintf(line + at, sizeof(line) - at, "%s%c:%s", i ? " " : "", kind, input->name);
	}
	return line;
}

static void inputs_found(void **state)
{
	static const struct {
		const char *line, *inputs;
	} rows[] = {
		{"a.o b.c c.cc d.s e.S f.rs g.a h.so i", "F:a.o S:b.c S:c.cc S:d.s S:e.S S:f.rs F:g.a F:h.so F:i"},
		{"-x c a.o -x none b.o", "S:a.o F:b.o"},
		{"-xc a.o -xnone b.o", "S:a.o F:b.o"},
		{"--language=c a.o", "S:a.o"},
		{"-x assembler a", "S:a"},
		{"-x c -", "I:-"},
		{"-lfoo -l bar -l:libx.a", "L:foo L:bar L::libx.a"},
		{"-Wl,-lfoo -Wl,-l,bar -Wl,--library=baz", "L:foo L:bar L:baz"},
		{"-Wl,-Bstatic -lfoo -Wl,-Bdynamic -lbar", "A:foo L:bar"},
		{"-Wl,--push-state,-Bstatic -lfoo -Wl,--pop-state -lbar", "A:foo L:bar"},
		{"-Wl,/p/a.o -Xlinker b.o", "F:/p/a.o F:b.o"},
		{"-Wl,--whole-archive,libx.a,--no-whole-archive", "F:libx.a"},
		{"-Wl,-rpath,/a -Wl,-rpath-link,/b -Wl,-z,defs -Wl,-Map,m.map a.o", "F:a.o"},
		{"-Wl,--version-script,v.map -Wl,--dynamic-list=d -Wl,-T,x.ld a.o", "F:a.o"},
		{"-I inc -L lib -D x -U y -u z -T s.ld -e main -z now a.o", "F:a.o"},
		{"-isystem a -iquote b -idirafter c -include d.h -imacros e.h f.o", "F:f.o"},
		{"-MF a.d -MT t.o -MQ q.o -Xassembler as.o -Xpreprocessor pp.o b.o", "F:b.o"},
		{"--param x=1 --sysroot /s -B dir -aux-info y.o -wrapper w.o b.o", "F:b.o"},
		{"-Xclang x.o -mllvm y.o -target t.o -arch z.o -ivfsoverlay w.o b.o", "F:b.o"},
		{"-Wl,-plugin,p.so -Wl,-plugin-opt,o.o b.o", "F:b.o"},
		{"-- -c", "F:-c"},
		{"@missing a.o", "F:@missing F:a.o"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		parse(rows[i].line, DRIVER_UNKNOWN);
		if (strcmp(inputs_line(), rows[i].inputs))
			fail_msg("%s: %s", rows[i].line, inputs_line());
	}
}

static void init_spellings(void **state)
{
	static const struct {
		const char *line, *init;
	} rows[] = {
		{"a.o", NULL},
		{"-Wl,-init=x a.o", "x"},
		{"-Wl,-init,x a.o", "x"},
		{"-Wl,--init=x a.o", "x"},
		{"-Wl,--init,x a.o", "x"},
		{"-Xlinker -init -Xlinker x a.o", "x"},
		{"-Xlinker -init=x a.o", "x"},
		{"-Wl,-init=x -Wl,-init,y a.o", "y"},
		{"-Wl,-fini=x a.o", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		parse(rows[i].line, DRIVER_UNKNOWN);
		if (rows[i].init ? !job.init || strcmp(job.init, rows[i].init) : job.init != NULL)
			fail_msg("%s: %s", rows[i].line, job.init ? job.init : "none");
	}
}

static void properties(void **state)
{
	(void)state;
	parse("-shared -nostdlib a.o", DRIVER_GCC);
	assert_false(job.has_libc);
	parse("-shared -nodefaultlibs a.o -lc", DRIVER_GCC);
	assert_true(job.has_libc);
	parse("-shared -nolibc a.o", DRIVER_GCC);
	assert_false(job.has_libc);
	parse("-shared a.o", DRIVER_GCC);
	assert_true(job.has_libc);
	assert_false(job.is_build_id_given);
	parse("-shared -Wl,--build-id a.o", DRIVER_GCC);
	assert_false(job.is_build_id_given);
	parse("-shared -Wl,--build-id=sha1 a.o", DRIVER_GCC);
	assert_false(job.is_build_id_given);
	parse("-shared -Wl,--build-id=0x1234 a.o", DRIVER_GCC);
	assert_true(job.is_build_id_given);
	parse("-shared -Wl,--build-id=uuid a.o", DRIVER_GCC);
	assert_true(job.is_build_id_given);
	parse("-shared -static a.o", DRIVER_GCC);
	assert_true(job.is_static);
	parse("-shared -m32 a.c", DRIVER_GCC);
	assert_int_equal(job.bits, 32);
	parse("-shared -m32 -m64 a.c", DRIVER_GCC);
	assert_int_equal(job.bits, 64);
	parse("-shared -### a.o", DRIVER_GCC);
	assert_true(is_library() && job.is_dry_run);
	parse("-shared -mx32 a.c", DRIVER_GCC);
	assert_true(job.is_x32);
}

static void own_options_are_taken_out(void **state)
{
	(void)state;
	parse("-shared --rt0=on a.o --rt0-init=go -o --rt0=off", DRIVER_GCC);
	assert_int_equal(job.args.count, 4);
	assert_string_equal(job.output, "--rt0=off");
	assert_int_equal(options.mode, MODE_ON);
	assert_string_equal(options.init, "go");
	assert_true(options.is_init_given);
	parse("--rt0-gate=a* --rt0-no-gate=b --rt0-on-failure=call:oops --rt0-start=first-call --rt0-take-over=no a.o",
	      DRIVER_GCC);
	assert_int_equal(options.policy_size, 7);
	assert_memory_equal(options.policy, "+a*\0-b", 7);
	assert_string_equal(options.failure, "oops");
	assert_int_equal(options.config_flags, 0x26);
}

static void bad_values_name_the_good_ones(void **state)
{
	static const struct {
		const char *arg, *text;
	} rows[] = {
		{"--rt0=maybe", "bad value 'maybe' for --rt0: one of auto|on|off"},
		{"--rt0=", "--rt0 needs a value: --rt0=auto|on|off"},
		{"--rt0", "--rt0 needs a value: --rt0=auto|on|off"},
		{"--rt0-init", "--rt0-init needs a value: --rt0-init=SYM"},
		{"--rt0-nonsense=1", "unknown option '--rt0-nonsense' (see --rt0-help)"},
		{"--rt0-start=never", "bad value 'never' for --rt0-start: one of after-load|concurrent|first-call"},
		{"--rt0-on-failure=call:", "bad value 'call:' for --rt0-on-failure: one of abort|continue|call:SYM"},
		{"--rt0-on-failure=call:SY", ""},
		{"--rt0-take-over=1", "bad value '1' for --rt0-take-over: one of yes|no"},
		{"--rt0-verify=all", "bad value 'all' for --rt0-verify: one of error|warn|off"},
		{"--rt0-stack-size=1k", "bad value '1k' for --rt0-stack-size: BYTES from 16384 to 1099511627776"},
		{"--rt0-stack-size=100", "bad value '100' for --rt0-stack-size: BYTES from 16384 to 1099511627776"},
		{"--rt0-stack-size=-65536",
		 "bad value '-65536' for --rt0-stack-size: BYTES from 16384 to 1099511627776"},
		{"--rt0-plan=yes", "--rt0-plan takes no value"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct words argv = {0};
		struct why why = {""};
		words_push(&argv, rows[i].arg);
		options_init(&options);
		bool is_good = args_parse(&argv, DRIVER_GCC, &options, &job, &why);
		if (is_good != !rows[i].text[0] || strcmp(why.text, rows[i].text))
			fail_msg("%s: %s", rows[i].arg, why.text);
	}
}

/* Bisection needs it. */
static void option_table_is_sorted(void **state)
{
	static const char *const driver[] = {
#define DRIVER_OPTION(name, known_to, form, action) name,
#include "../../ldwrap/ccopts.def"
	};
	static const char *const linker[] = {
#define LINKER_OPTION(name, form, action) name,
#include "../../ldwrap/ccopts.def"
	};

	(void)state;
	for (size_t i = 1; i < sizeof(driver) / sizeof(driver[0]); i++)
		if (strcmp(driver[i - 1], driver[i]) > 0)
			fail_msg("%s before %s", driver[i - 1], driver[i]);
	for (size_t i = 1; i < sizeof(linker) / sizeof(linker[0]); i++)
		if (strcmp(linker[i - 1], linker[i]) > 0)
			fail_msg("%s before %s", linker[i - 1], linker[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shared_spellings),
		cmocka_unit_test(no_link_spellings),
		cmocka_unit_test(output_spellings),
		cmocka_unit_test(inputs_found),
		cmocka_unit_test(init_spellings),
		cmocka_unit_test(properties),
		cmocka_unit_test(own_options_are_taken_out),
		cmocka_unit_test(bad_values_name_the_good_ones),
		cmocka_unit_test(option_table_is_sorted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
