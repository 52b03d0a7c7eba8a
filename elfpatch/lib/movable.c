#include "space.h"

#include "machine.h"

#include <inttypes.h>
#include <string.h>

/* Notes that say where something else is would be wrong at another place. */
static bool is_movable_note(const struct layout *layout, const GElf_Shdr *s)
{
	static const char *const owners[] = {"GNU", "FDO", "Go", "Linux", "Android", "Debian", "NixOS"};
	const struct image *image = layout->image;
	uint64_t pad = s->sh_addralign == 8 ? 7 : 3, at = 0;

	while (s->sh_size - at >= 12) {
		const unsigned char *bytes = image->bytes + s->sh_offset + at;
		uint64_t name_size = image_get32(image, bytes), size = image_get32(image, bytes + 4),
			 left = s->sh_size - at;
		bool is_known = false;
		uint64_t desc = (12 + name_size + pad) & ~pad, next = (desc + size + pad) & ~pad;
		if (name_size > left - 12 || desc > left || size > left - desc)
			return false;
		for (size_t i = 0; i < sizeof owners / sizeof owners[0]; i++)
			is_known = is_known || (name_size == strlen(owners[i]) + 1 &&
						memcmp(bytes + 12, owners[i], name_size) == 0);
		if (!is_known)
			return false;
		at += next < left ? next : left;
	}
	return true;
}

static bool has_address(const struct layout *layout, int64_t tag, const GElf_Shdr *s)
{
	const struct dynamic_entry *entry = layout_dynamic(layout, tag);

	return entry && entry->value == s->sh_addr;
}

/* A program header that the loader finds the section by, and that follows it. */
static bool has_segment(const struct layout *layout, const GElf_Shdr *s)
{
	const uint32_t *machine = layout->image->machine->movable_segments;

	for (size_t i = 0; i < layout->phnum; i++) {
		const GElf_Phdr *p = &layout->phdrs[i];
		if (p->p_offset == s->sh_offset && p->p_vaddr == s->sh_addr && p->p_filesz == s->sh_size &&
		    (p->p_type == PT_INTERP || (p->p_type && (p->p_type == machine[0] || p->p_type == machine[1]))))
			return true;
	}
	return false;
}

/* Whether nothing but program headers, dynamic entries and symbols says where the section is. */
static bool is_movable(const struct layout *layout, size_t section)
{
	const GElf_Shdr *s = &layout->shdrs[section];

	if (!(s->sh_flags & SHF_ALLOC) || s->sh_flags & (SHF_TLS | SHF_EXECINSTR) || layout->is_fixed[section] ||
	    !layout_is_loaded(layout, section))
		return false;
	if (section == layout->dynamic_section)
		return true;
	if (s->sh_flags & SHF_WRITE)
		return false;
	switch (s->sh_type) {
	case SHT_NOTE:
		return is_movable_note(layout, s);
	case SHT_HASH:
		return has_address(layout, DT_HASH, s);
	case SHT_GNU_HASH:
		return has_address(layout, DT_GNU_HASH, s);
	case SHT_DYNSYM:
		return has_address(layout, DT_SYMTAB, s);
	case SHT_STRTAB:
		return has_address(layout, DT_STRTAB, s);
	case SHT_GNU_versym:
		return has_address(layout, DT_VERSYM, s);
	case SHT_GNU_verdef:
		return has_address(layout, DT_VERDEF, s);
	case SHT_GNU_verneed:
		return has_address(layout, DT_VERNEED, s);
	case SHT_RELA:
		return has_address(layout, DT_RELA, s);
	case SHT_REL:
		return has_address(layout, DT_REL, s);
	default:
		return has_segment(layout, s) || s->sh_type == layout->image->machine->movable_type;
	}
}

/* Where the contents of a program header end that have to stay together: of PT_INTERP only a name counts. */
static uint64_t contents_end(const struct layout *layout, const GElf_Phdr *p)
{
	const struct image *image = layout->image;

	/* One that is edited already is not to be read where the file had it. */
	if (p->p_type != PT_INTERP || layout->interp_section || p->p_offset > image->size ||
	    p->p_filesz > image->size - p->p_offset)
		return p->p_offset + p->p_filesz;
	uint64_t length = strnlen((const char *)image->bytes + p->p_offset, p->p_filesz);
	return p->p_offset + length + (length < p->p_filesz);
}

/* Sections in whatever order are found in a few rounds. */
enum { ROUNDS_MAX = 64 };

bool block_find(const struct layout *layout, uint64_t start, uint64_t end, struct block *block, struct why *why)
{
	uint64_t page = layout->image->machine->page_max;
	bool is_wider = true;
	size_t rounds = 0;

	*block = (struct block){start, end, 1, false};
	while (is_wider) {
		is_wider = false;
		if (++rounds > ROUNDS_MAX)
			return why_set(why, "the sections at offset %" PRIu64 " stand over one another", start);
		for (size_t i = 1; i < layout->shnum; i++) {
			const GElf_Shdr *s = &layout->shdrs[i];
			if (s->sh_type == SHT_NOBITS || s->sh_type == SHT_NULL || s->sh_size == 0 ||
			    s->sh_offset >= block->end || s->sh_offset + s->sh_size <= block->start)
				continue;
			if (s->sh_offset < block->start || !is_movable(layout, i))
				return why_set(why,
					       "section %zu, which stands at offset %" PRIu64
					       " where room is needed, cannot move",
					       i, s->sh_offset);
			if (s->sh_addralign > page)
				return why_set(why,
					       "section %zu, which stands at offset %" PRIu64
					       " where room is needed, is aligned to %" PRIu64
					       ", more than pages are (%" PRIu64 ")",
					       i, (uint64_t)s->sh_offset, (uint64_t)s->sh_addralign, page);
			block->align = s->sh_addralign > block->align ? s->sh_addralign : block->align;
			block->is_written = block->is_written || s->sh_flags & SHF_WRITE;
			if (s->sh_offset + s->sh_size > block->end) {
				block->end = s->sh_offset + s->sh_size;
				is_wider = true;
			}
		}
		for (size_t i = 0; i < layout->phnum; i++) {
			const GElf_Phdr *p = &layout->phdrs[i];
			if (p->p_type == PT_LOAD || p->p_type == PT_NULL || p->p_type == PT_GNU_RELRO || !p->p_filesz)
				continue;
			uint64_t end = contents_end(layout, p);
			if (p->p_offset >= block->end || end <= block->start)
				continue;
			if (p->p_offset < block->start)
				return why_set(why,
					       "program header %zu, whose contents begin at offset %" PRIu64
					       " before the room that is needed, cannot move",
					       i, p->p_offset);
			if (end > block->end) {
				block->end = end;
				is_wider = true;
			}
		}
	}
	return true;
}
