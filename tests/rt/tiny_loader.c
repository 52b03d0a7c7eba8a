/*
 * A static program that loads a library by itself, as a kernel-like or embedded
 * host would: maps the segments, applies the relocations that need no other
 * library, calls DT_INIT and .init_array, and then calls in.
 *
 * tiny_loader LIBRARY [init-only]
 */
#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined __mips64 && defined __MIPSEL__
#define SYMBOL_OF(info) ((uint32_t)(info)) /* 64-bit ELF Object File Specification, 2.9 */
#elif __SIZEOF_POINTER__ == 8
#define SYMBOL_OF(info) ELF64_R_SYM(info)
#else
#define SYMBOL_OF(info) ELF32_R_SYM(info)
#endif

/* gABI, Hash Table; the s390x supplement has it otherwise. */
#ifdef __s390x__
typedef uint64_t hash_word;
#else
typedef uint32_t hash_word;
#endif

typedef void initializer(int, char **, char **);

static char *base;
static size_t end;
static const ElfW(Sym) * symbols;
static const char *strings;
static size_t symbol_count;

static void die(const char *what)
{
	fprintf(stderr, "tiny_loader: %s\n", what);
	exit(1);
}

static void map(const char *path)
{
	struct stat stat;
	int fd = open(path, O_RDONLY);
	if (fd < 0 || fstat(fd, &stat) != 0)
		die("cannot open the library");
	char *file = mmap(NULL, (size_t)stat.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (file == MAP_FAILED)
		die("cannot map the library");
	const ElfW(Ehdr) *ehdr = (const void *)file;
	const ElfW(Phdr) *phdr = (const void *)(file + ehdr->e_phoff);
	for (int i = 0; i < ehdr->e_phnum; i++)
		if (phdr[i].p_type == PT_LOAD)
			end = phdr[i].p_vaddr + phdr[i].p_memsz;
	base = mmap(NULL, end, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (base == MAP_FAILED)
		die("no memory");
	for (int i = 0; i < ehdr->e_phnum; i++)
		if (phdr[i].p_type == PT_LOAD)
			memcpy(base + phdr[i].p_vaddr, file + phdr[i].p_offset, phdr[i].p_filesz);
}

static ElfW(Dyn) * dynamic(void)
{
	const ElfW(Ehdr) *ehdr = (const void *)base;
	const ElfW(Phdr) *phdr = (const void *)(base + ehdr->e_phoff);
	for (int i = 0; i < ehdr->e_phnum; i++)
		if (phdr[i].p_type == PT_DYNAMIC)
			return (void *)(base + phdr[i].p_vaddr);
	die("no dynamic section");
	return NULL;
}

static size_t entry(const ElfW(Dyn) * dyn, ElfW(Sxword) tag)
{
	for (; dyn->d_tag != DT_NULL; dyn++)
		if (dyn->d_tag == tag)
			return dyn->d_un.d_val;
	return 0;
}

static char *resolve(size_t index)
{
	const ElfW(Sym) *symbol = &symbols[index];
	if (symbol->st_shndx != SHN_UNDEF)
		return base + symbol->st_value;
	if (ELF64_ST_BIND(symbol->st_info) != STB_WEAK)
		die("an import that is not weak");
	return NULL;
}

static void relocate(char *at, size_t size, int has_addend)
{
	size_t each = has_addend ? sizeof(ElfW(Rela)) : sizeof(ElfW(Rel));
	for (char *end = at + size; at < end; at += each) {
		const ElfW(Rela) *rela = (const void *)at;
		if (rela->r_info == 0) /* type 0, no relocation */
			continue;
		char **place = (char **)(base + rela->r_offset);
		char *target = SYMBOL_OF(rela->r_info) != 0 ? resolve(SYMBOL_OF(rela->r_info)) : base;
		size_t addend = has_addend ? (size_t)rela->r_addend : (size_t)*place;
		*place = target != NULL ? target + addend : NULL;
	}
}

/* MIPS psABI, "Global Offset Table": its entries have no relocations. The first two are a loader's own. */
static void relocate_got(const ElfW(Dyn) * dyn)
{
#ifdef __mips__
	char **got = (char **)(base + entry(dyn, DT_PLTGOT));
	size_t locals = entry(dyn, DT_MIPS_LOCAL_GOTNO), first = entry(dyn, DT_MIPS_GOTSYM);
	for (size_t i = 2; i < locals; i++)
		got[i] += (size_t)base;
	for (size_t i = first; i < symbol_count; i++)
		got[locals + i - first] = resolve(i);
#else
	(void)dyn;
#endif
}

static void *find(const char *name)
{
	for (size_t i = 1; i < symbol_count; i++)
		if (symbols[i].st_shndx != SHN_UNDEF && strcmp(strings + symbols[i].st_name, name) == 0)
			return base + symbols[i].st_value;
	die(name);
	return NULL;
}

int main(int argc, char **argv, char **envp)
{
	if (argc < 2)
		return 2;
	map(argv[1]);
	ElfW(Dyn) *dyn = dynamic();
	if (entry(dyn, DT_NEEDED) != 0)
		die("the library needs another one");
	symbols = (const void *)(base + entry(dyn, DT_SYMTAB));
	strings = base + entry(dyn, DT_STRTAB);
	symbol_count = ((const hash_word *)(base + entry(dyn, DT_HASH)))[1];
	relocate(base + entry(dyn, DT_RELA), entry(dyn, DT_RELASZ), 1);
	relocate(base + entry(dyn, DT_REL), entry(dyn, DT_RELSZ), 0);
	relocate(base + entry(dyn, DT_JMPREL), entry(dyn, DT_PLTRELSZ), entry(dyn, DT_PLTREL) == DT_RELA);
	relocate_got(dyn);
	__builtin___clear_cache(base, base + end);
	if (entry(dyn, DT_INIT) == 0)
		die("no DT_INIT");
	((initializer *)(base + entry(dyn, DT_INIT)))(argc, argv, envp);
	initializer **array = (initializer **)(base + entry(dyn, DT_INIT_ARRAY));
	if (argc == 2)
		for (size_t i = 0; i < entry(dyn, DT_INIT_ARRAYSZ) / sizeof(*array); i++)
			array[i](argc, argv, envp);

	int (*answer)(int) = (int (*)(int))find("bare_answer");
	int (*init_tid)(void) = (int (*)(void))find("bare_init_tid");
	int (*main_ran)(void) = (int (*)(void))find("bare_main_ran");
	int (*tls_differs)(void) = (int (*)(void))find("bare_tls_differs");
	printf("answer %d\n", answer(41));
	if (init_tid() != (int)syscall(SYS_gettid)) {
		while (!main_ran())
			sched_yield();
		printf("init on a thread of its own, own TLS %d\n", tls_differs());
	}
	return 0;
}
