#include "inputs.h"
#include "message.h"
#include "../elfpatch/lib/image.h"
#include "../rt/abi.h"

#include <ar.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Gates for all sources and bitcode together; a wrong guess costs one more link. */
#define OPAQUE_GUESS 128
/* When no second link is possible. */
#define STREAM_GUESS 1024

enum content { CONTENT_NONE, CONTENT_ELF, CONTENT_ARCHIVE, CONTENT_BITCODE, CONTENT_TEXT };

struct file {
	const char *path;
	unsigned char *bytes;
	size_t size;
	enum content content;
	bool is_stream;
};

static enum content content_of(const unsigned char *bytes, size_t size)
{
	if (size >= 4 && !memcmp(bytes, ELFMAG, 4))
		return CONTENT_ELF;
	if (size >= SARMAG && (!memcmp(bytes, ARMAG, SARMAG) || !memcmp(bytes, "!<thin>\n", SARMAG)))
		return CONTENT_ARCHIVE;
	if (size >= 4 && (!memcmp(bytes, "BC\xc0\xde", 4) || !memcmp(bytes, "\xde\xc0\x17\x0b", 4)))
		return CONTENT_BITCODE;
	return size ? CONTENT_TEXT : CONTENT_NONE;
}

/* A file that cannot be opened is left to the driver: its message is the one that people know. */
static void file_open(const char *path, struct file *file)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat status;
	void *bytes;

	*file = (struct file){.path = path};
	if (fd < 0)
		return;
	if (fstat(fd, &status) == 0) {
		file->is_stream = S_ISFIFO(status.st_mode) || S_ISCHR(status.st_mode) || S_ISSOCK(status.st_mode);
		if (S_ISREG(status.st_mode) && status.st_size > 0) {
			bytes = mmap(NULL, (size_t)status.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
			if (bytes != MAP_FAILED) {
				file->bytes = bytes;
				file->size = (size_t)status.st_size;
				file->content = content_of(bytes, file->size);
			}
		}
	}
	close(fd);
}

static void file_close(struct file *file)
{
	if (file->bytes)
		munmap(file->bytes, file->size);
	file->bytes = NULL;
}

/* An archive's symbol map: member "/" (32-bit) or "/SYM64/", big-endian on every machine. */
static bool armap(const struct file *file, uint64_t *count, const char **names, size_t *size)
{
	const struct ar_hdr *header = (const struct ar_hdr *)(const void *)(file->bytes + SARMAG);
	size_t word, length, at = SARMAG + sizeof(*header);

	if (file->size < at || memcmp(header->ar_fmag, ARFMAG, 2) || header->ar_name[0] != '/')
		return false;
	if (!memcmp(header->ar_name, "/SYM64/ ", 8))
		word = 8;
	else if (header->ar_name[1] == ' ')
		word = 4;
	else
		return false;
	char text[sizeof(header->ar_size) + 1] = {0};
	memcpy(text, header->ar_size, sizeof(header->ar_size));
	length = strtoul(text, NULL, 10);
	if (length > file->size - at || length < word)
		return false;
	*count = 0;
	for (size_t i = 0; i < word; i++)
		*count = *count << 8 | file->bytes[at + i];
	if (*count > (length - word) / word)
		return false;
	*names = (const char *)file->bytes + at + word + *count * word;
	*size = length - word - *count * word;
	return true;
}

/* Is `name` one of the NUL-terminated strings? */
static bool strings_have(const char *strings, size_t size, const char *name)
{
	const char *at = strings, *end = strings + size;
	size_t length = strlen(name) + 1;

	for (; (at = memmem(at, (size_t)(end - at), name, length)); at++)
		if (at == strings || !at[-1])
			return true;
	return false;
}

static bool is_word(unsigned char c)
{
	return isalnum(c) || c == '_' || c == '$';
}

/* In text as a word of its own; in bitcode names stand side by side, so anywhere. */
static bool text_names(const struct file *file, const char *name)
{
	const unsigned char *at = file->bytes, *end = file->bytes + file->size;
	size_t length = strlen(name);

	while ((at = memmem(at, (size_t)(end - at), name, length))) {
		bool is_start = at == file->bytes || !is_word(at[-1]);
		bool is_end = (size_t)(end - at) == length || !is_word(at[length]);
		if (file->content == CONTENT_BITCODE || (is_start && is_end))
			return true;
		at++;
	}
	return false;
}

/* One symbol as the link sees it, whatever the file that holds it. */
struct symbol {
	const char *name;
	bool is_function, is_weak, is_exportable;
};

typedef void (*symbol_visitor)(void *context, const struct symbol *symbol);

/* ELF symbols that are defined and global. */
static void visit_elf(Elf *elf, Elf_Scn *section, const GElf_Shdr *header, symbol_visitor visit, void *context)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t count = data && header->sh_entsize ? data->d_size / header->sh_entsize : 0;
	GElf_Sym sym;

	for (size_t i = header->sh_info; i < count && gelf_getsym(data, (int)i, &sym); i++) {
		unsigned type = GELF_ST_TYPE(sym.st_info), visibility = GELF_ST_VISIBILITY(sym.st_other);
		if (sym.st_shndx == SHN_UNDEF || GELF_ST_BIND(sym.st_info) == STB_LOCAL)
			continue;
		struct symbol symbol = {
			.name = elf_strptr(elf, header->sh_link, sym.st_name),
			.is_function = type == STT_FUNC || type == STT_GNU_IFUNC || type == STT_NOTYPE,
			.is_weak = GELF_ST_BIND(sym.st_info) == STB_WEAK,
			.is_exportable = (visibility == STV_DEFAULT || visibility == STV_PROTECTED) &&
					 (type == STT_FUNC || type == STT_GNU_IFUNC),
		};
		if (symbol.name)
			visit(context, &symbol);
	}
}

/*
 * GCC's LTO symbol table (lto-symtab.c, plugin-api.h): name, COMDAT name, both
 * NUL-terminated, then kind, visibility, 8 bytes of size, 4 of slot.
 */
#define LTO_TAIL 14

static void visit_lto(Elf_Scn *section, symbol_visitor visit, void *context)
{
	Elf_Data *data = elf_rawdata(section, NULL);
	const char *at = data ? data->d_buf : NULL, *end = at ? at + data->d_size : NULL;

	while (at && at < end) {
		const char *name = at;
		const char *comdat = memchr(name, 0, (size_t)(end - name));
		const char *tail = comdat ? memchr(comdat + 1, 0, (size_t)(end - comdat - 1)) : NULL;
		if (!tail || end - tail - 1 < LTO_TAIL)
			return;
		at = tail + 1 + LTO_TAIL;
		unsigned char kind = (unsigned char)tail[1], visibility = (unsigned char)tail[2];
		/* LDPK_DEF, LDPK_WEAKDEF; LDPV_DEFAULT, LDPV_PROTECTED. Types are not told: data counts too. */
		struct symbol symbol = {name, true, kind == 1, visibility <= 1};
		if (kind <= 1)
			visit(context, &symbol);
	}
}

/* What libelf has no memory for it says is not there, and a runtime that is not seen is a library without one. */
static void check_memory(void)
{
	if (errno == ENOMEM)
		die(1, "out of memory");
}

/* The file's tables lie inside it, or it is damaged. */
static bool elf_is_whole(const struct file *file, Elf *elf, const GElf_Ehdr *ehdr, struct why *why)
{
	struct why reason;
	size_t count;

	if (!span_fits(ehdr->e_shoff, (uint64_t)ehdr->e_shnum * ehdr->e_shentsize, file->size, "section headers",
		       &reason))
		return why_set(why, "cannot read '%s': %s", file->path, reason.text);
	if (elf_getshdrnum(elf, &count))
		return why_set(why, "cannot read '%s': %s", file->path, elf_errmsg(-1));
	for (size_t i = 1; i < count; i++) {
		GElf_Shdr header;
		char what[48];
		snprintf(what, sizeof(what), "section %zu", i);
		errno = 0;
		if (!gelf_getshdr(elf_getscn(elf, i), &header)) {
			check_memory();
			return why_set(why, "cannot read '%s': %s: %s", file->path, what, elf_errmsg(-1));
		}
		if (header.sh_type != SHT_NOBITS && header.sh_type != SHT_NULL &&
		    !span_fits(header.sh_offset, header.sh_size, file->size, what, &reason))
			return why_set(why, "cannot read '%s': %s", file->path, reason.text);
	}
	return true;
}

static bool name_begins(const char *name, const char *begin)
{
	return name && !strncmp(name, begin, strlen(begin));
}

/* Every defined symbol of a relocatable object; `wanted` is false when its string table cannot hold a wanted name. */
static void visit_object(Elf *elf, bool (*is_wanted)(void *, const char *, size_t), symbol_visitor visit, void *context)
{
	size_t names;
	Elf_Scn *section = NULL;
	bool has_symtab = false;

	errno = 0;
	if (elf_getshdrstrndx(elf, &names))
		return;
	while ((section = elf_nextscn(elf, section))) {
		GElf_Shdr header;
		if (!gelf_getshdr(section, &header))
			continue;
		/* There is one (gABI, Sections); more, over one another, would be read as often. */
		if (header.sh_type == SHT_SYMTAB && !has_symtab) {
			has_symtab = true;
			Elf_Scn *strings = elf_getscn(elf, header.sh_link);
			Elf_Data *data = strings ? elf_rawdata(strings, NULL) : NULL;
			if (data && data->d_buf && is_wanted(context, data->d_buf, data->d_size))
				visit_elf(elf, section, &header, visit, context);
		} else if (header.sh_type == SHT_PROGBITS &&
			   name_begins(elf_strptr(elf, names, header.sh_name), ".gnu.lto_.symtab.")) {
			visit_lto(section, visit, context);
		}
	}
	check_memory();
}

/* Open the ELF file and its header; null when it is none that is linked in. */
static Elf *object_open(struct file *file, GElf_Ehdr *ehdr)
{
	errno = 0;
	Elf *elf = elf_memory((char *)file->bytes, file->size);

	if (!elf)
		check_memory();
	if (elf && gelf_getehdr(elf, ehdr) && ehdr->e_type == ET_REL)
		return elf;
	elf_end(elf);
	return NULL;
}

struct search {
	const struct options *options;
	struct inputs *inputs;
	const char *path;
};

static bool search_wants(void *context, const char *strings, size_t size)
{
	const struct search *search = context;

	/* A linker may share tails, so the name need not begin a string. */
	return memmem(strings, size, search->options->init, strlen(search->options->init) + 1) ||
	       memmem(strings, size, "rt0_thread_", 11);
}

static void search_visit(void *context, const struct symbol *symbol)
{
	struct search *search = context;
	struct inputs *inputs = search->inputs;

	if (!strcmp(symbol->name, search->options->init) && inputs->evidence != EVIDENCE_DEFINED) {
		inputs->evidence = EVIDENCE_DEFINED;
		inputs->init_where = search->path;
		inputs->is_init_data = !symbol->is_function;
	}
	inputs->has_hooks |= !strcmp(symbol->name, RT0_SYM_ATTACH) || !strcmp(symbol->name, RT0_SYM_DETACH);
}

static void machine_note(struct inputs *inputs, const unsigned char *bytes, size_t size)
{
	if (inputs->has_elf || size < EI_NIDENT + 4 || memcmp(bytes, ELFMAG, 4))
		return;
	inputs->has_elf = true;
	inputs->elf_class = bytes[EI_CLASS];
	inputs->elf_data = bytes[EI_DATA];
	bool is_big = bytes[EI_DATA] == ELFDATA2MSB;
	inputs->e_machine = (uint16_t)(bytes[EI_NIDENT + 2 + is_big] | bytes[EI_NIDENT + 2 + !is_big] << 8);
}

static void search_text(const struct file *file, struct search *search)
{
	search->inputs->has_opaque = true;
	if (search->inputs->evidence == EVIDENCE_NONE && text_names(file, search->options->init)) {
		search->inputs->evidence = EVIDENCE_TEXT;
		search->inputs->init_where = file->path;
	}
	search->inputs->has_hooks |= text_names(file, RT0_SYM_ATTACH) || text_names(file, RT0_SYM_DETACH);
}

/* The machine of an archive is that of its first member that is an object. */
static void archive_machine(const struct file *file, struct inputs *inputs)
{
	size_t at = SARMAG;

	while (!inputs->has_elf && file->size - at > sizeof(struct ar_hdr)) {
		const struct ar_hdr *header = (const struct ar_hdr *)(const void *)(file->bytes + at);
		char text[sizeof(header->ar_size) + 1] = {0};
		memcpy(text, header->ar_size, sizeof(header->ar_size));
		size_t size = strtoul(text, NULL, 10);
		at += sizeof(*header);
		if (size > file->size - at)
			return;
		if (header->ar_name[0] != '/' || isdigit((unsigned char)header->ar_name[1]))
			machine_note(inputs, file->bytes + at, size);
		size += size & 1;
		if (size > file->size - at)
			return;
		at += size;
	}
}

static void search_archive(const struct file *file, struct search *search)
{
	struct inputs *inputs = search->inputs;
	const char *names;
	uint64_t count;
	size_t size;

	inputs->has_archive = true;
	if (!armap(file, &count, &names, &size)) {
		if (file->size > SARMAG)
			search_text(file, search);
		return;
	}
	if (file->bytes[1] == '<' && file->bytes[2] == 'a')
		archive_machine(file, inputs);
	if (strings_have(names, size, search->options->init)) {
		struct symbol symbol = {search->options->init, true, false, true};
		search_visit(search, &symbol);
	}
	inputs->is_attach_in_archive |= strings_have(names, size, RT0_SYM_ATTACH);
	inputs->is_detach_in_archive |= strings_have(names, size, RT0_SYM_DETACH);
	inputs->has_hooks |= inputs->is_attach_in_archive || inputs->is_detach_in_archive;
	inputs->is_main_in_archive |= strings_have(names, size, RT0_SYM_MAIN);
	if (search->options->failure)
		inputs->is_failure_in_archive |= strings_have(names, size, search->options->failure);
}

static bool search_file(struct file *file, struct search *search, struct why *why)
{
	GElf_Ehdr ehdr;
	bool is_whole = true;

	search->path = file->path;
	if (file->content == CONTENT_ELF) {
		Elf *elf = object_open(file, &ehdr);
		if (!elf) {
			/* A library is not ours to read; an object without even a header is damaged. */
			if (file->size < EI_NIDENT + 2 ||
			    (file->bytes[EI_NIDENT] | file->bytes[EI_NIDENT + 1]) == ET_REL)
				return why_set(why, "cannot read '%s': the ELF header is cut short (file %zu)",
					       file->path, file->size);
			return true;
		}
		is_whole = elf_is_whole(file, elf, &ehdr, why);
		if (is_whole) {
			machine_note(search->inputs, file->bytes, file->size);
			visit_object(elf, search_wants, search_visit, search);
		}
		elf_end(elf);
	} else if (file->content == CONTENT_ARCHIVE) {
		search_archive(file, search);
	} else if (file->content != CONTENT_NONE) {
		search_text(file, search);
	}
	return is_whole;
}

/*
 * The file that -lNAME means, as linkers look for it: in each -L folder the
 * shared library first, unless only archives are wanted; -l:FILE by that name.
 * Null when none of them has it.
 */
static char *library_find(const struct link_job *job, const struct input *input)
{
	static const char *const suffixes[] = {".so", ".a"};
	bool is_exact = input->name[0] == ':';

	for (size_t i = 0; i < job->library_dirs.count; i++) {
		for (size_t suffix = is_exact || input->is_static || job->is_static; suffix < 2; suffix++) {
			char *path = is_exact ? format_text("%s/%s", job->library_dirs.items[i], input->name + 1)
					      : format_text("%s/lib%s%s", job->library_dirs.items[i], input->name,
							    suffixes[suffix]);
			if (!access(path, R_OK))
				return path;
			free(path);
		}
	}
	return NULL;
}

/* Open an input; false when there is nothing to read. */
static bool input_open(const struct link_job *job, const struct input *input, struct file *file)
{
	const char *path = input->kind == INPUT_LIBRARY ? library_find(job, input) : input->name;

	*file = (struct file){.path = input->name, .is_stream = input->kind == INPUT_STDIN};
	if (path && input->kind != INPUT_STDIN)
		file_open(path, file);
	if (input->kind == INPUT_SOURCE && file->bytes)
		file->content = CONTENT_TEXT;
	return file->bytes;
}

bool inputs_scan(const struct link_job *job, const struct options *options, struct inputs *inputs, struct why *why)
{
	struct search search = {options, inputs, NULL};
	bool is_whole = true;

	*inputs = (struct inputs){0};
	elf_version(EV_CURRENT);
	for (size_t i = 0; is_whole && i < job->input_count; i++) {
		struct file file;
		bool is_read = input_open(job, &job->inputs[i], &file);
		inputs->has_stream |= file.is_stream;
		inputs->has_unfound_library |= job->inputs[i].kind == INPUT_LIBRARY && !is_read;
		if (is_read)
			is_whole = search_file(&file, &search, why);
		file_close(&file);
	}
	return is_whole;
}

struct tally {
	size_t exports;
	bool counts_vague; /* --rt0-gate asks for them */
};

static bool tally_wants(void *context, const char *strings, size_t size)
{
	(void)context;
	(void)strings;
	return size > 1;
}

static void tally_visit(void *context, const struct symbol *symbol)
{
	struct tally *tally = context;
	bool is_vague = symbol->is_weak && !strncmp(symbol->name, "_Z", 2);

	if (symbol->is_exportable && (!is_vague || tally->counts_vague))
		tally->exports++;
}

size_t inputs_count_exports(const struct link_job *job, const struct options *options)
{
	struct tally tally = {0};
	bool has_opaque = false, has_stream = false;

	for (size_t i = 0; i < options->policy_size; i += strlen(options->policy + i) + 1)
		tally.counts_vague |= options->policy[i] == '+';
	for (size_t i = 0; i < job->input_count; i++) {
		struct file file;
		const char *names;
		uint64_t count;
		size_t size;
		GElf_Ehdr ehdr;
		Elf *elf;

		input_open(job, &job->inputs[i], &file);
		has_stream |= file.is_stream;
		if (file.content == CONTENT_ELF && (elf = object_open(&file, &ehdr))) {
			visit_object(elf, tally_wants, tally_visit, &tally);
			elf_end(elf);
		} else if (file.content == CONTENT_ARCHIVE && armap(&file, &count, &names, &size)) {
			tally.exports += count;
		} else if (file.content != CONTENT_ELF && file.content != CONTENT_NONE) {
			has_opaque = true;
		}
		file_close(&file);
	}
	return tally.exports + (has_stream ? STREAM_GUESS : has_opaque ? OPAQUE_GUESS : 0) + 1;
}
