/* Strings in .dynstr. */
#ifndef DYNSTR_H
#define DYNSTR_H

#include "layout.h"

/*
 * A 32-bit field of a symbol or version table that is to refer to another string:
 * `at` is its offset in the file, `offset` what it becomes. One past the end of the
 * file is no field: its string is placed, and the offset is for the caller.
 */
struct string_field {
	uint64_t at;
	const char *string;
	uint64_t offset;
};

/* The one at that offset of the file, or null; they are sorted by it. */
const struct string_field *string_field_find(const struct string_field *fields, size_t count, uint64_t at);

/* Offsets in DT_STRTAB of strings that are to be made unreadable unless something else uses them. */
struct wiped {
	uint64_t *offsets;
	size_t count;
};

/*
 * Place the strings of the dynamic entries that have one, and of `fields`, which
 * are sorted by `at`, and write them. A single one that takes the place of a string
 * that nothing else uses, and is not longer, is written over it. Else, in this
 * order: a string that stands there already, as the end of a longer one too; bytes
 * that no reference reaches, those of strings that are replaced among them; new
 * bytes at the end. DT_STRSZ follows.
 *
 * Bytes are only reused, or wiped, when every user of the table is known: symbols,
 * versions and the dynamic section.
 */
bool dynstr_place(struct layout *layout, struct string_field *fields, size_t field_count, const struct wiped *wiped,
		  struct why *why);

/* The string at that offset of DT_STRTAB, or null when it is outside. */
const char *dynstr_get(const struct layout *layout, uint64_t offset);

#endif
