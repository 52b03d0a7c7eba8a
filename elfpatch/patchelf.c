#include "patchelf.h"

#include "lib/columns.h"
#include "lib/edit.h"
#include "lib/transaction.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is understood is what patchelf of that version does. */
#define PATCHELF_VERSION "0.19.0"

/* Page size in the order of gigabytes is a mistake. */
#define PAGE_SIZE_MOST 0x40000000

enum { EXIT_DONE = 0, EXIT_FAILED = 1 };

struct list {
	const char **items;
	size_t count;
};

struct pairs {
	struct name_pair *items;
	size_t count;
};

/* One command line. Strings stand in argv or are files read for it, and stay to the end. */
struct request {
	bool prints_interpreter, prints_os_abi, prints_soname, prints_rpath, prints_needed, prints_execstack;
	bool shrinks_rpath, removes_rpath, forces_rpath, has_no_default_lib, adds_debug_tag, builds_cache;
	bool sets_execstack, clears_execstack, keeps_old, is_debug, ignored;
	const char *interpreter, *os_abi, *soname, *set_rpath, *add_rpath, *output;
	uint64_t page_size;
	struct list prefixes, added, removed, unversioned, files;
	struct pairs replaced, renamed;
	bool renames;
};

enum form { SWITCH, TEXT, LIST, PAIR, SIZE, PREFIXES, MAP, HELP, VERSION };

static const struct option_row {
	const char *name;
	enum form form;
	size_t offset;
	const char *arguments, *summary;
} rows[] = {
#define ROW(name, form, member, arguments, summary)                                                                    \
	{                                                                                                              \
		name, form, offsetof(struct request, member), arguments, summary                                       \
	}
	ROW("--set-interpreter", TEXT, interpreter, "FILENAME", "change the program interpreter"),
	ROW("--interpreter", TEXT, interpreter, "FILENAME", "the same"),
	ROW("--print-interpreter", SWITCH, prints_interpreter, "", "print it"),
	ROW("--page-size", SIZE, page_size, "SIZE", "align new segments to so many bytes"),
	ROW("--print-os-abi", SWITCH, prints_os_abi, "", "print the operating system of the file header"),
	ROW("--set-os-abi", TEXT, os_abi, "ABI", "change it, by a name as it is printed"),
	ROW("--print-soname", SWITCH, prints_soname, "", "print the library's name, if it has one"),
	ROW("--set-soname", TEXT, soname, "SONAME", "change it"),
	ROW("--print-rpath", SWITCH, prints_rpath, "", "print the run path, or an empty line"),
	ROW("--set-rpath", TEXT, set_rpath, "RPATH", "change it"),
	ROW("--add-rpath", TEXT, add_rpath, "RPATH", "search these folders too, behind the others"),
	ROW("--remove-rpath", SWITCH, removes_rpath, "", "take the run path away"),
	ROW("--shrink-rpath", SWITCH, shrinks_rpath, "", "keep only folders with one of the needed libraries"),
	ROW("--allowed-rpath-prefixes", PREFIXES, prefixes, "PREFIXES", "and of these only those that begin so"),
	ROW("--force-rpath", SWITCH, forces_rpath, "", "make the run path a DT_RPATH, not a DT_RUNPATH"),
	ROW("--print-needed", SWITCH, prints_needed, "", "print the needed libraries"),
	ROW("--add-needed", LIST, added, "LIBRARY", "need one more library, before the others"),
	ROW("--remove-needed", LIST, removed, "LIBRARY", "do not need that library"),
	ROW("--replace-needed", PAIR, replaced, "LIBRARY NEW_LIBRARY", "need another library in its place"),
	ROW("--no-default-lib", SWITCH, has_no_default_lib, "", "do not search the default folders"),
	ROW("--clear-symbol-version", LIST, unversioned, "SYMBOL", "take the version off a dynamic symbol"),
	ROW("--add-debug-tag", SWITCH, adds_debug_tag, "", "add a DT_DEBUG"),
	ROW("--build-resolution-cache", SWITCH, builds_cache, "", "note where the needed libraries are found"),
	ROW("--print-execstack", SWITCH, prints_execstack, "", "print whether the stack is to be executable"),
	ROW("--clear-execstack", SWITCH, clears_execstack, "", "let it not be"),
	ROW("--set-execstack", SWITCH, sets_execstack, "", "let it be"),
	ROW("--rename-dynamic-symbols", MAP, renamed, "NAME_MAP_FILE", "by lines of an old and a new name"),
	ROW("--no-clobber-old-sections", SWITCH, keeps_old, "", "leave the bytes of what moves where it was"),
	ROW("--no-sort", SWITCH, ignored, "", "does nothing: headers are never sorted"),
	ROW("--output", TEXT, output, "FILE", "write the result there"),
	ROW("--debug", SWITCH, is_debug, "", "say what is changed"),
	ROW("--version", VERSION, ignored, "", "print the version"),
	ROW("--help", HELP, ignored, "", "print this text"),
	ROW("-h", HELP, ignored, "", "the same"),
};

bool patchelf_is_name(const char *program)
{
	static const char name[] = "patchelf";
	const char *base = strrchr(program, '/') ? strrchr(program, '/') + 1 : program;
	size_t length = strlen(base), size = sizeof name - 1;

	return length >= size && strcmp(base + (length - size), name) == 0 &&
	       (length == size || base[length - size - 1] == '-');
}

static bool fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
static bool fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("patchelf: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	return false;
}

/* Room for one more item in a list, or the end of the program. */
static void *grown(void *list, size_t count, size_t size)
{
	void *more = realloc(list, (count + 1) * size);

	if (!more) {
		fail("out of memory");
		exit(EXIT_FAILED);
	}
	return more;
}

static void print_help(const char *program)
{
	fprintf(stderr, "syntax: %s\n", program);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char left[64];
		snprintf(left, sizeof left, "[%s%s%s]", rows[i].name, *rows[i].arguments ? " " : "", rows[i].arguments);
		columns_row(stderr, left, rows[i].summary, 36);
	}
	fputs("  FILENAME...\n\nelfpatch " RT0KIT_VERSION " by the name of patchelf, see elfpatch(1).\n", stderr);
}

/* The contents of a file as they are, or null with a message. As a string they end at the first null byte. */
static char *read_text(const char *path)
{
	char *text = NULL, buffer[4096];
	struct stat st;
	size_t size = 0, n;

	if (stat(path, &st) != 0) {
		fail("getting info about '%s': %s", path, strerror(errno));
		return NULL;
	}
	FILE *file = fopen(path, "re");
	if (!file) {
		fail("opening '%s': %s", path, strerror(errno));
		return NULL;
	}
	while ((n = fread(buffer, 1, sizeof buffer, file)) > 0) {
		text = grown(text, size + n, 1);
		memcpy(text + size, buffer, n);
		size += n;
	}
	bool is_read = !ferror(file);
	int error = errno;
	fclose(file);
	text = grown(text, size, 1);
	text[size] = '\0';
	if (!is_read) {
		fail("reading '%s': %s", path, strerror(error));
		free(text);
		return NULL;
	}
	if (strlen(text) != size)
		fprintf(stderr, "warning: '%s': of %zu bytes, the %zu before the first null byte count\n", path, size,
			strlen(text));
	return text;
}

/* An argument, or what stands in the file that it names by "@". */
static bool read_argument(const char *argument, const char **text)
{
	*text = argument[0] == '@' ? read_text(argument + 1) : argument;
	return *text != NULL;
}

static void list_add(struct list *list, const char *item)
{
	list->items = grown(list->items, list->count, sizeof *list->items);
	list->items[list->count++] = item;
}

/* The later one counts where a name comes twice. */
static void pairs_add(struct pairs *pairs, const char *name, const char *value)
{
	for (size_t i = 0; i < pairs->count; i++) {
		if (strcmp(pairs->items[i].name, name) == 0) {
			pairs->items[i].value = value;
			return;
		}
	}
	pairs->items = grown(pairs->items, pairs->count, sizeof *pairs->items);
	pairs->items[pairs->count++] = (struct name_pair){name, value};
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int by_name(const void *a, const void *b)
{
	const struct name_pair *l = a, *r = b;

	return strcmp(l->name, r->name);
}

static void split_prefixes(struct list *prefixes, char *argument)
{
	char *prefix;

	prefixes->count = 0;
	while ((prefix = strsep(&argument, ":")))
		list_add(prefixes, prefix);
}

static bool read_page_size(const char *argument, uint64_t *size)
{
	char *end;
	long value = strtol(argument, &end, 10);

	if (end == argument || *end || value <= 0 || value > PAGE_SIZE_MOST || value & (value - 1))
		return fail("invalid argument to --page-size: '%s'", argument);
	*size = (uint64_t)value;
	return true;
}

/* One line of a map. A name stands in it to the end, as the text does. */
static bool read_map_line(const char *path, size_t number, char *line, struct pairs *pairs)
{
	static const char spaces[] = " \t\r\v\f";
	char *rest = NULL, *name = strtok_r(line, spaces, &rest), *value = name ? strtok_r(NULL, spaces, &rest) : NULL;

	if (!name)
		return true;
	if (!value)
		return fail("%s:%zu: Map file line is missing the second element", path, number);
	if (strchr(name, '@') || strchr(value, '@'))
		return fail("%s:%zu: Name pair contains version tag: %s %s", path, number, name, value);
	/* In steps, since a map can have as many lines as a library has symbols. */
	if ((pairs->count & (pairs->count - 1)) == 0)
		pairs->items = grown(pairs->items, 2 * pairs->count, sizeof *pairs->items);
	pairs->items[pairs->count++] = (struct name_pair){name, value};
	return true;
}

static bool read_map(const char *path, struct pairs *pairs)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return fail("Cannot open map file %s: %s", path, strerror(errno));
	char *text = read_text(path), *line;
	if (!text)
		return false;
	for (size_t number = 1; (line = strsep(&text, "\n")); number++)
		if (!read_map_line(path, number, line, pairs))
			return false;
	qsort(pairs->items, pairs->count, sizeof *pairs->items, by_name);
	for (size_t i = 1; i < pairs->count; i++)
		if (strcmp(pairs->items[i - 1].name, pairs->items[i].name) == 0)
			return fail("%s: Name '%s' appears twice in the map file", path, pairs->items[i].name);
	return true;
}

/* One option with its arguments, of which there are as many as it takes. */
static bool read_option(struct request *request, const struct option_row *row, char **arguments)
{
	void *member = (char *)request + row->offset;
	const char *text;

	switch (row->form) {
	case SWITCH:
		*(bool *)member = true;
		return true;
	case TEXT:
		return read_argument(arguments[0], member);
	case LIST:
		if (!read_argument(arguments[0], &text))
			return false;
		list_add(member, text);
		return true;
	case PAIR:
		pairs_add(member, arguments[0], arguments[1]);
		return true;
	case SIZE:
		return read_page_size(arguments[0], member);
	case PREFIXES:
		split_prefixes(member, arguments[0]);
		return true;
	case MAP:
		return read_map(arguments[0], member);
	case HELP:
	case VERSION:
		break;
	}
	return true;
}

static int argument_count(enum form form)
{
	return form == PAIR ? 2 : form == SWITCH || form == HELP || form == VERSION ? 0 : 1;
}

static const struct option_row *find_row(const char *name)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}

/* Sorted, each once. */
static void list_sort(struct list *list)
{
	size_t kept = 0;

	if (list->count)
		qsort(list->items, list->count, sizeof *list->items, by_text);
	for (size_t i = 0; i < list->count; i++)
		if (kept == 0 || strcmp(list->items[kept - 1], list->items[i]) != 0)
			list->items[kept++] = list->items[i];
	list->count = kept;
}

static bool check_request(struct request *request)
{
	if (request->files.count == 0)
		return fail("missing filename");
	if (request->forces_rpath && request->builds_cache)
		return fail("--build-resolution-cache cannot be combined with --force-rpath");
	if (request->output && *request->output == '\0')
		request->output = NULL;
	if (request->output && request->files.count != 1)
		return fail("--output option only allowed with single input file");
	if (request->set_rpath && request->add_rpath)
		return fail("--set-rpath option not allowed with --add-rpath");
	list_sort(&request->added);
	list_sort(&request->removed);
	list_sort(&request->unversioned);
	if (request->replaced.count)
		qsort(request->replaced.items, request->replaced.count, sizeof *request->replaced.items, by_name);
	return true;
}

/* False when the program is to end, with *status. */
static bool read_request(int argc, char **argv, struct request *request, int *status)
{
	*request = (struct request){.is_debug = getenv("PATCHELF_DEBUG") != NULL};
	*status = EXIT_FAILED;
	if (argc <= 1) {
		print_help(argv[0]);
		return false;
	}
	for (int i = 1; i < argc; i++) {
		const struct option_row *row = find_row(argv[i]);
		if (!row) {
			list_add(&request->files, argv[i]);
			continue;
		}
		if (row->form == HELP || row->form == VERSION) {
			if (row->form == HELP)
				print_help(argv[0]);
			else
				puts("patchelf " PATCHELF_VERSION);
			*status = EXIT_DONE;
			return false;
		}
		int count = argument_count(row->form);
		if (count >= argc - i)
			return fail(count == 2 ? "missing argument(s)" : "missing argument");
		if (!read_option(request, row, argv + i + 1))
			return false;
		i += count;
	}
	return check_request(request);
}

/* Operating systems as they are printed, and what else they are called (gABI, ELF Header, EI_OSABI). */
static const struct {
	unsigned char number;
	const char *name, *others[2];
} systems[] = {
	{ELFOSABI_SYSV, "System V", {"system-v", "sysv"}},
	{ELFOSABI_HPUX, "HP-UX", {NULL}},
	{ELFOSABI_NETBSD, "NetBSD", {NULL}},
	{ELFOSABI_GNU, "Linux", {"gnu", NULL}},
	{4, "GNU Hurd", {"gnu-hurd", "hurd"}},
	{ELFOSABI_SOLARIS, "Solaris", {NULL}},
	{ELFOSABI_AIX, "AIX", {NULL}},
	{ELFOSABI_IRIX, "IRIX", {NULL}},
	{ELFOSABI_FREEBSD, "FreeBSD", {NULL}},
	{ELFOSABI_TRU64, "Tru64", {NULL}},
	{ELFOSABI_OPENBSD, "OpenBSD", {NULL}},
	{13, "OpenVMS", {NULL}},
};

enum { SYSTEMS = sizeof systems / sizeof systems[0] };

/* By a name, in letters of either case and with spaces around it. */
static bool find_system(const char *text, uint64_t *number)
{
	char name[32];
	size_t length;

	while (isspace((unsigned char)*text))
		text++;
	for (length = strlen(text); length && isspace((unsigned char)text[length - 1]);)
		length--;
	if (length >= sizeof name)
		return false;
	memcpy(name, text, length);
	name[length] = '\0';
	for (size_t i = 0; i < SYSTEMS; i++) {
		bool is_it = strcasecmp(name, systems[i].name) == 0;
		for (size_t o = 0; o < 2 && systems[i].others[o]; o++)
			is_it = is_it || strcasecmp(name, systems[i].others[o]) == 0;
		*number = systems[i].number;
		if (is_it)
			return true;
	}
	return false;
}

/* What is asked of one file, and the file. */
struct job {
	const struct request *request;
	const char *path;
	const struct image *image;
	struct symbols dynsym;
	bool has_dynamic, is_debug_file; /* which has no contents in its dynamic section */
	struct why *why;
};

static bool find_interpreter(const struct job *job, const char **name)
{
	GElf_Phdr p;

	if (!image_interpreter(job->image, &p))
		return why_set(job->why,
			       "cannot find section '.interp'. The input file is most likely statically linked");
	*name = (const char *)job->image->bytes + p.p_offset;
	return (*name)[p.p_filesz - 1] == '\0' ||
	       why_set(job->why, "PT_INTERP: the %" PRIu64 " bytes do not end with a null byte", p.p_filesz);
}

static bool needs_dynamic(const struct job *job)
{
	return job->has_dynamic ||
	       why_set(job->why, "cannot find section '.dynamic'. The input file is most likely statically linked");
}

static bool find_string(const struct job *job, uint64_t offset, const char **text)
{
	if (offset >= job->dynsym.strings_size)
		return why_set(job->why,
			       "string table index out of bounds: a string at %" PRIu64 " of the %" PRIu64
			       " bytes of DT_STRTAB",
			       offset, job->dynsym.strings_size);
	*text = job->dynsym.strings + offset;
	return true;
}

static bool print_interpreter(const struct job *job)
{
	const char *name;

	if (!find_interpreter(job, &name))
		return false;
	puts(name);
	return true;
}

static void print_os_abi(const struct job *job)
{
	unsigned char number = job->image->ehdr.e_ident[EI_OSABI];

	for (size_t i = 0; i < SYSTEMS; i++) {
		if (systems[i].number == number) {
			puts(systems[i].name);
			return;
		}
	}
	printf("0x%02X\n", number);
}

/* Nothing is printed for a program, nor for a library without a name. */
static bool print_soname(const struct job *job)
{
	const char *name = "";
	uint64_t offset;

	if (job->image->ehdr.e_type != ET_DYN)
		return true;
	if (!needs_dynamic(job))
		return false;
	if (image_dynamic(job->image, DT_SONAME, &offset) && !find_string(job, offset, &name))
		return false;
	if (*name)
		puts(name);
	return true;
}

static bool print_rpath(const struct job *job)
{
	const char *path = "";
	uint64_t offset;

	if (job->is_debug_file)
		return true;
	if (!needs_dynamic(job))
		return false;
	if ((image_dynamic(job->image, DT_RUNPATH, &offset) || image_dynamic(job->image, DT_RPATH, &offset)) &&
	    !find_string(job, offset, &path))
		return false;
	puts(path);
	return true;
}

static bool print_needed(const struct job *job)
{
	int64_t tag;
	uint64_t offset;

	if (!needs_dynamic(job))
		return false;
	for (size_t i = 0; image_dynamic_entry(job->image, i, &tag, &offset); i++) {
		const char *name = "";
		if (tag != DT_NEEDED)
			continue;
		if (!find_string(job, offset, &name))
			return false;
		puts(name);
	}
	return true;
}

static void print_execstack(const struct job *job)
{
	char is_executable = '?';

	for (size_t i = 0; i < job->image->phnum; i++) {
		GElf_Phdr p;
		if (gelf_getphdr(job->image->elf, (int)i, &p) && p.p_type == PT_GNU_STACK)
			is_executable = p.p_flags & PF_X ? 'X' : '-';
	}
	printf("execstack: %c\n", is_executable);
}

/* What is printed is the file as it was, in patchelf's order. */
static bool print_all(const struct job *job)
{
	const struct request *request = job->request;

	if (request->prints_interpreter && !print_interpreter(job))
		return false;
	if (request->prints_os_abi)
		print_os_abi(job);
	if ((request->prints_soname && !print_soname(job)) || (request->prints_rpath && !print_rpath(job)))
		return false;
	if (request->prints_execstack)
		print_execstack(job);
	return !request->prints_needed || print_needed(job);
}

/* The sections of the dynamic linker must be what the program headers say that they are. */
static bool find_dynamic(struct job *job)
{
	const struct image *image = job->image;
	size_t word = image_word_size(image);

	job->has_dynamic = image->dynamic_size > 0;
	for (size_t i = 1; i < image->shnum; i++) {
		GElf_Shdr s;
		if (!gelf_getshdr(elf_getscn(image->elf, i), &s))
			continue;
		if (s.sh_type == SHT_DYNAMIC && s.sh_offset % word != 0)
			return why_set(job->why,
				       "section content is not naturally aligned: section %zu, the dynamic one, at "
				       "offset %" PRIu64,
				       i, s.sh_offset);
	}
	GElf_Shdr dynamic;
	job->is_debug_file = image_section(image, ".dynamic", &dynamic) && dynamic.sh_type == SHT_NOBITS;
	job->has_dynamic = job->has_dynamic && !job->is_debug_file;
	return !job->has_dynamic || image_dynsym(image, &job->dynsym, job->why);
}

static bool changes_dynamic(const struct request *request)
{
	return request->shrinks_rpath || request->removes_rpath || request->set_rpath || request->add_rpath ||
	       request->removed.count || request->replaced.count || request->added.count ||
	       request->unversioned.count || request->has_no_default_lib || request->adds_debug_tag ||
	       request->renamed.count;
}

static bool needs_writing(const struct request *request)
{
	return changes_dynamic(request) || (request->interpreter && *request->interpreter) || request->os_abi ||
	       request->soname || request->sets_execstack || request->clears_execstack || request->builds_cache ||
	       request->output;
}

struct edit_list {
	struct edit *items;
	size_t count;
};

static struct edit *add_edit(struct edit_list *list, enum edit_kind kind, const char *name)
{
	list->items = grown(list->items, list->count, sizeof *list->items);
	list->items[list->count] = (struct edit){.kind = kind, .name = name};
	return &list->items[list->count++];
}

static void add_path_edit(const struct request *request, struct edit_list *list)
{
	uint64_t tag = request->forces_rpath ? DT_RPATH : DT_RUNPATH;

	if (request->shrinks_rpath)
		add_edit(list, EDIT_RUNPATH_SHRINK, NULL)->number = tag;
	else if (request->removes_rpath)
		add_edit(list, EDIT_NO_RUNPATH, NULL);
	else if (request->set_rpath)
		add_edit(list, request->forces_rpath ? EDIT_RPATH : EDIT_RUNPATH, request->set_rpath);
	else if (request->add_rpath)
		add_edit(list, EDIT_RUNPATH_ADD, request->add_rpath)->number = tag;
}

/* `map` lives as long as the list. With a new name that is an old one too, a second time would rename more. */
static void add_map_edit(struct edit_list *list, enum edit_kind kind, const struct pairs *pairs, struct name_map *map)
{
	if (pairs->count == 0)
		return;
	*map = (struct name_map){pairs->items, pairs->count};
	struct edit *edit = add_edit(list, kind, NULL);
	edit->map = map;
	for (size_t i = 0; i < pairs->count; i++) {
		const struct name_pair key = {pairs->items[i].value, NULL};
		const struct name_pair *other = bsearch(&key, pairs->items, pairs->count, sizeof key, by_name);
		edit->is_once = edit->is_once || (other && strcmp(other->name, other->value) != 0);
	}
}

static void add_needed_edits(const struct request *request, struct edit_list *list, struct name_map *replaced)
{
	for (size_t i = 0; i < request->removed.count; i++)
		add_edit(list, EDIT_NEEDED_REMOVE, request->removed.items[i]);
	add_map_edit(list, EDIT_NEEDED_RENAME, &request->replaced, replaced);
	/* Each goes in front of the one before. */
	for (size_t i = request->added.count; i-- > 0;)
		add_edit(list, EDIT_NEEDED_ADD, request->added.items[i])->number = 1;
}

/* Edits in the order in which patchelf makes them. */
static bool list_edits(const struct job *job, struct edit_list *list, struct name_map *replaced,
		       struct name_map *renamed)
{
	const struct request *request = job->request;
	const char *name;

	if (request->os_abi && !find_system(request->os_abi, &add_edit(list, EDIT_OS_ABI, NULL)->number))
		return why_set(job->why, "unrecognized OS ABI '%s'", request->os_abi);
	if (request->soname && job->image->ehdr.e_type == ET_DYN) {
		if (!needs_dynamic(job))
			return false;
		add_edit(list, EDIT_SONAME, request->soname);
	}
	if (request->interpreter && *request->interpreter) {
		if (!find_interpreter(job, &name))
			return false;
		add_edit(list, EDIT_INTERPRETER, request->interpreter);
	}
	if (!request->prints_execstack && (request->clears_execstack || request->sets_execstack))
		add_edit(list, EDIT_EXECSTACK, NULL)->number = !request->clears_execstack;
	if (changes_dynamic(request) && !job->is_debug_file && !needs_dynamic(job))
		return false;
	if (job->is_debug_file)
		return true;
	add_path_edit(request, list);
	add_needed_edits(request, list, replaced);
	for (size_t i = 0; i < request->unversioned.count; i++)
		add_edit(list, EDIT_SYMBOL_UNVERSION, request->unversioned.items[i])->number = 1;
	if (request->has_no_default_lib)
		add_edit(list, EDIT_DF, "nodeflib");
	if (request->adds_debug_tag)
		add_edit(list, EDIT_DEBUG_TAG, NULL);
	if (request->builds_cache)
		add_edit(list, EDIT_RESOLUTION_CACHE, NULL);
	add_map_edit(list, EDIT_SYMBOLS_RENAME, &request->renamed, renamed);
	return true;
}

static void print_notes(const struct request *request, const struct edit_notes *notes)
{
	for (size_t i = 0; i < notes->count; i++) {
		if (notes->items[i].is_warning)
			fprintf(stderr, "warning: %s\n", notes->items[i].text);
		else if (request->is_debug)
			fprintf(stderr, "%s\n", notes->items[i].text);
	}
}

/* An edit needs no names of sections, but who sorts or looks up sections by name does. */
static void warn_of_nameless(const struct job *job)
{
	const struct image *image = job->image;
	struct symbols symbols;
	struct why none;
	GElf_Shdr names;
	bool *is_told = calloc(image->shnum + 1, sizeof *is_told);

	if (!is_told || image->shstrndx == SHN_UNDEF ||
	    !gelf_getshdr(elf_getscn(image->elf, image->shstrndx), &names) || !image_symtab(image, &symbols, &none)) {
		free(is_told);
		return;
	}
	for (size_t i = 1; i < symbols.count; i++) {
		GElf_Sym sym;
		GElf_Shdr s;
		symbols_get(image, &symbols, i, &sym, NULL);
		if (sym.st_shndx == SHN_UNDEF || sym.st_shndx >= image->shnum || is_told[sym.st_shndx] ||
		    !gelf_getshdr(elf_getscn(image->elf, sym.st_shndx), &s) || s.sh_name >= names.sh_size ||
		    image->bytes[names.sh_offset + s.sh_name] != '\0')
			continue;
		is_told[sym.st_shndx] = true;
		fprintf(stderr, "warning: symbol table entry refers to an unnamed section (index %d)\n", sym.st_shndx);
	}
	free(is_told);
}

static bool write_edits(const struct job *job, struct transaction *transaction, const struct edits *edits)
{
	struct edit_notes notes = {0};
	struct edit_check check;
	struct patch patch;

	if (!edit_plan(job->image, edits, &patch, &notes, job->why)) {
		edit_notes_free(&notes);
		return false;
	}
	print_notes(job->request, &notes);
	edit_notes_free(&notes);
	if (edits->count)
		warn_of_nameless(job);
	bool is_done = edit_check_prepare(job->image, edits, &patch, &check, job->why) &&
		       transaction_commit(transaction, &patch, NULL, edit_check, &check, job->why);
	patch_free(&patch);
	return is_done;
}

static bool work(struct job *job, struct transaction *transaction)
{
	const struct request *request = job->request;
	struct edit_list list = {0};
	struct name_map replaced, renamed;

	if (!find_dynamic(job) || !print_all(job))
		return false;
	if (!transaction)
		return true;
	bool is_done = list_edits(job, &list, &replaced, &renamed);
	if (is_done) {
		const struct edits edits = {.items = list.items,
					    .count = list.count,
					    .prefixes = request->prefixes.items,
					    .prefix_count = request->prefixes.count,
					    .page_size = request->page_size,
					    .keeps_old = request->keeps_old};
		is_done = write_edits(job, transaction, &edits);
	}
	free(list.items);
	return is_done;
}

/* All links to a file are to see the edit, so that one is written to itself. */
static bool edit_file(struct job *job, const struct stat *st)
{
	const struct request *request = job->request;
	bool has_links = !request->output && st->st_nlink > 1;
	const struct transaction_options options = {
		.output = request->output, .is_stream = true, .is_in_place = has_links, .grows = has_links};
	struct transaction transaction;
	struct image image;

	if (!transaction_open(job->path, &options, &transaction, job->why))
		return false;
	bool is_done = image_open_fd(transaction.fd, job->path, &image, job->why);
	if (is_done) {
		job->image = &image;
		is_done = work(job, &transaction);
		image_close(&image);
	}
	transaction_close(&transaction);
	return is_done;
}

static bool print_file(struct job *job)
{
	struct image image;

	if (!image_open(job->path, false, &image, job->why))
		return false;
	job->image = &image;
	bool is_done = work(job, NULL);
	image_close(&image);
	return is_done;
}

/*
 * What patchelf says of the same: scripts look for its words. Where it has none, ours
 * stand alone. The first whose text is found counts.
 */
static const char *phrase_of(const char *text)
{
	static const struct {
		const char *ours, *theirs;
	} phrases[] = {
		{"program headers end past the file", "program header table out of bounds"},
		{"section headers end past the file", "section header table out of bounds"},
		{"e_phentsize is", "program headers have wrong size"},
		{"e_shentsize is", "section headers have wrong size"},
		{"e_shstrndx is", "string table index out of bounds"},
		{"section names end past the file", "data region extends past file end"},
		{"section names do not end with a null byte (size 0)", "string table size is zero"},
		{"section names do not end with a null byte", "string table is not zero terminated"},
		{"bytes of names", "section name offset out of bounds"},
		{"contents end past the file", "data offset extends past file end"},
		{"the strings do not end with a null byte", "string table is not NUL-terminated"},
		{"is outside DT_STRTAB", "string table index out of bounds"},
		{"entries is DT_NULL", "setSubstr: write extends past end of section"},
		{"DT_GNU_HASH: ", "hash table header out of range"},
		{"DT_HASH: ", "hash table header out of range"},
		{"e_type is", "wrong ELF type"},
		{"not linked (", "wrong ELF type"},
		{"not an ELF file (", "missing ELF header"},
		{"the file header is cut off", "missing ELF header"},
		{"not an ELF file", "not an ELF executable"},
		{"unknown ELF class", "ELF executable is not 32 or 64 bit"},
		{"unknown ELF version", "unsupported ELF version"},
	};

	for (size_t i = 0; i < sizeof phrases / sizeof phrases[0]; i++)
		if (strstr(text, phrases[i].ours))
			return phrases[i].theirs;
	return NULL;
}

static bool do_file(const struct request *request, const char *path)
{
	struct why why;
	struct job job = {.request = request, .path = path, .why = &why};
	struct stat st;

	if (stat(path, &st) != 0)
		return fail("getting info about '%s': %s", path, strerror(errno));
	bool is_done = needs_writing(request) ? edit_file(&job, &st) : print_file(&job);
	const char *phrase = is_done ? NULL : phrase_of(why.text);
	return is_done || fail("%s%s%s ('%s')", phrase ? phrase : "", phrase ? ": " : "", why.text, path);
}

int patchelf_run(int argc, char **argv)
{
	static struct request request;
	int status;

	if (!read_request(argc, argv, &request, &status))
		return status;
	for (size_t i = 0; i < request.files.count; i++)
		if (!do_file(&request, request.files.items[i]))
			return EXIT_FAILED;
	return EXIT_DONE;
}
