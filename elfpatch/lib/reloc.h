/* What the loader's relocations make of a place. */
#ifndef RELOC_H
#define RELOC_H

#include "image.h"

/*
 * The address, relative to the load address, that the loader leaves in the
 * pointer at `address`: by a RELA, REL or RELR relocation, or as it stands in the
 * file. 0 stands for a null pointer, and for a symbol that another file defines.
 * False when the pointer or a relocation table is not inside a loaded segment.
 */
bool reloc_pointer(const struct image *image, const struct symbols *dynsym, uint64_t address, uint64_t *value,
		   struct why *why);

#endif
