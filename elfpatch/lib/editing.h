/* An edit in the making: what the edit_*.c files share. */
#ifndef EDITING_H
#define EDITING_H

#include "dynstr.h"
#include "edit.h"
#include "layout.h"

/* What is to become of the note of edit_cache.c. */
struct cache_edit {
	bool is_asked, is_dropped;
	size_t section;    /* of the old one, or 0 */
	const char *bytes; /* the new one, or null */
	size_t size;
	const char *reason; /* why nothing can be noted, or null */
};

struct editing {
	struct layout layout;
	const struct edits *edits;
	struct edit_notes *notes;
	char **owned; /* strings that live as long as the edit */
	size_t owned_count;
	struct string_field *fields; /* of symbols and versions, in ascending order */
	size_t field_count, field_capacity;
	struct wiped wiped; /* run paths that were given up */
	bool are_symbols_renamed;
	const char *interpreter; /* the new one */
	struct cache_edit cache;
};

typedef bool edit_apply(struct editing *editing, const struct edit *edit, struct why *why);

/* edit_dynamic.c */
edit_apply edit_soname, edit_needed_add, edit_needed_remove, edit_needed_replace, edit_needed_rename;
edit_apply edit_df, edit_no_df, edit_debug_tag;
/* edit_path.c */
edit_apply edit_path_set, edit_path_add, edit_path_remove, edit_path_shrink, edit_path_none;
/* edit_header.c */
edit_apply edit_interpreter, edit_execstack, edit_os_abi;
/* Make room for the new interpreter, if there is to be one, and write it. */
bool edit_fit_interpreter(struct editing *editing, struct why *why);
/* edit_symbol.c */
edit_apply edit_function, edit_flag, edit_symbol_rename, edit_symbols_rename, edit_symbol_unversion;
/* edit_cache.c */
edit_apply edit_resolution_cache;
/* Take the note away when it is of other libraries or paths than the edited file has. */
bool edit_check_cache(struct editing *editing, struct why *why);
/* Write the new note, and clear the old one. */
bool edit_fit_cache(struct editing *editing, struct why *why);

/* What an edit holds, its layout included. */
void editing_free(struct editing *editing);

/* Say what changed. Control characters become '?'. */
void editing_note(struct editing *editing, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Say what follows from a change and was not asked for. */
void editing_warn(struct editing *editing, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Keep an allocated string until the edit is over; null when it is null or memory runs out. */
const char *editing_own(struct editing *editing, char *string);

/* The string of a dynamic entry as edited so far; null when it is outside DT_STRTAB. */
const char *editing_string(const struct editing *editing, const struct dynamic_entry *entry);
/* Give the entry with that tag, a new one at the end if need be, a value or a string. */
bool editing_set(struct editing *editing, int64_t tag, uint64_t value, const char *string, struct why *why);
/* Have a 32-bit string reference at offset `at` of the file refer to another string. */
bool editing_set_field(struct editing *editing, uint64_t at, const char *string, struct why *why);

/* The name that a map gives to one, or the name itself. */
const char *name_map_get(const struct name_map *map, const char *name);

/* Make room for the dynamic entries and a DT_NULL. */
bool editing_fit_dynamic(struct editing *editing, struct why *why);

/* The definition of that name in .symtab, else in .dynsym. False with a reason when there is none, or two. */
bool editing_find_symbol(const struct image *image, const char *name, GElf_Sym *sym, struct why *why);
/* A function of that name, in a loaded segment. */
bool editing_find_function(const struct image *image, const char *name, GElf_Sym *sym, struct why *why);

/* For every library that versions are needed of: the offset of vn_file, and its name. Stops when false is returned. */
bool editing_each_verneed(struct editing *editing,
			  bool (*each)(struct editing *, uint64_t at, const char *name, void *, struct why *),
			  void *context, struct why *why);

#endif
