/* elfpatch set: every kind of edit, and that a second run has nothing to do. */
#include "fuzz.h"
#include "memory.h"

#include "elfpatch/lib/edit.h"

#include <string.h>

#define LONG "lib" TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN ".so.1"
#define TEN  "ten-bytes-"

enum { EDITS_MAX = 3, EDIT_BYTES = 4 };

/* Names that the seeds have, and others; longer than anything has room for is the last. */
static const char *const names[] = {
	"fuzz_add",          "fuzz_sub",       "fuzz_init",     "fuzz_flag", "fuzz_table", "libc.so.6",
	"libfuzz.so.1",      "$ORIGIN/../lib", "/opt/fuzz/lib", "a",         "GLIBC_2.17", "libm.so.6",
	"/lib/ld-fuzz.so.1", "_init",          "x:y::z",        LONG,
};
enum { NAMES = sizeof names / sizeof names[0] };

static size_t df_count(void)
{
	size_t count = 0;

	while (edit_df_name(count))
		count++;
	return count;
}

static struct edit edit_of(const unsigned char *bytes)
{
	struct edit edit = {
		.kind = bytes[0] % EDIT_KINDS,
		.name = names[bytes[1] % NAMES],
		.value = names[bytes[2] % NAMES],
		.number = bytes[3],
	};

	if (edit.kind == EDIT_DF || edit.kind == EDIT_NO_DF)
		edit.name = edit_df_name(bytes[1] % df_count());
	if (edit.kind == EDIT_EXECSTACK)
		edit.number &= 1;
	return edit;
}

/* The transaction without its files: the copy is file 1. */
static bool write_copy(const struct patch *patch, struct edit_check *check, struct why *why)
{
	struct image copy;
	size_t size;
	const unsigned char *bytes = memory_get(0, &size);

	memory_put(1, bytes, size);
	if (!image_open(memory_paths[1], true, &copy, why))
		broken("a copy is refused: %s", why->text);
	bool is_done = patch_apply(patch, copy.fd, why);
	image_close(&copy);
	return is_done && edit_check(memory_paths[1], check, why);
}

static bool is_named(const struct edit *edit)
{
	return (edit->kind >= EDIT_NEEDED_ADD && edit->kind <= EDIT_NEEDED_REPLACE) ||
	       edit->kind == EDIT_SYMBOL_RENAME || edit->kind == EDIT_SYMBOL_UNVERSION;
}

/* Edits of one thing undo each other, or find another name than the one they were asked for. */
static bool are_apart(const struct edits *edits)
{
	for (size_t i = 0; i < edits->count; i++) {
		for (size_t k = 0; k < i; k++) {
			const struct edit *a = &edits->items[i], *b = &edits->items[k];
			if (is_named(a) && is_named(b) &&
			    (a->name == b->name || a->name == b->value || a->value == b->name || a->value == b->value))
				return false;
		}
	}
	return true;
}

static void set(const struct image *image, const struct edits *edits, struct why *why)
{
	struct edit_notes notes = {0};
	struct edit_check check;
	struct patch patch;

	if (edit_plan(image, edits, &patch, &notes, why)) {
		if (edit_check_prepare(image, edits, &patch, &check, why) && !write_copy(&patch, &check, why) &&
		    are_apart(edits))
			broken("what was planned is not what comes out: %s", why->text);
		patch_free(&patch);
	}
	edit_notes_free(&notes);
}

void harness_run(const unsigned char *control)
{
	static const char *const prefixes[] = {"/opt", "$ORIGIN"};
	struct edit list[EDITS_MAX];
	struct edits edits = {.items = list, .count = 1 + control[0] % EDITS_MAX};
	struct image image;
	struct why why;

	for (size_t i = 0; i < edits.count; i++)
		list[i] = edit_of(control + 1 + i * EDIT_BYTES);
	if (control[0] & 0x80) {
		edits.prefixes = prefixes;
		edits.prefix_count = 2;
	}
	if (!image_open(memory_paths[0], false, &image, &why))
		return;
	set(&image, &edits, &why);
	image_close(&image);
}
