#include "layout.h"

#include "machine.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A late write that is a field, not a table. */
enum { LATE_SMALL = 8 };

static bool read_headers(struct layout *layout, struct why *why)
{
	const struct image *image = layout->image;

	layout->phdrs = calloc(image->phnum + LAYOUT_MORE_PHDRS, sizeof *layout->phdrs);
	layout->shdrs = image->shnum ? calloc(image->shnum + LAYOUT_MORE_SHDRS, sizeof *layout->shdrs) : NULL;
	layout->is_fixed = calloc(image->shnum + LAYOUT_MORE_SHDRS, sizeof *layout->is_fixed);
	if (!layout->phdrs || (image->shnum && !layout->shdrs) || !layout->is_fixed)
		return why_set(why, "out of memory");
	for (size_t i = 0; i < image->phnum; i++)
		if (!gelf_getphdr(image->elf, (int)i, &layout->phdrs[i]))
			return why_set(why, "program header %zu: %s", i, elf_errmsg(-1));
	for (size_t i = 0; i < image->shnum; i++)
		if (!gelf_getshdr(elf_getscn(image->elf, i), &layout->shdrs[i]))
			return why_set(why, "section header %zu: %s", i, elf_errmsg(-1));
	layout->phnum = image->phnum;
	layout->shnum = image->shnum;
	return true;
}

static bool read_dynamic(struct layout *layout, struct why *why)
{
	int64_t tag;
	uint64_t value;

	for (size_t i = 0; image_dynamic_entry(layout->image, i, &tag, &value); i++) {
		struct dynamic_entry *entry = layout_dynamic_insert(layout, i, tag, value);
		if (!entry)
			return why_set(why, "out of memory");
		entry->was = i;
	}
	size_t most = layout->image->dynamic_size / (2 * image_word_size(layout->image));
	return most == 0 || layout->dynamic_count < most ||
	       why_set(why, "PT_DYNAMIC: none of its %zu entries is DT_NULL", most);
}

/*
 * As large as the largest page that a kernel for the machine can have, or as the
 * file's own segments ask for: those that map it on other systems keep to that. What
 * is beyond reason would only use up addresses.
 */
static uint64_t find_page_size(const struct layout *layout)
{
	uint64_t size = layout->image->machine->page_max, most = UINT64_C(1) << 26;

	for (size_t i = 0; i < layout->phnum; i++)
		if (layout->phdrs[i].p_type == PT_LOAD && layout->phdrs[i].p_align > size &&
		    layout->phdrs[i].p_align <= most)
			size = layout->phdrs[i].p_align;
	return size;
}

/* The offset of an address of the edited file; false when it is in no file part of a PT_LOAD. */
static bool offset_of_address(const struct layout *layout, uint64_t address, uint64_t *offset)
{
	for (size_t i = 0; i < layout->phnum; i++) {
		const GElf_Phdr *p = &layout->phdrs[i];
		if (p->p_type == PT_LOAD && address >= p->p_vaddr && address - p->p_vaddr < p->p_filesz) {
			*offset = address - p->p_vaddr + p->p_offset;
			return true;
		}
	}
	return false;
}

bool layout_is_loaded(const struct layout *layout, size_t section)
{
	uint64_t offset;

	return offset_of_address(layout, layout->shdrs[section].sh_addr, &offset) &&
	       offset == layout->shdrs[section].sh_offset;
}

size_t layout_section_at(const struct layout *layout, uint32_t type, uint64_t address)
{
	for (size_t i = 1; i < layout->shnum; i++) {
		const GElf_Shdr *s = &layout->shdrs[i];
		if (s->sh_type == type && s->sh_flags & SHF_ALLOC && s->sh_addr == address && s->sh_size &&
		    layout_is_loaded(layout, i))
			return i;
	}
	return 0;
}

bool layout_init(struct layout *layout, const struct image *image, struct patch *patch, struct why *why)
{
	uint64_t strtab;

	*layout = (struct layout){.image = image, .patch = patch, .ehdr = image->ehdr};
	if (image->ehdr.e_type == ET_REL || image->phnum == 0)
		return why_set(why, "not linked (e_type %d, %zu program headers)", image->ehdr.e_type, image->phnum);
	if (!read_headers(layout, why) || !read_dynamic(layout, why))
		return false;
	layout->page_size = find_page_size(layout);
	GElf_Phdr interp;
	if (image_interpreter(image, &interp))
		layout->interp_section = layout_section_at(layout, SHT_PROGBITS, interp.p_vaddr);
	if (image->dynamic_size) {
		const GElf_Phdr *dynamic = layout_phdr(layout, PT_DYNAMIC);
		bool is_told = dynamic && dynamic->p_filesz;
		for (size_t i = 1; !is_told && i < layout->shnum; i++)
			if (layout->shdrs[i].sh_type == SHT_DYNAMIC && layout->shdrs[i].sh_offset == image->dynamic)
				layout->dynamic_section = i;
		if (is_told)
			layout->dynamic_section = layout_section_at(layout, SHT_DYNAMIC, dynamic->p_vaddr);
		layout->dynamic_was = layout_dynamic_place(layout);
	}
	if (image_dynamic(image, DT_STRTAB, &strtab)) {
		layout->dynstr_section = layout_section_at(layout, SHT_STRTAB, strtab);
		if (image_dynamic(image, DT_STRSZ, &layout->strings_size) && layout->strings_size)
			layout->strings = image_at(image, strtab, layout->strings_size);
		if (layout->strings && layout->strings[layout->strings_size - 1] != '\0')
			layout->strings = NULL;
	}
	return true;
}

void layout_free(struct layout *layout)
{
	free(layout->phdrs);
	free(layout->shdrs);
	free(layout->dynamic);
	free(layout->moves);
	for (size_t i = 0; i < layout->late_count; i++)
		free(layout->late[i].owned);
	free(layout->late);
	free(layout->is_fixed);
	free(layout->shifts);
	*layout = (struct layout){0};
}

struct dynamic_entry *layout_dynamic(const struct layout *layout, int64_t tag)
{
	for (size_t i = 0; i < layout->dynamic_count; i++)
		if (layout->dynamic[i].tag == tag)
			return &layout->dynamic[i];
	return NULL;
}

struct dynamic_entry *layout_dynamic_insert(struct layout *layout, size_t at, int64_t tag, uint64_t value)
{
	if (layout->dynamic_count == layout->dynamic_capacity) {
		size_t capacity = layout->dynamic_capacity ? 2 * layout->dynamic_capacity : 64;
		struct dynamic_entry *grown = realloc(layout->dynamic, capacity * sizeof *grown);
		if (!grown)
			return NULL;
		layout->dynamic = grown;
		layout->dynamic_capacity = capacity;
	}
	struct dynamic_entry *entry = &layout->dynamic[at];
	memmove(entry + 1, entry, (layout->dynamic_count - at) * sizeof *entry);
	layout->dynamic_count++;
	*entry = (struct dynamic_entry){tag, value, ENTRY_NEW, NULL};
	return entry;
}

void layout_dynamic_remove(struct layout *layout, size_t at)
{
	struct dynamic_entry *entry = &layout->dynamic[at];

	memmove(entry, entry + 1, (--layout->dynamic_count - at) * sizeof *entry);
}

GElf_Phdr layout_dynamic_place(const struct layout *layout)
{
	const GElf_Phdr *p = layout_phdr(layout, PT_DYNAMIC);
	const GElf_Shdr *s = layout->dynamic_section ? &layout->shdrs[layout->dynamic_section] : NULL;

	if (p && p->p_filesz)
		return *p;
	if (!s)
		return (GElf_Phdr){.p_type = PT_NULL};
	return (GElf_Phdr){
		.p_type = PT_DYNAMIC, .p_offset = s->sh_offset, .p_vaddr = s->sh_addr, .p_filesz = s->sh_size};
}

GElf_Phdr *layout_phdr(const struct layout *layout, uint32_t type)
{
	for (size_t i = 0; i < layout->phnum; i++)
		if (layout->phdrs[i].p_type == type)
			return &layout->phdrs[i];
	return NULL;
}

uint64_t layout_offset(const struct layout *layout, uint64_t offset)
{
	for (size_t i = layout->move_count; i-- > 0;) {
		const struct move *m = &layout->moves[i];
		if (offset >= m->from && offset - m->from < m->size)
			return offset - m->from + m->to;
	}
	return offset;
}

static void late_add(struct layout *layout, const struct late_write *late)
{
	struct late_write *grown = realloc(layout->late, (layout->late_count + 1) * sizeof *grown);

	layout->late = grown ? grown : layout->late;
	if (!grown || !late->bytes) {
		free(late->owned);
		layout->patch->is_out_of_memory = true;
		return;
	}
	grown[layout->late_count++] = *late;
}

void layout_give_section(struct layout *layout, size_t section, uint64_t offset, unsigned char *bytes, uint64_t size)
{
	late_add(layout, &(struct late_write){section, offset, size, bytes, bytes});
}

void layout_copy_section(struct layout *layout, size_t section, uint64_t offset, const unsigned char *from,
			 uint64_t size)
{
	late_add(layout, &(struct late_write){section, offset, size, from, NULL});
}

void layout_write_section(struct layout *layout, size_t section, uint64_t offset, const void *bytes, uint64_t size)
{
	unsigned char *copy = malloc(size ? size : 1);

	if (copy)
		memcpy(copy, bytes, size);
	layout_give_section(layout, section, offset, copy, size);
}

void layout_write(struct layout *layout, uint64_t offset, const void *bytes, uint64_t size)
{
	layout_write_section(layout, 0, offset, bytes, size);
}

/* A table that counts more than its section holds would be written over what follows. */
static bool is_in_section(const struct layout *layout, const struct late_write *w, struct why *why)
{
	for (size_t i = 1; i < layout->image->shnum && w->section == 0; i++) {
		GElf_Shdr s;
		if (gelf_getshdr(elf_getscn(layout->image->elf, i), &s) && s.sh_type != SHT_NOBITS &&
		    s.sh_type != SHT_NULL && w->offset >= s.sh_offset && w->offset - s.sh_offset < s.sh_size &&
		    w->size > s.sh_size - (w->offset - s.sh_offset))
			return why_set(why,
				       "%" PRIu64 " bytes to be written at offset %" PRIu64
				       " end past section %zu (offset %" PRIu64 ", size %" PRIu64 ")",
				       w->size, w->offset, i, (uint64_t)s.sh_offset, (uint64_t)s.sh_size);
	}
	return true;
}

static bool put_late(struct layout *layout, struct why *why)
{
	for (size_t i = 0; i < layout->late_count; i++) {
		struct late_write *w = &layout->late[i];
		if (w->size > LATE_SMALL && !is_in_section(layout, w, why))
			return false;
		uint64_t to =
			w->section ? layout->shdrs[w->section].sh_offset + w->offset : layout_offset(layout, w->offset);
		if (w->owned)
			patch_give(layout->patch, layout->image, to, w->owned, w->size);
		else
			patch_copy(layout->patch, layout->image, to, (uint64_t)(w->bytes - layout->image->bytes),
				   w->size);
		w->owned = NULL;
	}
	return true;
}

/* Dynamic entries whose value is an address of a table that can move. */
static bool is_table_address(const struct machine *machine, int64_t tag)
{
	switch (tag) {
	case DT_HASH:
	case DT_GNU_HASH:
	case DT_SYMTAB:
	case DT_STRTAB:
	case DT_VERSYM:
	case DT_VERDEF:
	case DT_VERNEED:
	case DT_RELA:
	case DT_REL:
		return true;
	default:
		return machine->movable_tag && tag == machine->movable_tag;
	}
}

static bool move_add(struct layout *layout, size_t section, uint64_t to)
{
	struct move *grown = realloc(layout->moves, (layout->move_count + 1) * sizeof *grown);
	GElf_Shdr was;

	if (!grown || !gelf_getshdr(elf_getscn(layout->image->elf, section), &was))
		return false;
	layout->moves = grown;
	grown[layout->move_count++] = (struct move){was.sh_offset, was.sh_size, to, layout->shdrs[section].sh_offset};
	patch_copy(layout->patch, layout->image, to, was.sh_offset, was.sh_size);
	if (!layout->shifts)
		layout->shifts = calloc(layout->image->shnum + LAYOUT_MORE_SHDRS, sizeof *layout->shifts);
	return layout->shifts != NULL;
}

bool layout_move_file(struct layout *layout, size_t section, uint64_t to, struct why *why)
{
	if (!move_add(layout, section, to))
		return why_set(why, "out of memory");
	layout->shdrs[section].sh_offset = to;
	return true;
}

bool layout_move(struct layout *layout, uint64_t from, uint64_t size, uint64_t to, uint64_t shift, struct why *why)
{
	uint64_t start = 0;

	for (size_t i = 1; i < layout->shnum; i++) {
		GElf_Shdr *s = &layout->shdrs[i];
		if (!(s->sh_flags & SHF_ALLOC) || s->sh_type == SHT_NOBITS || s->sh_type == SHT_NULL ||
		    s->sh_offset < from || s->sh_offset - from >= size)
			continue;
		/* block_find did not look at an empty one, which may only claim to stand here. */
		if (!s->sh_size && !layout_is_loaded(layout, i))
			continue;
		if (s->sh_size && !move_add(layout, i, s->sh_offset - from + to))
			return why_set(why, "out of memory");
		if (!layout->shifts)
			continue;
		start = s->sh_addr - (s->sh_offset - from);
		layout->shifts[i] += shift;
		s->sh_addr += shift;
		s->sh_offset += to - from;
	}
	for (size_t i = 0; i < layout->phnum; i++) {
		GElf_Phdr *p = &layout->phdrs[i];
		/* One that begins there and reaches further covers what stays as well. */
		if (p->p_type == PT_LOAD || p->p_type == PT_GNU_RELRO || p->p_filesz == 0 || p->p_offset < from ||
		    p->p_offset + p->p_filesz > from + size)
			continue;
		p->p_vaddr += shift;
		p->p_paddr += shift;
		p->p_offset += to - from;
	}
	for (size_t i = 0; i < layout->dynamic_count; i++) {
		struct dynamic_entry *d = &layout->dynamic[i];
		if (is_table_address(layout->image->machine, d->tag) && d->value >= start && d->value - start < size)
			d->value += shift;
	}
	return true;
}

/* Encoding (gABI, ELF Header, Section Header, Program Header): ELF32 and ELF64 differ in the order of p_flags. */

static void put_words(const struct image *image, unsigned char *at, const uint64_t *values, size_t count)
{
	for (size_t i = 0; i < count; i++)
		image_put_word(image, at + i * image_word_size(image), values[i]);
}

static void put_phdr(struct layout *layout, size_t i)
{
	const struct image *image = layout->image;
	const GElf_Phdr *p = &layout->phdrs[i];
	const uint64_t words[] = {p->p_offset, p->p_vaddr, p->p_paddr, p->p_filesz, p->p_memsz, p->p_align};
	unsigned char bytes[sizeof(Elf64_Phdr)];

	image_put32(image, bytes, p->p_type);
	if (image_word_size(image) == 8) {
		image_put32(image, bytes + 4, p->p_flags);
		put_words(image, bytes + 8, words, 6);
	} else {
		put_words(image, bytes + 4, words, 5);
		image_put32(image, bytes + 24, p->p_flags);
		put_words(image, bytes + 28, words + 5, 1);
	}
	patch_put(layout->patch, image, layout->ehdr.e_phoff + i * layout->ehdr.e_phentsize, bytes,
		  layout->ehdr.e_phentsize);
}

static void put_shdr(struct layout *layout, size_t i)
{
	const struct image *image = layout->image;
	const GElf_Shdr *s = &layout->shdrs[i];
	size_t word = image_word_size(image);
	const uint64_t words[] = {s->sh_flags, s->sh_addr, s->sh_offset, s->sh_size};
	const uint64_t more[] = {s->sh_addralign, s->sh_entsize};
	unsigned char bytes[sizeof(Elf64_Shdr)];

	image_put32(image, bytes, s->sh_name);
	image_put32(image, bytes + 4, s->sh_type);
	put_words(image, bytes + 8, words, 4);
	image_put32(image, bytes + 8 + 4 * word, s->sh_link);
	image_put32(image, bytes + 12 + 4 * word, s->sh_info);
	put_words(image, bytes + 16 + 4 * word, more, 2);
	patch_put(layout->patch, image, layout->ehdr.e_shoff + i * layout->ehdr.e_shentsize, bytes,
		  layout->ehdr.e_shentsize);
}

/* The section header table, and the names with those that are new, at the end of the file. */
static bool place_headers(struct layout *layout, struct why *why)
{
	const struct image *image = layout->image;
	struct patch *patch = layout->patch;
	if (!layout->names[0])
		return true;
	if (layout->shnum >= SHN_LORESERVE)
		return why_set(why, "%zu section headers are as many as there can be", layout->shnum);
	GElf_Shdr *names = &layout->shdrs[image->shstrndx];
	uint64_t size = names->sh_size, to = patch->size;
	patch_copy(patch, image, to, names->sh_offset, size);
	names->sh_offset = to;
	for (size_t i = image->shnum; i < layout->shnum; i++) {
		const char *name = layout->names[i - image->shnum];
		layout->shdrs[i].sh_name = (GElf_Word)size;
		patch_put(patch, image, names->sh_offset + size, name, strlen(name) + 1);
		size += strlen(name) + 1;
	}
	names->sh_size = size;
	layout->ehdr.e_shoff = (names->sh_offset + size + 7) & ~UINT64_C(7);
	patch->size = layout->ehdr.e_shoff + layout->shnum * layout->ehdr.e_shentsize;
	return true;
}

static void put_headers(struct layout *layout)
{
	const struct image *image = layout->image;
	size_t word = image_word_size(image);
	unsigned char phnum[2], shoff[8], shnum[2];

	if (layout->ehdr.e_shoff != image->ehdr.e_shoff && !layout->keeps_holes)
		patch_zero(layout->patch, image, image->ehdr.e_shoff, image->shnum * layout->ehdr.e_shentsize);
	for (size_t i = 0; i < layout->shnum; i++) {
		GElf_Shdr was;
		if (layout->ehdr.e_shoff != image->ehdr.e_shoff || i >= image->shnum ||
		    !gelf_getshdr(elf_getscn(image->elf, i), &was) || memcmp(&was, &layout->shdrs[i], sizeof was) != 0)
			put_shdr(layout, i);
	}
	if (layout->shnum != image->shnum) {
		image_put_word(image, shoff, layout->ehdr.e_shoff);
		patch_put(layout->patch, image, 24 + 2 * word, shoff, word);
		image_put16(image, shnum, (uint16_t)layout->shnum);
		patch_put(layout->patch, image, 36 + 3 * word, shnum, sizeof shnum);
	}
	for (size_t i = 0; i < layout->phnum; i++)
		put_phdr(layout, i);
	if (layout->phnum != image->phnum) {
		image_put16(image, phnum, (uint16_t)layout->phnum);
		patch_put(layout->patch, image, 32 + 3 * word, phnum, sizeof phnum);
	}
	patch_put(layout->patch, image, EI_OSABI, &layout->ehdr.e_ident[EI_OSABI], 1);
}

/* What is added to a symbol's value. Some linkers place _DYNAMIC in no section. */
static uint64_t symbol_shift(const struct layout *layout, const GElf_Sym *sym, const char *name)
{
	size_t dynamic = layout->dynamic_section;

	if (sym->st_shndx < layout->shnum && sym->st_shndx < SHN_LORESERVE)
		return layout->shifts[sym->st_shndx];
	if (sym->st_shndx == SHN_ABS && dynamic && strcmp(name, "_DYNAMIC") == 0 &&
	    sym->st_value == layout->shdrs[dynamic].sh_addr - layout->shifts[dynamic])
		return layout->shifts[dynamic];
	return 0;
}

/* Symbols of a section that moved: its own, _DYNAMIC, those of notes. */
static void put_symbols(struct layout *layout, const struct symbols *symbols, bool is_dynamic)
{
	const struct image *image = layout->image;
	size_t word = image_word_size(image);
	/* st_value */
	size_t at = word == 8 ? 8 : 4;

	for (size_t i = 1; i < symbols->count; i++) {
		GElf_Sym sym;
		const char *name;
		unsigned char bytes[8];
		symbols_get(image, symbols, i, &sym, &name);
		uint64_t shift = symbol_shift(layout, &sym, name);
		if (!shift)
			continue;
		image_put_word(image, bytes, sym.st_value + shift);
		if (is_dynamic && layout->inserted_symbol && i >= layout->inserted_symbol)
			layout_write_section(layout, layout->dynsym_section, (i + 1) * symbols->entry_size + at, bytes,
					     word);
		else
			layout_write(layout, (uint64_t)(symbols->entries - image->bytes) + i * symbols->entry_size + at,
				     bytes, word);
	}
}

static bool put_all_symbols(struct layout *layout, struct why *why)
{
	struct symbols symbols;
	struct why none;

	if (!layout->shifts)
		return true;
	if (image_symtab(layout->image, &symbols, &none))
		put_symbols(layout, &symbols, false);
	if (!image_dynsym(layout->image, &symbols, why))
		return false;
	put_symbols(layout, &symbols, true);
	return true;
}

/*
 * The first word of the global offset table is by convention the address of the
 * dynamic section, for a loader that relocates itself.
 */
static void put_got(struct layout *layout)
{
	const struct image *image = layout->image;
	const struct dynamic_entry *got = layout_dynamic(layout, DT_PLTGOT);
	size_t word = image_word_size(image);
	unsigned char bytes[8], *at = got ? image_at(image, got->value, word) : NULL;

	if (!at || image_get_word(image, at) != layout->dynamic_was.p_vaddr)
		return;
	image_put_word(image, bytes, layout_dynamic_place(layout).p_vaddr);
	layout_write(layout, (uint64_t)(at - image->bytes), bytes, word);
}

static void put_dynamic(struct layout *layout)
{
	const struct image *image = layout->image;
	const GElf_Phdr p = layout_dynamic_place(layout), was = layout->dynamic_was;
	size_t word = image_word_size(image);
	unsigned char bytes[16];

	for (size_t i = 0; i < p.p_filesz / (2 * word); i++) {
		bool is_entry = i < layout->dynamic_count;
		const struct dynamic_entry none = {.was = ENTRY_NEW}, *d = is_entry ? &layout->dynamic[i] : &none;
		uint64_t value = d->value;
		/* Such a value counts from the address of its entry. */
		if (d->was != ENTRY_NEW && image->machine->self_relative_tag == d->tag && d->tag != DT_NULL)
			value += (was.p_vaddr + d->was * 2 * word) - (p.p_vaddr + i * 2 * word);
		/* What stands behind the first DT_NULL and was there before stays. */
		if (!is_entry && i > layout->dynamic_count && p.p_offset == was.p_offset &&
		    (i + 1) * 2 * word <= was.p_filesz &&
		    image_get_word(image, image->bytes + was.p_offset + i * 2 * word) == DT_NULL)
			continue;
		image_put_word(image, bytes, (uint64_t)d->tag);
		image_put_word(image, bytes + word, value);
		patch_put(layout->patch, image, p.p_offset + i * 2 * word, bytes, 2 * word);
	}
}

/* Bytes that nothing uses any more become zero, which later runs take for room. */
static void put_holes(struct layout *layout)
{
	for (size_t m = 0; m < layout->move_count; m++) {
		uint64_t at = layout->moves[m].left, end = at + layout->moves[m].size;
		while (at < end) {
			uint64_t stop = end, next = at;
			if (at < layout->ehdr.e_phoff + layout->phnum * layout->ehdr.e_phentsize &&
			    at >= layout->ehdr.e_phoff)
				next = layout->ehdr.e_phoff + layout->phnum * layout->ehdr.e_phentsize;
			for (size_t i = 1; i < layout->shnum; i++) {
				const GElf_Shdr *s = &layout->shdrs[i];
				if (s->sh_type == SHT_NOBITS || s->sh_type == SHT_NULL || s->sh_size == 0)
					continue;
				if (s->sh_offset <= at && at - s->sh_offset < s->sh_size &&
				    s->sh_offset + s->sh_size > next)
					next = s->sh_offset + s->sh_size;
				else if (s->sh_offset > at && s->sh_offset < stop)
					stop = s->sh_offset;
			}
			if (next == at) {
				patch_zero(layout->patch, layout->image, at, stop - at);
				next = stop;
			}
			at = next;
		}
	}
}

bool layout_put(struct layout *layout, struct why *why)
{
	if (!put_all_symbols(layout, why))
		return false;
	if (layout->dynamic_section && layout->shifts && layout->shifts[layout->dynamic_section])
		put_got(layout);
	if (!put_late(layout, why))
		return false;
	put_dynamic(layout);
	if (!place_headers(layout, why))
		return false;
	put_headers(layout);
	if (!layout->keeps_holes)
		put_holes(layout);
	return patch_is_complete(layout->patch, why);
}
