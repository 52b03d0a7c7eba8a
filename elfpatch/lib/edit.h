/*
 * Edits of a linked file. All edits of one call are planned together and make one
 * patch; planning them again for the file that comes out of it gives an empty one.
 */
#ifndef EDIT_H
#define EDIT_H

#include "patch.h"

enum edit_kind {
	EDIT_SONAME,           /* name */
	EDIT_NEEDED_ADD,       /* name: behind the others, or in front of them if number is 1, unless it is there */
	EDIT_NEEDED_REMOVE,    /* name */
	EDIT_NEEDED_REPLACE,   /* name, value: the new name, in the same place */
	EDIT_NEEDED_RENAME,    /* map: of those that it names, all at once */
	EDIT_RUNPATH,          /* name: DT_RUNPATH, and no DT_RPATH */
	EDIT_RPATH,            /* name: DT_RPATH, and no DT_RUNPATH */
	EDIT_RUNPATH_ADD,      /* name: folders behind the others, those that are not there; number: see below */
	EDIT_RUNPATH_REMOVE,   /* name: a folder */
	EDIT_RUNPATH_SHRINK,   /* absolute folders with none of the needed libraries go; number: see below */
	EDIT_NO_RUNPATH,       /* neither DT_RUNPATH nor DT_RPATH */
	EDIT_INTERPRETER,      /* name */
	EDIT_INIT,             /* name: of a function */
	EDIT_FINI,             /* name: of a function */
	EDIT_FLAG,             /* name: of a variable; number: the byte */
	EDIT_DF,               /* name: of a flag of DT_FLAGS or DT_FLAGS_1 */
	EDIT_NO_DF,            /* name */
	EDIT_EXECSTACK,        /* number: 1 or 0 */
	EDIT_OS_ABI,           /* number */
	EDIT_SYMBOL_RENAME,    /* name, value: of a dynamic symbol */
	EDIT_SYMBOLS_RENAME,   /* map: of those dynamic symbols that it names, all at once */
	EDIT_SYMBOL_UNVERSION, /* name: of a dynamic symbol; number 1: which need not be there */
	EDIT_DEBUG_TAG,        /* a DT_DEBUG, which a loader fills in for debuggers */
	EDIT_RESOLUTION_CACHE, /* note where the needed libraries are found, see edit_cache.c */
	EDIT_KINDS
};

/* Names and what they become, sorted by the old name, of which there is one each. */
struct name_map {
	const struct name_pair {
		const char *name, *value;
	} * items;
	size_t count;
};

/*
 * Where `number` is DT_RPATH or DT_RUNPATH the list becomes one of that kind, and
 * else stays what it is. `is_once` is of an edit that would change more when it is
 * made again, such as one of two names that change places; edit_check leaves it out.
 */
struct edit {
	enum edit_kind kind;
	const char *name, *value;
	uint64_t number;
	const struct name_map *map;
	bool is_once;
};

/*
 * Made in this order. Only folders that begin with one of the prefixes survive
 * EDIT_RUNPATH_SHRINK, if there are any. A new segment is aligned to `page_size`, a
 * power of two; 0 is for what the machine and the file's own segments have. With
 * `keeps_old`, what moves leaves its bytes where it was.
 */
struct edits {
	const struct edit *items;
	size_t count;
	const char *const *prefixes;
	size_t prefix_count;
	uint64_t page_size;
	bool keeps_old;
};

/* What is changed, in a line ("soname: liba.so -> libb.so"), or a consequence that was not asked for. */
struct edit_note {
	char *text;
	bool is_warning;
};

struct edit_notes {
	struct edit_note *items;
	size_t count;
};

/* Names of EDIT_DF and EDIT_NO_DF, in lower case ("nodelete"), by number from 0 on; null behind the last. */
const char *edit_df_name(size_t i);
/* Whether the image has that flag, in whichever way. */
bool edit_df_is_set(const struct image *image, size_t i);

/*
 * Plan the edits of an image that is open for reading. False with a reason when one
 * of them cannot be made; nothing is written in either case. The patch, which the
 * caller frees, refers to the image. `notes` may be null.
 */
bool edit_plan(const struct image *image, const struct edits *edits, struct patch *patch, struct edit_notes *notes,
	       struct why *why);
void edit_notes_free(struct edit_notes *notes);

/* What a file must have after its edits, and what of it must not have changed. */
struct edit_check {
	const struct edits *edits;
	size_t count;      /* of dynamic symbols */
	uint64_t from, to; /* names in that part of DT_STRTAB are compared */
	uint64_t hash;     /* of them, whatever their order */
};

/* Prepare the check of a planned patch, before it is written. */
bool edit_check_prepare(const struct image *image, const struct edits *edits, const struct patch *patch,
			struct edit_check *check, struct why *why);

/* Of a transaction (struct edit_check *): the file at `path` is sound, and has everything that was asked for. */
bool edit_check(const char *path, void *context, struct why *why);

#endif
