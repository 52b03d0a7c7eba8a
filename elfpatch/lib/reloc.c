#include "reloc.h"

#include "machine.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

bool reloc_table(const struct image *image, bool is_rela, struct reloc_table *table, struct why *why)
{
	uint64_t address, size;

	*table = (struct reloc_table){.entry = (is_rela ? 3 : 2) * image_word_size(image)};
	if (!image_dynamic(image, is_rela ? DT_RELA : DT_REL, &address) ||
	    !image_dynamic(image, is_rela ? DT_RELASZ : DT_RELSZ, &size) || size == 0)
		return true;
	table->at = image_at(image, address, size);
	if (!table->at)
		return why_set(why, "%s 0x%" PRIx64 ", size %" PRIu64 ": not inside a loaded segment",
			       is_rela ? "DT_RELA" : "DT_REL", address, size);
	table->count = size / table->entry;
	return true;
}

void reloc_decode(const struct image *image, const unsigned char *at, struct reloc *reloc)
{
	size_t word = image_word_size(image);
	uint64_t info = image_get_word(image, at + word);

	reloc->offset = image_get_word(image, at);
	if (word == 4) {
		reloc->type = info & 0xff;
		reloc->symbol = (uint32_t)info >> 8;
	} else {
		reloc->type = machine_reloc_type(image->machine, info);
		reloc->symbol = machine_reloc_symbol(image->machine, info);
	}
}

void reloc_put_info(const struct image *image, unsigned char *at, uint32_t symbol, uint32_t type)
{
	size_t word = image_word_size(image);

	image_put_word(image, at + word,
		       word == 8 ? machine_reloc_info(image->machine, symbol, type) : (uint64_t)symbol << 8 | type);
}

void reloc_put_relative(const struct image *image, unsigned char *at)
{
	reloc_put_info(image, at, 0, image->machine->reloc_relative);
}

/* A run of pointers and what is known of their values so far. */
struct pointers {
	uint64_t address;
	uint64_t *values;
	size_t count;
};

static bool apply(const struct image *image, const struct symbols *dynsym, const struct reloc *reloc, uint64_t addend,
		  uint64_t *value, struct why *why)
{
	GElf_Sym sym;

	if (reloc->type == image->machine->reloc_relative && reloc->symbol == 0) {
		*value = addend;
		return true;
	}
	if (reloc->symbol >= dynsym->count)
		return why_set(why, "relocation of 0x%" PRIx64 ": symbol %" PRIu32 " of %zu dynamic symbols",
			       reloc->offset, reloc->symbol, dynsym->count);
	symbols_get(image, dynsym, reloc->symbol, &sym, NULL);
	*value = sym.st_shndx == SHN_UNDEF ? 0 : sym.st_value + addend;
	return true;
}

static bool apply_table(const struct image *image, const struct symbols *dynsym, bool is_rela, struct pointers *p,
			struct why *why)
{
	size_t word = image_word_size(image);
	struct reloc_table table;

	if (!reloc_table(image, is_rela, &table, why))
		return false;
	const unsigned char *at = table.at;
	for (uint64_t n = table.count; n > 0; n--, at += table.entry) {
		struct reloc reloc;
		uint64_t skip = image_get_word(image, at) - p->address;
		if (skip >= p->count * word || skip % word)
			continue;
		reloc_decode(image, at, &reloc);
		uint64_t *value = &p->values[skip / word];
		if (!apply(image, dynsym, &reloc, is_rela ? image_get_word(image, at + 2 * word) : *value, value, why))
			return false;
	}
	return true;
}

bool reloc_pointers(const struct image *image, const struct symbols *dynsym, uint64_t address, uint64_t *values,
		    size_t count, struct why *why)
{
	size_t word = image_word_size(image);
	struct pointers pointers = {address, values, count};
	const unsigned char *at = count <= SIZE_MAX / word ? image_at(image, address, count * word) : NULL;

	if (!at)
		return why_set(why, "%zu pointers at 0x%" PRIx64 " are not inside a loaded segment", count, address);
	/* RELR relocations add to what stands there, so there is nothing to look up for them. */
	for (size_t i = 0; i < count; i++)
		values[i] = image_get_word(image, at + i * word);
	return apply_table(image, dynsym, true, &pointers, why) && apply_table(image, dynsym, false, &pointers, why);
}

/* Give the relocations of `count` pointers new values; with null `values` only look at their types. */
static bool put_table(const struct image *image, bool is_rela, uint64_t address, const uint64_t *values, size_t count,
		      struct why *why)
{
	size_t word = image_word_size(image);
	struct reloc_table table;

	if (!reloc_table(image, is_rela, &table, why))
		return false;
	unsigned char *at = table.at;
	for (uint64_t n = table.count; n > 0; n--, at += table.entry) {
		struct reloc reloc;
		uint64_t skip = image_get_word(image, at) - address;
		if (skip >= count * word)
			continue;
		reloc_decode(image, at, &reloc);
		if (reloc.type != image->machine->reloc_relative || reloc.symbol != 0 || skip % word)
			return why_set(why,
				       "the pointer at 0x%" PRIx64 " has a relocation of type %" PRIu32
				       ", symbol %" PRIu32,
				       reloc.offset, reloc.type, reloc.symbol);
		if (values && is_rela)
			image_put_word(image, at + 2 * word, values[skip / word]);
	}
	return true;
}

bool reloc_put_pointers(const struct image *image, uint64_t address, const uint64_t *values, size_t count,
			struct why *why)
{
	size_t word = image_word_size(image);
	unsigned char *at = count <= SIZE_MAX / word ? image_at(image, address, count * word) : NULL;

	if (!at)
		return why_set(why, "%zu pointers at 0x%" PRIx64 " are not inside a loaded segment", count, address);
	if (!put_table(image, true, address, NULL, count, why) || !put_table(image, false, address, NULL, count, why))
		return false;
	put_table(image, true, address, values, count, why);
	/* Under RELA what stands in the place does not count, but linkers that write it keep it in step. */
	for (size_t i = 0; i < count; i++, at += word)
		if (image_get_word(image, at) != 0)
			image_put_word(image, at, values[i]);
	return true;
}

bool reloc_make_relative(struct image *image, uint64_t address, struct why *why)
{
	for (int is_rela = 0; is_rela < 2; is_rela++) {
		struct reloc_table table;
		if (!reloc_table(image, is_rela, &table, why))
			return false;
		unsigned char *at = table.at;
		for (uint64_t n = table.count; n > 0; n--, at += table.entry) {
			struct reloc reloc;
			if (image_get_word(image, at) != address)
				continue;
			reloc_decode(image, at, &reloc);
			if (reloc.symbol == 0)
				continue;
			/* Those of MIPS are all relative ones. */
			if (reloc.type != image->machine->reloc_word && reloc.type != image->machine->reloc_relative)
				return why_set(why,
					       "the pointer at 0x%" PRIx64 " has a relocation of type %" PRIu32
					       ", symbol %" PRIu32,
					       address, reloc.type, reloc.symbol);
			reloc_put_relative(image, at);
			/* Where the addend stands in the place, a pointer that is not null. */
			unsigned char *place = image_at(image, address, image_word_size(image));
			if (!is_rela && place)
				image_put_word(image, place, address);
		}
	}
	return true;
}

bool init_array_end_with(const struct image *image, uint64_t function, struct why *why)
{
	size_t word = image_word_size(image), from = 0, last;
	uint64_t array, size, *values;
	struct symbols dynsym;
	bool is_done;

	if (!image_dynamic(image, DT_INIT_ARRAY, &array) || !image_dynamic(image, DT_INIT_ARRAYSZ, &size) ||
	    size < word || !image_at(image, array, size))
		return why_set(why, "no .init_array to put 0x%" PRIx64 " into", function);
	last = size / word - 1;
	values = calloc(last + 1, sizeof *values);
	if (!values)
		return why_set(why, "cannot read %zu constructors: %s", last + 1, strerror(errno));
	is_done = image_dynsym(image, &dynsym, why) && reloc_pointers(image, &dynsym, array, values, last + 1, why);
	while (from < last && values[from] != function)
		from++;
	if (is_done && from < last) {
		memmove(values + from, values + from + 1, (last - from) * sizeof *values);
		values[last] = function;
		is_done = reloc_put_pointers(image, array + from * word, values + from, last - from + 1, why);
	}
	free(values);
	return is_done;
}
