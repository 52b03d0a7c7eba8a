#include "options.h"

#include "lib/columns.h"
#include "lib/elf_names.h"
#include "print.h"
#include "timeline.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { USAGE = 2, FIRST = 256 };

static const struct option_row {
	const char *command;
	char letter;
	const char *name, *argument, *summary;
} rows[] = {
#define OPTION(command, letter, name, argument, summary) {#command, letter, name, argument, summary},
#include "options.def"
};

enum { ROWS = sizeof rows / sizeof rows[0] };

/* What each option of `set` that edits takes. */
enum form { NOTHING, NAME, PAIR, BYTE_PAIR, SWITCH, SYSTEM, FLAG };

static const struct {
	const char *option;
	enum edit_kind kind;
	enum form form;
	const char *name; /* where the option implies it */
} edits[] = {
	{"df", EDIT_DF, FLAG, NULL},
	{"execstack", EDIT_EXECSTACK, SWITCH, NULL},
	{"fini", EDIT_FINI, NAME, NULL},
	{"flag", EDIT_FLAG, BYTE_PAIR, NULL},
	{"init", EDIT_INIT, NAME, NULL},
	{"interpreter", EDIT_INTERPRETER, NAME, NULL},
	{"needed-add", EDIT_NEEDED_ADD, NAME, NULL},
	{"needed-remove", EDIT_NEEDED_REMOVE, NAME, NULL},
	{"needed-replace", EDIT_NEEDED_REPLACE, PAIR, NULL},
	{"no-default-lib", EDIT_DF, NOTHING, "nodeflib"},
	{"no-df", EDIT_NO_DF, FLAG, NULL},
	{"no-runpath", EDIT_NO_RUNPATH, NOTHING, NULL},
	{"nodelete", EDIT_DF, NOTHING, "nodelete"},
	{"os-abi", EDIT_OS_ABI, SYSTEM, NULL},
	{"rpath", EDIT_RPATH, NAME, NULL},
	{"runpath", EDIT_RUNPATH, NAME, NULL},
	{"runpath-add", EDIT_RUNPATH_ADD, NAME, NULL},
	{"runpath-remove", EDIT_RUNPATH_REMOVE, NAME, NULL},
	{"runpath-shrink", EDIT_RUNPATH_SHRINK, NOTHING, NULL},
	{"soname", EDIT_SONAME, NAME, NULL},
	{"symbol-rename", EDIT_SYMBOL_RENAME, PAIR, NULL},
	{"symbol-unversion", EDIT_SYMBOL_UNVERSION, NAME, NULL},
};

static const struct {
	const char *name;
	size_t offset;
} switches[] = {
	{"break-links", offsetof(struct settings, write.breaks_links)},
	{"dry-run", offsetof(struct settings, is_dry)},
	{"in-place", offsetof(struct settings, write.is_in_place)},
	{"json", offsetof(struct settings, is_json)},
	{"no-wait", offsetof(struct settings, write.waits_not)},
	{"preserve-times", offsetof(struct settings, write.keeps_times)},
	{"quiet", offsetof(struct settings, is_quiet)},
	{"verbose", offsetof(struct settings, is_verbose)},
};

/* Of which the help is worth a look after wrong usage; null before there is one. */
static const char *command_in_use;

int options_usage(const char *format, const char *subject)
{
	fputs("elfpatch: ", stderr);
	fprintf(stderr, format, subject);
	if (command_in_use)
		fprintf(stderr, "; try 'elfpatch help %s'\n", command_in_use);
	else
		fputs("; try 'elfpatch --help'\n", stderr);
	return USAGE;
}

/* Options of several commands, about how to go over files; each command's own come before them in its help. */
static bool is_shared(const char *name)
{
	static const char *const shared[] = {"break-links", "dry-run", "in-place",       "jobs",   "json",
					     "no-wait",     "output",  "preserve-times", "verbose"};

	for (size_t i = 0; i < sizeof shared / sizeof shared[0]; i++)
		if (strcmp(shared[i], name) == 0)
			return true;
	return false;
}

static void print_row(const struct option_row *row)
{
	char left[64];

	snprintf(left, sizeof left, "%c%c%c --%s%s%s", row->letter ? '-' : ' ', row->letter ? row->letter : ' ',
		 row->letter ? ',' : ' ', row->name, *row->argument ? "=" : "", row->argument);
	columns_row(stdout, left, row->summary, 32);
}

void options_print(const char *command)
{
	puts("options:");
	for (int shared = 0; shared < 2; shared++) {
		if (shared)
			puts("\nfiles and output:");
		for (size_t i = 0; i < ROWS; i++)
			if (strcmp(rows[i].command, command) == 0 && is_shared(rows[i].name) == shared)
				print_row(&rows[i]);
	}
}

/* Room for one more item in a list, or the end of the program's patience. */
static void *grown(void *list, size_t count, size_t size)
{
	void *more = realloc(list, (count + 1) * size);

	if (!more) {
		fputs("elfpatch: out of memory\n", stderr);
		exit(1);
	}
	return more;
}

/* A number of at most `most`, in any base that C knows. */
static bool read_number(const char *text, unsigned long most, unsigned long *number)
{
	char *end;

	errno = 0;
	*number = strtoul(text, &end, 0);
	return *text >= '0' && *text <= '9' && *end == '\0' && errno == 0 && *number <= most;
}

static bool read_system(const char *text, uint64_t *number)
{
	static const struct {
		const char *name;
		unsigned char number;
	} systems[] = {
		{"sysv", ELFOSABI_SYSV},
		{"hpux", ELFOSABI_HPUX},
		{"netbsd", ELFOSABI_NETBSD},
		{"linux", ELFOSABI_GNU},
		{"gnu", ELFOSABI_GNU},
		{"solaris", ELFOSABI_SOLARIS},
		{"aix", ELFOSABI_AIX},
		{"irix", ELFOSABI_IRIX},
		{"freebsd", ELFOSABI_FREEBSD},
		{"tru64", ELFOSABI_TRU64},
		{"openbsd", ELFOSABI_OPENBSD},
		{"arm", ELFOSABI_ARM},
		{"arm-aeabi", ELFOSABI_ARM_AEABI},
		{"standalone", ELFOSABI_STANDALONE},
	};
	unsigned long value;

	for (size_t i = 0; i < sizeof systems / sizeof systems[0]; i++) {
		if (strcmp(systems[i].name, text) == 0) {
			*number = systems[i].number;
			return true;
		}
	}
	if (!read_number(text, 255, &value))
		return false;
	*number = value;
	return true;
}

/* The argument's two halves stand in argv, which stays. */
static bool split(char *argument, struct edit *edit)
{
	char *equal = strchr(argument, '=');

	if (!equal || equal == argument || !equal[1])
		return false;
	*equal = '\0';
	edit->name = argument;
	edit->value = equal + 1;
	return true;
}

static bool is_flag(const char *name)
{
	for (size_t i = 0; edit_df_name(i); i++)
		if (strcmp(edit_df_name(i), name) == 0)
			return true;
	return false;
}

static bool read_edit(enum form form, char *argument, struct edit *edit)
{
	unsigned long number;

	switch (form) {
	case NOTHING:
		return true;
	case NAME:
		edit->name = argument;
		return *argument != '\0';
	case FLAG:
		edit->name = argument;
		return is_flag(argument);
	case PAIR:
		return split(argument, edit);
	case BYTE_PAIR:
		if (!split(argument, edit) || !read_number(edit->value, 255, &number))
			return false;
		edit->number = number;
		return true;
	case SWITCH:
		edit->number = strcmp(argument, "on") == 0;
		return edit->number || strcmp(argument, "off") == 0;
	case SYSTEM:
		return read_system(argument, &edit->number);
	}
	return false;
}

/* An edit is one more in the list; *is_good is false when its argument makes no sense. */
static bool add_edit(struct settings *s, const char *option, char *argument, bool *is_good)
{
	for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
		if (strcmp(edits[i].option, option) != 0)
			continue;
		struct edit edit = {.kind = edits[i].kind, .name = edits[i].name};
		*is_good = read_edit(edits[i].form, argument, &edit);
		s->edits = grown(s->edits, s->edit_count, sizeof *s->edits);
		s->edits[s->edit_count++] = edit;
		return true;
	}
	return false;
}

/* What the options of `attach` set in the flags of the record. */
static const struct {
	const char *option, *value;
	uint32_t mask, flags;
} attach_flags[] = {
	{"on-failure", "abort", RT0_FAILURE_MASK, RT0_FAILURE_ABORT},
	{"on-failure", "continue", RT0_FAILURE_MASK, RT0_FAILURE_CONTINUE},
	{"start", "after-load", RT0_START_MASK, RT0_START_AFTER_LOAD},
	{"start", "concurrent", RT0_START_MASK, RT0_START_CONCURRENT},
	{"start", "first-call", RT0_START_MASK, RT0_START_FIRST_CALL},
	{"take-over", "no", RT0_NO_TAKE_OVER, RT0_NO_TAKE_OVER},
	{"take-over", "yes", RT0_NO_TAKE_OVER, 0},
};

/* One more string of the policy: '+' or '-', and the pattern. */
static void add_pattern(struct policy *policy, char sign, const char *glob)
{
	size_t size = strlen(glob) + 2;
	char *strings = realloc((char *)policy->strings, policy->size + size);

	if (!strings) {
		fputs("elfpatch: out of memory\n", stderr);
		exit(1);
	}
	strings[policy->size] = sign;
	memcpy(strings + policy->size + 1, glob, size - 1);
	policy->strings = strings;
	policy->size += size;
}

/* False when the argument makes no sense. *is_known is false when `attach` has no such option. */
static bool apply_attach(struct attach_options *attach, const char *name, const char *argument, bool *is_known)
{
	unsigned long number;
	bool is_good = *argument != '\0';

	*is_known = true;
	for (size_t i = 0; i < sizeof attach_flags / sizeof attach_flags[0]; i++) {
		if (strcmp(attach_flags[i].option, name) != 0)
			continue;
		if (strcmp(attach_flags[i].value, argument) == 0) {
			attach->flags = (attach->flags & ~attach_flags[i].mask) | attach_flags[i].flags;
			return true;
		}
		is_good = false;
	}
	if (!is_good)
		return false;
	if (strcmp(name, "init") == 0) {
		attach->init = argument;
	} else if (strcmp(name, "flag") == 0) {
		attach->flag = argument;
	} else if (strcmp(name, "gate") == 0 || strcmp(name, "no-gate") == 0) {
		add_pattern(&attach->policy, *name == 'g' ? '+' : '-', argument);
	} else if (strcmp(name, "objects") == 0) {
		attach->objects = argument;
	} else if (strcmp(name, "stack-size") == 0) {
		is_good = read_number(argument, LONG_MAX, &number);
		attach->stack_size = is_good ? number : 0;
	} else {
		*is_known = false;
	}
	return is_good;
}

static bool is_field(const char *name)
{
	for (const char *const *field = print_fields; *field; field++)
		if (strcmp(*field, name) == 0)
			return true;
	return false;
}

/* False when the argument makes no sense. */
static bool apply(struct settings *s, const char *command, const char *name, char *argument)
{
	unsigned long number;
	bool is_good = true, is_known = false;

	for (size_t i = 0; i < sizeof switches / sizeof switches[0]; i++) {
		if (strcmp(switches[i].name, name) == 0) {
			*(bool *)((char *)s + switches[i].offset) = true;
			return true;
		}
	}
	if (strcmp(command, "attach") == 0 && argument) {
		is_good = apply_attach(&s->attach, name, argument, &is_known);
		if (is_known)
			return is_good;
	}
	if (add_edit(s, name, argument, &is_good))
		return is_good;
	if (strcmp(name, "jobs") == 0) {
		is_good = read_number(argument, 1024, &number) && number > 0;
		s->jobs = number;
	} else if (strcmp(name, "output") == 0) {
		s->write.output = argument;
		is_good = *argument != '\0';
	} else if (strcmp(name, "html") == 0) {
		s->html = argument;
		is_good = *argument != '\0';
	} else if (strcmp(name, "svg") == 0) {
		s->svg = argument;
		is_good = *argument != '\0';
	} else if (strcmp(name, "width") == 0) {
		is_good = read_number(argument, TIMELINE_COLUMNS_MAX, &number) && number >= TIMELINE_COLUMNS_MIN;
		s->width = (unsigned)number;
	} else if (strcmp(name, "allowed-prefix") == 0) {
		s->prefixes = grown(s->prefixes, s->prefix_count, sizeof *s->prefixes);
		s->prefixes[s->prefix_count++] = argument;
	} else if (strcmp(name, "print") == 0) {
		is_good = is_field(argument);
		s->prints = grown(s->prints, s->print_count, sizeof *s->prints);
		s->prints[s->print_count++] = argument;
	}
	return is_good;
}

static void add_file(struct settings *s, const char *path, size_t size)
{
	s->files = grown(s->files, s->file_count, sizeof *s->files);
	char *file = grown(NULL, size, 1);
	memcpy(file, path, size);
	file[size] = '\0';
	s->files[s->file_count++] = file;
}

/* @LIST stands for the files that it names, one a line. */
static bool add_list(struct settings *s, const char *path)
{
	FILE *list = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	ssize_t size;

	if (!list)
		return false;
	while ((size = getline(&line, &room, list)) > 0) {
		if (line[size - 1] == '\n')
			size--;
		if (size)
			add_file(s, line, (size_t)size);
	}
	/* A line that there is no memory for is no error of the stream. */
	bool is_read = feof(list);
	int error = errno;
	free(line);
	if (list != stdin)
		fclose(list);
	errno = error;
	return is_read;
}

static bool read_files(struct settings *s, const char *command, int argc, char **argv, int *status)
{
	for (int i = optind; i < argc; i++) {
		if (argv[i][0] != '@') {
			add_file(s, argv[i], strlen(argv[i]));
		} else if (!add_list(s, argv[i] + 1)) {
			fprintf(stderr, "elfpatch: cannot read the list '%s': %s\n", argv[i] + 1, strerror(errno));
			*status = 1;
			return false;
		}
	}
	if (optind == argc)
		*status = options_usage("'%s' needs at least one file", command);
	else if (strcmp(command, "set") == 0 && s->edit_count == 0 && s->print_count == 0)
		*status = options_usage("'%s' needs something to set or print", command);
	else if (strcmp(command, "attach") == 0 && !s->attach.init)
		*status = options_usage("'%s' needs --init", command);
	else if (s->write.output && s->file_count > 1)
		*status = options_usage("-o '%s' is for one file only", s->write.output);
	else if (s->html && s->file_count > 1)
		*status = options_usage("--html '%s' is for one file only", s->html);
	else if (s->svg && s->file_count > 1)
		*status = options_usage("--svg '%s' is for one file only", s->svg);
	else if (s->html && s->is_json)
		*status = options_usage("--html '%s' is no JSON", s->html);
	else if (s->write.output && s->write.is_in_place)
		*status = options_usage("-o '%s' is not in place", s->write.output);
	return *status == 0;
}

static const struct option_row *row_of(const char *command, int value)
{
	for (size_t i = 0; i < ROWS; i++)
		if (strcmp(rows[i].command, command) == 0 && (value == rows[i].letter || value == FIRST + (int)i))
			return &rows[i];
	return NULL;
}

bool options_read(const char *command, int argc, char **argv, struct settings *s, int *status)
{
	struct option longs[ROWS + 1] = {0};
	char letters[2 * ROWS + 2] = ":", *end = letters + 1;
	size_t count = 0;
	int value;

	command_in_use = command;
	*s = (struct settings){.jobs = 1, .style = timeline_style()};
	*status = 0;
	for (size_t i = 0; i < ROWS; i++) {
		if (strcmp(rows[i].command, command) != 0)
			continue;
		bool has_argument = *rows[i].argument != '\0';
		longs[count++] = (struct option){rows[i].name, has_argument, NULL, FIRST + (int)i};
		if (rows[i].letter)
			*end++ = rows[i].letter;
		if (rows[i].letter && has_argument)
			*end++ = ':';
	}
	while (optopt = 0, (value = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		const struct option_row *row = row_of(command, value);
		if (value == ':') {
			row = row_of(command, optopt);
			*status = options_usage("option '--%s' needs an argument", row ? row->name : "?");
		} else if (!row && optopt && optopt < FIRST) {
			*status = options_usage("unknown option '-%s'", (char[]){(char)optopt, '\0'});
		} else if (!row && optopt) {
			*status = options_usage("option '%s' takes no argument", argv[optind - 1]);
		} else if (!row) {
			*status = options_usage("unknown option '%s'", argv[optind - 1]);
		} else if (strcmp(row->name, "help") == 0) {
			command_print_help(command);
			return false;
		} else if (!apply(s, command, row->name, optarg)) {
			char subject[512];
			snprintf(subject, sizeof subject, "--%s=%s", row->name, *row->argument ? row->argument : "");
			*status = options_usage("wrong argument, expected '%s'", subject);
		}
		if (*status)
			return false;
	}
	return read_files(s, command, argc, argv, status);
}

void options_free(struct settings *s)
{
	for (size_t i = 0; i < s->file_count; i++)
		free(s->files[i]);
	free(s->files);
	free(s->edits);
	free(s->prefixes);
	free(s->prints);
	free((char *)s->attach.policy.strings);
}
