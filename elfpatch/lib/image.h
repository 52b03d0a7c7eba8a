/* An ELF file, opened and mapped through libelf. */
#ifndef IMAGE_H
#define IMAGE_H

#include "elf_names.h"
#include "why.h"

#include "../../rt/abi.h"

#include <gelf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * `bytes` is the whole file as mapped; in a writable image a store into it goes
 * to the file. An image belongs to one thread at a time.
 */
struct image {
	const char *path; /* borrowed from image_open's caller */
	int fd;
	Elf *elf;
	GElf_Ehdr ehdr;
	unsigned char *bytes;
	uint64_t size; /* bytes in the file */
	const struct machine *machine;
	size_t phnum, shnum, shstrndx;  /* shnum is 0 for a file with no section headers */
	uint64_t dynamic, dynamic_size; /* the dynamic section in the file; size 0 without one */
	uint64_t pool, pool_size;       /* the gates' code, by a sound rt0 note; size 0 without one */
	uint64_t gates, gates_size;   /* the same as symbols and pointers have it: the descriptors, if there are any */
	uint64_t nogate, nogate_size; /* .rt0.nogate; size 0 without one, or without section headers */
	bool has_info_tables;         /* GHC's code is in it, see policy.c */
};

/*
 * Open `path` and check what every user relies on: ELF magic, class, byte order
 * and version; header tables, segments and sections inside the file; section
 * names inside their table. A machine without a row in machine.c is refused. On
 * failure nothing is left open and `why` is set.
 */
bool image_open(const char *path, bool is_writable, struct image *image, struct why *why);
/* The same for a file that is open for reading; `fd` stays the caller's. */
bool image_open_fd(int fd, const char *path, struct image *image, struct why *why);
void image_close(struct image *image);

/*
 * Check that [off, off+len) lies inside a file of `size` bytes. `what` names the
 * table in the message ("section headers"). Written as a subtraction because
 * off+len comes from the file and can wrap.
 */
bool span_fits(uint64_t off, uint64_t len, uint64_t size, const char *what, struct why *why);

/*
 * The file's bytes behind [vaddr, vaddr+len) of the loaded image, or null when
 * they are not all inside the file part of one PT_LOAD.
 */
void *image_at(const struct image *image, uint64_t vaddr, uint64_t len);

/* The PT_LOAD that holds vaddr (memory size, not file size), or false. */
bool image_segment(const struct image *image, uint64_t vaddr, GElf_Phdr *phdr);

/*
 * The name of the interpreter as a program header that has nothing else in it. A linker
 * script can have put more into PT_INTERP, where the section .interp counts. False
 * without one.
 */
bool image_interpreter(const struct image *image, GElf_Phdr *place);

/*
 * What the address of a function leads to: on a machine with descriptors, the words
 * of one that has bytes in the file outside executable memory; anything else is taken
 * for code. The words count as they stand, since linkers write them there as well as
 * into relocations: glibc reads those of a library that it has not relocated yet
 * (elf_machine_fixup_plt).
 */
struct function {
	uint64_t code, toc;
};
struct function image_function(const struct image *image, uint64_t address);

/* Integers in the file's byte order, at any alignment. */
uint16_t image_get16(const struct image *image, const void *at);
uint32_t image_get32(const struct image *image, const void *at);
uint64_t image_get64(const struct image *image, const void *at);
void image_put16(const struct image *image, void *at, uint16_t value);
void image_put32(const struct image *image, void *at, uint32_t value);
void image_put64(const struct image *image, void *at, uint64_t value);

/* A word of the file's class: 4 or 8 bytes. */
size_t image_word_size(const struct image *image);
uint64_t image_get_word(const struct image *image, const void *at);
void image_put_word(const struct image *image, void *at, uint64_t value);

/* First section of that name that is in use, with its header; null when there is none. */
Elf_Scn *image_section(const struct image *image, const char *name, GElf_Shdr *shdr);

/* Value of the first dynamic entry with that tag (gABI, Dynamic Section). */
bool image_dynamic(const struct image *image, int64_t tag, uint64_t *value);

/* Entry i of the dynamic section; false at DT_NULL and after the last. */
bool image_dynamic_entry(const struct image *image, size_t i, int64_t *tag, uint64_t *value);

/*
 * A symbol table: .dynsym found through the dynamic section, which works without
 * section headers too, or .symtab found through them.
 */
struct symbols {
	const unsigned char *entries; /* in image->bytes */
	size_t count, entry_size;
	const char *strings;
	uint64_t strings_size;
};

/* True with count 0 when the file has none. */
bool image_dynsym(const struct image *image, struct symbols *symbols, struct why *why);
/* False with count 0 when the file has none. */
bool image_symtab(const struct image *image, struct symbols *symbols, struct why *why);
/* Entry i, and its name (never null, empty when st_name is out of range). */
void symbols_get(const struct image *image, const struct symbols *symbols, size_t i, GElf_Sym *sym, const char **name);
/* Write value, size, st_other and section index of entry i back to the file. */
void symbols_put(const struct image *image, const struct symbols *symbols, size_t i, const GElf_Sym *sym);

/* One note of a PT_NOTE segment (gABI, Note Section); name and desc are in image->bytes. */
struct note {
	uint32_t type;
	const char *name;
	size_t name_size; /* with its null byte */
	const unsigned char *desc;
	size_t size;
	uint64_t address; /* of desc in the loaded image */
};

/* Starts at {0}. */
struct note_cursor {
	size_t segment;
	uint64_t at;
};

/* The next note; false after the last with an empty why, and at a malformed one with a reason. */
bool image_note_next(const struct image *image, struct note_cursor *cursor, struct note *note, struct why *why);
bool note_is(const struct note *note, const char *name, uint32_t type);

/*
 * The rt0 note (rt/abi.h), found through PT_NOTE. Addresses are absolute in the
 * image. `policy` points to the strings of RT0_NT_POLICY, or is null.
 */
/* Largest gate, bytes. */
enum { GATE_MAX = 4096 };

struct gate_fixup {
	uint32_t offset; /* inside the gate */
	uint32_t what;   /* RT0_FIXUP_TARGET, ... */
	uint32_t type;
	int32_t addend;
};

struct rt0_note {
	uint32_t version, gate_size, gate_count;
	uint64_t pool, state, islibrary, config, entry, closed, twin;
	/*
	 * The first gate as symbols and pointers have it, and from one to the next: the
	 * descriptors, or `pool` and `gate_size`.
	 */
	uint64_t gates;
	uint32_t gates_step;
	struct gate_fixup fixups[RT0_FIXUPS_MAX];
	uint32_t fixup_count;
	const unsigned char *template; /* gate_size bytes */
	const char *policy;
	size_t policy_size;
	const unsigned char *record; /* of an attached library, RT0_ATTACHED_SIZE bytes; else null */
	uint64_t record_address;
};

/*
 * False with an empty why when there is no such note; with a reason when it is
 * malformed or of another RT0_ABI_VERSION.
 */
bool image_rt0_note(const struct image *image, struct rt0_note *note, struct why *why);

/* What a word of the record refers to; 0 for none. */
uint64_t image_record_address(const struct image *image, const struct rt0_note *note, size_t offset);

#endif
