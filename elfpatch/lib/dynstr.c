#include "dynstr.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Bytes more than asked for when the table has to move, so that the next edits fit. */
enum { SPARE = 128 };

struct table {
	struct layout *layout;
	struct symbols dynsym; /* its strings are the table as it is in the file */
	struct string_field *fields;
	size_t field_count;
	const struct wiped *wiped;
	unsigned char *used; /* a bit a byte: some reference reaches it; null when bytes cannot be reused */
	/* While `used` is null: whether a reference goes into [own, own_end). */
	uint64_t own, own_end;
	bool is_shared;
	/* Strings placed so far, which are not in the file yet. */
	struct placed {
		const char *string;
		uint64_t offset;
	} * placed;
	size_t placed_count, placed_capacity;
	uint64_t end; /* of the table as it will be */
	/* Of many strings: those in the file, sorted by their ends, and where the next unused bytes are looked for. */
	const char **sorted;
	size_t sorted_count;
	uint64_t next;
};

/* From so many strings on, none is looked for in the whole table. */
enum { MANY = 32 };

const char *dynstr_get(const struct layout *layout, uint64_t offset)
{
	return layout->strings && offset < layout->strings_size ? layout->strings + offset : NULL;
}

static bool is_used(const struct table *table, uint64_t at)
{
	return table->used[at / 8] >> at % 8 & 1;
}

static void mark(struct table *table, uint64_t at, uint64_t end)
{
	for (; at < end && at % 8; at++)
		table->used[at / 8] |= (unsigned char)(1 << at % 8);
	if (end - at >= 8) {
		memset(table->used + at / 8, 0xff, (end - at) / 8);
		at = end & ~UINT64_C(7);
	}
	for (; at < end; at++)
		table->used[at / 8] |= (unsigned char)(1 << at % 8);
}

/* A reference to the string at `offset`. */
static void use(struct table *table, uint64_t offset)
{
	if (offset >= table->dynsym.strings_size)
		return;
	if (!table->used)
		table->is_shared = table->is_shared || (offset >= table->own && offset < table->own_end);
	else if (!is_used(table, offset))
		mark(table, offset, offset + strlen(table->dynsym.strings + offset) + 1);
}

/* Tags whose values are no strings; any other may be one that is not known here. */
static bool is_known_number(int64_t tag)
{
	if (tag >= 0 && tag <= DT_RELRENT)
		return tag != DT_NEEDED && tag != DT_SONAME && tag != DT_RPATH && tag != DT_RUNPATH;
	return (tag >= DT_VALRNGLO && tag <= DT_VALRNGHI) || tag == DT_GNU_HASH || tag == DT_VERSYM ||
	       tag == DT_RELACOUNT || tag == DT_RELCOUNT || tag == DT_FLAGS_1 || tag == DT_VERDEF ||
	       tag == DT_VERDEFNUM || tag == DT_VERNEED || tag == DT_VERNEEDNUM;
}

static void use_dynamic(struct table *table)
{
	const struct layout *layout = table->layout;

	for (size_t i = 0; i < layout->dynamic_count; i++)
		if (!layout->dynamic[i].string && !is_known_number(layout->dynamic[i].tag))
			use(table, layout->dynamic[i].value);
}

static int by_place(const void *a, const void *b)
{
	const struct string_field *l = a, *r = b;

	return (l->at > r->at) - (l->at < r->at);
}

const struct string_field *string_field_find(const struct string_field *fields, size_t count, uint64_t at)
{
	const struct string_field key = {.at = at};

	return count ? bsearch(&key, fields, count, sizeof key, by_place) : NULL;
}

/* What a 32-bit field in the file refers to, unless it gets another string. */
static bool use_field(struct table *table, const unsigned char *at, const char *what, struct why *why)
{
	uint64_t place = (uint64_t)(at - table->layout->image->bytes);
	uint32_t offset = image_get32(table->layout->image, at);

	if (string_field_find(table->fields, table->field_count, place))
		return true;
	/* Were the table to grow, it would be a name. */
	if (offset >= table->dynsym.strings_size)
		return why_set(why, "%s: the name at %" PRIu32 " is outside the %" PRIu64 " bytes of DT_STRTAB", what,
			       offset, table->dynsym.strings_size);
	use(table, offset);
	return true;
}

static bool use_symbols(struct table *table, struct why *why)
{
	/* st_name comes first in both classes. */
	for (size_t i = 0; i < table->dynsym.count; i++)
		if (!use_field(table, table->dynsym.entries + i * table->dynsym.entry_size, "DT_SYMTAB", why))
			return false;
	return true;
}

/*
 * Versions (LSB, Symbol Versioning): a list of entries, each with a list of
 * auxiliary ones. `aux`, `count` and `next` are offsets of fields of an entry,
 * `name` and `aux_next` of an auxiliary one, `file` that of a name in the entry
 * itself, or 0.
 */
struct version_form {
	const char *what;
	int64_t tag, count_tag;
	uint32_t section; /* type */
	size_t size, count, aux, next, file, aux_size, name, aux_next;
};

/* A part of a table that is outside its section stays behind when that moves. */
static const unsigned char *version_at(const struct image *image, const GElf_Shdr *section, uint64_t at, size_t size)
{
	if (section->sh_size && (at < section->sh_addr || at - section->sh_addr > section->sh_size ||
				 size > section->sh_size - (at - section->sh_addr)))
		return NULL;
	return image_at(image, at, size);
}

/* The section of that type at that address; one of size 0 when there is none. */
static GElf_Shdr version_section(const struct image *image, uint32_t type, uint64_t address)
{
	GElf_Shdr s;

	for (size_t i = 1; i < image->shnum; i++)
		if (gelf_getshdr(elf_getscn(image->elf, i), &s) && s.sh_type == type && s.sh_addr == address)
			return s;
	return (GElf_Shdr){0};
}

static bool use_versions(struct table *table, const struct version_form *form, struct why *why)
{
	const struct image *image = table->layout->image;
	uint64_t at, entries, left = image->size / 8;

	if (!image_dynamic(image, form->tag, &at) || !image_dynamic(image, form->count_tag, &entries))
		return true;
	const GElf_Shdr section = version_section(image, form->section, at);
	for (; entries > 0; entries--) {
		const unsigned char *entry = version_at(image, &section, at, form->size);
		if (!entry || left-- == 0)
			return why_set(why, "%s: the entry at 0x%" PRIx64 " is not inside its table", form->what, at);
		if (form->file && !use_field(table, entry + form->file, form->what, why))
			return false;
		uint64_t aux_at = at + image_get32(image, entry + form->aux);
		for (uint16_t n = image_get16(image, entry + form->count); n > 0; n--) {
			const unsigned char *aux = version_at(image, &section, aux_at, form->aux_size);
			if (!aux || left-- == 0)
				return why_set(why, "%s: the name at 0x%" PRIx64 " is not inside its table", form->what,
					       aux_at);
			if (!use_field(table, aux + form->name, form->what, why))
				return false;
			aux_at += image_get32(image, aux + form->aux_next);
		}
		uint32_t next = image_get32(image, entry + form->next);
		if (next == 0)
			break;
		at += next;
	}
	return true;
}

/* A section that we do not know, or .symtab, uses the same strings. */
static bool has_other_users(const struct layout *layout)
{
	if (layout->image->shnum && layout->dynstr_section == 0)
		return true;
	for (size_t i = 1; i < layout->shnum; i++) {
		const GElf_Shdr *s = &layout->shdrs[i];
		if (s->sh_link == layout->dynstr_section && s->sh_type != SHT_DYNSYM && s->sh_type != SHT_DYNAMIC &&
		    s->sh_type != SHT_GNU_verdef && s->sh_type != SHT_GNU_verneed && s->sh_type != SHT_NULL)
			return true;
	}
	return layout->dynstr_section && layout->image->shstrndx == layout->dynstr_section;
}

/* Call `use` for every reference but those that get another string. */
static bool use_all(struct table *table, struct why *why)
{
	static const struct version_form forms[] = {
		{"DT_VERNEED", DT_VERNEED, DT_VERNEEDNUM, SHT_GNU_verneed, 16, 2, 8, 12, 4, 16, 8, 12},
		{"DT_VERDEF", DT_VERDEF, DT_VERDEFNUM, SHT_GNU_verdef, 20, 6, 12, 16, 0, 8, 0, 4},
	};

	use_dynamic(table);
	return use_symbols(table, why) && use_versions(table, &forms[0], why) && use_versions(table, &forms[1], why);
}

static bool find_used(struct table *table, struct why *why)
{
	if (has_other_users(table->layout))
		return true;
	table->used = calloc(table->dynsym.strings_size / 8 + 1, 1);
	if (!table->used)
		return why_set(why, "out of memory");
	use(table, 0);
	return use_all(table, why);
}

/*
 * An entry whose old string is nobody else's, and not shorter than the new one, is
 * written over. That needs a look at each reference, but at no other string, and
 * moves nothing: the common case stays fast and in one place.
 */
static bool overwrite(struct table *table, struct dynamic_entry *entry, bool *is_done, struct why *why)
{
	struct layout *layout = table->layout;
	const char *strings = table->dynsym.strings;
	int64_t tag;
	uint64_t old;

	*is_done = false;
	if (entry->was == ENTRY_NEW || has_other_users(layout) ||
	    !image_dynamic_entry(layout->image, entry->was, &tag, &old) || old == 0 ||
	    old >= table->dynsym.strings_size || strings[old - 1] != '\0')
		return true;
	size_t length = strlen(strings + old), new_length = strlen(entry->string);
	if (new_length > length)
		return true;
	table->own = old;
	table->own_end = old + length + 1;
	table->is_shared = false;
	if (!use_all(table, why) || table->is_shared)
		return table->is_shared;
	char *bytes = calloc(length + 1, 1);
	if (!bytes)
		return why_set(why, "out of memory");
	memcpy(bytes, entry->string, new_length);
	layout_write(layout, (uint64_t)(strings - (const char *)layout->image->bytes) + old, bytes, length + 1);
	free(bytes);
	entry->value = old;
	entry->string = NULL;
	*is_done = true;
	return true;
}

/* Compare two strings from their last character on; one that ends so comes before those that go on. */
static int compare_ends(const char *a, size_t a_length, const char *b, size_t b_length)
{
	while (a_length && b_length) {
		int difference = (unsigned char)a[--a_length] - (unsigned char)b[--b_length];
		if (difference)
			return difference;
	}
	return (a_length > b_length) - (a_length < b_length);
}

static int by_end(const void *a, const void *b)
{
	const char *l = *(const char *const *)a, *r = *(const char *const *)b;

	return compare_ends(l, strlen(l), r, strlen(r));
}

/* Every string that is not the end of another only, so that place need not search the table for each. */
static bool sort_strings(struct table *table, struct why *why)
{
	const char *strings = table->dynsym.strings, *end = strings + table->dynsym.strings_size;
	size_t count = 0;

	for (const char *at = strings; at < end; at += strlen(at) + 1)
		count++;
	table->sorted = calloc(count + 1, sizeof *table->sorted);
	if (!table->sorted)
		return why_set(why, "out of memory");
	for (const char *at = strings; at < end; at += strlen(at) + 1)
		table->sorted[table->sorted_count++] = at;
	qsort(table->sorted, table->sorted_count, sizeof *table->sorted, by_end);
	return true;
}

/* The same as find_string, in a sorted table: the first that is not before it ends with it, if one does. */
static bool find_sorted(const struct table *table, const char *string, uint64_t *offset)
{
	size_t low = 0, high = table->sorted_count, length = strlen(string);

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (compare_ends(table->sorted[middle], strlen(table->sorted[middle]), string, length) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == table->sorted_count)
		return false;
	size_t found = strlen(table->sorted[low]);
	if (found < length || memcmp(table->sorted[low] + (found - length), string, length) != 0)
		return false;
	*offset = (uint64_t)(table->sorted[low] + (found - length) - table->dynsym.strings);
	return true;
}

/* Where the string stands, also as the end of another. */
static bool find_string(const struct table *table, const char *string, uint64_t *offset)
{
	if (table->sorted)
		return find_sorted(table, string, offset);
	size_t size = strlen(string) + 1;
	const char *at = memmem(table->dynsym.strings, table->dynsym.strings_size, string, size);

	if (at) {
		*offset = (uint64_t)(at - table->dynsym.strings);
		return true;
	}
	for (size_t i = 0; i < table->placed_count; i++) {
		size_t length = strlen(table->placed[i].string) + 1;
		if (length >= size && memcmp(table->placed[i].string + (length - size), string, size) == 0) {
			*offset = table->placed[i].offset + (length - size);
			return true;
		}
	}
	return false;
}

/* Of many strings, each goes behind the one before, and what is too short for one is left. */
static bool find_next_unused(struct table *table, size_t size, uint64_t *offset)
{
	uint64_t end = table->dynsym.strings_size;

	while (table->used && table->next < end) {
		uint64_t at = table->next;
		while (at < end && at - table->next < size && !is_used(table, at))
			at++;
		if (at - table->next == size) {
			*offset = table->next;
			table->next = at;
			return true;
		}
		table->next = at + 1;
	}
	return false;
}

/* The shortest run of unused bytes that is long enough. The byte before it ends a string or is used. */
static bool find_unused(struct table *table, size_t size, uint64_t *offset)
{
	uint64_t end = table->dynsym.strings_size, best = UINT64_MAX;

	if (table->sorted)
		return find_next_unused(table, size, offset);
	for (uint64_t at = 0; table->used && at < end;) {
		uint64_t start = at;
		while (at < end && !is_used(table, at))
			at++;
		/* What reaches the end of the table may be continued behind it. */
		if (at - start >= size && at - start < best) {
			best = at - start;
			*offset = start;
		}
		if (at == start)
			at += at % 8 == 0 && table->used[at / 8] == 0xff ? 8 : 1;
	}
	return best != UINT64_MAX;
}

static uint64_t unused_tail(const struct table *table)
{
	uint64_t end = table->dynsym.strings_size;

	if (!table->used || table->end > end)
		return table->end;
	while (end > 1 && !is_used(table, end - 1))
		end--;
	return end;
}

static bool place(struct table *table, const char *string, uint64_t *offset, struct why *why)
{
	size_t size = strlen(string) + 1;

	if (find_string(table, string, offset)) {
		if (table->used)
			use(table, *offset);
		return true;
	}
	if (table->placed_count == table->placed_capacity) {
		size_t capacity = table->placed_capacity ? 2 * table->placed_capacity : 16;
		struct placed *grown = realloc(table->placed, capacity * sizeof *grown);
		if (!grown)
			return why_set(why, "out of memory");
		table->placed = grown;
		table->placed_capacity = capacity;
	}
	if (find_unused(table, size, offset)) {
		mark(table, *offset, *offset + size);
	} else {
		*offset = unused_tail(table);
		if (*offset < table->dynsym.strings_size)
			mark(table, *offset, table->dynsym.strings_size);
		table->end = *offset + size;
	}
	table->placed[table->placed_count++] = (struct placed){string, *offset};
	return true;
}

/* Many strings in one write, with what of the table is between them. */
static bool write_placed(struct table *table, struct why *why)
{
	const struct layout *layout = table->layout;
	uint64_t from = (uint64_t)((const unsigned char *)table->dynsym.strings - layout->image->bytes),
		 first = UINT64_MAX, last = 0;

	for (size_t i = 0; i < table->placed_count; i++) {
		uint64_t at = table->placed[i].offset, end = at + strlen(table->placed[i].string) + 1;
		first = at < first ? at : first;
		last = end > last ? end : last;
	}
	if (last <= first)
		return true;
	char *bytes = calloc(last - first, 1);
	if (!bytes)
		return why_set(why, "out of memory");
	if (first < table->dynsym.strings_size)
		memcpy(bytes, table->dynsym.strings + first,
		       (last < table->dynsym.strings_size ? last : table->dynsym.strings_size) - first);
	for (size_t i = 0; i < table->placed_count; i++)
		strcpy(bytes + (table->placed[i].offset - first), table->placed[i].string);
	layout_write_section(table->layout, layout->dynstr_section, (layout->dynstr_section ? 0 : from) + first, bytes,
			     last - first);
	free(bytes);
	return true;
}

/* Those of symbols that follow each other in one write, with what is between them. */
static bool write_fields(struct table *table, struct why *why)
{
	const struct image *image = table->layout->image;
	uint64_t symbols = (uint64_t)(table->dynsym.entries - image->bytes);
	uint64_t symbols_end = symbols + table->dynsym.count * table->dynsym.entry_size;

	for (size_t i = 0, next; i < table->field_count; i = next) {
		uint64_t at = table->fields[i].at, end = at + 4;
		next = i + 1;
		/* A symbol that is new is written with its name. */
		if (at >= image->size)
			continue;
		for (; next < table->field_count; next++) {
			uint64_t other = table->fields[next].at;
			if (at < symbols || other >= symbols_end || other - end > 2 * table->dynsym.entry_size)
				break;
			end = other + 4;
		}
		unsigned char *bytes = malloc(end - at);
		if (!bytes)
			return why_set(why, "out of memory");
		memcpy(bytes, image->bytes + at, end - at);
		for (size_t f = i; f < next; f++)
			image_put32(image, bytes + (table->fields[f].at - at), (uint32_t)table->fields[f].offset);
		layout_write(table->layout, at, bytes, end - at);
		free(bytes);
	}
	return true;
}

/*
 * The string's bytes that nothing uses become letters, as far as it is known what is
 * used. This edit puts nothing there, so that the letters show that it was wiped.
 */
static bool wipe(struct table *table, uint64_t offset, struct why *why)
{
	uint64_t from = (uint64_t)((const unsigned char *)table->dynsym.strings - table->layout->image->bytes);

	if (!table->used || offset >= table->dynsym.strings_size)
		return true;
	uint64_t end = offset + strlen(table->dynsym.strings + offset);
	for (uint64_t at = offset, stop; at < end; at = stop + 1) {
		for (stop = at; stop < end && !is_used(table, stop);)
			stop++;
		char *bytes = malloc(stop - at + 1);
		if (!bytes)
			return why_set(why, "out of memory");
		memset(bytes, 'X', stop - at);
		if (stop > at)
			layout_write(table->layout, from + at, bytes, stop - at);
		free(bytes);
		mark(table, at, stop < end ? stop : end + 1);
	}
	return true;
}

static bool write_strings(struct table *table, struct why *why)
{
	struct layout *layout = table->layout;
	struct dynamic_entry *size = layout_dynamic(layout, DT_STRSZ);
	uint64_t from = (uint64_t)((const unsigned char *)table->dynsym.strings - layout->image->bytes);

	if (table->end > table->dynsym.strings_size) {
		if (layout->dynstr_section == 0)
			return why_set(why,
				       "%" PRIu64 " bytes of new strings do not fit the %" PRIu64
				       " of DT_STRTAB, and no section headers tell what stands behind it",
				       table->end, table->dynsym.strings_size);
		if (!layout_resize(layout, layout->dynstr_section, table->end, SPARE, why))
			return false;
		size->value = layout->shdrs[layout->dynstr_section].sh_size;
	}
	if (table->sorted)
		return write_placed(table, why) && write_fields(table, why);
	for (size_t i = 0; i < table->placed_count; i++)
		layout_write_section(layout, layout->dynstr_section,
				     (layout->dynstr_section ? 0 : from) + table->placed[i].offset,
				     table->placed[i].string, strlen(table->placed[i].string) + 1);
	return write_fields(table, why);
}

static int by_string(const void *a, const void *b)
{
	const struct string_field *const *l = a, *const *r = b;

	return strcmp((*l)->string, (*r)->string);
}

/* Fields in the order of their strings, so that equal ones meet. */
static bool place_fields(struct table *table, bool is_new, struct why *why)
{
	struct string_field **order = calloc(table->field_count + 1, sizeof(struct string_field *));
	bool is_done = order || why_set(why, "out of memory");

	for (size_t i = 0; is_done && i < table->field_count; i++)
		order[i] = &table->fields[i];
	if (is_done)
		qsort(order, table->field_count, sizeof *order, by_string);
	for (size_t i = 0; is_done && i < table->field_count; i++) {
		uint64_t there;
		if (i > 0 && strcmp(order[i]->string, order[i - 1]->string) == 0)
			order[i]->offset = order[i - 1]->offset;
		else if (is_new || find_string(table, order[i]->string, &there))
			is_done = place(table, order[i]->string, &order[i]->offset, why);
	}
	free(order);
	return is_done;
}

static bool place_all(struct table *table, struct why *why)
{
	struct layout *layout = table->layout;

	/* What is there already must not be written over for what is not. */
	for (int is_new = 0; is_new < 2; is_new++) {
		for (size_t i = 0; i < layout->dynamic_count; i++) {
			struct dynamic_entry *d = &layout->dynamic[i];
			uint64_t there;
			if (!d->string || (!is_new && !find_string(table, d->string, &there)))
				continue;
			if (!place(table, d->string, &d->value, why))
				return false;
			d->string = NULL;
		}
		if (!place_fields(table, is_new, why))
			return false;
		for (size_t i = 0; !is_new && i < table->wiped->count; i++)
			if (!wipe(table, table->wiped->offsets[i], why))
				return false;
	}
	return true;
}

bool dynstr_place(struct layout *layout, struct string_field *fields, size_t field_count, const struct wiped *wiped,
		  struct why *why)
{
	struct table table = {.layout = layout, .fields = fields, .field_count = field_count, .wiped = wiped};
	struct dynamic_entry *last = NULL;
	size_t count = field_count;
	bool is_done = false;

	for (size_t i = 0; i < layout->dynamic_count; i++) {
		if (layout->dynamic[i].string) {
			last = &layout->dynamic[i];
			count++;
		}
	}
	if (count == 0 && wiped->count == 0)
		return true;
	if (!image_dynsym(layout->image, &table.dynsym, why))
		return false;
	if (table.dynsym.strings_size == 0)
		return why_set(why, "no DT_STRTAB to put strings into");
	if (layout->dynstr_section && layout->shdrs[layout->dynstr_section].sh_size != table.dynsym.strings_size)
		return why_set(why, "DT_STRSZ is %" PRIu64 ", but section %zu has %" PRIu64 " bytes",
			       table.dynsym.strings_size, layout->dynstr_section,
			       (uint64_t)layout->shdrs[layout->dynstr_section].sh_size);
	table.end = table.dynsym.strings_size;
	if (last && count == 1 && wiped->count <= 1 && (!overwrite(&table, last, &is_done, why) || is_done))
		return is_done;
	is_done = find_used(&table, why) && (count < MANY || sort_strings(&table, why)) && place_all(&table, why) &&
		  write_strings(&table, why);
	free(table.used);
	free(table.placed);
	free(table.sorted);
	return is_done;
}
