/*
 * elfpatch: show, verify and edit ELF files.
 *
 * A command runs over its files one after the other, or several at a time; a bad
 * one does not stop the rest.
 */
#include "document.h"
#include "jobs.h"
#include "lib/columns.h"
#include "options.h"
#include "patchelf.h"
#include "picture.h"
#include "portrait.h"
#include "print.h"
#include "retrofit.h"
#include "set.h"
#include "terminal.h"
#include "text.h"
#include "timeline.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_DONE = 0, EXIT_REFUSED = 1, EXIT_USAGE = 2 };

struct command {
	const char *name, *summary;
	/* One file; *is_clean is false when it has an error to report by the exit status. */
	bool (*run)(const char *path, const struct settings *settings, struct why *why, bool *is_clean);
};

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The same page for show and for verify. */
static bool write_portrait(const struct image *image, const struct settings *settings, const struct findings *findings,
			   struct why *why)
{
	struct page page;

	if (!page_open(&page, settings->html, image->path, why))
		return false;
	return page_close(&page, portrait_page(&page, image, findings, why), why);
}

/* What is no library has no findings. */
static bool show_page(const struct image *image, const struct settings *settings, struct why *why)
{
	struct findings findings;
	bool is_judged = verify_image(image, &findings, why);
	bool is_done = write_portrait(image, settings, is_judged ? &findings : NULL, why);

	if (is_judged)
		findings_free(&findings);
	return is_done;
}

static bool show(const struct image *image, const struct settings *settings, struct why *why)
{
	if (settings->html)
		return show_page(image, settings, why);
	json_t *document = document_of_image(image, why);

	if (!document)
		return false;
	if (settings->is_json)
		return document_print(document, why);
	text_print_image(document);
	json_decref(document);
	return true;
}

static bool run_show(const char *path, const struct settings *settings, struct why *why, bool *is_clean)
{
	struct image image;

	*is_clean = true;
	if (!image_open(path, false, &image, why))
		return false;
	bool is_done = show(&image, settings, why);
	image_close(&image);
	return is_done;
}

static void print_findings(const char *path, const struct findings *findings, const struct settings *settings)
{
	static const enum colour colours[] = {
		[SEVERITY_INFO] = COLOUR_NONE, [SEVERITY_WARNING] = COLOUR_YELLOW, [SEVERITY_ERROR] = COLOUR_RED};

	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *f = &findings->items[i];
		enum colour colour = settings->style.has_colours ? colours[f->severity] : COLOUR_NONE;
		if (f->severity != SEVERITY_INFO || !settings->is_quiet)
			printf("%s: %s%s%s: %s: %s: %s; %s\n", path, colour_begin(colour), severity_name(f->severity),
			       colour_end(colour), f->rule, f->where, f->what, f->todo);
	}
}

static bool verify(const struct image *image, const struct settings *settings, struct why *why, bool *is_clean)
{
	struct findings findings;
	bool is_done = true;

	if (!verify_image(image, &findings, why))
		return false;
	*is_clean = findings.errors == 0;
	if (settings->html)
		is_done = write_portrait(image, settings, &findings, why);
	else if (settings->is_json)
		is_done = document_print(document_of_findings(image->path, &findings, settings->is_quiet), why);
	else
		print_findings(image->path, &findings, settings);
	findings_free(&findings);
	return is_done;
}

static bool run_verify(const char *path, const struct settings *settings, struct why *why, bool *is_clean)
{
	struct image image;

	if (!image_open(path, false, &image, why))
		return false;
	bool is_done = verify(&image, settings, why, is_clean);
	image_close(&image);
	return is_done;
}

static bool run_set(const char *path, const struct settings *settings, struct why *why, bool *is_clean)
{
	*is_clean = true;
	return set_file(path, settings, why);
}

static bool run_attach(const char *path, const struct settings *settings, struct why *why, bool *is_clean)
{
	*is_clean = true;
	return attach_file(path, settings, why);
}

static bool run_detach(const char *path, const struct settings *settings, struct why *why, bool *is_clean)
{
	*is_clean = true;
	return detach_file(path, settings, why);
}

static bool run_gate(const char *path, const struct settings *settings, struct why *why, bool *is_clean)
{
	*is_clean = true;
	return gate_file(path, settings, why);
}

static bool write_page(const char *path, const struct settings *settings, const struct trace *trace, struct why *why)
{
	struct page page;

	if (!page_open(&page, settings->html, path, why))
		return false;
	bool is_made = picture_page(&page, base_name(path), trace) || why_set(why, "out of memory");
	return page_close(&page, is_made, why);
}

static bool write_picture(const char *path, const struct settings *settings, const struct trace *trace, struct why *why)
{
	struct page page;

	if (!page_open(&page, settings->svg, path, why))
		return false;
	picture_write(page.file, base_name(path), trace);
	return page_close(&page, true, why);
}

static bool run_trace(const char *path, const struct settings *settings, struct why *why, bool *is_clean)
{
	struct timeline_style style = settings->style;
	struct trace trace;
	bool is_done = true;

	*is_clean = true;
	if (!trace_read(path, &trace, why))
		return false;
	if (settings->width)
		style.columns = settings->width;
	if (settings->html)
		is_done = write_page(path, settings, &trace, why);
	if (is_done && settings->svg)
		is_done = write_picture(path, settings, &trace, why);
	if (!settings->html && !settings->svg)
		timeline_print(stdout, path, &trace, &style);
	trace_free(&trace);
	return is_done;
}

static const struct command commands[] = {
#define COMMAND(name, summary) {#name, summary, run_##name},
#include "options.def"
};

enum { COMMANDS = sizeof commands / sizeof commands[0] };

static const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

static void print_help(void)
{
	puts("usage: elfpatch COMMAND [OPTION]... FILE...\n"
	     "       elfpatch help [COMMAND]\n"
	     "       elfpatch --help | --version\n"
	     "\n"
	     "commands:");
	for (size_t i = 0; i < COMMANDS; i++)
		printf("  %-8s %s\n", commands[i].name, commands[i].summary);
	puts("\n"
	     "Exit status: 0 done, 1 a file was refused or has an error, 2 usage.\n"
	     "See elfpatch(1).");
}

static const char *rule_name(size_t i)
{
	return verify_rules[i];
}

static const char *field_name(size_t i)
{
	return print_fields[i];
}

/* What may stand as an argument; nth returns null behind the last. */
static void print_names(const char *what, const char *(*nth)(size_t i))
{
	size_t at = 2;

	printf("\n%s:\n  ", what);
	for (size_t i = 0; nth(i); i++) {
		bool is_new = i && at + 1 + strlen(nth(i)) > COLUMNS_WIDTH;
		fputs(is_new ? "\n  " : i ? " " : "", stdout);
		at = columns_words(stdout, nth(i), is_new ? 2 : at + (i > 0), 2);
	}
	putchar('\n');
}

void command_print_help(const char *name)
{
	const struct command *command = command_find(name);

	printf("usage: elfpatch %s [OPTION]... FILE...\n\n%s\n\n", command->name, command->summary);
	options_print(name);
	if (strcmp(name, "verify") == 0)
		print_names("rules", rule_name);
	if (strcmp(name, "set") == 0) {
		print_names("flags", edit_df_name);
		print_names("fields", field_name);
	}
}

static int help(int argc, char **argv)
{
	if (argc < 2) {
		print_help();
		return EXIT_DONE;
	}
	if (argc > 2)
		return options_usage("unexpected argument '%s'", argv[2]);
	const struct command *command = command_find(argv[1]);
	if (!command)
		return options_usage("unknown command '%s'", argv[1]);
	command_print_help(command->name);
	return EXIT_DONE;
}

struct work {
	const struct command *command;
	const struct settings *settings;
};

static void print_error(const struct work *work, const char *path, const struct why *why)
{
	struct why unused;

	if (!work->settings->is_json || !document_print(document_of_error(path, why), &unused))
		fprintf(stderr, "elfpatch: cannot %s '%s': %s\n", work->command->name, path, why->text);
}

static bool run_file(size_t i, void *context)
{
	const struct work *work = context;
	const char *path = work->settings->files[i];
	struct why why;
	bool is_clean = false;

	if (work->command->run(path, work->settings, &why, &is_clean))
		return is_clean;
	print_error(work, path, &why);
	return false;
}

static void died(size_t i, int signal, void *context)
{
	const struct work *work = context;
	struct why why;

	why_set(&why, "ended by signal %d (%s)", signal, strsignal(signal));
	print_error(work, work->settings->files[i], &why);
}

static void on_signal(int signal)
{
	transaction_abandon();
	/* The handler is reset, so this ends us as the signal would have. */
	raise(signal);
}

/* A file that is being made is removed when a signal ends us; one that grows too large is an error like any other. */
static void handle_signals(void)
{
	static const int signals[] = {SIGHUP, SIGINT, SIGPIPE, SIGQUIT, SIGTERM, SIGXCPU};
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND}, old;

	for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
		if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
	signal(SIGXFSZ, SIG_IGN);
}

static int run(const struct command *command, int argc, char **argv)
{
	struct settings settings;
	struct work work = {command, &settings};
	int status = EXIT_DONE;

	handle_signals();
	if (options_read(command->name, argc, argv, &settings, &status) &&
	    !jobs_run(settings.jobs, settings.file_count, run_file, died, &work))
		status = EXIT_REFUSED;
	options_free(&settings);
	return status;
}

static int dispatch(int argc, char **argv)
{
	/* The link that install makes. */
	if (argc > 0 && strcmp(base_name(argv[0]), "rt0-trace") == 0)
		return run(command_find("trace"), argc, argv);
	if (argc < 2)
		return options_usage("a command is missing%s", "");
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return help(1, argv);
	if (strcmp(argv[1], "--version") == 0) {
		puts("elfpatch " RT0KIT_VERSION);
		return EXIT_DONE;
	}
	if (strcmp(argv[1], "help") == 0)
		return help(argc - 1, argv + 1);
	const struct command *command = command_find(argv[1]);
	if (!command)
		return options_usage(argv[1][0] == '-' ? "unknown option '%s'" : "unknown command '%s'", argv[1]);
	return run(command, argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
	bool is_patchelf = argc > 0 && patchelf_is_name(argv[0]);
	int status;

	document_init();
	if (is_patchelf) {
		handle_signals();
		status = patchelf_run(argc, argv);
	} else {
		status = dispatch(argc, argv);
	}
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "%s: cannot write to standard output: %s\n", is_patchelf ? "patchelf" : "elfpatch",
			strerror(errno));
		return EXIT_REFUSED;
	}
	return status;
}
