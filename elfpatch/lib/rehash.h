/* Hash tables and the order of dynamic symbols. */
#ifndef REHASH_H
#define REHASH_H

#include "dynstr.h"

/*
 * Make DT_HASH and DT_GNU_HASH find symbols whose st_name is among `fields` by
 * their new names. Neither table changes its size. DT_GNU_HASH wants symbols in the
 * order of its buckets, so they are sorted anew, and versions and relocations
 * follow. Call it after dynstr_place.
 */
bool symbols_rehash(struct layout *layout, const struct string_field *fields, size_t field_count, struct why *why);

/*
 * Have relocations of DT_RELA, DT_REL and DT_JMPREL name symbol place[i] where they
 * name symbol i, of `count`.
 */
bool relocations_renumber(struct layout *layout, const size_t *place, size_t count, struct why *why);

/* The hash function of DT_HASH (gABI, Hash Table). */
uint32_t sysv_hash(const char *name);

#endif
