#include "rehash.h"

#include "machine.h"
#include "reloc.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct rehash {
	struct layout *layout;
	const struct image *image;
	const struct string_field *fields;
	size_t field_count;
	struct symbols dynsym;
	size_t *order; /* by new number: the number it had */
	size_t *place; /* the other way round */
};

uint32_t sysv_hash(const char *name)
{
	uint32_t hash = 0;

	for (; *name; name++) {
		hash = (hash << 4) + (unsigned char)*name;
		hash ^= hash >> 24 & 0xf0;
		hash &= 0x0fffffff;
	}
	return hash;
}

static uint32_t gnu_hash(const char *name)
{
	uint32_t hash = 5381;

	for (; *name; name++)
		hash = hash * 33 + (unsigned char)*name;
	return hash;
}

static uint64_t entry_at(const struct rehash *rehash, size_t i)
{
	return (uint64_t)(rehash->dynsym.entries - rehash->image->bytes) + i * rehash->dynsym.entry_size;
}

static const struct string_field *field_of(const struct rehash *rehash, size_t symbol)
{
	return string_field_find(rehash->fields, rehash->field_count, entry_at(rehash, symbol));
}

/* The name that symbol `i`, by its old number, gets. */
static const char *name_of(const struct rehash *rehash, size_t i)
{
	const struct string_field *field = field_of(rehash, i);
	const char *name;
	GElf_Sym sym;

	symbols_get(rehash->image, &rehash->dynsym, i, &sym, &name);
	return field ? field->string : name;
}

/* A symbol and the bucket that it belongs to, to be sorted. */
struct bucketed {
	uint32_t bucket, hash;
	size_t symbol;
};

static int by_bucket(const void *a, const void *b)
{
	const struct bucketed *l = a, *r = b;

	if (l->bucket != r->bucket)
		return l->bucket < r->bucket ? -1 : 1;
	return (l->symbol > r->symbol) - (l->symbol < r->symbol);
}

/* DT_GNU_HASH: header, Bloom filter of words, buckets, and a value for each symbol from `first` on. */
struct gnu_table {
	const unsigned char *at;
	uint32_t buckets, first, words, shift;
	uint64_t size;
};

static bool gnu_find(const struct rehash *rehash, struct gnu_table *table, struct why *why)
{
	const struct image *image = rehash->image;
	uint64_t address;

	*table = (struct gnu_table){0};
	if (!image_dynamic(image, DT_GNU_HASH, &address))
		return true;
	const unsigned char *header = image_at(image, address, 16);
	if (!header)
		return why_set(why, "DT_GNU_HASH 0x%" PRIx64 " is in no loaded segment", address);
	table->buckets = image_get32(image, header);
	table->first = image_get32(image, header + 4);
	table->words = image_get32(image, header + 8);
	table->shift = image_get32(image, header + 12);
	/* Symbol 0 is none, and stays where it is. */
	if (!table->first || table->first > rehash->dynsym.count || !table->buckets || !table->words ||
	    table->words & (table->words - 1) || table->shift > 31)
		return why_set(why,
			       "DT_GNU_HASH: %" PRIu32 " buckets, %" PRIu32 " words, shift %" PRIu32
			       ", first symbol %" PRIu32 " of %zu",
			       table->buckets, table->words, table->shift, table->first, rehash->dynsym.count);
	table->size = 16 + (uint64_t)table->words * image_word_size(image) + 4 * (uint64_t)table->buckets +
		      4 * (uint64_t)(rehash->dynsym.count - table->first);
	table->at = image_at(image, address, table->size);
	return table->at || why_set(why, "DT_GNU_HASH 0x%" PRIx64 ": %" PRIu64 " bytes end past their segment", address,
				    table->size);
}

static void gnu_fill(const struct rehash *rehash, const struct gnu_table *table, const struct bucketed *sorted,
		     unsigned char *bytes)
{
	const struct image *image = rehash->image;
	size_t word = image_word_size(image), count = rehash->dynsym.count - table->first;
	unsigned char *filter = bytes + 16, *buckets = filter + table->words * word;
	unsigned char *chain = buckets + 4 * (size_t)table->buckets;
	unsigned bits = (unsigned)word * 8;

	memcpy(bytes, table->at, 16);
	for (size_t i = 0; i < count; i++) {
		uint32_t hash = sorted[i].hash;
		unsigned char *at = filter + (hash / bits & (table->words - 1)) * word;
		bool is_last = i + 1 == count || sorted[i + 1].bucket != sorted[i].bucket;
		image_put_word(image, at,
			       image_get_word(image, at) | UINT64_C(1) << hash % bits |
				       UINT64_C(1) << (hash >> table->shift) % bits);
		if (i == 0 || sorted[i - 1].bucket != sorted[i].bucket)
			image_put32(image, buckets + 4 * (size_t)sorted[i].bucket, (uint32_t)(table->first + i));
		image_put32(image, chain + 4 * i, (hash & ~1u) | is_last);
	}
}

static bool gnu_rebuild(struct rehash *rehash, struct why *why)
{
	struct gnu_table table;

	if (!gnu_find(rehash, &table, why) || !table.at)
		return table.at == NULL && !image_dynamic(rehash->image, DT_GNU_HASH, &(uint64_t){0});
	size_t count = rehash->dynsym.count - table.first;
	struct bucketed *sorted = calloc(count + 1, sizeof *sorted);
	unsigned char *bytes = calloc(table.size, 1);
	bool is_done = sorted && bytes;
	for (size_t i = 0; is_done && i < count; i++) {
		uint32_t hash = gnu_hash(name_of(rehash, table.first + i));
		sorted[i] = (struct bucketed){hash % table.buckets, hash, table.first + i};
	}
	if (is_done) {
		qsort(sorted, count, sizeof *sorted, by_bucket);
		for (size_t i = 0; i < count; i++)
			rehash->order[table.first + i] = sorted[i].symbol;
		gnu_fill(rehash, &table, sorted, bytes);
		layout_write(rehash->layout, (uint64_t)(table.at - rehash->image->bytes), bytes, table.size);
	}
	free(sorted);
	free(bytes);
	return is_done || why_set(why, "out of memory");
}

/* DT_HASH: its two counts, heads of the chains by bucket, next ones by symbol. */
static bool sysv_rebuild(struct rehash *rehash, struct why *why)
{
	const struct image *image = rehash->image;
	size_t word = image->machine->hash_word;
	uint64_t address, buckets, count;
	const unsigned char *at;

	if (!image_dynamic(image, DT_HASH, &address))
		return true;
	at = image_at(image, address, 2 * word);
	if (!at)
		return why_set(why, "DT_HASH 0x%" PRIx64 " is in no loaded segment", address);
	buckets = word == 8 ? image_get64(image, at) : image_get32(image, at);
	count = word == 8 ? image_get64(image, at + word) : image_get32(image, at + word);
	if (count != rehash->dynsym.count || buckets == 0 || buckets > image->size / word ||
	    !image_at(image, address, (2 + buckets + count) * word))
		return why_set(why, "DT_HASH: %" PRIu64 " buckets, %" PRIu64 " of %zu symbols", buckets, count,
			       rehash->dynsym.count);
	size_t size = (2 + buckets + count) * word;
	unsigned char *bytes = calloc(size, 1), *heads = bytes + 2 * word;
	if (!bytes)
		return why_set(why, "out of memory");
	memcpy(bytes, at, 2 * word);
	for (size_t i = count; i-- > 1;) {
		GElf_Sym sym;
		symbols_get(image, &rehash->dynsym, rehash->order[i], &sym, NULL);
		if (GELF_ST_BIND(sym.st_info) == STB_LOCAL)
			continue;
		unsigned char *head = heads + sysv_hash(name_of(rehash, rehash->order[i])) % buckets * word;
		memcpy(heads + (buckets + i) * word, head, word);
		if (word == 8)
			image_put64(image, head, i);
		else
			image_put32(image, head, (uint32_t)i);
	}
	layout_write(rehash->layout, (uint64_t)(at - image->bytes), bytes, size);
	free(bytes);
	return true;
}

/* The symbols in their new order, from the first to the last one that is another than before. */
static bool move_symbols(struct rehash *rehash, struct why *why)
{
	const struct image *image = rehash->image;
	const struct symbols *dynsym = &rehash->dynsym;
	size_t first = 0, last = dynsym->count - 1, size = dynsym->entry_size;
	uint64_t versions = 0;
	const unsigned char *version_at = NULL;

	while (rehash->order[first] == first)
		first++;
	while (rehash->order[last] == last)
		last--;
	if (image_dynamic(image, DT_VERSYM, &versions)) {
		version_at = image_at(image, versions, 2 * dynsym->count);
		if (!version_at)
			return why_set(why, "DT_VERSYM 0x%" PRIx64 ": %zu versions are not inside a loaded segment",
				       versions, dynsym->count);
	}
	unsigned char *bytes = malloc((last - first + 1) * (size + 2)), *entry = bytes;
	if (!bytes)
		return why_set(why, "out of memory");
	for (size_t i = first; i <= last; i++, entry += size) {
		const struct string_field *field = field_of(rehash, rehash->order[i]);
		memcpy(entry, dynsym->entries + rehash->order[i] * size, size);
		if (field)
			image_put32(image, entry, (uint32_t)field->offset);
	}
	layout_write(rehash->layout, entry_at(rehash, first), bytes, (last - first + 1) * size);
	for (size_t i = first; version_at && i <= last; i++, entry += 2)
		memcpy(entry, version_at + 2 * rehash->order[i], 2);
	if (version_at)
		layout_write(rehash->layout, (uint64_t)(version_at - image->bytes) + 2 * first,
			     bytes + (last - first + 1) * size, 2 * (last - first + 1));
	free(bytes);
	return true;
}

static bool renumber_table(struct layout *layout, const size_t *place, size_t count, int64_t tag, int64_t size_tag,
			   bool is_rela, struct why *why)
{
	const struct image *image = layout->image;
	size_t word = image_word_size(image), entry = (is_rela ? 3 : 2) * word;
	uint64_t address, size, plt;

	if (!image_dynamic(image, tag, &address) || !image_dynamic(image, size_tag, &size))
		return true;
	/* Some linkers count those of the PLT, which follow, among them. */
	if (tag != DT_JMPREL && image_dynamic(image, DT_JMPREL, &plt) && plt - address < size)
		size = plt - address;
	if (size == 0)
		return true;
	const unsigned char *at = image_at(image, address, size);
	if (!at)
		return why_set(why, "relocations at 0x%" PRIx64 ", size %" PRIu64 ": not inside a loaded segment",
			       address, size);
	unsigned char *bytes = malloc(size);
	if (!bytes)
		return why_set(why, "out of memory");
	memcpy(bytes, at, size);
	for (uint64_t i = 0; i + entry <= size; i += entry) {
		struct reloc reloc;
		reloc_decode(image, at + i, &reloc);
		if (reloc.symbol >= count || place[reloc.symbol] == reloc.symbol)
			continue;
		reloc_put_info(image, bytes + i, (uint32_t)place[reloc.symbol], reloc.type);
	}
	layout_give_section(layout, 0, (uint64_t)(at - image->bytes), bytes, size);
	return true;
}

bool relocations_renumber(struct layout *layout, const size_t *place, size_t count, struct why *why)
{
	uint64_t kind = DT_REL;

	image_dynamic(layout->image, DT_PLTREL, &kind);
	return renumber_table(layout, place, count, DT_RELA, DT_RELASZ, true, why) &&
	       renumber_table(layout, place, count, DT_REL, DT_RELSZ, false, why) &&
	       renumber_table(layout, place, count, DT_JMPREL, DT_PLTRELSZ, kind == DT_RELA, why);
}

/* Names that share their bytes would be read again and again. */
static bool are_names_apart(const struct rehash *rehash, struct why *why)
{
	const uint64_t most = 16 * rehash->dynsym.strings_size + (1 << 24);
	uint64_t left = most;

	for (size_t i = 0; i < rehash->dynsym.count; i++) {
		size_t length = strnlen(name_of(rehash, i), left);
		if (length == left)
			return why_set(why,
				       "DT_SYMTAB: the names of %zu symbols are longer than %" PRIu64
				       " bytes together, in strings of %" PRIu64,
				       rehash->dynsym.count, most, rehash->dynsym.strings_size);
		left -= length;
	}
	return true;
}

/* Each section that a symbol can stand in keeps its place: symbols are written by their old numbers when one moves. */
static bool are_symbols_still(const struct rehash *rehash)
{
	for (size_t i = 0; i < rehash->dynsym.count; i++) {
		GElf_Sym sym;
		symbols_get(rehash->image, &rehash->dynsym, i, &sym, NULL);
		if (rehash->layout->shifts && sym.st_shndx < rehash->layout->shnum &&
		    rehash->layout->shifts[sym.st_shndx])
			return false;
	}
	return true;
}

static bool renumber(struct rehash *rehash, struct why *why)
{
	const struct image *image = rehash->image;
	bool is_same = true;

	for (size_t i = 0; i < rehash->dynsym.count; i++) {
		rehash->place[rehash->order[i]] = i;
		is_same = is_same && rehash->order[i] == i;
	}
	if (is_same)
		return true;
	if (image->machine->dt_got_symbol && layout_dynamic(rehash->layout, image->machine->dt_got_symbol))
		return why_set(why, "the symbols cannot be put in another order, which that of the GOT follows");
	if (!are_symbols_still(rehash))
		return why_set(why, "a dynamic symbol stands in a section that has to move");
	return move_symbols(rehash, why) &&
	       relocations_renumber(rehash->layout, rehash->place, rehash->dynsym.count, why);
}

bool symbols_rehash(struct layout *layout, const struct string_field *fields, size_t field_count, struct why *why)
{
	struct rehash rehash = {.layout = layout, .image = layout->image, .fields = fields, .field_count = field_count};

	int64_t other = layout->image->machine->other_hash_tag;
	if (other && layout_dynamic(layout, other))
		return why_set(why, "a hash table of the machine's own (tag 0x%" PRIx64 ") cannot be made anew", other);
	if (!image_dynsym(layout->image, &rehash.dynsym, why))
		return false;
	rehash.order = calloc(rehash.dynsym.count + 1, sizeof *rehash.order);
	rehash.place = calloc(rehash.dynsym.count + 1, sizeof *rehash.place);
	bool is_done = (rehash.order && rehash.place) || why_set(why, "out of memory");
	for (size_t i = 0; is_done && i < rehash.dynsym.count; i++)
		rehash.order[i] = i;
	is_done = is_done && are_names_apart(&rehash, why) && gnu_rebuild(&rehash, why) && sysv_rebuild(&rehash, why) &&
		  renumber(&rehash, why);
	free(rehash.order);
	free(rehash.place);
	return is_done;
}
