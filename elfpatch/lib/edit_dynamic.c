/* Names and flags of the dynamic section. */
#include "editing.h"

#include <inttypes.h>
#include <string.h>

bool edit_soname(struct editing *editing, const struct edit *edit, struct why *why)
{
	const struct image *image = editing->layout.image;
	const struct dynamic_entry *entry = layout_dynamic(&editing->layout, DT_SONAME);
	const char *old = entry ? editing_string(editing, entry) : NULL;

	if (image->ehdr.e_type != ET_DYN)
		return why_set(why, "only a shared library has a soname (e_type %d, expected %d)", image->ehdr.e_type,
			       ET_DYN);
	if (old && strcmp(old, edit->name) == 0)
		return true;
	editing_note(editing, "soname: %s -> %s", old ? old : "none", edit->name);
	return editing_set(editing, DT_SONAME, 0, edit->name, why);
}

/* Which library an entry is about must be known of all of them. */
static bool check_needed(const struct editing *editing, struct why *why)
{
	const struct layout *layout = &editing->layout;

	if (layout->image->dynamic_size == 0)
		return why_set(why, "no dynamic section");
	for (size_t i = 0; i < layout->dynamic_count; i++)
		if (layout->dynamic[i].tag == DT_NEEDED && !editing_string(editing, &layout->dynamic[i]))
			return why_set(why, "DT_NEEDED: a name at %" PRIu64 " is outside DT_STRTAB",
				       layout->dynamic[i].value);
	return true;
}

/* The first DT_NEEDED of that name from number `at` on. */
static bool find_needed(const struct editing *editing, const char *name, size_t *at)
{
	const struct layout *layout = &editing->layout;

	for (; *at < layout->dynamic_count; ++*at) {
		const struct dynamic_entry *entry = &layout->dynamic[*at];
		const char *found = entry->tag == DT_NEEDED ? editing_string(editing, entry) : NULL;
		if (found && strcmp(found, name) == 0)
			return true;
	}
	return false;
}

bool edit_needed_add(struct editing *editing, const struct edit *edit, struct why *why)
{
	struct layout *layout = &editing->layout;
	size_t at = 0;

	if (!check_needed(editing, why))
		return false;
	if (find_needed(editing, edit->name, &at))
		return true;
	/* Only the order among themselves counts, and at the end no other entry has to be written. */
	at = layout->dynamic_count;
	for (size_t i = 0; edit->number && i < at; i++)
		if (layout->dynamic[i].tag == DT_NEEDED)
			at = i;
	struct dynamic_entry *entry = layout_dynamic_insert(layout, at, DT_NEEDED, 0);
	if (!entry)
		return why_set(why, "out of memory");
	entry->string = edit->name;
	editing_note(editing, "needed: + %s", edit->name);
	return true;
}

static bool note_versions(struct editing *editing, uint64_t at, const char *name, void *context, struct why *why)
{
	(void)at;
	(void)why;
	if (strcmp(name, context) == 0)
		editing_warn(editing, "versions of %s are still needed, which is not any more", name);
	return true;
}

bool edit_needed_remove(struct editing *editing, const struct edit *edit, struct why *why)
{
	size_t at = 0;
	bool is_found = false;

	if (!check_needed(editing, why))
		return false;
	while (find_needed(editing, edit->name, &at)) {
		layout_dynamic_remove(&editing->layout, at);
		is_found = true;
	}
	if (!is_found)
		return true;
	editing_note(editing, "needed: - %s", edit->name);
	return editing_each_verneed(editing, note_versions, (void *)edit->name, why);
}

static bool rename_versions(struct editing *editing, uint64_t at, const char *name, void *context, struct why *why)
{
	const char *value = name_map_get(context, name);

	return value == name || strcmp(value, name) == 0 || editing_set_field(editing, at, value, why);
}

/* Whether entry `at` is the only one, or the first, that needs that library. */
static bool is_first(const struct editing *editing, size_t at, const char *name)
{
	size_t first = 0;

	return find_needed(editing, name, &first) && first == at;
}

static bool is_value(const struct name_map *map, const char *name)
{
	for (size_t i = 0; i < map->count; i++)
		if (strcmp(map->items[i].value, name) == 0)
			return true;
	return false;
}

/* The loader looks for the library of a needed version by its name, which has to follow. */
bool edit_needed_rename(struct editing *editing, const struct edit *edit, struct why *why)
{
	struct layout *layout = &editing->layout;
	bool is_found = false;

	if (!check_needed(editing, why))
		return false;
	for (size_t i = 0; i < layout->dynamic_count; i++) {
		struct dynamic_entry *entry = &layout->dynamic[i];
		const char *name = entry->tag == DT_NEEDED ? editing_string(editing, entry) : NULL;
		const char *value = name ? name_map_get(edit->map, name) : NULL;
		if (!value || value == name || strcmp(value, name) == 0)
			continue;
		editing_note(editing, "needed: %s -> %s", name, value);
		entry->string = value;
		is_found = true;
	}
	if (!is_found)
		return true;
	/* Two may have become one. */
	for (size_t i = layout->dynamic_count; i-- > 0;) {
		const char *name =
			layout->dynamic[i].tag == DT_NEEDED ? editing_string(editing, &layout->dynamic[i]) : NULL;
		if (name && is_value(edit->map, name) && !is_first(editing, i, name))
			layout_dynamic_remove(layout, i);
	}
	return editing_each_verneed(editing, rename_versions, (void *)edit->map, why);
}

bool edit_needed_replace(struct editing *editing, const struct edit *edit, struct why *why)
{
	const struct name_pair pair = {edit->name, edit->value};
	const struct name_map map = {&pair, 1};
	const struct edit rename = {.kind = EDIT_NEEDED_RENAME, .map = &map};

	return edit_needed_rename(editing, &rename, why);
}

/* Some flags have a bit in each of DT_FLAGS and DT_FLAGS_1, and some an older entry of the same meaning. */
static const struct df {
	const char *name;
	uint64_t flags, flags_1;
	int64_t tag;
} dfs[] = {
	{"origin", DF_ORIGIN, DF_1_ORIGIN, DT_NULL},
	{"symbolic", DF_SYMBOLIC, 0, DT_SYMBOLIC},
	{"textrel", DF_TEXTREL, 0, DT_TEXTREL},
	{"now", DF_BIND_NOW, DF_1_NOW, DT_BIND_NOW},
	{"static-tls", DF_STATIC_TLS, 0, DT_NULL},
#define DF_1(name, flag)                                                                                               \
	{                                                                                                              \
		name, 0, flag, DT_NULL                                                                                 \
	}
	DF_1("global", DF_1_GLOBAL),
	DF_1("group", DF_1_GROUP),
	DF_1("nodelete", DF_1_NODELETE),
	DF_1("loadfltr", DF_1_LOADFLTR),
	DF_1("initfirst", DF_1_INITFIRST),
	DF_1("noopen", DF_1_NOOPEN),
	DF_1("direct", DF_1_DIRECT),
	DF_1("trans", DF_1_TRANS),
	DF_1("interpose", DF_1_INTERPOSE),
	DF_1("nodeflib", DF_1_NODEFLIB),
	DF_1("nodump", DF_1_NODUMP),
	DF_1("confalt", DF_1_CONFALT),
	DF_1("endfiltee", DF_1_ENDFILTEE),
	DF_1("dispreldne", DF_1_DISPRELDNE),
	DF_1("disprelpnd", DF_1_DISPRELPND),
	DF_1("nodirect", DF_1_NODIRECT),
	DF_1("ignmuldef", DF_1_IGNMULDEF),
	DF_1("noksyms", DF_1_NOKSYMS),
	DF_1("nohdr", DF_1_NOHDR),
	DF_1("edited", DF_1_EDITED),
	DF_1("noreloc", DF_1_NORELOC),
	DF_1("symintpose", DF_1_SYMINTPOSE),
	DF_1("globaudit", DF_1_GLOBAUDIT),
	DF_1("singleton", DF_1_SINGLETON),
	DF_1("stub", DF_1_STUB),
	DF_1("pie", DF_1_PIE),
};

const char *edit_df_name(size_t i)
{
	return i < sizeof dfs / sizeof dfs[0] ? dfs[i].name : NULL;
}

bool edit_df_is_set(const struct image *image, size_t i)
{
	uint64_t flags = 0, flags_1 = 0, unused;

	image_dynamic(image, DT_FLAGS, &flags);
	image_dynamic(image, DT_FLAGS_1, &flags_1);
	return flags & dfs[i].flags || flags_1 & dfs[i].flags_1 ||
	       (dfs[i].tag != DT_NULL && image_dynamic(image, dfs[i].tag, &unused));
}

static const struct df *df_find(const char *name)
{
	for (size_t i = 0; i < sizeof dfs / sizeof dfs[0]; i++)
		if (strcmp(dfs[i].name, name) == 0)
			return &dfs[i];
	return NULL;
}

/* Set and clear bits of DT_FLAGS or DT_FLAGS_1; an entry for nothing but zero is not made. */
static bool change(struct editing *editing, int64_t tag, uint64_t set, uint64_t clear, bool *is_changed,
		   struct why *why)
{
	const struct dynamic_entry *entry = layout_dynamic(&editing->layout, tag);
	uint64_t old = entry ? entry->value : 0, value = (old | set) & ~clear;

	if (value == old)
		return true;
	*is_changed = true;
	return editing_set(editing, tag, value, NULL, why);
}

bool edit_df(struct editing *editing, const struct edit *edit, struct why *why)
{
	const struct df *df = df_find(edit->name);
	bool is_changed = false;

	if (!df)
		return why_set(why, "no flag of the dynamic section is called '%s'", edit->name);
	bool has_tag = df->tag != DT_NULL && layout_dynamic(&editing->layout, df->tag);
	if (!change(editing, DT_FLAGS, has_tag ? 0 : df->flags, 0, &is_changed, why) ||
	    !change(editing, DT_FLAGS_1, df->flags_1, 0, &is_changed, why))
		return false;
	if (is_changed)
		editing_note(editing, "df: + %s", df->name);
	return true;
}

bool edit_no_df(struct editing *editing, const struct edit *edit, struct why *why)
{
	const struct df *df = df_find(edit->name);
	bool is_changed = false;

	if (!df)
		return why_set(why, "no flag of the dynamic section is called '%s'", edit->name);
	if (!change(editing, DT_FLAGS, 0, df->flags, &is_changed, why) ||
	    !change(editing, DT_FLAGS_1, 0, df->flags_1, &is_changed, why))
		return false;
	for (size_t i = editing->layout.dynamic_count; df->tag != DT_NULL && i-- > 0;) {
		if (editing->layout.dynamic[i].tag == df->tag) {
			layout_dynamic_remove(&editing->layout, i);
			is_changed = true;
		}
	}
	if (is_changed)
		editing_note(editing, "df: - %s", df->name);
	return true;
}

bool edit_debug_tag(struct editing *editing, const struct edit *edit, struct why *why)
{
	(void)edit;
	if (layout_dynamic(&editing->layout, DT_DEBUG))
		return true;
	editing_note(editing, "debug tag: none -> 0");
	return editing_set(editing, DT_DEBUG, 0, NULL, why);
}
