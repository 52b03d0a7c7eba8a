/*
 * Change one field of a 64-bit little-endian ELF file, for tests of bad input.
 *
 *	poke FILE ehdr FIELD VALUE
 *	poke FILE ident INDEX VALUE
 *	poke FILE phdr TYPE FIELD VALUE       first program header of that type (number or name)
 *	poke FILE shdr SECTION FIELD VALUE
 *	poke FILE dyn TAG VALUE               d_val of the first entry with that tag
 *	poke FILE dyntag TAG VALUE            its d_tag
 *	poke FILE dynsym NAME FIELD VALUE
 *	poke FILE note WORD VALUE             a word of the rt0 note; namesz, descsz and type are -4, -3, -2
 *	poke FILE at ADDRESS SIZE VALUE       SIZE bytes of the loaded image
 *	poke FILE copies START END VALUE PREFIX
 *	                                      one copy of FILE for each byte from START to END, with that byte
 *	                                      changed to VALUE, as PREFIX<offset>
 *
 * ADDRESS and VALUE are numbers, or @SYMBOL[+NUMBER] by .symtab. Exits with 2 when
 * there is no such field: a test must not pass for that.
 */
#include <elf.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned char *file;
static long file_size;

static Elf64_Ehdr *ehdr(void)
{
	return (Elf64_Ehdr *)file;
}

static Elf64_Shdr *shdr(void)
{
	return (Elf64_Shdr *)(file + ehdr()->e_shoff);
}

static Elf64_Phdr *phdr(void)
{
	return (Elf64_Phdr *)(file + ehdr()->e_phoff);
}

static void die(const char *what, const char *which)
{
	fprintf(stderr, "poke: no %s '%s'\n", what, which);
	exit(2);
}

static Elf64_Shdr *section(const char *name)
{
	const char *names = (char *)file + shdr()[ehdr()->e_shstrndx].sh_offset;

	for (int i = 1; i < ehdr()->e_shnum; i++)
		if (strcmp(names + shdr()[i].sh_name, name) == 0)
			return &shdr()[i];
	die("section", name);
	return NULL;
}

static Elf64_Sym *symbol(const char *table, const char *name, size_t length)
{
	Elf64_Shdr *s = section(table);
	const char *strings = (char *)file + shdr()[s->sh_link].sh_offset;
	Elf64_Sym *syms = (Elf64_Sym *)(file + s->sh_offset);

	for (size_t i = 1; i < s->sh_size / sizeof *syms; i++)
		if (strncmp(strings + syms[i].st_name, name, length) == 0 && !strings[syms[i].st_name + length])
			return &syms[i];
	die("symbol", name);
	return NULL;
}

static uint64_t value_of(const char *text)
{
	char *end;
	uint64_t value = 0;

	if (*text == '@') {
		size_t length = strcspn(text + 1, "+");
		value = symbol(".symtab", text + 1, length)->st_value;
		text += 1 + length;
		if (!*text)
			return value;
	}
	value += strtoull(text, &end, 0);
	if (*end || end == text)
		die("value", text);
	return value;
}

static Elf64_Phdr *segment(const char *name)
{
	static const struct {
		const char *name;
		uint32_t type;
	} types[] = {
		{"LOAD", PT_LOAD}, {"DYNAMIC", PT_DYNAMIC},     {"NOTE", PT_NOTE},           {"INTERP", PT_INTERP},
		{"TLS", PT_TLS},   {"GNU_STACK", PT_GNU_STACK}, {"GNU_RELRO", PT_GNU_RELRO},
	};

	for (size_t t = 0; t < sizeof types / sizeof types[0]; t++)
		for (int i = 0; strcmp(name, types[t].name) == 0 && i < ehdr()->e_phnum; i++)
			if (phdr()[i].p_type == types[t].type)
				return &phdr()[i];
	die("program header", name);
	return NULL;
}

static Elf64_Dyn *dynamic(const char *name)
{
	static const struct {
		const char *name;
		int64_t tag;
	} tags[] = {
		{"NEEDED", DT_NEEDED},
		{"HASH", DT_HASH},
		{"STRTAB", DT_STRTAB},
		{"SYMTAB", DT_SYMTAB},
		{"RELA", DT_RELA},
		{"RELASZ", DT_RELASZ},
		{"STRSZ", DT_STRSZ},
		{"SYMENT", DT_SYMENT},
		{"INIT", DT_INIT},
		{"SONAME", DT_SONAME},
		{"INIT_ARRAY", DT_INIT_ARRAY},
		{"INIT_ARRAYSZ", DT_INIT_ARRAYSZ},
		{"FLAGS", DT_FLAGS},
		{"GNU_HASH", DT_GNU_HASH},
		{"FLAGS_1", DT_FLAGS_1},
	};
	Elf64_Phdr *p = segment("DYNAMIC");
	Elf64_Dyn *entries = (Elf64_Dyn *)(file + p->p_offset);

	for (size_t t = 0; t < sizeof tags / sizeof tags[0]; t++)
		for (size_t i = 0; strcmp(name, tags[t].name) == 0 && i < p->p_filesz / sizeof *entries; i++)
			if (entries[i].d_tag == tags[t].tag)
				return &entries[i];
	die("dynamic entry", name);
	return NULL;
}

static unsigned char *address(uint64_t vaddr)
{
	for (int i = 0; i < ehdr()->e_phnum; i++) {
		Elf64_Phdr *p = &phdr()[i];
		if (p->p_type == PT_LOAD && vaddr >= p->p_vaddr && vaddr - p->p_vaddr < p->p_filesz)
			return file + p->p_offset + (vaddr - p->p_vaddr);
	}
	die("byte", "address");
	return NULL;
}

struct field {
	const char *name;
	size_t offset, size;
};

#define FIELD(type, name)                                                                                              \
	{                                                                                                              \
#name, offsetof(type, name), sizeof(((type *)0)->name)                                                 \
	}

static const struct field ehdr_fields[] = {
	FIELD(Elf64_Ehdr, e_type),     FIELD(Elf64_Ehdr, e_machine),   FIELD(Elf64_Ehdr, e_version),
	FIELD(Elf64_Ehdr, e_phoff),    FIELD(Elf64_Ehdr, e_shoff),     FIELD(Elf64_Ehdr, e_ehsize),
	FIELD(Elf64_Ehdr, e_phnum),    FIELD(Elf64_Ehdr, e_shnum),     FIELD(Elf64_Ehdr, e_phentsize),
	FIELD(Elf64_Ehdr, e_shstrndx), FIELD(Elf64_Ehdr, e_shentsize), {0},
};
static const struct field phdr_fields[] = {
	FIELD(Elf64_Phdr, p_type),   FIELD(Elf64_Phdr, p_flags),
	FIELD(Elf64_Phdr, p_offset), FIELD(Elf64_Phdr, p_vaddr),
	FIELD(Elf64_Phdr, p_filesz), FIELD(Elf64_Phdr, p_memsz),
	FIELD(Elf64_Phdr, p_align),  {0},
};
static const struct field shdr_fields[] = {
	FIELD(Elf64_Shdr, sh_name),    FIELD(Elf64_Shdr, sh_type),      FIELD(Elf64_Shdr, sh_offset),
	FIELD(Elf64_Shdr, sh_size),    FIELD(Elf64_Shdr, sh_link),      FIELD(Elf64_Shdr, sh_addr),
	FIELD(Elf64_Shdr, sh_entsize), FIELD(Elf64_Shdr, sh_addralign), {0},
};
static const struct field sym_fields[] = {
	FIELD(Elf64_Sym, st_name),
	FIELD(Elf64_Sym, st_info),
	FIELD(Elf64_Sym, st_value),
	FIELD(Elf64_Sym, st_size),
	{0},
};

static void put(void *at, size_t size, uint64_t value)
{
	memcpy(at, &value, size);
}

static void put_field(const struct field *fields, void *at, const char *name, const char *value)
{
	for (; fields->name; fields++) {
		if (strcmp(fields->name, name) == 0) {
			put((unsigned char *)at + fields->offset, fields->size, value_of(value));
			return;
		}
	}
	die("field", name);
}

static void save(const char *path)
{
	FILE *f = fopen(path, "wb");

	if (!f || fwrite(file, 1, (size_t)file_size, f) != (size_t)file_size || fclose(f) != 0)
		die("room for", path);
}

static void copies(uint64_t start, uint64_t end, unsigned char value, const char *prefix)
{
	for (uint64_t at = start; at < end && at < (uint64_t)file_size; at++) {
		char path[4096];
		unsigned char old = file[at];
		snprintf(path, sizeof path, "%s%llu", prefix, (unsigned long long)at);
		file[at] = value;
		save(path);
		file[at] = old;
	}
}

static void load(const char *path)
{
	FILE *f = fopen(path, "rb");

	if (!f || fseek(f, 0, SEEK_END) != 0 || (file_size = ftell(f)) < (long)sizeof(Elf64_Ehdr))
		die("file", path);
	file = malloc((size_t)file_size);
	rewind(f);
	if (!file || fread(file, 1, (size_t)file_size, f) != (size_t)file_size || fclose(f) != 0)
		die("file", path);
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[2] : "";

	if (argc < 5)
		die("use", "without enough arguments");
	load(argv[1]);
	if (strcmp(what, "ehdr") == 0 && argc == 5)
		put_field(ehdr_fields, file, argv[3], argv[4]);
	else if (strcmp(what, "ident") == 0 && argc == 5)
		put(file + value_of(argv[3]) % EI_NIDENT, 1, value_of(argv[4]));
	else if (strcmp(what, "phdr") == 0 && argc == 6)
		put_field(phdr_fields, segment(argv[3]), argv[4], argv[5]);
	else if (strcmp(what, "shdr") == 0 && argc == 6)
		put_field(shdr_fields, section(argv[3]), argv[4], argv[5]);
	else if (strcmp(what, "dyn") == 0 && argc == 5)
		dynamic(argv[3])->d_un.d_val = value_of(argv[4]);
	else if (strcmp(what, "dyntag") == 0 && argc == 5)
		dynamic(argv[3])->d_tag = (int64_t)value_of(argv[4]);
	else if (strcmp(what, "dynsym") == 0 && argc == 6)
		put_field(sym_fields, symbol(".dynsym", argv[3], strlen(argv[3])), argv[4], argv[5]);
	else if (strcmp(what, "note") == 0 && argc == 5)
		put(file + section(".note.rt0")->sh_offset + 16 + 4 * (long)value_of(argv[3]), 4, value_of(argv[4]));
	else if (strcmp(what, "at") == 0 && argc == 6)
		put(address(value_of(argv[3])), value_of(argv[4]), value_of(argv[5]));
	else if (strcmp(what, "copies") == 0 && argc == 7)
		copies(value_of(argv[3]), value_of(argv[4]), (unsigned char)value_of(argv[5]), argv[6]);
	else
		die("use", what);
	if (strcmp(what, "copies") != 0)
		save(argv[1]);
	return 0;
}
