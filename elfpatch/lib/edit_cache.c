/*
 * The resolution cache of Nixpkgs' loader: a note that says where the libraries that
 * the file needs are found, so that the loader need not search the run path for each.
 *
 * Its descriptor holds pairs of strings, a name and a list, sorted by name, and an
 * empty string. An item of a list is "=" and a path, or "?" and a folder in which the
 * loader has to look itself: what the folder is, or which of its subfolders count, is
 * known only when the file is run.
 */
#include "editing.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECTION ".note.nixos.ldcache"
#define OWNER   "NixOS"

enum { TYPE = 0x63a86cb6, HEAD = 12 + (sizeof OWNER + 3) / 4 * 4 };

bool edit_resolution_cache(struct editing *editing, const struct edit *edit, struct why *why)
{
	(void)edit;
	(void)why;
	editing->cache.is_asked = true;
	return true;
}

/* The next needed library from entry *at on, of the file as it was. */
static const char *old_needed(const struct editing *editing, size_t *at)
{
	int64_t tag;
	uint64_t value;

	while (image_dynamic_entry(editing->layout.image, (*at)++, &tag, &value))
		if (tag == DT_NEEDED)
			return dynstr_get(&editing->layout, value);
	return NULL;
}

/* The same of the file as edited so far. */
static const char *new_needed(const struct editing *editing, size_t *at)
{
	const struct layout *layout = &editing->layout;

	while (*at < layout->dynamic_count) {
		const struct dynamic_entry *entry = &layout->dynamic[(*at)++];
		if (entry->tag == DT_NEEDED)
			return editing_string(editing, entry);
	}
	return NULL;
}

static const char *old_path(const struct editing *editing)
{
	const struct image *image = editing->layout.image;
	uint64_t value;

	return image_dynamic(image, DT_RUNPATH, &value) || image_dynamic(image, DT_RPATH, &value)
		       ? dynstr_get(&editing->layout, value)
		       : NULL;
}

static const char *new_path(const struct editing *editing)
{
	const struct dynamic_entry *entry = layout_dynamic(&editing->layout, DT_RUNPATH);

	entry = entry ? entry : layout_dynamic(&editing->layout, DT_RPATH);
	return entry ? editing_string(editing, entry) : NULL;
}

static bool is_same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Whether the file needs other libraries than before, or looks for them elsewhere. */
static bool is_changed(const struct editing *editing)
{
	size_t old_at = 0, new_at = 0;
	const char *old, *new;

	do {
		old = old_needed(editing, &old_at);
		new = new_needed(editing, &new_at);
		if (!is_same(old, new))
			return true;
	} while (old);
	return !is_same(old_path(editing), new_path(editing));
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Names that the loader searches for, sorted; those with a slash it opens as they are. */
static const char **searched_names(const struct editing *editing, size_t *count)
{
	const char **names = calloc(editing->layout.dynamic_count + 1, sizeof *names), *name;
	size_t at = 0, all = 0;

	*count = 0;
	if (!names)
		return NULL;
	while ((name = new_needed(editing, &at)))
		if (!strchr(name, '/'))
			names[all++] = name;
	qsort(names, all, sizeof *names, by_name);
	for (size_t i = 0; i < all; i++)
		if (*count == 0 || strcmp(names[*count - 1], names[i]) != 0)
			names[(*count)++] = names[i];
	return names;
}

/* A folder that the loader has to look into itself. */
static bool is_for_loader(const char *folder, int size)
{
	char *path;

	if (size == 0 || *folder != '/' || memchr(folder, '$', (size_t)size))
		return true;
	if (asprintf(&path, "%.*s/glibc-hwcaps", size, folder) < 0)
		return true;
	bool is_it = access(path, F_OK) == 0;
	free(path);
	return is_it;
}

/* What the list says of a name; nothing when it is found nowhere. */
static void write_list(FILE *to, const char *name, const char *folders)
{
	bool is_first = true;

	for (const char *folder = folders; folder; folder = strchr(folder, ':') ? strchr(folder, ':') + 1 : NULL) {
		int size = (int)strcspn(folder, ":");
		bool is_hint = is_for_loader(folder, size);
		char *path;
		if (asprintf(&path, "%.*s/%s", size, folder, name) < 0)
			return;
		if (is_hint || access(path, R_OK) == 0) {
			if (is_first)
				fprintf(to, "%s%c", name, '\0');
			fprintf(to, "%s%c%.*s", is_first ? "" : ":", is_hint ? '?' : '=',
				is_hint ? size : (int)strlen(path), is_hint ? folder : path);
			is_first = false;
		}
		free(path);
	}
	if (!is_first)
		fputc('\0', to);
}

/* The descriptor, or null: *reason says why there is nothing to note, or is null when memory ran out. */
static char *find_libraries(const struct editing *editing, size_t *size, const char **reason)
{
	const char *path = new_path(editing);
	size_t count, at = 0;
	char *bytes = NULL;

	*reason = NULL;
	if (!new_needed(editing, &at) || !path || *path == '\0') {
		*reason = editing->layout.image->dynamic_size ? "no DT_NEEDED entries or run path to resolve"
							      : "no dynamic section (statically linked?)";
		return NULL;
	}
	const char **names = searched_names(editing, &count);
	FILE *to = names ? open_memstream(&bytes, size) : NULL;
	for (size_t i = 0; to && i < count; i++)
		write_list(to, names[i], path);
	free(names);
	if (!to)
		return NULL;
	bool is_empty = ftell(to) == 0;
	fputc('\0', to);
	bool is_written = !ferror(to);
	if (fclose(to) == 0 && is_written && !is_empty)
		return bytes;
	if (is_empty)
		*reason = "no libraries resolved against the run path";
	free(bytes);
	return NULL;
}

/* The whole note: sizes, type, owner, descriptor, each padded to four bytes. */
static const char *note_of(struct editing *editing, const char *descriptor, size_t size, size_t *note_size)
{
	const struct image *image = editing->layout.image;
	char *note = calloc(HEAD + size + 3, 1);

	if (!note)
		return NULL;
	image_put32(image, note, sizeof OWNER);
	image_put32(image, note + 4, (uint32_t)size);
	image_put32(image, note + 8, TYPE);
	memcpy(note + 12, OWNER, sizeof OWNER);
	memcpy(note + HEAD, descriptor, size);
	*note_size = (HEAD + size + 3) & ~(size_t)3;
	return editing_own(editing, note);
}

static bool find_cache(struct editing *editing, GElf_Shdr *header)
{
	Elf_Scn *section = image_section(editing->layout.image, SECTION, header);

	editing->cache.section = section ? elf_ndxscn(section) : 0;
	return section != NULL;
}

static bool build(struct editing *editing, const GElf_Shdr *old, struct why *why)
{
	struct cache_edit *cache = &editing->cache;
	const unsigned char *bytes = editing->layout.image->bytes;
	size_t size = 0;

	char *descriptor = find_libraries(editing, &size, &cache->reason);
	if (descriptor) {
		cache->bytes = note_of(editing, descriptor, size, &cache->size);
		free(descriptor);
	}
	if (!cache->bytes && !cache->reason)
		return why_set(why, "out of memory");
	if (!old)
		return true;
	if (cache->bytes && old->sh_type == SHT_NOTE && old->sh_size == cache->size &&
	    memcmp(bytes + old->sh_offset, cache->bytes, cache->size) == 0) {
		cache->bytes = NULL;
		return true;
	}
	return why_set(why,
		       "a resolution cache note is already present, and not the same; rebuild from a file without one");
}

bool edit_check_cache(struct editing *editing, struct why *why)
{
	struct cache_edit *cache = &editing->cache;
	GElf_Shdr old;
	bool is_there = find_cache(editing, &old);

	cache->is_dropped = is_there && is_changed(editing);
	if (cache->is_dropped)
		editing_note(editing, "resolution cache: gone, as it was of other libraries or paths");
	if (!cache->is_asked)
		return true;
	if (!build(editing, is_there && !cache->is_dropped ? &old : NULL, why))
		return false;
	if (cache->bytes)
		editing_note(editing, "resolution cache: %zu bytes", cache->size);
	return true;
}

bool edit_fit_cache(struct editing *editing, struct why *why)
{
	struct cache_edit *cache = &editing->cache;

	if (cache->is_dropped)
		layout_drop_section(&editing->layout, cache->section);
	return !cache->bytes || layout_add_note(&editing->layout, SECTION, cache->bytes, cache->size, why);
}
