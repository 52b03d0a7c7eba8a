#include "import.h"

#include "machine.h"
#include "rehash.h"
#include "reloc.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Sizes and fields of version tables (LSB, Symbol Versioning), in both classes. */
enum { VERNEED_SIZE = 16, VERNAUX_SIZE = 16, VERNEED_AUX = 8, VERNEED_NEXT = 12, VERSION_MAX = 0x7fff };

/* A table as it is in the file; section 0 for none. */
struct table {
	size_t section;
	const unsigned char *bytes;
	uint64_t address, size;
};

struct tables {
	const struct image *image;
	struct layout *layout;
	struct symbols dynsym;
	struct table symbols, versions, gnu_hash, sysv_hash, needs;
};

/* Fields past the end of the file, in the order of the import's names. */
static uint64_t string_of(const struct editing *editing, uint64_t number)
{
	for (size_t i = 0; i < editing->field_count; i++)
		if (editing->fields[i].at == editing->layout.image->size + number)
			return editing->fields[i].offset;
	return 0;
}

enum { SYMBOL_NAME, LIBRARY_NAME, VERSION_NAME };

bool import_name(struct editing *editing, const struct import *import, struct why *why)
{
	const uint64_t past = editing->layout.image->size;
	uint64_t unused;

	if (!editing_set_field(editing, past + SYMBOL_NAME, import->symbol, why))
		return false;
	if (!image_dynamic(editing->layout.image, DT_VERNEED, &unused))
		return true;
	return editing_set_field(editing, past + LIBRARY_NAME, import->library, why) &&
	       editing_set_field(editing, past + VERSION_NAME, import->version, why);
}

/* The section of a table that the dynamic section names, which must be all of it. */
static bool find_table(const struct layout *layout, uint32_t type, int64_t tag, struct table *table, struct why *why)
{
	const struct dynamic_entry *entry = layout_dynamic(layout, tag);
	GElf_Shdr was;

	*table = (struct table){0};
	if (!entry)
		return true;
	table->section = layout_section_at(layout, type, entry->value);
	if (!table->section || !gelf_getshdr(elf_getscn(layout->image->elf, table->section), &was))
		return why_set(why, "no section header of type 0x%" PRIx32 " is for the table at 0x%" PRIx64, type,
			       entry->value);
	table->bytes = layout->image->bytes + was.sh_offset;
	table->address = was.sh_addr;
	table->size = was.sh_size;
	return true;
}

static bool find_tables(struct tables *tables, struct why *why)
{
	const struct layout *layout = tables->layout;

	if (!image_dynsym(tables->image, &tables->dynsym, why) ||
	    !find_table(layout, SHT_DYNSYM, DT_SYMTAB, &tables->symbols, why) ||
	    !find_table(layout, SHT_GNU_versym, DT_VERSYM, &tables->versions, why) ||
	    !find_table(layout, SHT_GNU_HASH, DT_GNU_HASH, &tables->gnu_hash, why) ||
	    !find_table(layout, SHT_HASH, DT_HASH, &tables->sysv_hash, why) ||
	    !find_table(layout, SHT_GNU_verneed, DT_VERNEED, &tables->needs, why))
		return false;
	if (!tables->symbols.section || tables->dynsym.count == 0)
		return why_set(why, "no dynamic symbols");
	uint64_t size = tables->dynsym.count * tables->dynsym.entry_size;
	if (tables->symbols.size != size)
		return why_set(why, "%zu dynamic symbols, but their section has %" PRIu64 " bytes, expected %" PRIu64,
			       tables->dynsym.count, tables->symbols.size, size);
	if (tables->versions.section && tables->versions.size != 2 * tables->dynsym.count)
		return why_set(why, "%zu dynamic symbols, but %" PRIu64 " bytes of versions", tables->dynsym.count,
			       tables->versions.size);
	return true;
}

/* Move what follows number `at` of a table with `size` bytes an entry, and write the new one. */
static bool table_insert(struct layout *layout, size_t section, const unsigned char *old, size_t count, size_t at,
			 size_t size, const unsigned char *entry, struct why *why)
{
	if (!layout_resize(layout, section, (count + 1) * size, 0, why))
		return false;
	layout_write_section(layout, section, at * size, entry, size);
	if (at < count)
		layout_copy_section(layout, section, (at + 1) * size, old + at * size, (count - at) * size);
	return true;
}

/*
 * A lazy binding stub of MIPS loads the number of its symbol into $24 with one
 * instruction, or with LUI and ORI; it ends with the first that is none of these three
 * kinds. Stubs are where undefined symbols say.
 */
static bool renumber_stub(struct tables *tables, const GElf_Sym *sym, size_t i, struct why *why)
{
	enum { INSTRUCTIONS = 5, LUI = 0x3c18, ORI_24 = 0x3718, ORI_0 = 0x3418, ADDIU_0 = 0x2418, DADDIU_0 = 0x6418 };
	const struct image *image = tables->image;
	const unsigned char *at = image_at(image, sym->st_value, 4 * INSTRUCTIONS);
	unsigned char bytes[4];
	uint32_t upper = 0;

	for (int n = 0; at && n < INSTRUCTIONS; n++, at += 4) {
		uint32_t word = image_get32(image, at), what = word >> 16, number = upper | (word & 0xffff);
		if (what == LUI)
			upper = word << 16;
		if ((what != ORI_24 && what != ORI_0 && what != ADDIU_0 && what != DADDIU_0) || number != i)
			continue;
		/* Numbers of 15 bits and more have other instructions. */
		if (((number + 1) ^ number) & ~UINT32_C(0x7fff))
			break;
		image_put32(image, bytes, word + 1);
		layout_write(tables->layout, (uint64_t)(at - image->bytes), bytes, sizeof bytes);
		return true;
	}
	return why_set(why, "symbol %zu: the stub at 0x%" PRIx64 " does not load its number", i,
		       (uint64_t)sym->st_value);
}

/* Symbols from the first one with an entry in the GOT on get other numbers, and keep the order of their entries. */
static bool shift_got(struct tables *tables, size_t *at, struct why *why)
{
	struct layout *layout = tables->layout;
	const struct machine *machine = tables->image->machine;
	struct dynamic_entry *first = layout_dynamic(layout, machine->dt_got_symbol),
			     *count = layout_dynamic(layout, machine->dt_symbols);

	if (!first || !count)
		return true;
	if (first->value == 0 || first->value > tables->dynsym.count || count->value != tables->dynsym.count)
		return why_set(why, "the GOT is of symbols %" PRIu64 " to %" PRIu64 ", of %zu in all", first->value,
			       count->value, tables->dynsym.count);
	*at = first->value;
	for (size_t i = *at; i < tables->dynsym.count; i++) {
		GElf_Sym sym;
		symbols_get(tables->image, &tables->dynsym, i, &sym, NULL);
		if (sym.st_shndx == SHN_UNDEF && sym.st_value && !renumber_stub(tables, &sym, i, why))
			return false;
	}
	first->value++;
	count->value++;
	return true;
}

/* Numbers in the buckets are of symbols behind the new one; chains are by symbol, from the first that is listed. */
static bool shift_gnu_hash(struct tables *tables, size_t *at, struct why *why)
{
	const struct image *image = tables->image;
	const unsigned char *table = tables->gnu_hash.bytes;
	uint64_t size = tables->gnu_hash.size;

	if (!tables->gnu_hash.section)
		return true;
	if (*at != tables->dynsym.count)
		return why_set(why, "DT_GNU_HASH and a GOT that want symbols in another order each");
	if (size < 16)
		return why_set(why, "DT_GNU_HASH: %" PRIu64 " bytes", size);
	uint32_t count = image_get32(image, table), first = image_get32(image, table + 4);
	uint64_t from = 16 + (uint64_t)image_get32(image, table + 8) * image_word_size(image);
	if (from > size || 4 * (uint64_t)count > size - from)
		return why_set(why, "DT_GNU_HASH: %" PRIu32 " buckets in %" PRIu64 " bytes", count, size);
	bool is_used = false;
	for (uint32_t i = 0; i < count; i++)
		is_used = is_used || image_get32(image, table + from + 4 * (uint64_t)i) != 0;
	/* An empty table says nothing of where its symbols would begin. */
	if (!is_used)
		return true;
	if (first == 0 || first > tables->dynsym.count)
		return why_set(why, "DT_GNU_HASH: first symbol %" PRIu32 " of %zu", first, tables->dynsym.count);
	*at = first;
	unsigned char *shifted = malloc(size);
	if (!shifted)
		return why_set(why, "out of memory");
	memcpy(shifted, table, size);
	image_put32(image, shifted + 4, first + 1);
	for (uint32_t i = 0; i < count; i++) {
		unsigned char *bucket = shifted + from + 4 * (uint64_t)i;
		if (image_get32(image, bucket))
			image_put32(image, bucket, image_get32(image, bucket) + 1);
	}
	layout_give_section(tables->layout, tables->gnu_hash.section, 0, shifted, size);
	return true;
}

static uint64_t hash_get(const struct image *image, const unsigned char *at)
{
	return image->machine->hash_word == 8 ? image_get64(image, at) : image_get32(image, at);
}

static void hash_put(const struct image *image, unsigned char *at, uint64_t value)
{
	if (image->machine->hash_word == 8)
		image_put64(image, at, value);
	else
		image_put32(image, at, (uint32_t)value);
}

/* The new symbol becomes the first in its chain; all others keep theirs under their new numbers. */
static bool grow_sysv_hash(struct tables *tables, size_t at, const char *name, struct why *why)
{
	const struct image *image = tables->image;
	size_t word = image->machine->hash_word, count = tables->dynsym.count;

	if (!tables->sysv_hash.section)
		return true;
	uint64_t size = tables->sysv_hash.size;
	const unsigned char *old = tables->sysv_hash.bytes;
	uint64_t buckets = size >= 2 * word ? hash_get(image, old) : 0;
	if (buckets == 0 || buckets > size / word || hash_get(image, old + word) != count ||
	    size < (2 + buckets + count) * word)
		return why_set(why, "DT_HASH: %" PRIu64 " buckets and %zu symbols in %" PRIu64 " bytes", buckets, count,
			       size);
	size = (2 + buckets + count + 1) * word;
	unsigned char *table = calloc(size, 1), *chains = table + (2 + buckets) * word;
	if (!table)
		return why_set(why, "out of memory");
	memcpy(table, old, word);
	hash_put(image, table + word, count + 1);
	for (uint64_t i = 0; i < buckets + count; i++) {
		uint64_t value = hash_get(image, old + (2 + i) * word);
		uint64_t to = i < buckets || i - buckets < at ? i : i + 1;
		hash_put(image, table + (2 + to) * word, value >= at ? value + 1 : value);
	}
	unsigned char *bucket = table + (2 + sysv_hash(name) % buckets) * word;
	hash_put(image, chains + at * word, hash_get(image, bucket));
	hash_put(image, bucket, at);
	layout_give_section(tables->layout, tables->sysv_hash.section, 0, table, size);
	return layout_resize(tables->layout, tables->sysv_hash.section, size, 0, why);
}

/* The highest version index in use. */
static uint16_t last_version(const struct tables *tables)
{
	uint16_t last = VER_NDX_GLOBAL;

	for (size_t i = 0; i < tables->dynsym.count; i++) {
		uint16_t version = image_get16(tables->image, tables->versions.bytes + 2 * i) & VERSION_MAX;
		last = version > last ? version : last;
	}
	return last;
}

struct last_need {
	uint64_t at; /* of the last entry in its section */
	uint64_t count;
	uint16_t version; /* the highest index that one asks for */
};

/* Find the last entry, by the links that the loader follows. */
static bool find_last_need(const struct tables *tables, struct last_need *last, struct why *why)
{
	const struct image *image = tables->image;
	const unsigned char *table = tables->needs.bytes;
	uint64_t size = tables->needs.size, left = size / VERNEED_SIZE;

	*last = (struct last_need){0};
	for (uint64_t at = 0;;) {
		if (at > size || size - at < VERNEED_SIZE || left-- == 0)
			return why_set(why, "DT_VERNEED: entry %" PRIu64 " at %" PRIu64 " of %" PRIu64 " bytes",
				       last->count, at, size);
		uint64_t aux = at + image_get32(image, table + at + VERNEED_AUX);
		for (uint16_t n = image_get16(image, table + at + 2); n > 0; n--) {
			if (aux > size || size - aux < VERNAUX_SIZE || left-- == 0)
				return why_set(why, "DT_VERNEED: name at %" PRIu64 " of %" PRIu64 " bytes", aux, size);
			uint16_t version = image_get16(image, table + aux + 6) & VERSION_MAX;
			last->version = version > last->version ? version : last->version;
			aux += image_get32(image, table + aux + 12);
		}
		last->at = at;
		last->count++;
		uint32_t next = image_get32(image, table + at + VERNEED_NEXT);
		if (next == 0)
			return true;
		at += next;
	}
}

static void put_need(const struct editing *editing, const struct import *import, unsigned char *entry)
{
	const struct image *image = editing->layout.image;
	unsigned char *aux = entry + VERNEED_SIZE;

	memset(entry, 0, VERNEED_SIZE + VERNAUX_SIZE);
	image_put16(image, entry, VER_NEED_CURRENT);
	image_put16(image, entry + 2, 1);
	image_put32(image, entry + 4, (uint32_t)string_of(editing, LIBRARY_NAME));
	image_put32(image, entry + VERNEED_AUX, VERNEED_SIZE);
	image_put32(image, aux, sysv_hash(import->version));
	image_put16(image, aux + 6, import->version_index);
	image_put32(image, aux + 8, (uint32_t)string_of(editing, VERSION_NAME));
}

static bool add_need(struct editing *editing, const struct tables *tables, struct import *import, struct why *why)
{
	struct layout *layout = tables->layout;
	unsigned char entry[VERNEED_SIZE + VERNAUX_SIZE], next[4];
	struct dynamic_entry *number = layout_dynamic(layout, DT_VERNEEDNUM);
	struct last_need last;

	import->version_index = VER_NDX_GLOBAL;
	if (!tables->needs.section || !tables->versions.section || !number)
		return true;
	if (!find_last_need(tables, &last, why))
		return false;
	if (number->value != last.count)
		return why_set(why, "DT_VERNEEDNUM is %" PRIu64 ", but there are %" PRIu64 " entries", number->value,
			       last.count);
	uint16_t used = last_version(tables),
		 defined = (uint16_t)(layout_dynamic(layout, DT_VERDEFNUM) ? layout_dynamic(layout, DT_VERDEFNUM)->value
									   : 0);
	used = last.version > used ? last.version : used;
	used = defined > used ? defined : used;
	if (used >= VERSION_MAX)
		return why_set(why, "version index %d is the last that there can be", used);
	import->version_index = (uint16_t)(used + 1);
	size_t section = tables->needs.section;
	uint64_t at = (tables->needs.size + 3) & ~UINT64_C(3);
	if (!layout_resize(layout, section, at + sizeof entry, 0, why))
		return false;
	layout->shdrs[section].sh_info++;
	number->value++;
	put_need(editing, import, entry);
	layout_write_section(layout, section, at, entry, sizeof entry);
	image_put32(layout->image, next, (uint32_t)(at - last.at));
	layout_write_section(layout, section, last.at + VERNEED_NEXT, next, sizeof next);
	return true;
}

/* Symbols behind the new one have other numbers. */
static bool renumber(const struct tables *tables, size_t at, struct why *why)
{
	size_t *place = calloc(tables->dynsym.count, sizeof *place);

	if (!place)
		return why_set(why, "out of memory");
	for (size_t i = 0; i < tables->dynsym.count; i++)
		place[i] = i < at ? i : i + 1;
	bool is_done = relocations_renumber(tables->layout, place, tables->dynsym.count, why);
	free(place);
	return is_done;
}

static bool add_symbol(struct editing *editing, struct tables *tables, struct import *import, struct why *why)
{
	struct layout *layout = tables->layout;
	const struct image *image = tables->image;
	unsigned char entry[sizeof(Elf64_Sym)] = {0}, version[2];

	import->index = tables->dynsym.count;
	if (!shift_got(tables, &import->index, why) || !shift_gnu_hash(tables, &import->index, why) ||
	    !grow_sysv_hash(tables, import->index, import->symbol, why) || !renumber(tables, import->index, why))
		return false;
	if (import->index < layout->shdrs[tables->symbols.section].sh_info)
		return why_set(why, "symbol %zu should be the first that is not local, but %" PRIu32 " are local",
			       import->index, layout->shdrs[tables->symbols.section].sh_info);
	image_put32(image, entry, (uint32_t)string_of(editing, SYMBOL_NAME));
	entry[image_word_size(image) == 8 ? 4 : 12] = GELF_ST_INFO(STB_GLOBAL, STT_OBJECT);
	if (!table_insert(layout, tables->symbols.section, tables->symbols.bytes, tables->dynsym.count, import->index,
			  tables->dynsym.entry_size, entry, why))
		return false;
	layout->inserted_symbol = import->index;
	layout->dynsym_section = tables->symbols.section;
	image_put16(image, version, import->version_index);
	return !tables->versions.section ||
	       table_insert(layout, tables->versions.section, tables->versions.bytes, tables->dynsym.count,
			    import->index, sizeof version, version, why);
}

/*
 * Linkers for some machines count the relocations of the PLT, which stand behind the
 * others, in both DT_RELASZ and DT_PLTRELSZ. Loaders need them in the latter only.
 */
static bool has_plt_behind(const struct layout *layout, const struct table *table, uint64_t size)
{
	uint64_t plt, plt_size;

	return image_dynamic(layout->image, DT_JMPREL, &plt) && image_dynamic(layout->image, DT_PLTRELSZ, &plt_size) &&
	       table->address + table->size == plt && table->size + plt_size == size;
}

/* Where the machine's objects carry addends, but what its loader takes does not, the addend stands in the place. */
static bool is_rela(const struct image *image)
{
	return image->machine->is_rela && !image->machine->dt_got_symbol;
}

static size_t relocation_size(const struct image *image)
{
	return (is_rela(image) ? 3 : 2) * image_word_size(image);
}

/* A table for a library that has none. */
static bool new_relocations(struct editing *editing, struct import *import, uint64_t size, struct why *why)
{
	struct layout *layout = &editing->layout;
	bool rela = is_rela(layout->image);
	size_t entry = relocation_size(layout->image);
	const GElf_Shdr like = {.sh_type = rela ? SHT_RELA : SHT_REL,
				.sh_flags = SHF_ALLOC,
				.sh_link = (GElf_Word)layout->dynsym_section,
				.sh_addralign = image_word_size(layout->image),
				.sh_entsize = entry,
				.sh_size = size};

	import->rel_section = layout_add_section(layout, rela ? ".rela.dyn" : ".rel.dyn", &like, why);
	import->rel_at = 0;
	return import->rel_section &&
	       editing_set(editing, rela ? DT_RELA : DT_REL, layout->shdrs[import->rel_section].sh_addr, NULL, why) &&
	       editing_set(editing, rela ? DT_RELASZ : DT_RELSZ, size, NULL, why) &&
	       editing_set(editing, rela ? DT_RELAENT : DT_RELENT, entry, NULL, why);
}

static bool add_relocations(struct editing *editing, struct import *import, struct why *why)
{
	struct layout *layout = &editing->layout;
	bool rela = is_rela(layout->image);
	uint64_t more = (1 + import->pointer_count) * relocation_size(layout->image);
	struct dynamic_entry *size = layout_dynamic(layout, rela ? DT_RELASZ : DT_RELSZ);
	struct table table;

	/* Some linkers tell of an empty one. */
	if (size ? size->value == 0 : !layout_dynamic(layout, rela ? DT_RELA : DT_REL))
		return new_relocations(editing, import, more, why);
	if (!find_table(layout, rela ? SHT_RELA : SHT_REL, rela ? DT_RELA : DT_REL, &table, why))
		return false;
	if (!table.section || !size)
		return why_set(why, "no %s to add a relocation to", rela ? "DT_RELA" : "DT_REL");
	if (table.size != size->value && !has_plt_behind(layout, &table, size->value))
		return why_set(why, "%s is %" PRIu64 ", but the section has %" PRIu64 " bytes",
			       rela ? "DT_RELASZ" : "DT_RELSZ", size->value, table.size);
	import->rel_section = table.section;
	import->rel_at = table.size;
	size->value = table.size + more;
	return layout_resize(layout, table.section, size->value, 0, why);
}

bool import_prepare(struct editing *editing, struct import *import, struct why *why)
{
	struct layout *layout = &editing->layout;
	struct tables tables = {.image = layout->image, .layout = layout};
	const struct machine *machine = layout->image->machine;

	if (machine->other_hash_tag && layout_dynamic(layout, machine->other_hash_tag))
		return why_set(why, "the order of the symbols is that of a hash table of %s's own", machine->arch);
	return find_tables(&tables, why) && add_need(editing, &tables, import, why) &&
	       add_symbol(editing, &tables, import, why) && add_relocations(editing, import, why);
}

bool import_relocate(struct editing *editing, const struct import *import, uint64_t address, uint64_t pointers,
		     const uint64_t *values, size_t count, struct why *why)
{
	const struct image *image = editing->layout.image;
	const struct machine *machine = image->machine;
	size_t word = image_word_size(image), size = relocation_size(image);
	unsigned char *table = calloc(1 + import->pointer_count, size), *at = table;

	if (!table)
		return why_set(why, "out of memory");
	image_put_word(image, at, address);
	reloc_put_info(image, at, (uint32_t)import->index,
		       machine->reloc_import ? machine->reloc_import : machine->reloc_word);
	for (size_t i = 0; i < count; i++) {
		if (!values[i])
			continue;
		at += size;
		image_put_word(image, at, pointers + i * word);
		reloc_put_relative(image, at);
		if (is_rela(image))
			image_put_word(image, at + 2 * word, values[i]);
	}
	layout_give_section(&editing->layout, import->rel_section, import->rel_at, table, (size_t)(at - table) + size);
	return true;
}
