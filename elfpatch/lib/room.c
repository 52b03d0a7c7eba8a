/*
 * Room for what grows.
 *
 * Unused bytes of a segment come first: the padding between two segments, and
 * holes that earlier moves left, which are zero. A new PT_LOAD is the last resort.
 * It stands at the end of the file and of the address space, at an address that
 * the file's offset agrees with, so no byte of padding is written. The program
 * header table stays in front, since unwinders look for it in the first segment
 * and strip and objcopy rebuild it there; what stands behind it makes way.
 */
#include "space.h"

#include "machine.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Alignment of a new segment's contents in the file; few tables need more. */
enum { NEW_ALIGN = 16 };

static uint64_t align_up(uint64_t value, uint64_t align)
{
	return (value + align - 1) & ~(align - 1);
}

static uint64_t phdrs_end(const struct layout *layout, size_t count)
{
	return layout->ehdr.e_phoff + count * layout->ehdr.e_phentsize;
}

/*
 * Move a block into unused bytes of some segment, where it takes `size` bytes.
 * *is_moved is false when there are none. Sections keep their distance, so the
 * block keeps its place modulo the largest alignment in it.
 */
static bool block_move(struct layout *layout, const struct block *block, uint64_t size, bool *is_moved, struct why *why)
{
	uint64_t align = block->align > NEW_ALIGN ? block->align : NEW_ALIGN, to;
	const GElf_Phdr *from = segment_of(layout, block->start);
	struct spans spans;

	*is_moved = false;
	if (!from)
		return why_set(why, "offset %" PRIu64 " is in no loaded segment", block->start);
	uint64_t was = block->start - from->p_offset + from->p_vaddr;
	if (!spans_find(layout, &spans, why))
		return false;
	GElf_Phdr *segment = space_find(layout, &spans, from, block->is_written, size, align, was & (align - 1), &to);
	free(spans.items);
	if (!segment)
		return true;
	*is_moved = true;
	segment_reach(layout, segment, to + size);
	uint64_t address = to - segment->p_offset + segment->p_vaddr;
	return layout_move(layout, block->start, block->end - block->start, to, address - was, why);
}

/*
 * Whether a program header can be added; what stands in its way is *block, empty when
 * nothing does. The table's segment is made to hold it, by unused bytes behind the segment.
 */
static bool slot_find(struct layout *layout, size_t count, struct block *block, struct why *why)
{
	uint64_t start = phdrs_end(layout, layout->phnum), end = phdrs_end(layout, layout->phnum + count), next;
	struct spans spans;

	*block = (struct block){0};
	if ((layout_phdr(layout, PT_NULL) && count == 1) || count <= layout->phdrs_kept)
		return true;
	if (layout->shnum == 0)
		return why_set(why, "no section headers tell what stands behind the program headers");
	if (layout->phnum + count >= PN_XNUM)
		return why_set(why, "%zu program headers are as many as there can be", layout->phnum);
	GElf_Phdr *first = segment_of(layout, layout->ehdr.e_phoff);
	uint64_t reach = first ? first->p_offset + first->p_filesz : 0;
	if (!spans_find(layout, &spans, why))
		return false;
	next = spans_next(&spans, start);
	if (reach < end && first && space_free(layout, &spans, first, reach, end - reach) == end - reach) {
		segment_reach(layout, first, end);
		reach = end;
	}
	free(spans.items);
	if (reach < end)
		return why_set(why, "the program headers (offset %" PRIu64 ") have no room in their segment",
			       layout->ehdr.e_phoff);
	/* What follows without a gap is one span with the table. */
	return next >= end || block_find(layout, next < start ? start : next, end, block, why);
}

/* A slot of the table; for a PT_LOAD behind the others, since loaders want ascending addresses. */
static GElf_Phdr *slot_take(struct layout *layout, uint32_t type)
{
	GElf_Phdr *p = layout->phdrs, *self = layout_phdr(layout, PT_PHDR), *spare = layout_phdr(layout, PT_NULL);
	size_t at = spare ? (size_t)(spare - p) : layout->phnum, to = at;

	if (!spare) {
		/* One that tells of something else is not ours to change. */
		if (self && self->p_offset == layout->ehdr.e_phoff &&
		    self->p_filesz == layout->phnum * layout->ehdr.e_phentsize) {
			self->p_filesz += layout->ehdr.e_phentsize;
			self->p_memsz += layout->ehdr.e_phentsize;
		}
		layout->phnum++;
		layout->phdrs_kept -= layout->phdrs_kept > 0;
	}
	for (size_t i = 0; i < layout->phnum && type == PT_LOAD; i++)
		if (i != at && p[i].p_type == PT_LOAD)
			to = i < at ? i + 1 : i;
	if (at > to)
		memmove(&p[to + 1], &p[to], (at - to) * sizeof *p);
	else
		memmove(&p[at], &p[at + 1], (to - at) * sizeof *p);
	p[to] = (GElf_Phdr){.p_type = type};
	return &p[to];
}

/* A PT_LOAD with nothing in it at the end of the file, in a slot that slot_find found free. */
static bool segment_new(struct layout *layout, uint32_t flags, struct why *why)
{
	uint64_t page = layout->page_size, end = 0;
	uint64_t offset = align_up(layout->patch->size, NEW_ALIGN);
	uint64_t last = image_word_size(layout->image) == 8 ? INT64_MAX : UINT32_MAX;

	for (size_t i = 0; i < layout->phnum; i++) {
		const GElf_Phdr *p = &layout->phdrs[i];
		if (p->p_type == PT_LOAD && p->p_vaddr + p->p_memsz > end)
			end = p->p_vaddr + p->p_memsz;
	}
	if (end > last - 4 * page)
		return why_set(why, "no addresses are left behind 0x%" PRIx64 " for a new segment", end);
	GElf_Phdr *p = slot_take(layout, PT_LOAD);
	p->p_flags = flags;
	p->p_offset = offset;
	p->p_vaddr = align_up(end, page) + offset % page;
	p->p_paddr = p->p_vaddr;
	p->p_align = page;
	/*
	 * Tools that lay a file out anew take the first of two program headers with one
	 * offset for what decides, so that nothing else begins where the segment does.
	 */
	segment_reach(layout, p, offset + NEW_ALIGN);
	return true;
}

/* The PT_LOAD with the highest address, or null. */
static GElf_Phdr *last_segment(const struct layout *layout)
{
	GElf_Phdr *last = NULL;

	for (size_t i = 0; i < layout->phnum; i++)
		if (layout->phdrs[i].p_type == PT_LOAD && (!last || layout->phdrs[i].p_vaddr > last->p_vaddr))
			last = &layout->phdrs[i];
	return last;
}

/*
 * Add an empty PT_LOAD and clear its slot of the table, and of `more` behind it.
 * The slot is taken first, so that the new segment can hold what made way.
 */
static bool segment_add(struct layout *layout, uint32_t flags, size_t more, struct why *why)
{
	struct block block;
	bool is_moved = true;

	if (!slot_find(layout, 1 + more, &block, why) || !segment_new(layout, flags, why))
		return false;
	if (layout->phdrs_kept < more)
		layout->phdrs_kept = more;
	if (block.end && !block_move(layout, &block, block.end - block.start, &is_moved, why))
		return false;
	return is_moved ||
	       why_set(why,
		       "what stands behind the program headers (%" PRIu64 " bytes at offset %" PRIu64 ") fits nowhere",
		       block.end - block.start, block.start);
}

bool layout_take(struct layout *layout, uint64_t size, uint64_t align, uint64_t *offset, uint64_t *address,
		 struct why *why)
{
	GElf_Phdr *segment = NULL;

	for (int is_new = 0; is_new < 2 && !segment; is_new++) {
		struct spans spans;
		if (is_new && !segment_add(layout, PF_R, 0, why))
			return false;
		if (!spans_find(layout, &spans, why))
			return false;
		segment = space_find(layout, &spans, NULL, false, size, align, 0, offset);
		free(spans.items);
	}
	if (!segment)
		return why_set(why, "%" PRIu64 " bytes fit in no segment", size);
	segment_reach(layout, segment, *offset + size);
	*address = *offset - segment->p_offset + segment->p_vaddr;
	return true;
}

GElf_Phdr *layout_add_phdr(struct layout *layout, uint32_t type, struct why *why)
{
	struct block block;
	bool is_moved = true;

	if (!slot_find(layout, 1, &block, why))
		return NULL;
	if (block.end && !block_move(layout, &block, block.end - block.start, &is_moved, why))
		return NULL;
	if (!is_moved && !segment_add(layout, PF_R, 1, why))
		return NULL;
	return slot_take(layout, type);
}

GElf_Phdr *layout_add_segment(struct layout *layout, uint32_t flags, size_t more, struct why *why)
{
	return segment_add(layout, flags, more, why) ? last_segment(layout) : NULL;
}

size_t layout_add_section(struct layout *layout, const char *name, const GElf_Shdr *like, struct why *why)
{
	size_t i = layout->shnum, added = i - layout->image->shnum;
	GElf_Phdr *p = last_segment(layout);
	GElf_Shdr *s = &layout->shdrs[i];
	bool is_in_memory = (like->sh_flags & SHF_ALLOC) != 0;

	if (layout->image->shnum == 0 || added == LAYOUT_MORE_SHDRS || (is_in_memory && !p)) {
		why_set(why, "no section header can be added to the %zu", layout->shnum);
		return 0;
	}
	*s = *like;
	layout->names[added] = name;
	layout->shnum++;
	layout->is_fixed[i] = true;
	if (!is_in_memory)
		return i;
	s->sh_addr = align_up(p->p_vaddr + p->p_memsz, s->sh_addralign);
	s->sh_offset = s->sh_addr - p->p_vaddr + p->p_offset;
	if (s->sh_type != SHT_NOBITS) {
		segment_reach(layout, p, s->sh_offset + s->sh_size);
		return i;
	}
	p->p_memsz = s->sh_addr + s->sh_size - p->p_vaddr;
	/* Where linkers say that such a section is; further on it would seem to be in a segment with a large .bss. */
	s->sh_offset = p->p_offset + p->p_filesz;
	return i;
}

static void section_grow(struct layout *layout, size_t section, uint64_t size)
{
	GElf_Shdr *s = &layout->shdrs[section];

	/* What stood there and moved away is still in the file. */
	layout->is_fixed[section] = layout->is_fixed[section] || size > s->sh_size;
	if (size > s->sh_size)
		patch_zero(layout->patch, layout->image, s->sh_offset + s->sh_size, size - s->sh_size);
	for (size_t i = 0; i < layout->phnum; i++) {
		GElf_Phdr *p = &layout->phdrs[i];
		if ((p->p_type == PT_DYNAMIC || p->p_type == PT_INTERP) && p->p_offset == s->sh_offset)
			p->p_filesz = p->p_memsz = size;
	}
	s->sh_size = size;
}

/* Where it is, when nothing is behind it. */
static bool grow_here(struct layout *layout, size_t section, uint64_t size, bool *is_done, struct why *why)
{
	const GElf_Shdr *s = &layout->shdrs[section];
	GElf_Phdr *segment = segment_of(layout, s->sh_offset);
	uint64_t end = s->sh_offset + s->sh_size, more = size - s->sh_size;
	struct spans spans;

	if (!spans_find(layout, &spans, why))
		return false;
	*is_done = segment && space_free(layout, &spans, segment, end, more) == more;
	free(spans.items);
	if (*is_done)
		segment_reach(layout, segment, end + more);
	return true;
}

/* What stands behind the section, as far as it must make way. */
static bool find_next(const struct layout *layout, size_t section, uint64_t size, struct block *block, struct why *why)
{
	const GElf_Shdr *s = &layout->shdrs[section];
	const GElf_Phdr *segment = segment_of(layout, s->sh_offset);

	if (!segment || size > segment->p_offset + segment->p_filesz - s->sh_offset)
		return why_set(why, "section %zu cannot grow to %" PRIu64 " bytes in its segment", section, size);
	return block_find(layout, s->sh_offset + s->sh_size, s->sh_offset + size, block, why);
}

/*
 * Grow by moving the section or what follows it, the cheaper first, into unused
 * bytes. *is_done is false when there are none, and `why` set when neither can move.
 */
static bool grow_by_move(struct layout *layout, size_t section, uint64_t size, uint64_t spare, bool *is_done,
			 struct why *why)
{
	const GElf_Shdr *s = &layout->shdrs[section];
	struct block blocks[2];
	bool can_next = !layout->keeps_old && find_next(layout, section, size, &blocks[1], why);
	bool can_self = block_find(layout, s->sh_offset, s->sh_offset + s->sh_size, &blocks[0], why) &&
			blocks[0].end == s->sh_offset + s->sh_size;
	bool is_next_first = can_next && (!can_self || blocks[1].end - blocks[1].start < size + spare);

	*is_done = false;
	if (!can_self && !can_next)
		return false;
	for (int i = 0; i < 2 && !*is_done; i++) {
		bool is_next = is_next_first ? i == 0 : i == 1;
		if (is_next ? !can_next : !can_self)
			continue;
		if (!block_move(layout, &blocks[is_next], is_next ? blocks[1].end - blocks[1].start : size + spare,
				is_done, why))
			return false;
		if (*is_done)
			section_grow(layout, section, is_next ? size : size + spare);
	}
	return true;
}

static bool grow(struct layout *layout, size_t section, uint64_t size, uint64_t spare, bool *is_done, struct why *why)
{
	if (!grow_here(layout, section, size, is_done, why))
		return false;
	if (!*is_done)
		return grow_by_move(layout, section, size, spare, is_done, why);
	section_grow(layout, section, size);
	return true;
}

bool layout_resize(struct layout *layout, size_t section, uint64_t size, uint64_t spare, struct why *why)
{
	const GElf_Shdr *s = &layout->shdrs[section];
	bool is_done = false;

	if (size <= s->sh_size) {
		section_grow(layout, section, size);
		return true;
	}
	if (!grow(layout, section, size, spare, &is_done, why))
		return false;
	if (is_done)
		return true;
	const GElf_Phdr *segment = segment_of(layout, s->sh_offset);
	bool is_written = (s->sh_flags & SHF_WRITE) != 0, is_clear = false;
	struct block block;
	struct why unused;
	/*
	 * With an empty segment at the end of the file there is room for either move. Without
	 * a program header for it, one that is there can reach further.
	 */
	if (slot_find(layout, 1, &block, why)) {
		if (!segment_add(layout, is_written ? PF_R | PF_W : PF_R, 0, why))
			return false;
	} else if (!segment ||
		   !space_clear(layout, segment, is_written, size + spare + 2 * NEW_ALIGN, &is_clear, &unused) ||
		   !is_clear) {
		return false;
	}
	if (!grow(layout, section, size, spare, &is_done, why))
		return false;
	return is_done || why_set(why, "section %zu cannot grow to %" PRIu64 " bytes", section, size);
}
