/* elfpatch set: every kind of edit, and that a second run has nothing to do. */
#include "fuzz.h"
#include "memory.h"

#include "elfpatch/lib/edit.h"

#include <stdlib.h>
#include <string.h>

#define LONG "lib" TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN ".so.1"
#define TEN  "ten-bytes-"

enum { EDITS_MAX = 3, EDIT_BYTES = 4 };

/* Names that the seeds have, and others; longer than anything has room for is the last. */
static const char *const names[] = {
	"fuzz_add",          "fuzz_sub",       "fuzz_init",     "fuzz_flag", "fuzz_table", "libc.so.6",
	"libfuzz.so.1",      "$ORIGIN/../lib", "/opt/fuzz/lib", "a",         "GLIBC_2.17", "libm.so.6",
	"/lib/ld-fuzz.so.1", "_init",          "x:y::z",        LONG,
};
enum { NAMES = sizeof names / sizeof names[0] };

/* Sorted by the old name. */
static const struct name_pair pairs[] = {
	{"fuzz_add", "fuzz_plus"},
	{"fuzz_sub", LONG},
	{"getenv", "getenw"},
	{"libc.so.6", "libd.so.6"},
};
static const struct name_map map = {pairs, sizeof pairs / sizeof pairs[0]};

static size_t df_count(void)
{
	size_t count = 0;

	while (edit_df_name(count))
		count++;
	return count;
}

static struct edit edit_of(const unsigned char *bytes)
{
	struct edit edit = {
		.kind = bytes[0] % EDIT_KINDS,
		.name = names[bytes[1] % NAMES],
		.value = names[bytes[2] % NAMES],
		.number = bytes[3],
	};

	if (edit.kind == EDIT_DF || edit.kind == EDIT_NO_DF)
		edit.name = edit_df_name(bytes[1] % df_count());
	if (edit.kind == EDIT_EXECSTACK || edit.kind == EDIT_NEEDED_ADD || edit.kind == EDIT_SYMBOL_UNVERSION)
		edit.number &= 1;
	if (edit.kind >= EDIT_RUNPATH_ADD && edit.kind <= EDIT_RUNPATH_SHRINK)
		edit.number = edit.number % 3 == 0 ? 0 : edit.number % 3 == 1 ? DT_RPATH : DT_RUNPATH;
	if (edit.kind == EDIT_NEEDED_RENAME || edit.kind == EDIT_SYMBOLS_RENAME)
		edit.map = &map;
	return edit;
}

/* Sections by offset, for is_orderly. */
static int by_offset(const void *a, const void *b)
{
	const GElf_Shdr *l = a, *r = b;

	return (l->sh_offset > r->sh_offset) - (l->sh_offset < r->sh_offset);
}

static bool are_apart_in_file(GElf_Shdr *sections, size_t count, const GElf_Ehdr *ehdr, size_t phnum)
{
	uint64_t end = ehdr->e_phoff + (uint64_t)phnum * ehdr->e_phentsize;

	qsort(sections, count, sizeof *sections, by_offset);
	for (size_t i = 0; i < count; i++) {
		if (sections[i].sh_offset < end)
			return false;
		end = sections[i].sh_offset + sections[i].sh_size;
	}
	return end <= ehdr->e_shoff;
}

/* The section that a dynamic entry leads to is there, and is that table. */
static bool has_section(const struct image *image, const GElf_Shdr *sections, size_t count, int64_t tag, uint32_t type)
{
	uint64_t address;
	bool is_found = !image_dynamic(image, tag, &address);

	for (size_t i = 0; i < count && !is_found; i++)
		is_found = sections[i].sh_addr == address && sections[i].sh_type == type &&
			   sections[i].sh_flags & SHF_ALLOC;
	return is_found;
}

/*
 * Nothing lies over another thing, as in each file that a linker made. Where it does,
 * what is written for one edit changes what another wrote, and the check that follows
 * refuses the result: that is no fault.
 */
static bool is_orderly(const struct image *image)
{
	static const struct {
		int64_t tag;
		uint32_t type;
	} tables[] = {
		{DT_SYMTAB, SHT_DYNSYM},     {DT_STRTAB, SHT_STRTAB},     {DT_HASH, SHT_HASH},
		{DT_GNU_HASH, SHT_GNU_HASH}, {DT_VERSYM, SHT_GNU_versym}, {DT_VERNEED, SHT_GNU_verneed},
		{DT_VERDEF, SHT_GNU_verdef}, {DT_RELA, SHT_RELA},         {DT_REL, SHT_REL},
	};
	GElf_Shdr *sections = calloc(image->shnum + 1, sizeof *sections);
	size_t count = 0;

	for (size_t i = 1; i < image->shnum; i++) {
		GElf_Shdr s;
		if (!gelf_getshdr(elf_getscn(image->elf, i), &s) || s.sh_size == 0 || s.sh_type == SHT_NOBITS ||
		    s.sh_type == SHT_NULL)
			continue;
		sections[count++] = s;
	}
	bool is_good = count && are_apart_in_file(sections, count, &image->ehdr, image->phnum);
	for (size_t i = 0; is_good && i < sizeof tables / sizeof tables[0]; i++)
		is_good = has_section(image, sections, count, tables[i].tag, tables[i].type);
	free(sections);
	return is_good;
}

/* The transaction without its files: the copy is file 1. */
static bool write_copy(const struct patch *patch, struct edit_check *check, struct why *why)
{
	struct image copy;
	size_t size;
	const unsigned char *bytes = memory_get(0, &size);

	memory_put(1, bytes, size);
	if (!image_open(memory_paths[1], true, &copy, why))
		broken("a copy is refused: %s", why->text);
	bool is_done = patch_apply(patch, copy.fd, why);
	image_close(&copy);
	return is_done && edit_check(memory_paths[1], check, why);
}

/* Edits of one thing undo each other, or find another name than the one they were asked for. */
static int thing_of(const struct edit *edit)
{
	if ((edit->kind >= EDIT_NEEDED_ADD && edit->kind <= EDIT_NO_RUNPATH) || edit->kind == EDIT_RESOLUTION_CACHE)
		return -1;
	if ((edit->kind >= EDIT_INIT && edit->kind <= EDIT_FLAG) ||
	    (edit->kind >= EDIT_SYMBOL_RENAME && edit->kind <= EDIT_SYMBOL_UNVERSION))
		return -2;
	return (int)edit->kind;
}

static bool are_apart(const struct edits *edits)
{
	for (size_t i = 0; i < edits->count; i++)
		for (size_t k = 0; k < i; k++)
			if (thing_of(&edits->items[i]) == thing_of(&edits->items[k]))
				return false;
	return true;
}

static void set(const struct image *image, const struct edits *edits, struct why *why)
{
	struct edit_notes notes = {0};
	struct edit_check check;
	struct patch patch;

	if (edit_plan(image, edits, &patch, &notes, why)) {
		if (edit_check_prepare(image, edits, &patch, &check, why) && !write_copy(&patch, &check, why) &&
		    are_apart(edits) && is_orderly(image))
			broken("what was planned is not what comes out: %s", why->text);
		patch_free(&patch);
	}
	edit_notes_free(&notes);
}

void harness_run(const unsigned char *control)
{
	static const char *const prefixes[] = {"/opt", "$ORIGIN"};
	struct edit list[EDITS_MAX];
	struct edits edits = {.items = list, .count = 1 + control[0] % EDITS_MAX};
	struct image image;
	struct why why;

	edits.keeps_old = control[15] & 1;
	edits.page_size = control[14] ? UINT64_C(4096) << control[14] % 5 : 0;
	for (size_t i = 0; i < edits.count; i++)
		list[i] = edit_of(control + 1 + i * EDIT_BYTES);
	if (control[0] & 0x80) {
		edits.prefixes = prefixes;
		edits.prefix_count = 2;
	}
	if (!image_open(memory_paths[0], false, &image, &why))
		return;
	set(&image, &edits, &why);
	image_close(&image);
}
