/* DT_RUNPATH and DT_RPATH: lists of folders with ':' between them. */
#include "editing.h"

#include "machine.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The entry that counts: with a DT_RUNPATH, DT_RPATH is not looked at. */
static struct dynamic_entry *find_path(const struct editing *editing)
{
	struct dynamic_entry *entry = layout_dynamic(&editing->layout, DT_RUNPATH);

	return entry ? entry : layout_dynamic(&editing->layout, DT_RPATH);
}

static const char *tag_name(int64_t tag)
{
	return tag == DT_RPATH ? "rpath" : "runpath";
}

static bool get_path(const struct editing *editing, const struct dynamic_entry *entry, const char **path,
		     struct why *why)
{
	*path = editing_string(editing, entry);
	return *path || why_set(why, "the %s is outside DT_STRTAB", tag_name(entry->tag));
}

/* A path that is given up is not to be found in the file any more: some collect references by looking for them. */
static bool wipe(struct editing *editing, const struct dynamic_entry *entry)
{
	struct wiped *wiped = &editing->wiped;
	uint64_t *grown;
	int64_t tag;
	uint64_t offset;

	if (entry->was == ENTRY_NEW || !image_dynamic_entry(editing->layout.image, entry->was, &tag, &offset))
		return true;
	grown = realloc(wiped->offsets, (wiped->count + 1) * sizeof *grown);
	if (!grown)
		return false;
	wiped->offsets = grown;
	grown[wiped->count++] = offset;
	return true;
}

static bool remove_tag(struct editing *editing, int64_t tag)
{
	for (size_t i = editing->layout.dynamic_count; i-- > 0;) {
		if (editing->layout.dynamic[i].tag != tag)
			continue;
		if (!wipe(editing, &editing->layout.dynamic[i]))
			return false;
		layout_dynamic_remove(&editing->layout, i);
	}
	return true;
}

bool edit_path_none(struct editing *editing, const struct edit *edit, struct why *why)
{
	const struct dynamic_entry *entry = find_path(editing);
	const char *old;

	(void)edit;
	if (!entry)
		return true;
	if (!get_path(editing, entry, &old, why))
		old = "?";
	editing_note(editing, "%s: %s -> none", tag_name(entry->tag), old);
	return (remove_tag(editing, DT_RUNPATH) && remove_tag(editing, DT_RPATH)) || why_set(why, "out of memory");
}

/* Give the list that counts new contents; `path` is empty for none. */
static bool put_path(struct editing *editing, int64_t tag, const char *path, struct why *why)
{
	struct dynamic_entry *entry = find_path(editing);
	const char *old = NULL;

	if (*path == '\0')
		return edit_path_none(editing, NULL, why);
	if (entry && !get_path(editing, entry, &old, why))
		return false;
	bool is_only = !layout_dynamic(&editing->layout, tag == DT_RPATH ? DT_RUNPATH : DT_RPATH);
	if (entry && entry->tag == tag && is_only && strcmp(old, path) == 0)
		return true;
	editing_note(editing, "%s: %s -> %s", tag_name(tag), old ? old : "none", path);
	/* What stood under the other tag becomes this one, so that no entry is added. */
	bool is_same = entry && strcmp(old, path) == 0;
	if (entry && !is_same && !wipe(editing, entry))
		return why_set(why, "out of memory");
	if (entry)
		entry->tag = tag;
	if (!editing_set(editing, tag, entry ? entry->value : 0, is_same ? entry->string : path, why))
		return false;
	return remove_tag(editing, tag == DT_RPATH ? DT_RUNPATH : DT_RPATH) || why_set(why, "out of memory");
}

bool edit_path_set(struct editing *editing, const struct edit *edit, struct why *why)
{
	return put_path(editing, edit->kind == EDIT_RPATH ? DT_RPATH : DT_RUNPATH, edit->name, why);
}

/* The next folder of a list; *size is its length. Starts and ends with *at null and the list's end. */
static const char *next_folder(const char **at, size_t *size)
{
	const char *folder = *at;

	if (!folder)
		return NULL;
	*size = strcspn(folder, ":");
	*at = folder[*size] ? folder + *size + 1 : NULL;
	return folder;
}

static bool is_named(const char *folder, size_t size, const char *name)
{
	return strlen(name) == size && memcmp(folder, name, size) == 0;
}

static bool has_folder(const char *path, const char *name, size_t name_size)
{
	const char *at = *path ? path : NULL, *folder;
	size_t size;

	while ((folder = next_folder(&at, &size)))
		if (size == name_size && memcmp(folder, name, size) == 0)
			return true;
	return false;
}

/* The tag that the edit asks for, or the entry's own. */
static int64_t tag_of(const struct edit *edit, const struct dynamic_entry *entry)
{
	return edit->number ? (int64_t)edit->number : entry ? entry->tag : DT_RUNPATH;
}

bool edit_path_add(struct editing *editing, const struct edit *edit, struct why *why)
{
	const struct dynamic_entry *entry = find_path(editing);
	const char *path = "", *at = edit->name, *folder;
	size_t size;

	if (entry && !get_path(editing, entry, &path, why))
		return false;
	char *longer = malloc(strlen(path) + strlen(edit->name) + 2);
	if (!editing_own(editing, longer))
		return why_set(why, "out of memory");
	char *end = stpcpy(longer, path);
	while ((folder = next_folder(&at, &size))) {
		if (has_folder(longer, folder, size))
			continue;
		if (end > longer)
			*end++ = ':';
		end = mempcpy(end, folder, size);
		*end = '\0';
	}
	return put_path(editing, tag_of(edit, entry), longer, why);
}

/* Keep the folders that `keeps` says. */
static bool filter(struct editing *editing, const struct edit *edit,
		   bool (*keeps)(struct editing *, const char *, size_t, const void *), const void *context,
		   struct why *why)
{
	const struct dynamic_entry *entry = find_path(editing);
	const char *path, *at, *folder;
	size_t size;

	if (!entry)
		return true;
	if (!get_path(editing, entry, &path, why))
		return false;
	char *kept = calloc(strlen(path) + 2, 1), *end = kept;
	if (!editing_own(editing, kept))
		return why_set(why, "out of memory");
	at = path;
	while ((folder = next_folder(&at, &size))) {
		if (!keeps(editing, folder, size, context))
			continue;
		memcpy(end, folder, size);
		end[size] = ':';
		end += size + 1;
	}
	if (end > kept)
		end[-1] = '\0';
	return put_path(editing, tag_of(edit, entry), kept, why);
}

static bool is_other(struct editing *editing, const char *folder, size_t size, const void *context)
{
	(void)editing;
	return !is_named(folder, size, context);
}

bool edit_path_remove(struct editing *editing, const struct edit *edit, struct why *why)
{
	return filter(editing, edit, is_other, edit->name, why);
}

/* Whether the file is one that this one could be loaded with. */
static bool is_library_for(const struct image *image, const char *path)
{
	unsigned char head[20];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return false;
	ssize_t n = read(fd, head, sizeof head);
	close(fd);
	return n == sizeof head && memcmp(head, ELFMAG, SELFMAG) == 0 &&
	       head[EI_CLASS] == image->ehdr.e_ident[EI_CLASS] && head[EI_DATA] == image->ehdr.e_ident[EI_DATA] &&
	       image_get16(image, head + 18) == image->ehdr.e_machine;
}

/* Needed libraries by number in the dynamic section: found in a folder that stays. */
struct shrinking {
	bool *is_found;
};

static bool is_useful(struct editing *editing, const char *folder, size_t size, const void *context)
{
	const struct shrinking *shrinking = context;
	const struct layout *layout = &editing->layout;
	bool is_allowed = editing->edits->prefix_count == 0, is_used = false;

	/* Where "$ORIGIN" will be, and the working folder, cannot be known. */
	if (size == 0 || *folder != '/')
		return size != 0;
	for (size_t i = 0; i < editing->edits->prefix_count; i++) {
		size_t length = strlen(editing->edits->prefixes[i]);
		is_allowed = is_allowed || (length <= size && memcmp(folder, editing->edits->prefixes[i], length) == 0);
	}
	for (size_t i = 0; is_allowed && i < layout->dynamic_count; i++) {
		char path[4096];
		const char *name =
			layout->dynamic[i].tag == DT_NEEDED ? editing_string(editing, &layout->dynamic[i]) : NULL;
		if (!name || shrinking->is_found[i] || strchr(name, '/') ||
		    (size_t)snprintf(path, sizeof path, "%.*s/%s", (int)size, folder, name) >= sizeof path ||
		    !is_library_for(layout->image, path))
			continue;
		shrinking->is_found[i] = true;
		is_used = true;
	}
	return is_used;
}

bool edit_path_shrink(struct editing *editing, const struct edit *edit, struct why *why)
{
	struct shrinking shrinking = {calloc(editing->layout.dynamic_count + 1, sizeof(bool))};

	if (!shrinking.is_found)
		return why_set(why, "out of memory");
	bool is_done = filter(editing, edit, is_useful, &shrinking, why);
	free(shrinking.is_found);
	return is_done;
}
