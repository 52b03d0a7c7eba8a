/* What the loader's relocations make of a place. */
#ifndef RELOC_H
#define RELOC_H

#include "image.h"

/*
 * The addresses, relative to the load address, that the loader leaves in the
 * `count` pointers from `address` on: by RELA, REL or RELR relocations, or as they
 * stand in the file. 0 stands for a null pointer, and for a symbol that another
 * file defines. False when the pointers or a relocation table are not inside a
 * loaded segment. One pass over the relocations.
 */
bool reloc_pointers(const struct image *image, const struct symbols *dynsym, uint64_t address, uint64_t *values,
		    size_t count, struct why *why);

#endif
