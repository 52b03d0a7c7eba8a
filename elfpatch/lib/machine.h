/* One row per e_machine: what the tools must know of it. */
#ifndef MACHINE_H
#define MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FIXUP_ROOM = 32 };

/* The words of a function descriptor: the code's address, its TOC pointer, its environment. */
enum { DESCRIPTOR_CODE, DESCRIPTOR_TOC, DESCRIPTOR_ENVIRONMENT, DESCRIPTOR_WORDS };

/*
 * What stacks are under glibc: code unless each file has a PT_GNU_STACK that does
 * not ask for it, data unless one asks (DEFAULT_STACK_PERMS in stackinfo.h), or code
 * since glibc's own start files ask for it.
 */
enum stack { STACK_CODE, STACK_DATA, STACK_CODE_OF_LIBC };

struct machine {
	uint16_t e_machine;
	unsigned char elf_class;  /* ELFCLASS32 or ELFCLASS64 */
	unsigned char elf_data;   /* ELFDATA2LSB or ELFDATA2MSB */
	const char *arch;         /* for people: "x86_64"; never null */
	const char *name;         /* folder under rt/arch and lib/rt0, null when rt has no port */
	uint32_t reloc_word;      /* S + A, a word of the class */
	uint32_t reloc_pc32;      /* S + A - P, 32 bits */
	uint32_t reloc_relative;  /* B + A, a word of the class */
	uint32_t reloc_import;    /* S, a word of the class, of a symbol without an entry in a GOT; 0 for reloc_word */
	bool is_rela;             /* relocations carry their addend */
	bool has_split_info;      /* r_info in the form of MIPS n64, see machine_reloc_info */
	unsigned char variant_cc; /* st_other of functions with other argument registers than the psABI's, 0 for none */
	unsigned char local_entry; /* bits of st_other that place a second entry behind st_value, 0 for none */
	bool glibc_runs_dt_init;   /* false on riscv64, loongarch64, arc */
	enum stack stack;
	uint32_t page_max;  /* largest page size of a kernel for it, bytes */
	uint32_t hash_word; /* bytes of a DT_HASH word: 4, but 8 on s390x */

	/* What of the machine's own an edit of the dynamic section must know; 0 for none. */
	int64_t self_relative_tag;    /* entry whose value counts from its own address */
	uint32_t movable_type;        /* sections of which only section headers and movable_tag say where they are */
	int64_t movable_tag;          /* entry with the address of one */
	uint32_t movable_segments[2]; /* program headers whose contents can move */
	int64_t other_hash_tag;       /* entry with the address of a hash table of its own form */

	unsigned char trap[4]; /* instruction that traps, as it stands in the file */
	size_t trap_size;

	/*
	 * The address of a function, in symbols, pointers and DT_INIT, is that of its
	 * descriptor (64-bit PowerPC ELF ABI supplement, 3.2.5). The relocation types
	 * are of no use without.
	 */
	bool has_descriptors;
	uint32_t reloc_toc;          /* the TOC pointer, a word of the class */
	uint32_t relocs_from_toc[2]; /* of the gate template: S + A - TOC pointer */

	/*
	 * Where the global offset table follows .dynsym (MIPS psABI, "Global Offset
	 * Table"): the dynamic tags for how many symbols there are, the first that has
	 * an entry, as all behind it have, and the entries in front of that one's. Else 0.
	 */
	int64_t dt_symbols, dt_got_symbol, dt_got_locals;

	/*
	 * Branch protection that a file claims with bits 0 and 1 of a GNU property
	 * (Linux Extensions to gABI; AAELF64): its type, 0 for none, the names of the
	 * bits, and what functions compiled for bit 0 begin with.
	 */
	uint32_t protection;
	const char *protection_names[2];
	unsigned char landings[2][4];

	/*
	 * Apply a fixup of the gate template, or of an attached library's stub: relocation `type` at address `place`,
	 * stored at `at`, refers to `value` (S + A); for one of relocs_from_toc `place`
	 * is the TOC pointer instead. The template's other bytes stand
	 * around it, FIXUP_ROOM of them at least behind it. False when the type is
	 * unknown or the value out of reach. Null without a port.
	 */
	bool (*fixup_put)(unsigned char *at, uint32_t type, uint64_t place, uint64_t value);
	/* Where is_rela is false: the addend that stands at `at`, for the types of the gate template's relocations. */
	int64_t (*addend_get)(const unsigned char *at, uint32_t type);
	/*
	 * Where the gate at `gate`, its descriptor's address if it has one, jumps to
	 * (bytes at `at`, `size` long); 0 when the bytes are not a gate of this machine,
	 * such as an unused one.
	 */
	uint64_t (*gate_target)(const unsigned char *at, size_t size, uint64_t gate);
};

/* The row, or null. e_machine alone is not enough: x86-64 and x32 share one. */
const struct machine *machine_find(uint16_t e_machine, unsigned char elf_class, unsigned char elf_data);

/*
 * r_info of an ELF64 relocation. With has_split_info it is a 32-bit symbol and four
 * one-byte types, of which the last one counts first; three of them, the first in
 * the low byte, make the type here (64-bit ELF Object File Specification, 2.9).
 */
uint64_t machine_reloc_info(const struct machine *machine, uint32_t symbol, uint32_t type);
uint32_t machine_reloc_symbol(const struct machine *machine, uint64_t info);
uint32_t machine_reloc_type(const struct machine *machine, uint64_t info);

/* Does a relocation of the gate template count from the TOC pointer? */
bool machine_counts_from_toc(const struct machine *machine, uint32_t type);

/* The row for a compiler's target triple ("x86_64-linux-gnu"), or null. */
const struct machine *machine_of_triple(const char *triple);

/*
 * What a compiler for `machine` makes with -m32 (bits is 32) or -m64; the machine
 * itself for 0. Null when that has no row, or when machine is null.
 */
const struct machine *machine_of_bits(const struct machine *machine, unsigned bits);

#endif
