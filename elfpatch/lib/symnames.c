/*
 * Names for gates in .symtab.
 *
 * The new symbols go behind the last one, as hidden globals: local ones would have
 * to go in front and shift the numbers that relocations kept by --emit-relocs use.
 * .symtab and .strtab grow where they are; what follows them in the file moves up.
 */
#include "gates.h"

#include "../../rt/abi.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* A piece of the file behind the last loaded byte. */
struct piece {
	uint64_t from, to, size, growth, align;
	bool stays;     /* its old bytes cannot be built over */
	size_t section; /* number of its section; 0 for the section headers and for what no header covers */
	bool is_headers;
};

struct naming {
	struct image *image;
	const struct rt0_note *note;
	struct symbols dynsym, symtab;
	size_t symtab_index, strtab_index;
	uint16_t pool_index;
	GElf_Shdr symtab_shdr, strtab_shdr;
	uint32_t *owners;   /* by gate: a dynamic symbol, or 0 */
	size_t names_count; /* gates with an owner */
	uint64_t names_size;
	struct piece *pieces;
	size_t piece_count;
	uint64_t file_size;
};

static bool ends_with(const char *string, const char *end)
{
	size_t length = strlen(string), end_length = strlen(end);
	return length >= end_length && strcmp(string + length - end_length, end) == 0;
}

/* The gate that a dynamic symbol stands for. */
static bool gate_index(const struct rt0_note *note, uint64_t address, size_t *i)
{
	uint64_t offset = address - note->gates;
	*i = (size_t)(offset / note->gates_step);
	return offset % note->gates_step == 0 && offset / note->gates_step < note->gate_count;
}

static bool has_names(const struct naming *naming)
{
	const struct image *image = naming->image;
	GElf_Sym sym;
	const char *name;
	for (size_t i = 0; i < naming->symtab.count; i++) {
		symbols_get(image, &naming->symtab, i, &sym, &name);
		if (sym.st_value - image->pool < image->pool_size && ends_with(name, RT0_SYM_GATE_SUFFIX))
			return true;
	}
	return false;
}

/* The first dynamic symbol of each gate gives it its name. */
static bool find_owners(struct naming *naming, struct why *why)
{
	GElf_Sym sym;
	const char *name;
	size_t gate;
	if (!image_dynsym(naming->image, &naming->dynsym, why))
		return false;
	naming->owners = calloc((size_t)naming->note->gate_count + 1, sizeof *naming->owners);
	if (!naming->owners)
		return why_set(why, "cannot name %" PRIu32 " gates: %s", naming->note->gate_count, strerror(ENOMEM));
	for (size_t i = 1; i < naming->dynsym.count; i++) {
		symbols_get(naming->image, &naming->dynsym, i, &sym, &name);
		if (sym.st_shndx == SHN_UNDEF || !gate_index(naming->note, sym.st_value, &gate) || naming->owners[gate])
			continue;
		naming->owners[gate] = (uint32_t)i;
		naming->names_count++;
		naming->names_size += strlen(name) + sizeof RT0_SYM_GATE_SUFFIX;
	}
	return true;
}

static bool find_symtab(struct naming *naming, struct why *why)
{
	struct image *image = naming->image;
	GElf_Shdr shdr;
	Elf_Scn *pool = image_section(image, RT0_SEC_GATES, &shdr);
	naming->pool_index = pool && elf_ndxscn(pool) < SHN_LORESERVE ? (uint16_t)elf_ndxscn(pool) : SHN_ABS;
	for (size_t i = 1; i < image->shnum; i++) {
		if (!gelf_getshdr(elf_getscn(image->elf, i), &shdr))
			return why_set(why, "section %zu: %s", i, elf_errmsg(-1));
		if (shdr.sh_type == SHT_SYMTAB && naming->symtab_index == 0) {
			naming->symtab_index = i;
			naming->symtab_shdr = shdr;
		}
	}
	naming->strtab_index = naming->symtab_shdr.sh_link;
	if (!gelf_getshdr(elf_getscn(image->elf, naming->strtab_index), &naming->strtab_shdr))
		return why_set(why, "section %zu: %s", naming->strtab_index, elf_errmsg(-1));
	return true;
}

/* Nothing to do, or nothing that can be done: names are a convenience. */
static bool is_namable(const struct naming *naming)
{
	GElf_Shdr shdr;
	if (naming->names_count == 0 || ((naming->symtab_shdr.sh_flags | naming->strtab_shdr.sh_flags) & SHF_ALLOC) ||
	    has_names(naming))
		return false;
	for (size_t i = 1; i < naming->image->shnum; i++) {
		if (gelf_getshdr(elf_getscn(naming->image->elf, i), &shdr) && shdr.sh_type == SHT_SYMTAB_SHNDX)
			return false; /* a table beside .symtab that would have to grow with it */
	}
	return true;
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Where the part of the file ends that must not move. image_open has checked all sums. */
static bool fixed_end(const struct image *image, uint64_t *end, struct why *why)
{
	GElf_Phdr phdr;
	GElf_Shdr shdr;
	*end = later(image->ehdr.e_ehsize, image->ehdr.e_phoff + image->phnum * image->ehdr.e_phentsize);
	for (size_t i = 0; i < image->phnum; i++) {
		if (!gelf_getphdr(image->elf, (int)i, &phdr))
			return why_set(why, "program header %zu: %s", i, elf_errmsg(-1));
		if (phdr.p_filesz && span_fits(phdr.p_offset, phdr.p_filesz, image->size, "segments", why))
			*end = later(*end, phdr.p_offset + phdr.p_filesz);
	}
	for (size_t i = 1; i < image->shnum; i++) {
		if (!gelf_getshdr(elf_getscn(image->elf, i), &shdr))
			return why_set(why, "section %zu: %s", i, elf_errmsg(-1));
		if ((shdr.sh_flags & SHF_ALLOC) && shdr.sh_type != SHT_NOBITS && shdr.sh_type != SHT_NULL)
			*end = later(*end, shdr.sh_offset + shdr.sh_size);
	}
	return true;
}

static int compare_pieces(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;
	if (x->stays != y->stays)
		return x->stays ? 1 : -1;
	if (x->from != y->from)
		return x->from > y->from ? 1 : -1;
	return (x->section > y->section) - (x->section < y->section);
}

static void piece_add(struct naming *naming, uint64_t fixed, const struct piece *piece)
{
	struct piece *added = &naming->pieces[naming->piece_count];
	*added = *piece;
	added->stays = piece->from < fixed;
	if (!added->stays || piece->growth)
		naming->piece_count++;
}

/* Where everything behind the loaded bytes goes: nowhere below its old place. */
static bool lay_out(struct naming *naming, struct why *why)
{
	struct image *image = naming->image;
	GElf_Shdr shdr;
	uint64_t fixed, last = 0;
	if (!fixed_end(image, &fixed, why))
		return false;
	naming->pieces = calloc(image->shnum + 2, sizeof *naming->pieces);
	if (!naming->pieces)
		return why_set(why, "cannot list %zu sections: %s", image->shnum, strerror(ENOMEM));
	struct piece headers = {.from = image->ehdr.e_shoff,
				.size = image->shnum * image->ehdr.e_shentsize,
				.align = image_word_size(image),
				.is_headers = true};
	piece_add(naming, fixed, &headers);
	last = later(fixed, headers.from + headers.size);
	for (size_t i = 1; i < image->shnum; i++) {
		if (!gelf_getshdr(elf_getscn(image->elf, i), &shdr))
			return why_set(why, "section %zu: %s", i, elf_errmsg(-1));
		if ((shdr.sh_flags & SHF_ALLOC) || shdr.sh_type == SHT_NOBITS || shdr.sh_type == SHT_NULL)
			continue;
		struct piece piece = {.from = shdr.sh_offset, .size = shdr.sh_size, .align = 1, .section = i};
		if (shdr.sh_addralign > 1 && shdr.sh_addralign <= 4096)
			piece.align = shdr.sh_addralign;
		if (i == naming->symtab_index)
			piece.growth = naming->names_count * naming->symtab.entry_size;
		else if (i == naming->strtab_index)
			piece.growth = naming->names_size;
		piece_add(naming, fixed, &piece);
		last = later(last, shdr.sh_offset + shdr.sh_size);
	}
	if (last < image->size)
		piece_add(naming, fixed, &(struct piece){.from = last, .size = image->size - last, .align = 1});

	qsort(naming->pieces, naming->piece_count, sizeof *naming->pieces, compare_pieces);
	uint64_t end = fixed;
	for (size_t i = 0; i < naming->piece_count; i++) {
		struct piece *piece = &naming->pieces[i];
		uint64_t rest = end % piece->align;
		piece->to = rest ? end + (piece->align - rest) : end;
		if (!piece->stays)
			piece->to = later(piece->to, piece->from);
		end = piece->to + piece->size + piece->growth;
	}
	naming->file_size = later(end, image->size);
	return true;
}

static const struct piece *piece_of(const struct naming *naming, size_t section)
{
	for (size_t i = 0; i < naming->piece_count; i++) {
		if (naming->pieces[i].section == section)
			return &naming->pieces[i];
	}
	return NULL;
}

/* From the last to the first, since all move up; the room between them is zeroed. */
static void move_pieces(const struct naming *naming, unsigned char *bytes)
{
	for (size_t i = naming->piece_count; i-- > 0;) {
		const struct piece *piece = &naming->pieces[i];
		if (piece->to != piece->from)
			memmove(bytes + piece->to, bytes + piece->from, piece->size);
		memset(bytes + piece->to + piece->size, 0, piece->growth);
	}
	for (size_t i = 1; i < naming->piece_count; i++) {
		const struct piece *before = &naming->pieces[i - 1], *piece = &naming->pieces[i];
		uint64_t end = before->to + before->size + before->growth;
		if (piece->to != piece->from)
			memset(bytes + end, 0, piece->to - end);
	}
}

static void put16(const struct image *image, unsigned char *at, uint16_t value)
{
	bool is_msb = image->ehdr.e_ident[EI_DATA] == ELFDATA2MSB;
	at[is_msb] = (unsigned char)value;
	at[!is_msb] = (unsigned char)(value >> 8);
}

/* Elf64_Sym and Elf32_Sym hold the same fields in another order. */
static void put_symbol(const struct image *image, unsigned char *at, const GElf_Sym *sym)
{
	bool is_64 = image_word_size(image) == 8;
	image_put32(image, at, sym->st_name);
	at[is_64 ? 4 : 12] = sym->st_info;
	at[is_64 ? 5 : 13] = sym->st_other;
	put16(image, at + (is_64 ? 6 : 14), sym->st_shndx);
	image_put_word(image, at + (is_64 ? 8 : 4), sym->st_value);
	image_put_word(image, at + (is_64 ? 16 : 8), sym->st_size);
}

static void put_names(const struct naming *naming, unsigned char *bytes)
{
	const struct image *image = naming->image;
	const struct piece *symtab = piece_of(naming, naming->symtab_index);
	const struct piece *strtab = piece_of(naming, naming->strtab_index);
	unsigned char *entry = bytes + symtab->to + symtab->size, *string = bytes + strtab->to + strtab->size;
	GElf_Sym sym;
	const char *name;
	for (uint32_t i = 0; i < naming->note->gate_count; i++) {
		if (naming->owners[i] == 0)
			continue;
		symbols_get(image, &naming->dynsym, naming->owners[i], &sym, &name);
		GElf_Sym named = {
			.st_name = (GElf_Word)(string - (bytes + strtab->to)),
			.st_info = GELF_ST_INFO(STB_GLOBAL, STT_FUNC),
			.st_other = STV_HIDDEN,
			.st_shndx = naming->pool_index,
			.st_value = naming->note->pool + (uint64_t)i * naming->note->gate_size,
			.st_size = naming->note->gate_size,
		};
		put_symbol(image, entry, &named);
		entry += naming->symtab.entry_size;
		size_t length = strlen(name);
		memcpy(string, name, length);
		memcpy(string + length, RT0_SYM_GATE_SUFFIX, sizeof RT0_SYM_GATE_SUFFIX);
		string += length + sizeof RT0_SYM_GATE_SUFFIX;
	}
}

/* Offsets and sizes in the section headers, and e_shoff (gABI, Section Header). */
static void put_headers(const struct naming *naming, unsigned char *bytes)
{
	const struct image *image = naming->image;
	size_t word = image_word_size(image);
	uint64_t headers = image->ehdr.e_shoff;
	for (size_t i = 0; i < naming->piece_count; i++) {
		if (naming->pieces[i].is_headers)
			headers = naming->pieces[i].to;
	}
	image_put_word(image, bytes + 24 + 2 * word, headers);
	for (size_t i = 0; i < naming->piece_count; i++) {
		const struct piece *piece = &naming->pieces[i];
		if (piece->section == 0)
			continue;
		unsigned char *at = bytes + headers + piece->section * image->ehdr.e_shentsize;
		image_put_word(image, at + 8 + 2 * word, piece->to);
		image_put_word(image, at + 8 + 3 * word, piece->size + piece->growth);
	}
}

static bool grow(const struct naming *naming, struct why *why)
{
	const struct image *image = naming->image;
	/* Reserved first: a store into a mapping of a full disk is a signal. */
	int error = posix_fallocate(image->fd, (off_t)image->size, (off_t)(naming->file_size - image->size));
	if (error)
		return why_set(why, "cannot grow from %" PRIu64 " to %" PRIu64 " bytes: %s", image->size,
			       naming->file_size, strerror(error));
	unsigned char *bytes = mmap(NULL, naming->file_size, PROT_READ | PROT_WRITE, MAP_SHARED, image->fd, 0);
	if (bytes == MAP_FAILED)
		return why_set(why, "cannot map %" PRIu64 " bytes: %s", naming->file_size, strerror(errno));
	/* The loaded bytes do not move, so names still come from the image's own mapping. */
	move_pieces(naming, bytes);
	put_names(naming, bytes);
	put_headers(naming, bytes);
	munmap(bytes, naming->file_size);
	return true;
}

static bool add_names(struct naming *naming, bool *is_grown, struct why *why)
{
	if (!image_symtab(naming->image, &naming->symtab, why))
		return why->text[0] == '\0';
	if (naming->note->gate_size == 0 || naming->note->gate_count == 0)
		return true;
	if (!find_symtab(naming, why) || !find_owners(naming, why))
		return false;
	if (!is_namable(naming))
		return true;
	if (naming->strtab_shdr.sh_size > UINT32_MAX - naming->names_size)
		return why_set(why, "the names of %zu gates do not fit a string table of %" PRIu64 " bytes",
			       naming->names_count, naming->strtab_shdr.sh_size);
	*is_grown = lay_out(naming, why) && grow(naming, why);
	return *is_grown;
}

bool gates_name(struct image *image, const struct rt0_note *note, struct why *why)
{
	struct naming naming = {.image = image, .note = note};
	bool is_grown = false;
	bool is_done = add_names(&naming, &is_grown, why);
	free(naming.owners);
	free(naming.pieces);
	if (is_grown) {
		const char *path = image->path;
		image_close(image);
		is_done = image_open(path, true, image, why);
	}
	return is_done;
}
