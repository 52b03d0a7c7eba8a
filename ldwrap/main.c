/*
 * ldwrap: a compiler driver that gives a library with a language runtime in it a
 * start of its own.
 *
 *	command line -> job -> is there a runtime? no: become the driver
 *	yes: pool and config -> link into a temporary folder -> fill the gates
 *	     -> names, build-id -> verify -> rename
 */
#include "args.h"
#include "inputs.h"
#include "library.h"
#include "linkobj.h"
#include "message.h"
#include "options.h"
#include "output.h"
#include "plan.h"
#include "response.h"
#include "run.h"
#include "sidecar.h"
#include "../elfpatch/lib/machine.h"
#include "../elfpatch/lib/rtfile.h"
#include "../rt/abi.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#ifndef RT0KIT_VERSION
#define RT0KIT_VERSION "unknown"
#endif

/* Longer command lines go through a response file (a single word of execve's is limited to this, too). */
#define ARGV_BYTES_MAX (128 * 1024)

/* A pool that wastes more than this, and more than a quarter, is made anew. */
#define POOL_WASTE_MAX 128

struct session {
	struct options options;
	struct driver driver;
	struct link_job job;
	struct words plain; /* the user's own command, driver and all */
	struct inputs inputs;
	const struct machine *machine;
	const char *rt_folder;
	bool is_required; /* a missing init symbol is an error */
	bool has_hooks;   /* the library attaches threads, as far as is known */
};

/* With the path that is run, whatever argv[0] is. */
static void print_command(const struct session *session, const struct words *argv)
{
	for (size_t i = 0; i < argv->count; i++)
		printf("%s%s", i ? " " : "", plan_quote(i ? argv->items[i] : session->driver.path));
	putchar('\n');
}

static _Noreturn void become_driver(const struct session *session)
{
	struct why why;

	if (session->options.is_plan) {
		print_command(session, &session->plain);
		exit(0);
	}
	int status = run_exec(&session->driver, &session->plain, &why);
	die(status, "%s", why.text);
}

/* Read all but the driver's name, in response files too. */
static void read_command_line(char **argv, struct session *session)
{
	struct words given = {0}, expanded = {0};
	struct options before = session->options;
	struct why why;

	for (size_t i = 1; argv[0] && argv[i]; i++)
		if (i < session->driver.at || i >= session->driver.at + session->driver.skip)
			words_push(&given, argv[i]);
	if (!args_parse(&given, session->driver.kind, &session->options, &session->job, &why))
		die(2, "%s", why.text);
	words_push_all(&session->plain, &session->driver.words);
	if (!response_needed(&given)) {
		words_push_all(&session->plain, &session->job.args);
		return;
	}

	size_t ours = given.count - session->job.args.count;
	struct words args = session->job.args;
	session->options = before;
	if (!response_expand(&given, &expanded, &why))
		die(1, "%s", why.text);
	if (!args_parse(&expanded, session->driver.kind, &session->options, &session->job, &why))
		die(2, "%s", why.text);
	/* The files themselves are passed on, unless the driver would meet options of ours in them. */
	bool holds_ours = expanded.count - session->job.args.count != ours;
	words_push_all(&session->plain, holds_ours ? &session->job.args : &args);
}

/* -m32 and its like stand in LDWRAP_CC as well ("gcc -m32"), where the command line may still change them. */
static void read_driver_bits(struct session *session)
{
	struct words front = {0};
	struct options unused = session->options;
	struct link_job job;
	struct why why;

	for (size_t i = 1; i < session->driver.words.count; i++)
		words_push(&front, session->driver.words.items[i]);
	if (session->job.bits || !args_parse(&front, session->driver.kind, &unused, &job, &why))
		return;
	session->job.bits = job.bits;
	session->job.is_x32 = job.is_x32;
}

static const struct machine *machine_of_system(void)
{
	struct utsname system;

	return uname(&system) ? NULL : machine_of_triple(system.machine);
}

/* By the driver's -dumpmachine; a driver that does not know it makes what runs here. */
static const struct machine *machine_of_driver(struct session *session)
{
	struct words argv = {0};
	char triple[128];
	struct why why;
	struct run run;
	ssize_t got = 0;

	read_driver_bits(session);
	if (session->job.is_x32)
		return machine_of_triple("x86_64-linux-gnux32");
	if (session->options.is_plan)
		return machine_of_system();
	words_push_all(&argv, &session->driver.words);
	words_push_all(&argv, &session->job.args);
	words_push(&argv, "-dumpmachine");
	if (!run_wait(&session->driver, &argv, true, &run, &why))
		die(run.status >> 8, "%s", why.text);
	if (run.status == 0)
		got = pread(run.out, triple, sizeof(triple) - 1, 0);
	run_forget(&run);
	triple[got > 0 ? got : 0] = 0;
	triple[strcspn(triple, "\n")] = 0;
	if (!triple[0])
		return machine_of_system();
	/* gcc names what it was built for, whatever -m32 or -m64 says. */
	return machine_of_bits(machine_of_triple(triple), session->job.bits);
}

static _Noreturn void no_port(const struct session *session)
{
	const struct inputs *inputs = &session->inputs;

	if (session->machine)
		die(1, "rt has no port to %s", session->machine->arch);
	if (!inputs->has_elf)
		die(1, "rt has no port to the machine of '%s -dumpmachine'", session->driver.path);
	die(1, "rt has no port to ELF machine %u, %d-bit, %s-endian", inputs->e_machine,
	    inputs->elf_class == ELFCLASS32 ? 32 : 64, inputs->elf_data == ELFDATA2MSB ? "big" : "little");
}

static void find_machine(struct session *session)
{
	const struct inputs *inputs = &session->inputs;
	struct why why;

	session->machine = inputs->has_elf ? machine_find(inputs->e_machine, inputs->elf_class, inputs->elf_data)
					   : machine_of_driver(session);
	if (!session->machine || !session->machine->name)
		no_port(session);
	char *object = rtfile_find(session->options.objects, session->machine, "rt0.o", &why);
	if (!object)
		die(1, "%s", why.text);
	*strrchr(object, '/') = '\0';
	session->rt_folder = object;
}

static _Noreturn void missing_init(const struct session *session)
{
	die(1, "no input defines '%s' (%s)", session->options.init,
	    session->options.is_mode_given ? "--rt0=on" : "--rt0-init");
}

/* Links that cannot carry a runtime, said before anything runs. */
static void refuse_impossible(const struct session *session)
{
	const struct inputs *inputs = &session->inputs;

	if (inputs->is_init_data)
		die(1, "'%s' in '%s' is data, not a function", session->options.init, inputs->init_where);
	if (session->job.is_static)
		die(1, "-static and -shared together make no library that can start a runtime");
}

/* A port without gates that look at the thread sends each call of such a library through rt. */
static const char *template_path(const struct session *session)
{
	char *attaching = format_text("%s/gate_attach.o", session->rt_folder);

	if (session->has_hooks && !access(attaching, R_OK))
		return attaching;
	return format_text("%s/gate.o", session->rt_folder);
}

static void write_object(const struct session *session, size_t pool, const struct output *output)
{
	const struct options *options = &session->options;
	struct linkobj object = {
		.template_path = template_path(session),
		.gate_count = pool,
		.flags = options->config_flags,
		.stack_size = options->stack_size,
		.init = options->init,
		.is_init_hidden = !strcmp(options->init, RT0_SYM_INIT),
		.is_init_weak = plan_is_tentative(&session->inputs),
		.failure = options->failure,
		.flag = options->flag,
		.chain = session->job.init,
		.policy = {options->policy, options->policy_size},
	};
	struct why why;

	if (!linkobj_write(&object, output->object, &why))
		die(1, "%s: %s", output->final, why.text);
}

/* An expanded response file may be too long a command line for the system. */
static void repack(const struct session *session, struct words *argv, const struct output *output)
{
	size_t first = session->driver.words.count;
	struct words rest = {0};
	struct why why;

	if (words_size(argv) <= ARGV_BYTES_MAX)
		return;
	for (size_t i = first; i < argv->count; i++)
		words_push(&rest, argv->items[i]);
	if (!response_write(&rest, output->args, &why))
		die(1, "%s", why.text);
	argv->count = first;
	words_format(argv, "@%s", output->args);
}

static void plan(const struct session *session, const struct output *output, struct words *argv)
{
	struct plan_files files = {output->linked, session->rt_folder, output->object, session->has_hooks};

	plan_link(&session->driver.words, &session->job, &session->options, &session->inputs, &files, argv);
}

static _Noreturn void print_plan(struct session *session)
{
	const struct options *options = &session->options;
	struct words argv = {0};
	struct output output;

	output_name(session->job.output, &output);
	session->has_hooks = session->inputs.has_hooks;
	plan(session, &output, &argv);
	print_command(session, &argv);
	printf("# %s: at most %zu gates, DT_INIT %s, %s=1", output.linked, inputs_count_exports(&session->job, options),
	       RT0_SYM_ENTRY, RT0_SYM_ISLIBRARY);
	if (options->flag)
		printf(", %s=1", options->flag);
	printf(", build-id %s\n", session->job.is_build_id_given ? "kept" : "renewed");
	if (plan_is_tentative(&session->inputs))
		printf("# if '%s' then is not defined: %s\n", options->init,
		       session->is_required ? "an error" : "the plain link instead");
	printf("mv %s %s\n", plan_quote(output.linked), plan_quote(output.final));
	exit(0);
}

/* -###: the driver prints what it would run for the link with rt, and runs nothing. */
static _Noreturn void show_link(struct session *session)
{
	struct words argv = {0};
	struct output output;
	struct why why;

	output_name(session->job.output, &output);
	session->has_hooks = session->inputs.has_hooks;
	plan(session, &output, &argv);
	run_release_signals();
	int status = run_exec(&session->driver, &argv, &why);
	die(status, "%s", why.text);
}

/* Give up the link with rt: the user's own it is. */
static _Noreturn void link_plainly(const struct session *session, struct run *run)
{
	run_forget(run);
	output_discard();
	run_release_signals();
	become_driver(session);
}

/*
 * Run the driver and open what it made, or end as it did. What it prints is shown
 * at once when this run is certain to be the one that counts, otherwise later or
 * never.
 */
static void run_link(const struct session *session, const struct words *argv, bool is_captured, struct run *run)
{
	struct why why;

	if (!run_wait(&session->driver, argv, is_captured, run, &why))
		die(run->status >> 8, "%s", why.text);
	if (run->status) {
		run_replay(run);
		output_discard();
		run_exit(run);
	}
}

static void open_image(const char *path, const char *name, bool is_writable, struct image *image)
{
	struct why why;

	if (!image_open(path, is_writable, image, &why))
		die(1, "%s: %s", name, why.text);
}

/* After the link: is there a runtime in it, and one that we can serve? What archives and sources hold is known only
 * now. */
static void judge_output(const struct session *session, const struct image *image, struct run *run)
{
	bool has_init, is_data;
	struct why why = {0};

	has_init = library_has_init(image, &session->options, &is_data, &why);
	if (is_data)
		die(1, "'%s' is data, not a function", session->options.init);
	if (has_init || !plan_is_tentative(&session->inputs))
		return;
	if (session->is_required)
		missing_init(session);
	link_plainly(session, run);
}

/* One pool size is right: not too small, and wasting little. */
static bool pool_fits(const struct gates_filled *filled)
{
	size_t waste = filled->pool - filled->used;

	return filled->used == filled->needed && (waste <= POOL_WASTE_MAX || waste <= filled->pool / 4);
}

/* What the link showed of thread hooks. False when it was made for something else. */
static bool hooks_fit(struct session *session, const struct image *image)
{
	bool has_hooks = library_has_hooks(image);

	if (has_hooks && !session->job.has_libc)
		die(1, "%s: '%s' and '%s' need a libc, which tells of a thread's end", session->job.output,
		    RT0_SYM_ATTACH, RT0_SYM_DETACH);
	if (has_hooks != session->has_hooks && session->inputs.has_stream)
		die(1, "%s: '%s' or '%s' was found too late, and an input cannot be read twice", session->job.output,
		    RT0_SYM_ATTACH, RT0_SYM_DETACH);
	bool is_fit = has_hooks == session->has_hooks;
	session->has_hooks = has_hooks;
	return is_fit;
}

/*
 * Link until the gates are as many as are needed and of the right kind: how many
 * exports there are and whether there are thread hooks may show only in the
 * output. `is_silent`: the driver has said all of it before. The image is left open.
 */
static void link_and_fill(struct session *session, const struct output *output, bool is_silent, struct image *image)
{
	const char *name = session->job.output;
	size_t pool = inputs_count_exports(&session->job, &session->options);
	bool is_tentative = plan_is_tentative(&session->inputs);
	bool is_once = session->inputs.has_stream;
	struct gates_filled filled;
	struct run run, again;
	struct why why;

	session->has_hooks = session->inputs.has_hooks;
	/* Once for the hooks, once for the pool. */
	for (int links = 1; links <= 3; links++) {
		struct words argv = {0};
		plan(session, output, &argv);
		repack(session, &argv, output);
		write_object(session, pool, output);
		run_link(session, &argv, links > 1 || is_tentative || is_silent, links > 1 ? &again : &run);
		if (links > 1)
			run_forget(&again);
		open_image(output->linked, name, true, image);
		if (!library_is_one(image)) {
			image_close(image);
			link_plainly(session, &run);
		}
		if (links == 1 && (session->inputs.has_archive || session->inputs.has_opaque || is_tentative))
			judge_output(session, image, &run);
		/* This is the run that counts, however it ends. */
		if (links == 1 && !is_silent)
			run_replay(&run);
		if (hooks_fit(session, image)) {
			why.text[0] = 0;
			bool is_filled = library_fill(image, &session->options, &filled, &why);
			if (!is_filled && why.text[0])
				die(1, "%s: %s", name, why.text);
			if (!is_filled && is_once)
				die(1, "%s: %zu gates are needed, %zu were made, and an input cannot be read twice",
				    name, filled.needed, filled.pool);
			if (is_filled && (pool_fits(&filled) || is_once || pool == filled.needed))
				return;
			pool = filled.needed;
		}
		image_close(image);
	}
	die(1, "%s: the inputs change from one link to the next", name);
}

/* The link with rt. */
static _Noreturn void link_with_rt(struct session *session, bool is_silent)
{
	const char *name = session->job.output;
	struct output output;
	struct image image;
	struct why why;

	if (!output_begin(name, &output, &why))
		die(1, "%s", why.text);
	link_and_fill(session, &output, is_silent, &image);
	if (!sidecar_rename(&session->job, &output, &why))
		die(1, "%s", why.text);
	if (!library_finish(&image, &session->options, session->job.is_build_id_given, output.named, &why))
		die(1, "%s: %s", name, why.text);
	bool is_good = library_verify(&image, name, &session->options);
	image_close(&image);
	if (!is_good)
		exit(1);
	run_check_signals();
	if (!output_deliver(&output, &why))
		die(1, "%s", why.text);
	output_discard();
	exit(0);
}

/* Sources that do not name the symbol may define it all the same, by an include. The output tells. */
static _Noreturn void link_and_look(struct session *session)
{
	struct why why;
	struct run run;
	struct image image;
	bool is_data, is_defined = false;

	if (!run_wait(&session->driver, &session->plain, false, &run, &why))
		die(run.status >> 8, "%s", why.text);
	if (run.status)
		run_exit(&run);
	if (image_open(session->job.output, false, &image, &why)) {
		is_defined = library_is_one(&image) && library_defines(&image, session->options.init, &is_data);
		image_close(&image);
	}
	if (!is_defined)
		run_exit(&run);
	session->inputs.evidence = EVIDENCE_DEFINED;
	session->inputs.has_opaque = true;
	refuse_impossible(session);
	find_machine(session);
	link_with_rt(session, true);
}

static void bus_error(int signal_number)
{
	static const char text[] = "ldwrap: a file was cut short, or the disk filled, while it was in use\n";

	(void)signal_number;
	if (write(2, text, sizeof(text) - 1) < 0)
		_exit(1);
	output_discard();
	_exit(1);
}

static _Noreturn void link_library(struct session *session)
{
	const struct options *options = &session->options;
	struct inputs *inputs = &session->inputs;
	struct why why;

	signal(SIGBUS, bus_error);
	run_hold_streams();
	if (!options_read_lists(&session->options, &why))
		die(1, "%s", why.text);
	if (!inputs_scan(&session->job, options, inputs, &why))
		die(1, "%s", why.text);
	session->is_required = options->mode == MODE_ON || (options->is_init_given && !options->is_mode_given);
	bool is_unknown = session->job.has_source || inputs->has_opaque || inputs->has_stream ||
			  (session->is_required && inputs->has_unfound_library);
	if (inputs->evidence == EVIDENCE_NONE && session->is_required && !is_unknown)
		missing_init(session);
	if (inputs->evidence == EVIDENCE_NONE && !session->is_required) {
		if (!session->job.has_source || inputs->has_stream || options->is_plan || session->job.is_dry_run)
			become_driver(session);
		run_hold_signals();
		link_and_look(session);
	}
	/* What can be read only once cannot be linked tentatively. */
	if (inputs->has_stream && plan_is_tentative(inputs) && !session->is_required)
		become_driver(session);
	refuse_impossible(session);
	if (!options->is_plan)
		run_hold_signals();
	find_machine(session);
	if (options->is_plan)
		print_plan(session);
	if (session->job.is_dry_run)
		show_link(session);
	link_with_rt(session, false);
}

int main(int argc, char **argv)
{
	static struct session session;
	const char *flags = getenv("LDWRAP_FLAGS");
	struct why why;

	(void)argc;
	options_init(&session.options);
	if (flags && !options_parse_flags(&session.options, flags, &why))
		die(2, "%s", why.text);
	int status = driver_find(argv, &session.driver, &why);
	read_command_line(argv, &session);
	if (session.options.is_help) {
		options_help();
		return 0;
	}
	if (session.options.is_version) {
		puts("ldwrap " RT0KIT_VERSION);
		return 0;
	}
	if (status)
		die(status, "%s", why.text);
	if (run_is_nested() || !session.job.is_link || session.options.mode == MODE_OFF)
		become_driver(&session);
	if (session.job.is_relocatable) {
		if (session.options.mode == MODE_ON)
			die(1, "-r makes no library (--rt0=on)");
		become_driver(&session);
	}
	if (!session.job.is_library)
		become_driver(&session);
	link_library(&session);
}
