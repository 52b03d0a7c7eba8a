/*
 * elfpatch: show, verify and, in later versions, edit ELF files.
 *
 * A command runs over its files one after the other; a bad one does not stop the
 * rest.
 */
#include "document.h"
#include "text.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_DONE = 0, EXIT_REFUSED = 1, EXIT_USAGE = 2 };

struct settings {
	bool is_json, is_quiet;
};

struct command {
	const char *name, *summary;
	bool is_available;
	bool (*run)(const struct image *image, const struct settings *settings, struct why *why, bool *is_clean);
};

static bool run_show(const struct image *image, const struct settings *settings, struct why *why, bool *is_clean)
{
	json_t *document = document_of_image(image, why);

	*is_clean = true;
	if (!document)
		return false;
	if (settings->is_json)
		return document_print(document) || why_set(why, "out of memory");
	text_print_image(document);
	json_decref(document);
	return true;
}

static void print_findings(const char *path, const struct findings *findings, bool is_quiet)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *f = &findings->items[i];
		if (f->severity != SEVERITY_INFO || !is_quiet)
			printf("%s: %s: %s: %s: %s; %s\n", path, severity_name(f->severity), f->rule, f->where, f->what,
			       f->todo);
	}
}

static bool run_verify(const struct image *image, const struct settings *settings, struct why *why, bool *is_clean)
{
	struct findings findings;
	bool is_printed = true;

	if (!verify_image(image, &findings, why))
		return false;
	*is_clean = findings.errors == 0;
	if (settings->is_json)
		is_printed = document_print(document_of_findings(image->path, &findings, settings->is_quiet));
	else
		print_findings(image->path, &findings, settings->is_quiet);
	findings_free(&findings);
	return is_printed || why_set(why, "out of memory");
}

#define run_attach NULL
#define run_detach NULL
#define run_gate   NULL
#define run_set    NULL

static const struct command commands[] = {
#define COMMAND(name, is_available, summary) {#name, summary, is_available, run_##name},
#include "options.def"
};

static const struct {
	const char *command;
	char letter;
	const char *name, *summary;
} options[] = {
#define OPTION(command, letter, name, summary) {#command, letter, name, summary},
#include "options.def"
};

enum { COMMANDS = sizeof commands / sizeof commands[0], OPTIONS = sizeof options / sizeof options[0] };

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
		printf("  %-8s %s%s\n", commands[i].name, commands[i].summary,
		       commands[i].is_available ? "" : " (not in this version)");
	puts("\n"
	     "Exit status: 0 done, 1 a file was refused or has an error, 2 usage. See elfpatch(1).");
}

static void print_command_help(const struct command *command)
{
	printf("usage: elfpatch %s [OPTION]... FILE...\n\n%s\n\noptions:\n", command->name, command->summary);
	for (size_t i = 0; i < OPTIONS; i++)
		if (strcmp(options[i].command, command->name) == 0)
			printf("  -%c, --%-8s %s\n", options[i].letter, options[i].name, options[i].summary);
	if (strcmp(command->name, "verify") != 0)
		return;
	puts("\nrules:");
	for (const char *const *rule = verify_rules; *rule; rule++)
		printf("  %s\n", *rule);
}

static int usage_error(const char *format, const char *subject)
{
	fputs("elfpatch: ", stderr);
	fprintf(stderr, format, subject);
	fputs("; try 'elfpatch --help'\n", stderr);
	return EXIT_USAGE;
}

static int unavailable(const struct command *command)
{
	fprintf(stderr, "elfpatch: '%s' is not available in this version\n", command->name);
	return EXIT_USAGE;
}

static int help(int argc, char **argv)
{
	if (argc < 2) {
		print_help();
		return EXIT_DONE;
	}
	if (argc > 2)
		return usage_error("unexpected argument '%s'", argv[2]);
	const struct command *command = command_find(argv[1]);
	if (!command)
		return usage_error("unknown command '%s'", argv[1]);
	if (!command->is_available)
		return unavailable(command);
	print_command_help(command);
	return EXIT_DONE;
}

static bool run_file(const struct command *command, const struct settings *settings, const char *path)
{
	struct image image;
	struct why why;
	bool is_clean = false;

	if (image_open(path, false, &image, &why)) {
		bool is_run = command->run(&image, settings, &why, &is_clean);
		image_close(&image);
		if (is_run)
			return is_clean;
	}
	if (!settings->is_json || !document_print(document_of_error(path, &why)))
		fprintf(stderr, "elfpatch: cannot %s '%s': %s\n", command->name, path, why.text);
	return false;
}

/* Options of one command, by getopt_long(3); false with *status set when there is nothing more to do. */
static bool read_options(const struct command *command, int argc, char **argv, struct settings *settings, int *status)
{
	struct option longs[OPTIONS + 1] = {0};
	char letters[OPTIONS + 2] = ":";
	size_t count = 0;
	int letter;

	optopt = 0;
	for (size_t i = 0; i < OPTIONS; i++) {
		if (strcmp(options[i].command, command->name) != 0)
			continue;
		longs[count] = (struct option){options[i].name, no_argument, NULL, options[i].letter};
		letters[++count] = options[i].letter;
	}
	while ((letter = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		switch (letter) {
		case 'h':
			print_command_help(command);
			*status = EXIT_DONE;
			return false;
		case 'j':
			settings->is_json = true;
			break;
		case 'q':
			settings->is_quiet = true;
			break;
		default:
			if (optopt)
				*status = usage_error("unknown option '-%s'", (char[]){(char)optopt, '\0'});
			else
				*status = usage_error("unknown option '%s'", argv[optind - 1]);
			return false;
		}
	}
	if (optind < argc)
		return true;
	*status = usage_error("'%s' needs at least one file", command->name);
	return false;
}

static int run(const struct command *command, int argc, char **argv)
{
	struct settings settings = {0};
	int status = EXIT_DONE;

	if (!command->is_available)
		return unavailable(command);
	if (!read_options(command, argc, argv, &settings, &status))
		return status;
	for (int i = optind; i < argc; i++)
		if (!run_file(command, &settings, argv[i]))
			status = EXIT_REFUSED;
	return status;
}

static int dispatch(int argc, char **argv)
{
	if (argc < 2)
		return usage_error("a command is missing%s", "");
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
		return usage_error(argv[1][0] == '-' ? "unknown option '%s'" : "unknown command '%s'", argv[1]);
	return run(command, argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
	int status = dispatch(argc, argv);

	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "elfpatch: cannot write to standard output: %s\n", strerror(errno));
		return EXIT_REFUSED;
	}
	return status;
}
