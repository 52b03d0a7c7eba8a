/* One more symbol that a library takes from another one. */
#ifndef IMPORT_H
#define IMPORT_H

#include "editing.h"

/*
 * The symbol stands in front of those that DT_GNU_HASH lists, or that have entries in
 * the GOT where that is in the order of .dynsym, else last in .dynsym. It has a
 * version where the library asks others for versions; elsewhere it has none, and
 * binds to the default one.
 */
struct import {
	const char *library, *version, *symbol;
	size_t pointer_count; /* relative relocations that are wanted beside the one of the symbol */
	/* The rest is import_prepare's. */
	size_t index; /* of the symbol */
	uint16_t version_index;
	size_t rel_section; /* .rela.dyn or .rel.dyn */
	uint64_t rel_at;    /* of the new relocations in it */
};

/* Give the strings of the import a place, by fields of `editing`. */
bool import_name(struct editing *editing, const struct import *import, struct why *why);

/*
 * Make room for the symbol, its version and the relocations, and write the first two;
 * the strings must have their offsets by now. A library without relocations gets a
 * section for them in the last segment, which must be one that is only read, and still
 * without SHT_NOBITS. False with a reason when a table is malformed or cannot grow.
 */
bool import_prepare(struct editing *editing, struct import *import, struct why *why);

/*
 * Have the loader leave the symbol's address at `address`, and the addresses
 * `values`, relative to its own, in the words from `pointers` on: `count` of them, of which
 * pointer_count are not 0. False when memory runs out.
 */
bool import_relocate(struct editing *editing, const struct import *import, uint64_t address, uint64_t pointers,
		     const uint64_t *values, size_t count, struct why *why);

#endif
