#include "space.h"

#include "machine.h"

#include <stdlib.h>

/* The end of a 32-bit address space, with a little that systems keep. */
#define LAST_32 0xffff0000u

static int by_start(const void *a, const void *b)
{
	const struct span *l = a, *r = b;

	return l->start != r->start ? (l->start < r->start ? -1 : 1) : (l->end > r->end) - (l->end < r->end);
}

static void spans_add(struct spans *spans, uint64_t start, uint64_t size)
{
	if (size)
		spans->items[spans->count++] = (struct span){start, start + size};
}

bool spans_find(const struct layout *layout, struct spans *spans, struct why *why)
{
	spans->count = 0;
	spans->items = malloc((layout->shnum + layout->phnum + 4) * sizeof *spans->items);
	if (!spans->items)
		return why_set(why, "out of memory");
	spans_add(spans, 0, layout->ehdr.e_ehsize);
	spans_add(spans, layout->ehdr.e_phoff, (layout->phnum + layout->phdrs_kept) * layout->ehdr.e_phentsize);
	spans_add(spans, layout->ehdr.e_shoff, layout->shnum * layout->ehdr.e_shentsize);
	for (size_t i = 1; i < layout->shnum; i++)
		if (layout->shdrs[i].sh_type != SHT_NOBITS && layout->shdrs[i].sh_type != SHT_NULL)
			spans_add(spans, layout->shdrs[i].sh_offset, layout->shdrs[i].sh_size);
	for (size_t i = 0; i < layout->phnum; i++) {
		const GElf_Phdr *p = &layout->phdrs[i];
		if (p->p_type != PT_LOAD && p->p_type != PT_NULL && p->p_type != PT_GNU_RELRO)
			spans_add(spans, p->p_offset, p->p_filesz);
	}
	qsort(spans->items, spans->count, sizeof *spans->items, by_start);
	size_t kept = 0;
	for (size_t i = 1; i < spans->count; i++) {
		if (spans->items[i].start > spans->items[kept].end)
			spans->items[++kept] = spans->items[i];
		else if (spans->items[i].end > spans->items[kept].end)
			spans->items[kept].end = spans->items[i].end;
	}
	spans->count = kept + 1;
	return true;
}

uint64_t spans_next(const struct spans *spans, uint64_t offset)
{
	size_t low = 0, high = spans->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (spans->items[middle].end <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low < spans->count ? spans->items[low].start : UINT64_MAX;
}

/* Bytes from `offset` on, at most `size`, that hold nothing: zeros, and what was moved away. */
static uint64_t blank_size(const struct layout *layout, uint64_t offset, uint64_t size)
{
	const struct image *image = layout->image;

	for (uint64_t at = offset; at - offset < size && at < image->size; at++)
		if (image->bytes[at] != 0 && (layout->keeps_old || layout_offset(layout, at) == at))
			return at - offset;
	return size;
}

/* How far, as an offset, a segment could reach before it meets the next one in the file or in memory. */
static uint64_t segment_limit(const struct layout *layout, const GElf_Phdr *segment)
{
	uint64_t end = segment->p_offset + segment->p_filesz, limit = UINT64_MAX;

	/* Behind its file part stands .bss. */
	if (segment->p_memsz != segment->p_filesz)
		return end;
	if (image_word_size(layout->image) == 4)
		limit = end + (segment->p_vaddr + segment->p_memsz < LAST_32
				       ? LAST_32 - segment->p_vaddr - segment->p_memsz
				       : 0);
	for (size_t i = 0; i < layout->phnum; i++) {
		const GElf_Phdr *p = &layout->phdrs[i];
		uint64_t page = layout->image->machine->page_max;
		if (p->p_type != PT_LOAD || p == segment)
			continue;
		if (p->p_filesz && p->p_offset >= end && p->p_offset < limit)
			limit = p->p_offset;
		/* A kernel with larger pages than the file's alignment could not load it. */
		if (p->p_align > 1 && p->p_align < page)
			page = p->p_align;
		uint64_t start = p->p_vaddr & ~(page - 1);
		if (p->p_vaddr >= segment->p_vaddr + segment->p_memsz &&
		    (start < segment->p_vaddr || start - segment->p_vaddr + segment->p_offset < limit))
			limit = start < segment->p_vaddr ? end : start - segment->p_vaddr + segment->p_offset;
	}
	return limit < end ? end : limit;
}

/* Bytes free at `offset`, before `limit`. */
static uint64_t free_until(const struct layout *layout, const struct spans *spans, uint64_t limit, uint64_t offset,
			   uint64_t size)
{
	uint64_t next = spans_next(spans, offset);

	if (next < limit)
		limit = next;
	if (limit <= offset)
		return 0;
	return blank_size(layout, offset, size < limit - offset ? size : limit - offset);
}

uint64_t space_free(const struct layout *layout, const struct spans *spans, const GElf_Phdr *segment, uint64_t offset,
		    uint64_t size)
{
	return free_until(layout, spans, segment_limit(layout, segment), offset, size);
}

void segment_reach(struct layout *layout, GElf_Phdr *segment, uint64_t end)
{
	if (end > segment->p_offset + segment->p_filesz) {
		segment->p_filesz = end - segment->p_offset;
		segment->p_memsz = segment->p_filesz;
	}
	if (end > layout->patch->size)
		layout->patch->size = end;
}

GElf_Phdr *segment_of(const struct layout *layout, uint64_t offset)
{
	for (size_t i = 0; i < layout->phnum; i++) {
		GElf_Phdr *p = &layout->phdrs[i];
		if (p->p_type == PT_LOAD && offset >= p->p_offset && offset - p->p_offset < p->p_filesz)
			return p;
	}
	return NULL;
}

/* A segment of room.c's own; a writable one has nothing but the dynamic section that is written. */
static bool is_own(const struct layout *layout, const GElf_Phdr *segment)
{
	bool is_found = segment->p_offset >= layout->image->size;

	for (size_t i = 1; i < layout->shnum; i++) {
		const GElf_Shdr *s = &layout->shdrs[i];
		if (!(s->sh_flags & SHF_ALLOC) || s->sh_addr < segment->p_vaddr ||
		    s->sh_addr - segment->p_vaddr >= segment->p_memsz)
			continue;
		if (s->sh_flags & SHF_WRITE && i != layout->dynamic_section)
			return false;
		is_found = true;
	}
	return is_found;
}

/* Whether what stands in `from` may move to the segment: it keeps its rights, and data does not become code. */
static bool is_fitting(const struct layout *layout, const GElf_Phdr *segment, const GElf_Phdr *from, bool is_written)
{
	if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_R) || segment->p_filesz == 0)
		return false;
	if (segment->p_flags & PF_X && segment != from)
		return false;
	return segment->p_flags & PF_W ? is_own(layout, segment) : !is_written;
}

GElf_Phdr *space_find(struct layout *layout, const struct spans *spans, const GElf_Phdr *from, bool is_written,
		      uint64_t size, uint64_t align, uint64_t skew, uint64_t *to)
{
	for (size_t i = 0; i < layout->phnum; i++) {
		GElf_Phdr *p = &layout->phdrs[i];
		if (!is_fitting(layout, p, from, is_written))
			continue;
		uint64_t end = p->p_offset + p->p_filesz, limit = segment_limit(layout, p);
		for (size_t s = 0; s <= spans->count; s++) {
			/* Behind each span, and at the end of the segment, but not where it begins, see segment_new. */
			uint64_t at = s < spans->count ? spans->items[s].end : end;
			if (at <= p->p_offset || at > end)
				continue;
			uint64_t address = at - p->p_offset + p->p_vaddr;
			uint64_t pad = (skew - address) & (align - 1);
			if (free_until(layout, spans, limit, at, pad + size) == pad + size) {
				*to = at + pad;
				return p;
			}
		}
	}
	return NULL;
}

static bool overlaps(uint64_t start, uint64_t size, uint64_t from, uint64_t to)
{
	return size && start < to && start + size > from;
}

/* Whether what stands behind the segment, as far as it must, is padding and what nothing loads. */
static bool can_clear(const struct layout *layout, const GElf_Phdr *segment, uint64_t size)
{
	const struct image *image = layout->image;
	uint64_t end = segment->p_offset + segment->p_filesz, at = end, to = end + size;

	if (segment->p_type != PT_LOAD || segment->p_memsz != segment->p_filesz || segment->p_filesz == 0 ||
	    layout->keeps_old || segment_limit(layout, segment) - end < size ||
	    overlaps(layout->ehdr.e_phoff, layout->phnum * layout->ehdr.e_phentsize, end, to) ||
	    overlaps(layout->ehdr.e_shoff, layout->shnum * layout->ehdr.e_shentsize, end, to))
		return false;
	for (size_t i = 0; i < layout->phnum; i++)
		if (layout->phdrs[i].p_type != PT_NULL &&
		    overlaps(layout->phdrs[i].p_offset, layout->phdrs[i].p_filesz, end, to))
			return false;
	while (at < to) {
		uint64_t next = at;
		for (size_t i = 1; i < layout->shnum; i++) {
			const GElf_Shdr *s = &layout->shdrs[i];
			if (s->sh_type == SHT_NOBITS || s->sh_type == SHT_NULL ||
			    !overlaps(s->sh_offset, s->sh_size, at, at + 1))
				continue;
			/* Once moved it stays, and what begins before the segment's end is not behind it. */
			if (s->sh_flags & SHF_ALLOC || s->sh_offset < end || layout->is_fixed[i])
				return false;
			next = s->sh_offset + s->sh_size;
		}
		/* Padding, but nothing that no section is about. */
		if (next == at && at < image->size && image->bytes[at] != 0 && layout_offset(layout, at) == at)
			return false;
		at = next > at ? next : at + 1;
	}
	return true;
}

static bool clear(struct layout *layout, const GElf_Phdr *segment, uint64_t size, struct why *why)
{
	uint64_t end = segment->p_offset + segment->p_filesz;

	for (size_t i = 1; i < layout->shnum; i++) {
		const GElf_Shdr *s = &layout->shdrs[i];
		if (s->sh_type == SHT_NOBITS || s->sh_type == SHT_NULL ||
		    !overlaps(s->sh_offset, s->sh_size, end, end + size))
			continue;
		uint64_t align =
			s->sh_addralign & (s->sh_addralign - 1) || s->sh_addralign > 4096 || s->sh_addralign == 0
				? 16
				: s->sh_addralign;
		uint64_t to = (layout->patch->size + align - 1) & ~(align - 1);
		if (!layout_move_file(layout, i, to, why))
			return false;
		layout->is_fixed[i] = true;
		if (to + s->sh_size > layout->patch->size)
			layout->patch->size = to + s->sh_size;
	}
	return true;
}

bool space_clear(struct layout *layout, const GElf_Phdr *from, bool is_written, uint64_t size, bool *is_done,
		 struct why *why)
{
	*is_done = false;
	for (size_t i = 0; i < layout->phnum; i++) {
		const GElf_Phdr *p = &layout->phdrs[i];
		*is_done = is_fitting(layout, p, from, is_written) && can_clear(layout, p, size);
		if (*is_done)
			return clear(layout, p, size, why);
	}
	return true;
}
