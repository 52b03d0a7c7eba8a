/*
 * The headers and the dynamic section of a file, decoded for editing. Changes are
 * made to the decoded tables; layout_put turns what changed into the writes of a
 * patch. The image itself stays as it is.
 */
#ifndef LAYOUT_H
#define LAYOUT_H

#include "patch.h"

#define ENTRY_NEW SIZE_MAX

/* Program headers that one plan can add. */
#define LAYOUT_MORE_PHDRS 8
/* Section headers that one plan can add. */
#define LAYOUT_MORE_SHDRS 8

struct dynamic_entry {
	int64_t tag;
	uint64_t value;
	size_t was;         /* its index in the file, or ENTRY_NEW */
	const char *string; /* not null: value is to become the offset of this string, see dynstr.h */
};

/* A section that was moved from its offset in the file; a second time when it left another place. */
struct move {
	uint64_t from, size, to, left;
};

/* A write that waits until everything has its place. */
struct late_write {
	size_t section;  /* 0: `offset` is of the file as it was */
	uint64_t offset; /* else of the section */
	uint64_t size;
	const unsigned char *bytes; /* of the image, or the same as */
	unsigned char *owned;
};

struct layout {
	const struct image *image;
	struct patch *patch;
	GElf_Ehdr ehdr;
	GElf_Phdr *phdrs; /* phnum of them, and room for LAYOUT_MORE_PHDRS */
	size_t phnum;
	size_t phdrs_kept; /* slots behind them that nothing else may take */
	GElf_Shdr *shdrs;  /* shnum of them, and room for LAYOUT_MORE_SHDRS; null without section headers */
	size_t shnum;
	const char *strings; /* DT_STRTAB in the image; null when there is none that ends with a null byte */
	uint64_t strings_size;
	const char *names[LAYOUT_MORE_SHDRS]; /* of the sections that were added */
	struct dynamic_entry *dynamic;        /* without DT_NULL */
	size_t dynamic_count, dynamic_capacity;
	GElf_Phdr dynamic_was;                                  /* PT_DYNAMIC, or what it would be */
	size_t dynamic_section, dynstr_section, interp_section; /* 0 when there is none, or none with that place */
	struct move *moves;
	size_t move_count;
	struct late_write *late;
	size_t late_count;
	uint64_t page_size; /* of a new segment */
	bool keeps_holes;   /* leave the bytes of what moved away, for who wants them back */
	bool keeps_old;     /* and put nothing there, for who looks for them */
	bool *is_fixed;     /* by section: has grown, and must not move any more */
	uint64_t *shifts;   /* by section: what was added to its address; null when nothing moved */
	/* A symbol that is new in .dynsym, which moved those behind it by one; 0 for none. */
	size_t inserted_symbol, dynsym_section;
};

/* False for a file that is not linked, or has no program headers. Free it in either case. */
bool layout_init(struct layout *layout, const struct image *image, struct patch *patch, struct why *why);
void layout_free(struct layout *layout);

/* First entry with that tag, or null. */
struct dynamic_entry *layout_dynamic(const struct layout *layout, int64_t tag);
/* A new entry before number `at`, at most dynamic_count. Null when memory runs out. */
struct dynamic_entry *layout_dynamic_insert(struct layout *layout, size_t at, int64_t tag, uint64_t value);
void layout_dynamic_remove(struct layout *layout, size_t at);

/* First program header of that type, or null. */
GElf_Phdr *layout_phdr(const struct layout *layout, uint32_t type);

/* PT_DYNAMIC as edited so far, or what it would be in a file without one; of no size without a dynamic section. */
GElf_Phdr layout_dynamic_place(const struct layout *layout);

/* Write bytes over what the file has at `offset`, wherever that will stand. */
void layout_write(struct layout *layout, uint64_t offset, const void *bytes, uint64_t size);
/*
 * Write bytes into a section, wherever that will stand; it must have room for them by
 * then. They are copied, or were allocated and are the layout's from then on, or are
 * the image's. For section 0 the offset is the file's.
 */
void layout_write_section(struct layout *layout, size_t section, uint64_t offset, const void *bytes, uint64_t size);
void layout_give_section(struct layout *layout, size_t section, uint64_t offset, unsigned char *bytes, uint64_t size);
void layout_copy_section(struct layout *layout, size_t section, uint64_t offset, const unsigned char *from,
			 uint64_t size);
/* Where what the file has at `offset` stands by now. */
uint64_t layout_offset(const struct layout *layout, uint64_t offset);

/* Whether the section's address is that of the bytes at its offset. */
bool layout_is_loaded(const struct layout *layout, size_t section);
/* The section that begins at that address, so that header and use agree, or 0. */
size_t layout_section_at(const struct layout *layout, uint32_t type, uint64_t address);

/*
 * Give a section (dynamic_section, dynstr_section, interp_section) room for `size`
 * bytes: where it is, else by moving what follows it or the section itself, into
 * unused bytes of a segment or into a new one at the end of the file (room.c).
 * Its section header, program header and dynamic entries follow; its contents are
 * copied, and what is behind them is zero. `spare` bytes more are taken when that
 * costs a move.
 */
bool layout_resize(struct layout *layout, size_t section, uint64_t size, uint64_t spare, struct why *why);

/* A program header of that type, with a slot of its own. Null with a reason when none can be had. */
GElf_Phdr *layout_add_phdr(struct layout *layout, uint32_t type, struct why *why);

/*
 * A new PT_LOAD behind all others, in the file and in memory, to be filled by
 * layout_add_section, and slots for `more` program headers. Null with a reason when
 * there can be none. Program headers that were got before are at another place then.
 */
GElf_Phdr *layout_add_segment(struct layout *layout, uint32_t flags, size_t more, struct why *why);

/*
 * A new section of `size` bytes, zero until they are written, at the end of the last segment, or, when it has no
 * SHF_ALLOC, with nothing yet. Its number, or 0 with a reason. The name is borrowed. SHT_NOBITS comes last.
 */
size_t layout_add_section(struct layout *layout, const char *name, const GElf_Shdr *like, struct why *why);

/*
 * Take unused bytes of a segment that is only read, or of a new one at the end of the
 * file, for something that nothing refers to yet.
 */
bool layout_take(struct layout *layout, uint64_t size, uint64_t align, uint64_t *offset, uint64_t *address,
		 struct why *why);

/*
 * Add a note as a section and a program header of its own. False with a reason when
 * there are no section headers, or none can be added (section.c).
 */
bool layout_add_note(struct layout *layout, const char *name, const void *bytes, uint64_t size, struct why *why);
/*
 * Clear a section that only a program header of its own refers to, and both headers:
 * they become unused ones, so that no other section gets another number.
 */
void layout_drop_section(struct layout *layout, size_t section);

/* Have the section's contents, which nothing loads, stand at another offset. */
bool layout_move_file(struct layout *layout, size_t section, uint64_t to, struct why *why);

/* Take whole sections, those in [from, from+size) of the file, to offset `to`; `shift` is added to their addresses. */
bool layout_move(struct layout *layout, uint64_t from, uint64_t size, uint64_t to, uint64_t shift, struct why *why);

/* Bring everything that changed into the patch. */
bool layout_put(struct layout *layout, struct why *why);

#endif
