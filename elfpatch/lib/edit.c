#include "editing.h"

#include "rehash.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Entries that a dynamic section gets beside those asked for, when it has to move. */
enum { SPARE_ENTRIES = 4 };

static edit_apply *const apply[EDIT_KINDS] = {
	[EDIT_SONAME] = edit_soname,
	[EDIT_NEEDED_ADD] = edit_needed_add,
	[EDIT_NEEDED_REMOVE] = edit_needed_remove,
	[EDIT_NEEDED_REPLACE] = edit_needed_replace,
	[EDIT_NEEDED_RENAME] = edit_needed_rename,
	[EDIT_RUNPATH] = edit_path_set,
	[EDIT_RPATH] = edit_path_set,
	[EDIT_RUNPATH_ADD] = edit_path_add,
	[EDIT_RUNPATH_REMOVE] = edit_path_remove,
	[EDIT_RUNPATH_SHRINK] = edit_path_shrink,
	[EDIT_NO_RUNPATH] = edit_path_none,
	[EDIT_INTERPRETER] = edit_interpreter,
	[EDIT_INIT] = edit_function,
	[EDIT_FINI] = edit_function,
	[EDIT_FLAG] = edit_flag,
	[EDIT_DF] = edit_df,
	[EDIT_NO_DF] = edit_no_df,
	[EDIT_EXECSTACK] = edit_execstack,
	[EDIT_OS_ABI] = edit_os_abi,
	[EDIT_SYMBOL_RENAME] = edit_symbol_rename,
	[EDIT_SYMBOLS_RENAME] = edit_symbols_rename,
	[EDIT_SYMBOL_UNVERSION] = edit_symbol_unversion,
	[EDIT_DEBUG_TAG] = edit_debug_tag,
	[EDIT_RESOLUTION_CACHE] = edit_resolution_cache,
};

static void note(struct editing *editing, bool is_warning, const char *format, va_list args)
{
	struct edit_notes *notes = editing->notes;
	struct edit_note *grown;
	char *text;

	if (!notes)
		return;
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	grown = text ? realloc(notes->items, (notes->count + 1) * sizeof *grown) : NULL;
	if (!grown) {
		free(text);
		editing->layout.patch->is_out_of_memory = true;
		return;
	}
	for (char *c = text; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	notes->items = grown;
	grown[notes->count++] = (struct edit_note){text, is_warning};
}

void editing_note(struct editing *editing, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	note(editing, false, format, args);
	va_end(args);
}

void editing_warn(struct editing *editing, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	note(editing, true, format, args);
	va_end(args);
}

void edit_notes_free(struct edit_notes *notes)
{
	for (size_t i = 0; i < notes->count; i++)
		free(notes->items[i].text);
	free(notes->items);
	*notes = (struct edit_notes){0};
}

const char *editing_own(struct editing *editing, char *string)
{
	char **grown = string ? realloc(editing->owned, (editing->owned_count + 1) * sizeof *grown) : NULL;

	if (!grown) {
		free(string);
		return NULL;
	}
	editing->owned = grown;
	grown[editing->owned_count++] = string;
	return string;
}

const char *editing_string(const struct editing *editing, const struct dynamic_entry *entry)
{
	return entry->string ? entry->string : dynstr_get(&editing->layout, entry->value);
}

bool editing_set(struct editing *editing, int64_t tag, uint64_t value, const char *string, struct why *why)
{
	struct layout *layout = &editing->layout;
	struct dynamic_entry *entry = layout_dynamic(layout, tag);

	if (layout->image->dynamic_size == 0)
		return why_set(why, "no dynamic section");
	if (!entry)
		entry = layout_dynamic_insert(layout, layout->dynamic_count, tag, value);
	if (!entry)
		return why_set(why, "out of memory");
	entry->value = value;
	entry->string = string;
	return true;
}

bool editing_set_field(struct editing *editing, uint64_t at, const char *string, struct why *why)
{
	size_t i = editing->field_count, count = editing->field_count;

	/* They mostly come in order. */
	while (i > 0 && editing->fields[i - 1].at >= at)
		i--;
	if (i == count || editing->fields[i].at != at) {
		if (count == editing->field_capacity) {
			size_t capacity = count ? 2 * count : 16;
			struct string_field *grown = realloc(editing->fields, capacity * sizeof *grown);
			if (!grown)
				return why_set(why, "out of memory");
			editing->fields = grown;
			editing->field_capacity = capacity;
		}
		memmove(&editing->fields[i + 1], &editing->fields[i], (count - i) * sizeof *editing->fields);
		editing->field_count++;
	}
	editing->fields[i] = (struct string_field){at, string, 0};
	return true;
}

bool editing_each_verneed(struct editing *editing,
			  bool (*each)(struct editing *, uint64_t at, const char *name, void *, struct why *),
			  void *context, struct why *why)
{
	const struct image *image = editing->layout.image;
	uint64_t at, entries, left = image->size / 16;

	if (!image_dynamic(image, DT_VERNEED, &at) || !image_dynamic(image, DT_VERNEEDNUM, &entries))
		return true;
	for (; entries > 0; entries--) {
		/* vn_file is at 4, vn_next at 12 (LSB, Symbol Versioning) */
		const unsigned char *entry = image_at(image, at, 16);
		if (!entry || left-- == 0)
			return why_set(why, "DT_VERNEED: the entry at 0x%" PRIx64 " is not inside a loaded segment",
				       at);
		uint32_t offset = image_get32(image, entry + 4);
		const char *name = dynstr_get(&editing->layout, offset);
		if (!name)
			return why_set(why, "DT_VERNEED: a name at %" PRIu32 " is outside DT_STRTAB", offset);
		if (!each(editing, (uint64_t)(entry - image->bytes) + 4, name, context, why))
			return false;
		uint32_t next = image_get32(image, entry + 12);
		if (next == 0)
			break;
		at += next;
	}
	return true;
}

bool editing_fit_dynamic(struct editing *editing, struct why *why)
{
	struct layout *layout = &editing->layout;
	const GElf_Phdr p = layout_dynamic_place(layout);
	size_t entry = 2 * image_word_size(layout->image);
	uint64_t size = (layout->dynamic_count + 1) * entry, entries = p.p_filesz / entry;
	struct why reason;

	if (layout->image->dynamic_size == 0 || size <= p.p_filesz)
		return true;
	if (layout->dynamic_section == 0)
		return why_set(why,
			       "no spare entry in the dynamic section (%zu of %" PRIu64
			       " used), and no section header of it to make room by",
			       layout->dynamic_count + 1, entries);
	if (layout_resize(layout, layout->dynamic_section, size, SPARE_ENTRIES * entry, &reason))
		return true;
	return why_set(why, "no spare entry in the dynamic section (%" PRIu64 " entries, needs %zu): %s", entries,
		       layout->dynamic_count + 1, reason.text);
}

static bool plan(struct editing *editing, struct why *why)
{
	struct layout *layout = &editing->layout;

	for (size_t i = 0; i < editing->edits->count; i++)
		if (!apply[editing->edits->items[i].kind](editing, &editing->edits->items[i], why))
			return false;
	/* What is written at run time first: a segment made for it has room for the rest. */
	if (!edit_check_cache(editing, why) || !editing_fit_dynamic(editing, why) ||
	    !dynstr_place(layout, editing->fields, editing->field_count, &editing->wiped, why) ||
	    !edit_fit_interpreter(editing, why) || !edit_fit_cache(editing, why))
		return false;
	if (editing->are_symbols_renamed && !symbols_rehash(layout, editing->fields, editing->field_count, why))
		return false;
	return layout_put(layout, why);
}

void editing_free(struct editing *editing)
{
	layout_free(&editing->layout);
	for (size_t i = 0; i < editing->owned_count; i++)
		free(editing->owned[i]);
	free(editing->owned);
	free(editing->fields);
	free(editing->wiped.offsets);
}

bool edit_plan(const struct image *image, const struct edits *edits, struct patch *patch, struct edit_notes *notes,
	       struct why *why)
{
	struct editing editing = {.edits = edits, .notes = notes};

	*patch = (struct patch){.size = image->size};
	bool is_done = layout_init(&editing.layout, image, patch, why);
	if (is_done && edits->page_size)
		editing.layout.page_size = edits->page_size;
	editing.layout.keeps_old = editing.layout.keeps_holes = edits->keeps_old;
	is_done = is_done && plan(&editing, why);
	/* What one edit changed and another took back is no change. */
	if (is_done && notes && patch_is_empty(patch, image))
		edit_notes_free(notes);
	if (is_done && editing.cache.reason)
		editing_warn(&editing, "%s; no cache written", editing.cache.reason);
	editing_free(&editing);
	if (!is_done)
		patch_free(patch);
	return is_done;
}

static int by_name(const void *a, const void *b)
{
	const struct name_pair *l = a, *r = b;

	return strcmp(l->name, r->name);
}

const char *name_map_get(const struct name_map *map, const char *name)
{
	const struct name_pair key = {name, NULL};
	const struct name_pair *found = map->count ? bsearch(&key, map->items, map->count, sizeof key, by_name) : NULL;

	return found ? found->value : name;
}

/* Names that share their bytes could be of any length together: of many, the first part of each counts. */
enum { NAMES_HASHED = 1 << 26, NAME_HASHED = 1024 };

/* The sum of FNV-1a over each name of those symbols whose st_name is in [from, to), renamed by `map` unless null. */
static uint64_t names_hash(const struct symbols *dynsym, const struct image *image, uint64_t from, uint64_t to,
			   const struct name_map *map)
{
	size_t most = NAMES_HASHED / (dynsym->count + 1) + NAME_HASHED;
	uint64_t sum = 0;

	/* Number 0 is no symbol, whatever name it has. */
	for (size_t i = 1; i < dynsym->count; i++) {
		GElf_Sym sym;
		const char *name;
		symbols_get(image, dynsym, i, &sym, &name);
		if (sym.st_name < from || sym.st_name >= to)
			continue;
		uint64_t hash = UINT64_C(0xcbf29ce484222325);
		const char *c = map ? name_map_get(map, name) : name;
		for (size_t left = most; left > 0 && *c; c++, left--)
			hash = (hash ^ (unsigned char)*c) * UINT64_C(0x100000001b3);
		sum += hash;
	}
	return sum;
}

/* Offsets of the strings that a patch of few bytes can have changed. */
static void find_changed(const struct symbols *dynsym, const struct image *image, const struct patch *patch,
			 uint64_t *from, uint64_t *to)
{
	uint64_t table = (uint64_t)((const unsigned char *)dynsym->strings - image->bytes);

	*from = UINT64_MAX;
	*to = 0;
	for (size_t i = 0; i < patch->count; i++) {
		const struct patch_write *w = &patch->writes[i];
		if (w->offset >= table + dynsym->strings_size || w->offset + w->size <= table)
			continue;
		uint64_t start = w->offset < table ? 0 : w->offset - table, end = w->offset + w->size - table;
		/* The whole string that the write begins in. */
		while (start > 0 && dynsym->strings[start - 1] != '\0')
			start--;
		*from = start < *from ? start : *from;
		*to = end > *to ? end : *to;
	}
}

bool edit_check_prepare(const struct image *image, const struct edits *edits, const struct patch *patch,
			struct edit_check *check, struct why *why)
{
	struct symbols dynsym;

	*check = (struct edit_check){.edits = edits, .to = UINT64_MAX};
	if (!image_dynsym(image, &dynsym, why))
		return false;
	check->count = dynsym.count;
	/* In a small table, or after a large edit, all names. */
	if (dynsym.count && dynsym.strings_size > 65536 && patch_bytes(patch) <= 1024)
		find_changed(&dynsym, image, patch, &check->from, &check->to);
	const struct name_map *map = NULL;
	for (size_t i = 0; i < edits->count; i++) {
		if (edits->items[i].kind == EDIT_SYMBOL_RENAME)
			check->to = 0;
		map = edits->items[i].kind == EDIT_SYMBOLS_RENAME ? edits->items[i].map : map;
	}
	check->hash = names_hash(&dynsym, image, check->from, check->to, map);
	return true;
}

static bool check_symbols(const struct edit_check *check, const struct image *now, struct why *why)
{
	struct symbols dynsym;

	if (!image_dynsym(now, &dynsym, why))
		return false;
	if (dynsym.count != check->count)
		return why_set(why, "%zu dynamic symbols became %zu", check->count, dynsym.count);
	return names_hash(&dynsym, now, check->from, check->to, NULL) == check->hash ||
	       why_set(why, "names of dynamic symbols are not what they were to be");
}

/* Plan the edits for the result, which is to need none of them any more. */
static bool plan_again(const struct image *image, const struct edits *edits, struct patch *patch, struct why *why)
{
	struct edits again = *edits;
	struct edit *items = malloc((edits->count + 1) * sizeof *items);

	if (!items)
		return why_set(why, "out of memory");
	again.items = items;
	again.count = 0;
	for (size_t i = 0; i < edits->count; i++)
		if (!edits->items[i].is_once)
			items[again.count++] = edits->items[i];
	bool is_done = edit_plan(image, &again, patch, NULL, why);
	free(items);
	return is_done;
}

bool edit_check(const char *path, void *context, struct why *why)
{
	const struct edit_check *check = context;
	struct image image;
	struct patch patch = {0};
	struct why reason;

	if (!image_open(path, false, &image, &reason))
		return why_set(why, "the result is unsound: %s", reason.text);
	bool is_done = check_symbols(check, &image, &reason) && plan_again(&image, check->edits, &patch, &reason);
	if (is_done && !patch_is_empty(&patch, &image))
		is_done = why_set(&reason, "%" PRIu64 " bytes would have to be written again", patch_bytes(&patch));
	if (!is_done)
		why_set(why, "the result is not what was asked for: %s", reason.text);
	patch_free(&patch);
	image_close(&image);
	return is_done;
}
