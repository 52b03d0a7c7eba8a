/*
 * Sections that are added to a file and taken from it.
 *
 * A new header takes an unused one of the table, or one at its end, which goes to the
 * end of the file when something stands behind it; so do the names. Nothing that has
 * a number gets another.
 */
#include "space.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static uint64_t align_up(uint64_t value, uint64_t align)
{
	return (value + align - 1) & ~(align - 1);
}

/* Whether [start, end) is unused and in no segment, as what was cleared there once is. */
static bool is_free(const struct layout *layout, uint64_t start, uint64_t end, bool *is_it, struct why *why)
{
	const struct image *image = layout->image;
	struct spans spans;

	if (!spans_find(layout, &spans, why))
		return false;
	/* Where the table ends its own span does too. */
	*is_it = spans_next(&spans, start) >= end;
	free(spans.items);
	for (size_t i = 0; i < layout->phnum; i++) {
		const GElf_Phdr *p = &layout->phdrs[i];
		if (p->p_type == PT_LOAD && p->p_filesz && p->p_offset < end && p->p_offset + p->p_filesz > start)
			*is_it = false;
	}
	for (uint64_t at = start; *is_it && at < end && at < image->size; at++)
		*is_it = image->bytes[at] == 0;
	return true;
}

/* The number of an unused section header, which is made if need be. */
static bool take_header(struct layout *layout, size_t *section, struct why *why)
{
	uint64_t size = layout->ehdr.e_shentsize, start = layout->ehdr.e_shoff + layout->shnum * size;
	bool is_here = false;

	for (*section = 1; *section < layout->shnum; ++*section)
		if (layout->shdrs[*section].sh_type == SHT_NULL)
			return true;
	if (layout->shnum + 1 >= SHN_LORESERVE || layout->shnum >= layout->image->shnum + LAYOUT_MORE_SHDRS)
		return why_set(why, "no section header can be added to %zu", layout->shnum);
	if (!is_free(layout, start, start + size, &is_here, why))
		return false;
	if (!is_here) {
		layout->ehdr.e_shoff = align_up(layout->patch->size, 8);
		start = layout->ehdr.e_shoff + layout->shnum * size;
	}
	if (start + size > layout->patch->size)
		layout->patch->size = start + size;
	layout->shnum++;
	return true;
}

/* Where the name stands among those of sections. */
static bool take_name(struct layout *layout, const char *name, GElf_Word *offset, struct why *why)
{
	const struct image *image = layout->image;
	size_t section = image->shstrndx, size = strlen(name) + 1;
	GElf_Shdr *s = &layout->shdrs[section];

	if (section == SHN_UNDEF)
		return why_set(why, "sections have no names");
	const char *names = (const char *)image->bytes + s->sh_offset, *found = memmem(names, s->sh_size, name, size);
	if (found) {
		*offset = (GElf_Word)(found - names);
		return true;
	}
	if (s->sh_flags & SHF_ALLOC)
		return why_set(why, "the names of sections are part of a segment, and there is no room for one more");
	*offset = (GElf_Word)s->sh_size;
	if (s->sh_offset + s->sh_size != layout->patch->size &&
	    !layout_move_file(layout, section, layout->patch->size, why))
		return false;
	layout_write_section(layout, section, s->sh_size, name, size);
	s->sh_size += size;
	layout->patch->size = s->sh_offset + s->sh_size;
	return true;
}

bool layout_add_note(struct layout *layout, const char *name, const void *bytes, uint64_t size, struct why *why)
{
	GElf_Shdr header = {.sh_type = SHT_NOTE, .sh_flags = SHF_ALLOC, .sh_size = size, .sh_addralign = 4};
	size_t section;

	if (layout->shnum == 0)
		return why_set(why, "no section headers");
	/* What is at the end of the file already can grow there as long as no segment is. */
	if (!take_header(layout, &section, why) || !take_name(layout, name, &header.sh_name, why) ||
	    !layout_take(layout, size, header.sh_addralign, &header.sh_offset, &header.sh_addr, why))
		return false;
	layout->shdrs[section] = header;
	layout->is_fixed[section] = true;
	GElf_Phdr *p = layout_add_phdr(layout, PT_NOTE, why);
	if (!p)
		return false;
	p->p_flags = PF_R;
	p->p_offset = header.sh_offset;
	p->p_vaddr = p->p_paddr = header.sh_addr;
	p->p_filesz = p->p_memsz = size;
	p->p_align = header.sh_addralign;
	layout_write_section(layout, section, 0, bytes, size);
	return true;
}

void layout_drop_section(struct layout *layout, size_t section)
{
	GElf_Shdr *s = &layout->shdrs[section];

	for (size_t i = 0; i < layout->phnum; i++) {
		GElf_Phdr *p = &layout->phdrs[i];
		if (p->p_type == PT_NOTE && s->sh_size && p->p_offset == s->sh_offset && p->p_filesz == s->sh_size)
			*p = (GElf_Phdr){.p_type = PT_NULL};
	}
	if (s->sh_type != SHT_NOBITS)
		patch_zero(layout->patch, layout->image, s->sh_offset, s->sh_size);
	*s = (GElf_Shdr){.sh_type = SHT_NULL};
}
