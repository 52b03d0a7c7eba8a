/* What the loader's relocations make of a place. */
#ifndef RELOC_H
#define RELOC_H

#include "image.h"

struct reloc {
	uint64_t offset;
	uint32_t type, symbol;
};

/* DT_RELA or DT_REL; count is 0 when the file has none. */
struct reloc_table {
	unsigned char *at;
	uint64_t count;
	size_t entry; /* bytes an entry */
};

/* False when the table is not inside a loaded segment. */
bool reloc_table(const struct image *image, bool is_rela, struct reloc_table *table, struct why *why);

/* Decode one entry of DT_RELA or DT_REL; the addend of the former follows at two words from `at`. */
void reloc_decode(const struct image *image, const unsigned char *at, struct reloc *reloc);
/* Give it another symbol and type. */
void reloc_put_info(const struct image *image, unsigned char *at, uint32_t symbol, uint32_t type);
/* Make it a relative relocation of the same place. */
void reloc_put_relative(const struct image *image, unsigned char *at);

/*
 * The addresses, relative to the load address, that the loader leaves in the
 * `count` pointers from `address` on: by RELA, REL or RELR relocations, or as they
 * stand in the file. 0 stands for a null pointer, and for a symbol that another
 * file defines. False when the pointers or a relocation table are not inside a
 * loaded segment. One pass over the relocations.
 */
bool reloc_pointers(const struct image *image, const struct symbols *dynsym, uint64_t address, uint64_t *values,
		    size_t count, struct why *why);

/*
 * Have the loader leave `values` there instead. Each pointer must have come from a
 * relative relocation (RELA, REL or RELR); false, and nothing is written, when one
 * has another.
 */
bool reloc_put_pointers(const struct image *image, uint64_t address, const uint64_t *values, size_t count,
			struct why *why);

/*
 * Make a relocation of the pointer at `address` against a symbol of the file's own a
 * relative one; what it was relative to is lost. False when it has yet another.
 */
bool reloc_make_relative(struct image *image, uint64_t address, struct why *why);

/* Move the entry of `function` to the end of .init_array; the others keep their order. */
bool init_array_end_with(const struct image *image, uint64_t function, struct why *why);

#endif
