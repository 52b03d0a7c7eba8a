#include "reloc.h"

#include "machine.h"

#include <inttypes.h>

void reloc_decode(const struct image *image, const unsigned char *at, struct reloc *reloc)
{
	size_t word = image_word_size(image);
	uint64_t info = image_get_word(image, at + word);

	reloc->offset = image_get_word(image, at);
	if (word == 4) {
		reloc->type = info & 0xff;
		reloc->symbol = (uint32_t)info >> 8;
	} else if (image->machine->e_machine == EM_MIPS) {
		/* A 32-bit symbol, then four single bytes, the type last (64-bit ELF Object File Specification, 2.9).
		 */
		reloc->symbol = image_get32(image, at + 8);
		reloc->type = at[15];
	} else {
		reloc->type = (uint32_t)info;
		reloc->symbol = (uint32_t)(info >> 32);
	}
}

void reloc_put_relative(const struct image *image, unsigned char *at)
{
	size_t word = image_word_size(image);

	image_put_word(image, at + word, image->machine->reloc_relative);
	if (word == 8 && image->machine->e_machine == EM_MIPS) {
		image_put_word(image, at + 8, 0);
		at[15] = (unsigned char)image->machine->reloc_relative;
	}
}

/* Apply the table's relocation of the pointer at `address`, if it has one, to *value. */
static bool apply_table(const struct image *image, const struct symbols *dynsym, int64_t tag, int64_t size_tag,
			bool is_rela, uint64_t address, uint64_t *value, struct why *why)
{
	size_t word = image_word_size(image), entry = (is_rela ? 3 : 2) * word;
	uint64_t table, size;

	if (!image_dynamic(image, tag, &table) || !image_dynamic(image, size_tag, &size) || size == 0)
		return true;
	const unsigned char *at = image_at(image, table, size);
	if (!at)
		return why_set(why, "%s relocations at 0x%" PRIx64 ", size %" PRIu64 ": not inside a loaded segment",
			       is_rela ? "DT_RELA" : "DT_REL", table, size);
	for (uint64_t n = size / entry; n > 0; n--, at += entry) {
		struct reloc r;
		if (image_get_word(image, at) != address)
			continue;
		reloc_decode(image, at, &r);
		uint64_t addend = is_rela ? image_get_word(image, at + 2 * word) : *value;
		if (r.type == image->machine->reloc_relative && r.symbol == 0) {
			*value = addend;
		} else if (r.symbol < dynsym->count) {
			GElf_Sym sym;
			symbols_get(image, dynsym, r.symbol, &sym, NULL);
			*value = sym.st_shndx == SHN_UNDEF ? 0 : sym.st_value + addend;
		} else {
			return why_set(why, "relocation of 0x%" PRIx64 ": symbol %" PRIu32 " of %zu dynamic symbols",
				       address, r.symbol, dynsym->count);
		}
	}
	return true;
}

bool reloc_pointer(const struct image *image, const struct symbols *dynsym, uint64_t address, uint64_t *value,
		   struct why *why)
{
	const void *at = image_at(image, address, image_word_size(image));

	if (!at)
		return why_set(why, "pointer at 0x%" PRIx64 " is not inside a loaded segment", address);
	/* RELR relocations add to what stands there, so there is nothing to look up for them. */
	*value = image_get_word(image, at);
	return apply_table(image, dynsym, DT_RELA, DT_RELASZ, true, address, value, why) &&
	       apply_table(image, dynsym, DT_REL, DT_RELSZ, false, address, value, why);
}
