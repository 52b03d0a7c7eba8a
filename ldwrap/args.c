#include "args.h"

#include <stdlib.h>
#include <string.h>

enum form { FLAG, SEPARATE, PREFIX };
enum known_to { GCC = 1, CLANG = 2 };

enum driver_action {
	DRIVER_NONE,
	DRIVER_NO_LINK,
	DRIVER_OUTPUT,
	DRIVER_LANGUAGE,
	DRIVER_LIBDIR,
	DRIVER_LIBRARY,
	DRIVER_LINKER,
	DRIVER_LINKER_LIST,
	DRIVER_SHARED,
	DRIVER_PIE,
	DRIVER_STATIC,
	DRIVER_RELOCATABLE,
	DRIVER_NO_LIBC,
	DRIVER_DEPENDENCIES,
	DRIVER_DEPENDENCY_TARGET,
	DRIVER_M32,
	DRIVER_M64,
	DRIVER_MX32,
	DRIVER_END
};

enum linker_action {
	LINKER_NONE,
	LINKER_NO_LINK,
	LINKER_OUTPUT,
	LINKER_INIT,
	LINKER_LIBDIR,
	LINKER_LIBRARY,
	LINKER_SHARED,
	LINKER_PIE,
	LINKER_RELOCATABLE,
	LINKER_ARCHIVES,
	LINKER_LIBRARIES,
	LINKER_PUSH,
	LINKER_POP,
	LINKER_BUILD_ID,
	LINKER_DEPENDENCIES,
	LINKER_SYMBOLIC,
	LINKER_NOT_SYMBOLIC
};

struct option_row {
	const char *name;
	enum form form;
	int action;
	unsigned known_to;
};

static const struct option_row driver_rows[] = {
#define DRIVER_OPTION(name, known_to, form, action) {name, form, DRIVER_##action, known_to},
#include "ccopts.def"
};

static const struct option_row linker_rows[] = {
#define LINKER_OPTION(name, form, action) {name, form, LINKER_##action, 0},
#include "ccopts.def"
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* The states that only matter while the arguments go by. */
struct parse {
	enum driver_kind kind;
	struct link_job *job;
	const struct option_row *linker_pending; /* a linker option still without its value */
	bool is_language_set;
	bool is_shared, is_pie_last;
	enum { LINKS_WHAT_THE_DRIVER_SAYS, LINKS_LIBRARY, LINKS_EXECUTABLE } linker_output;
	const char *driver_output, *linker_output_name;
	bool has_no_libc, has_explicit_libc;
	bool is_static_mode, static_stack[16];
	size_t static_depth;
};

enum driver_kind args_driver_kind(const char *program)
{
	const char *slash = strrchr(program, '/');
	const char *base = slash ? slash + 1 : program;

	if (strstr(base, "clang"))
		return DRIVER_CLANG;
	if (strstr(base, "gcc") || strstr(base, "g++") || strstr(base, "gfortran") || strstr(base, "gnat"))
		return DRIVER_GCC;
	return DRIVER_UNKNOWN;
}

/*
 * The row for an argument, and where its value begins (null: in the next
 * argument, or there is none). Rows are sorted, so an exact match is found by
 * bisection; prefixes are few and the longest wins.
 */
static const struct option_row *row_find(const struct option_row *rows, size_t count, const char *arg, unsigned known,
					 const char **value)
{
	size_t low = 0, high = count;
	const struct option_row *best = NULL;
	size_t best_length = 0;

	*value = NULL;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (strcmp(rows[middle].name, arg) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < count && !strcmp(rows[low].name, arg); low++)
		if (rows[low].form != PREFIX && (!rows[low].known_to || (rows[low].known_to & known)))
			return &rows[low];
	for (size_t i = 0; i < count; i++) {
		if (rows[i].form != PREFIX)
			continue;
		size_t length = strlen(rows[i].name);
		if (length > best_length && !strncmp(rows[i].name, arg, length)) {
			best = &rows[i];
			best_length = length;
		}
	}
	*value = best ? arg + best_length : NULL;
	return best;
}

static void input_add(struct parse *parse, const char *name, enum input_kind kind)
{
	struct link_job *job = parse->job;

	/* Doubles whenever the count is a power of two. */
	if ((job->input_count & (job->input_count - 1)) == 0)
		job->inputs = grab(job->inputs, (job->input_count ? 2 * job->input_count : 1) * sizeof(*job->inputs));
	job->inputs[job->input_count++] = (struct input){name, kind, parse->is_static_mode};
	job->has_stdin |= kind == INPUT_STDIN;
	job->has_source |= kind == INPUT_SOURCE;
}

/* Is the file one that a driver compiles, by its suffix? */
static bool is_source_name(const char *name)
{
	static const char *const suffixes[] = {"C",   "CC",  "CPP", "F",   "F90", "M",    "S",  "ada", "adb", "ads",
					       "c",   "c++", "cc",  "cp",  "cpp", "cppm", "cu", "cxx", "d",   "f",
					       "f03", "f08", "f90", "f95", "for", "ftn",  "go", "i",   "ii",  "ll",
					       "m",   "mi",  "mii", "mm",  "rs",  "s",    "sx"};
	const char *dot = strrchr(name, '.');

	if (!dot)
		return false;
	for (size_t i = 0; i < COUNT(suffixes); i++)
		if (!strcmp(dot + 1, suffixes[i]))
			return true;
	return false;
}

static void file_add(struct parse *parse, const char *name)
{
	if (!strcmp(name, "-"))
		input_add(parse, name, INPUT_STDIN);
	else
		input_add(parse, name, parse->is_language_set || is_source_name(name) ? INPUT_SOURCE : INPUT_FILE);
}

static void library_add(struct parse *parse, const char *name)
{
	parse->has_explicit_libc |= !strcmp(name, "c");
	input_add(parse, name, INPUT_LIBRARY);
}

static void linker_apply(struct parse *parse, int action, const char *value)
{
	struct link_job *job = parse->job;

	switch ((enum linker_action)action) {
	case LINKER_NONE:
		break;
	case LINKER_NO_LINK:
		job->is_link = false;
		break;
	case LINKER_OUTPUT:
		parse->linker_output_name = value;
		break;
	case LINKER_INIT:
		job->init = value;
		break;
	case LINKER_LIBDIR:
		words_push(&job->library_dirs, value);
		break;
	case LINKER_LIBRARY:
		library_add(parse, value);
		break;
	case LINKER_SHARED:
		parse->linker_output = LINKS_LIBRARY;
		break;
	case LINKER_PIE:
		parse->linker_output = LINKS_EXECUTABLE;
		break;
	case LINKER_RELOCATABLE:
		job->is_relocatable = true;
		break;
	case LINKER_ARCHIVES:
	case LINKER_LIBRARIES:
		parse->is_static_mode = action == LINKER_ARCHIVES;
		break;
	case LINKER_PUSH:
		if (parse->static_depth < COUNT(parse->static_stack))
			parse->static_stack[parse->static_depth++] = parse->is_static_mode;
		break;
	case LINKER_POP:
		if (parse->static_depth)
			parse->is_static_mode = parse->static_stack[--parse->static_depth];
		break;
	case LINKER_SYMBOLIC:
	case LINKER_NOT_SYMBOLIC:
		job->is_symbolic = action == LINKER_SYMBOLIC;
		break;
	case LINKER_DEPENDENCIES:
		job->linker_dependencies = value;
		break;
	case LINKER_BUILD_ID:
		job->is_build_id_given =
			!strcmp(value, "=uuid") || !strncmp(value, "=0x", 3) || !strncmp(value, "=0X", 3);
		break;
	}
}

/* One word of the linker's own command line. */
static void linker_word(struct parse *parse, const char *word)
{
	const char *value, *name = word;
	const struct option_row *row;

	if (parse->linker_pending) {
		linker_apply(parse, parse->linker_pending->action, word);
		parse->linker_pending = NULL;
		return;
	}
	if (word[0] != '-') {
		if (word[0])
			input_add(parse, word, INPUT_FILE);
		return;
	}
	/* Two dashes are as good as one, but "--o" is no short option. */
	if (word[1] == '-' && word[2] && word[3])
		name++;
	row = row_find(linker_rows, COUNT(linker_rows), name, 0, &value);
	/* "-output" with one dash would be "-o utput"; linkers take it for the long name, as getopt_long_only does. */
	if (!row || (row->form == PREFIX && name != word && !row->name[2]))
		return;
	if (row->form == SEPARATE)
		parse->linker_pending = row;
	else
		linker_apply(parse, row->action, value);
}

static void linker_list(struct parse *parse, const char *list)
{
	for (;;) {
		size_t length = strcspn(list, ",");
		linker_word(parse, list[length] ? format_text("%.*s", (int)length, list) : list);
		if (!list[length])
			return;
		list += length + 1;
	}
}

/* `value` lies in args.items[index], `prefix` bytes in. */
static void driver_apply(struct parse *parse, int action, const char *value, size_t index, size_t prefix)
{
	struct link_job *job = parse->job;

	switch ((enum driver_action)action) {
	case DRIVER_NONE:
	case DRIVER_END:
		break;
	case DRIVER_NO_LINK:
		job->is_link = false;
		break;
	case DRIVER_OUTPUT:
		parse->driver_output = value;
		job->outputs = grab(job->outputs, (job->output_count + 1) * sizeof(*job->outputs));
		job->outputs[job->output_count++] = (struct output_arg){index, prefix};
		break;
	case DRIVER_LANGUAGE:
		parse->is_language_set = strcmp(value, "none") != 0;
		break;
	case DRIVER_LIBDIR:
		words_push(&job->library_dirs, value);
		break;
	case DRIVER_LIBRARY:
		library_add(parse, value);
		break;
	case DRIVER_LINKER:
		linker_word(parse, value);
		break;
	case DRIVER_LINKER_LIST:
		linker_list(parse, value);
		break;
	case DRIVER_SHARED:
		parse->is_shared = true;
		parse->is_pie_last = false;
		break;
	case DRIVER_PIE:
		parse->is_pie_last = true;
		break;
	case DRIVER_STATIC:
		job->is_static = true;
		break;
	case DRIVER_RELOCATABLE:
		job->is_relocatable = true;
		break;
	case DRIVER_DEPENDENCIES:
		job->has_dependencies = true;
		break;
	case DRIVER_DEPENDENCY_TARGET:
		job->has_dependency_target = true;
		break;
	case DRIVER_NO_LIBC:
		parse->has_no_libc = true;
		break;
	case DRIVER_M32:
	case DRIVER_MX32:
		job->bits = 32;
		job->is_x32 = action == DRIVER_MX32;
		break;
	case DRIVER_M64:
		job->bits = 64;
		job->is_x32 = false;
		break;
	}
}

/* What all the arguments together mean. */
static void judge(struct parse *parse)
{
	struct link_job *job = parse->job;

	/* gcc takes the last of -shared and -pie, clang prefers -shared; of an unknown driver the output will tell. */
	job->is_library = parse->is_shared && !(parse->is_pie_last && parse->kind == DRIVER_GCC);
	if (parse->linker_output != LINKS_WHAT_THE_DRIVER_SAYS)
		job->is_library = parse->linker_output == LINKS_LIBRARY;
	job->output = parse->driver_output ? parse->driver_output : "a.out";
	if (parse->linker_output_name) {
		job->output = parse->linker_output_name;
		job->is_output_of_linker = true;
	}
	job->has_libc = !parse->has_no_libc || parse->has_explicit_libc;
	job->is_link = job->is_link && job->input_count;
}

bool args_parse(const struct words *argv, enum driver_kind kind, struct options *options, struct link_job *job,
		struct why *why)
{
	unsigned known = kind == DRIVER_GCC ? GCC : kind == DRIVER_CLANG ? CLANG : GCC | CLANG;
	struct parse parse = {.kind = kind, .job = job};
	bool is_ended = false;

	*job = (struct link_job){.is_link = true, .is_gcc = kind == DRIVER_GCC};
	for (size_t i = 0; i < argv->count; i++) {
		const char *arg = argv->items[i], *value;
		const struct option_row *row;

		if (!is_ended && options_match(arg)) {
			if (!options_parse(options, arg, true, why))
				return false;
			continue;
		}
		words_push(&job->args, arg);
		if (is_ended || arg[0] != '-' || !arg[1]) {
			file_add(&parse, arg);
			continue;
		}
		row = row_find(driver_rows, COUNT(driver_rows), arg, known, &value);
		if (!row)
			continue;
		if (row->action == DRIVER_END) {
			is_ended = true;
			job->insert_at = job->args.count - 1;
		} else if (row->form != SEPARATE) {
			driver_apply(&parse, row->action, value, job->args.count - 1,
				     value ? (size_t)(value - arg) : 0);
		} else if (i + 1 < argv->count) {
			words_push(&job->args, argv->items[++i]);
			driver_apply(&parse, row->action, argv->items[i], job->args.count - 1, 0);
		}
	}
	if (!is_ended)
		job->insert_at = job->args.count;
	judge(&parse);
	return true;
}
