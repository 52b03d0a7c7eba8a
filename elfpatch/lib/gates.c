/*
 * Filling the pool happens after the link, on the finished file: .dynsym's values
 * are the one place that other files look at and that the library itself does not.
 */
#include "gates.h"

#include "machine.h"
#include "reloc.h"

#include "../../rt/abi.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct span {
	uint64_t start, size;
};

/* The work of one gates_fill. `functions` is sorted; function i gets gate i. */
struct fill {
	struct image *image;
	const struct rt0_note *note;
	struct judge judge;
	struct symbols dynsym;
	uint64_t *functions;
	size_t count;
	struct span *kept; /* where pointers stay as they are */
	size_t kept_count, kept_room;
};

static bool span_holds(const struct span *span, uint64_t address)
{
	return address >= span->start && address - span->start < span->size;
}

static int compare_addresses(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

static uint64_t gate_address(const struct fill *fill, size_t i)
{
	return fill->note->gates + (uint64_t)i * fill->note->gates_step;
}

/* The gate of the function at `address`; 0 when it has none. */
static uint64_t gate_of(const struct fill *fill, uint64_t address)
{
	const uint64_t *found =
		bsearch(&address, fill->functions, fill->count, sizeof *fill->functions, compare_addresses);
	return found ? gate_address(fill, (size_t)(found - fill->functions)) : 0;
}

/* Collect the distinct addresses to gate, in ascending order. */
static bool find_functions(struct fill *fill, bool *is_filled, struct why *why)
{
	const struct span gates = {fill->note->gates, (uint64_t)fill->note->gates_step * fill->note->gate_count};
	GElf_Sym sym;
	const char *name;
	*is_filled = false;
	if (!image_dynsym(fill->image, &fill->dynsym, why))
		return false;
	fill->functions = calloc(fill->dynsym.count + 1, sizeof *fill->functions);
	if (!fill->functions)
		return why_set(why, "cannot gate %zu symbols: %s", fill->dynsym.count, strerror(ENOMEM));
	size_t count = 0;
	bool is_ascending = true;
	for (size_t i = 1; i < fill->dynsym.count; i++) {
		symbols_get(fill->image, &fill->dynsym, i, &sym, &name);
		if (judge_export(&fill->judge, fill->image, &sym, name) != EXPORT_GATE)
			continue;
		*is_filled |= span_holds(&gates, sym.st_value);
		is_ascending = is_ascending && (count == 0 || sym.st_value >= fill->functions[count - 1]);
		fill->functions[count++] = sym.st_value;
	}
	/* Linkers that do not sort by hash leave them in the order of their addresses. */
	if (!is_ascending)
		qsort(fill->functions, count, sizeof *fill->functions, compare_addresses);
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || fill->functions[i] != fill->functions[fill->count - 1])
			fill->functions[fill->count++] = fill->functions[i];
	}
	return true;
}

static bool keep(struct fill *fill, uint64_t start, uint64_t size, struct why *why)
{
	if (fill->kept_count == fill->kept_room) {
		size_t room = fill->kept_room ? 2 * fill->kept_room : 8;
		struct span *kept = realloc(fill->kept, room * sizeof *kept);
		if (!kept)
			return why_set(why, "cannot list %zu sections: %s", room, strerror(ENOMEM));
		fill->kept = kept;
		fill->kept_room = room;
	}
	fill->kept[fill->kept_count++] = (struct span){start, size};
	return true;
}

static bool is_kept_section(const GElf_Shdr *shdr, const char *name)
{
	if (!(shdr->sh_flags & SHF_ALLOC))
		return false;
	if (shdr->sh_type == SHT_INIT_ARRAY || shdr->sh_type == SHT_FINI_ARRAY || shdr->sh_type == SHT_PREINIT_ARRAY)
		return true;
	/* A TOC pointer points into the middle of .got, or behind its end, where a descriptor may be. */
	return strcmp(name, ".got") == 0 || strncmp(name, ".got.", 5) == 0 || strcmp(name, ".ctors") == 0 ||
	       strcmp(name, ".dtors") == 0 || strcmp(name, RT0_SEC_OPD) == 0 || strcmp(name, RT0_SEC_OWN_OPD) == 0;
}

static bool find_kept_by_sections(struct fill *fill, struct why *why)
{
	GElf_Shdr shdr;
	for (size_t i = 1; i < fill->image->shnum; i++) {
		if (!gelf_getshdr(elf_getscn(fill->image->elf, i), &shdr))
			return why_set(why, "section %zu: %s", i, elf_errmsg(-1));
		const char *name = elf_strptr(fill->image->elf, fill->image->shstrndx, shdr.sh_name);
		if (name && is_kept_section(&shdr, name) && !keep(fill, shdr.sh_addr, shdr.sh_size, why))
			return false;
	}
	return true;
}

/* Where `inner` ends, counted from the start of `outer`, or `least` when that is more. */
static uint64_t end_inside(const struct span *inner, const struct span *outer, uint64_t least)
{
	uint64_t skip = inner->start - outer->start;
	if (!span_holds(outer, inner->start) || inner->size > outer->size - skip || skip + inner->size < least)
		return least;
	return skip + inner->size;
}

/*
 * Without section headers: the arrays are in the dynamic section; bfd, gold, lld and
 * mold all put .got last in PT_GNU_RELRO, behind the arrays and .dynamic. Descriptors
 * stand between those of exports.
 */
static bool find_kept_by_segments(struct fill *fill, struct why *why)
{
	static const struct {
		int64_t start, size;
	} arrays[] = {
		{DT_INIT_ARRAY, DT_INIT_ARRAYSZ},
		{DT_FINI_ARRAY, DT_FINI_ARRAYSZ},
		{DT_PREINIT_ARRAY, DT_PREINIT_ARRAYSZ},
	};
	GElf_Phdr phdr;
	struct span dynamic = {0}, relro = {0};
	for (size_t i = 0; i < fill->image->phnum; i++) {
		if (!gelf_getphdr(fill->image->elf, (int)i, &phdr))
			return why_set(why, "program header %zu: %s", i, elf_errmsg(-1));
		if (phdr.p_type == PT_DYNAMIC)
			dynamic = (struct span){phdr.p_vaddr, phdr.p_memsz};
		else if (phdr.p_type == PT_GNU_RELRO)
			relro = (struct span){phdr.p_vaddr, phdr.p_memsz};
	}
	uint64_t got = end_inside(&dynamic, &relro, 0);
	for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++) {
		struct span array;
		if (!image_dynamic(fill->image, arrays[i].start, &array.start) ||
		    !image_dynamic(fill->image, arrays[i].size, &array.size))
			continue;
		got = end_inside(&array, &relro, got);
		if (!keep(fill, array.start, array.size, why))
			return false;
	}
	if (fill->image->machine->has_descriptors && fill->count &&
	    !keep(fill, fill->functions[0],
		  fill->functions[fill->count - 1] - fill->functions[0] + fill->note->gates_step, why))
		return false;
	return keep(fill, relro.start + got, relro.size - got, why);
}

static struct span config_span(const struct fill *fill)
{
	return (struct span){fill->note->config,
			     RT0_CONFIG_POINTERS + RT0_POINTER_COUNT * image_word_size(fill->image)};
}

static bool find_kept(struct fill *fill, struct why *why)
{
	struct span config = config_span(fill);
	if (!keep(fill, config.start, config.size, why))
		return false;
	return fill->image->shnum ? find_kept_by_sections(fill, why) : find_kept_by_segments(fill, why);
}

static bool is_kept(const struct fill *fill, uint64_t place)
{
	for (size_t i = 0; i < fill->kept_count; i++) {
		if (span_holds(&fill->kept[i], place))
			return true;
	}
	return false;
}

/* Re-point the word at `place`, which the loader adds the load address to. */
static void fill_word(const struct fill *fill, uint64_t place)
{
	unsigned char *at = image_at(fill->image, place, image_word_size(fill->image));
	uint64_t gate = at ? gate_of(fill, image_get_word(fill->image, at)) : 0;
	if (gate && !is_kept(fill, place))
		image_put_word(fill->image, at, gate);
}

/*
 * A pointer of rt0_config that names an export would lead rt into its own gate,
 * because the loader takes the address from .dynsym: bind it here instead.
 */
static bool bind_config(const struct fill *fill, unsigned char *at, const struct reloc *reloc, bool is_rela,
			const GElf_Sym *sym, const char *name, struct why *why)
{
	size_t word = image_word_size(fill->image);
	unsigned char *addend = is_rela ? at + 2 * word : image_at(fill->image, reloc->offset, word);
	/* Relative relocations are all that MIPS has: one that names a symbol is relative to that. */
	if ((reloc->type != fill->image->machine->reloc_word && reloc->type != fill->image->machine->reloc_relative) ||
	    !addend)
		return why_set(why, "relocation of rt0_config against '%s' has type %" PRIu32, name, reloc->type);
	reloc_put_relative(fill->image, at);
	image_put_word(fill->image, addend, image_get_word(fill->image, addend) + sym->st_value);
	return true;
}

/*
 * gold leaves a hidden weak symbol that nothing defines to the loader, and glibc
 * binds what is hidden to the library itself: a pointer that should be null comes
 * out as the load address. Such a relocation becomes a copy of a relative one, which
 * may be applied twice when it carries its addend; where there is none, or under
 * REL, it becomes type 0, "no relocation" on every machine, which eu-elflint dislikes.
 */
static void unbind(const struct fill *fill, unsigned char *at, const unsigned char *relative)
{
	size_t word = image_word_size(fill->image);
	if (relative)
		memcpy(at, relative, 3 * word);
	else
		image_put_word(fill->image, at + word, 0);
}

static bool fill_symbolic(const struct fill *fill, unsigned char *at, const struct reloc *reloc, bool is_rela,
			  const unsigned char *relative, struct why *why)
{
	struct span config = config_span(fill);
	GElf_Sym sym;
	const char *name;
	if (reloc->symbol >= fill->dynsym.count)
		return why_set(why, "relocation of 0x%" PRIx64 ": symbol %" PRIu32 " of %zu dynamic symbols",
			       reloc->offset, reloc->symbol, fill->dynsym.count);
	symbols_get(fill->image, &fill->dynsym, reloc->symbol, &sym, &name);
	unsigned char visibility = GELF_ST_VISIBILITY(sym.st_other);
	if (sym.st_shndx == SHN_UNDEF && (visibility == STV_HIDDEN || visibility == STV_INTERNAL))
		unbind(fill, at, relative);
	else if (span_holds(&config, reloc->offset) &&
		 judge_export(&fill->judge, fill->image, &sym, name) == EXPORT_GATE)
		return bind_config(fill, at, reloc, is_rela, &sym, name, why);
	return true;
}

static bool fill_table(const struct fill *fill, bool is_rela, struct why *why)
{
	struct image *image = fill->image;
	size_t word = image_word_size(image);
	struct reloc_table table;
	if (!reloc_table(image, is_rela, &table, why))
		return false;
	unsigned char *at = table.at;
	const unsigned char *relative = NULL;
	for (uint64_t n = table.count; n > 0; n--, at += table.entry) {
		struct reloc reloc;
		reloc_decode(image, at, &reloc);
		if (reloc.symbol != 0 && !fill_symbolic(fill, at, &reloc, is_rela, relative, why))
			return false;
		if (reloc.type != image->machine->reloc_relative || reloc.symbol != 0)
			continue;
		/* Under RELA a linker may have left the value in the place as well: keep the two alike. */
		uint64_t addend = is_rela ? image_get_word(image, at + 2 * word) : 0;
		uint64_t gate = is_rela ? gate_of(fill, addend) : 0;
		if (!is_rela) {
			fill_word(fill, reloc.offset);
		} else if (gate && !is_kept(fill, reloc.offset)) {
			unsigned char *place = image_at(image, reloc.offset, word);
			if (place && image_get_word(image, place) == addend)
				image_put_word(image, place, gate);
			image_put_word(image, at + 2 * word, gate);
		}
		if (is_rela)
			relative = at;
	}
	return true;
}

/*
 * DT_RELR (gABI, Relative Relocation Table): an even entry is a place, an odd one
 * a bitmap of the words that follow the last place.
 */
static bool fill_relr(const struct fill *fill, struct why *why)
{
	struct image *image = fill->image;
	size_t word = image_word_size(image);
	uint64_t table, size, next = 0;
	if (!image_dynamic(image, DT_RELR, &table) || !image_dynamic(image, DT_RELRSZ, &size) || size == 0)
		return true;
	const unsigned char *at = image_at(image, table, size);
	if (!at)
		return why_set(why,
			       "DT_RELR relocations at 0x%" PRIx64 ", size %" PRIu64 ": not inside a loaded segment",
			       table, size);
	for (uint64_t n = size / word; n > 0; n--, at += word) {
		uint64_t value = image_get_word(image, at);
		if (!(value & 1)) {
			fill_word(fill, value);
			next = value + word;
			continue;
		}
		for (uint64_t place = next; (value >>= 1) != 0; place += word) {
			if (value & 1)
				fill_word(fill, place);
		}
		next += (8 * word - 1) * word;
	}
	return true;
}

/*
 * Where the global offset table follows .dynsym, the loader fills the entry of an
 * export by looking the symbol up, but glibc, when it binds lazily, only adds the
 * load address to an entry that is not st_value, which it takes for a stub's. So
 * the entry becomes the gate, too, and all that is read from it is the same
 * everywhere: the library's own calls of an export that it does not bind to itself
 * pass the gate, as through a PLT elsewhere, and so do pointers in data, to which
 * a relocation against such a symbol adds the entry.
 */
static bool fill_got(const struct fill *fill, struct why *why)
{
	struct image *image = fill->image;
	size_t word = image_word_size(image);
	uint64_t got, first, locals;
	if (!image->machine->dt_got_symbol || !image_dynamic(image, DT_PLTGOT, &got) ||
	    !image_dynamic(image, image->machine->dt_got_symbol, &first) ||
	    !image_dynamic(image, image->machine->dt_got_locals, &locals) || first >= fill->dynsym.count)
		return true;
	uint64_t count = fill->dynsym.count - first;
	unsigned char *at = locals < image->size && got < UINT64_MAX - locals * word
				    ? image_at(image, got + locals * word, count * word)
				    : NULL;
	if (!at)
		return why_set(why,
			       "DT_PLTGOT 0x%" PRIx64 ": %" PRIu64 " entries behind %" PRIu64
			       " are not inside a loaded segment",
			       got, count, locals);
	for (uint64_t i = 0; i < count; i++, at += word) {
		GElf_Sym sym;
		const char *name;
		symbols_get(image, &fill->dynsym, first + i, &sym, &name);
		if (judge_export(&fill->judge, image, &sym, name) == EXPORT_GATE)
			image_put_word(image, at, gate_of(fill, sym.st_value));
	}
	return true;
}

bool gate_make(const struct machine *machine, const struct rt0_note *note, size_t i, const struct function *function,
	       unsigned char *bytes, struct why *why)
{
	const uint64_t gate = note->pool + (uint64_t)i * note->gate_size;
	const uint64_t symbols[] = {
		[RT0_FIXUP_TARGET] = function->code,
		[RT0_FIXUP_STATE] = note->state,
		[RT0_FIXUP_CLOSED] = note->closed,
		[RT0_FIXUP_CONFIG] = note->config,
		[RT0_FIXUP_GATE] = note->gates + (uint64_t)i * note->gates_step,
	};
	static const char *const names[] = {"its function", RT0_SYM_STATE, RT0_SYM_CLOSED, RT0_SYM_CONFIG, "itself"};
	memcpy(bytes, note->template, note->gate_size);
	for (uint32_t k = 0; k < note->fixup_count; k++) {
		const struct gate_fixup *fixup = &note->fixups[k];
		uint64_t value = symbols[fixup->what] + (uint64_t)(int64_t)fixup->addend;
		uint64_t place = machine_counts_from_toc(machine, fixup->type) ? function->toc : gate + fixup->offset;
		if (!machine->fixup_put(bytes + fixup->offset, fixup->type, place, value))
			return why_set(why,
				       "the gate at 0x%" PRIx64 " cannot reach %s at 0x%" PRIx64 " (relocation %" PRIu32
				       ")",
				       gate, names[fixup->what], symbols[fixup->what], fixup->type);
	}
	return true;
}

/* The gate of function i. */
static bool make(const struct fill *fill, size_t i, unsigned char *bytes, struct why *why)
{
	struct function function = image_function(fill->image, fill->functions[i]);
	return gate_make(fill->image->machine, fill->note, i, &function, bytes, why);
}

/* What is called has the callee's TOC pointer already (ABI supplement, 3.2.5): a gate's is its function's. */
static bool fill_descriptors(const struct fill *fill, struct why *why)
{
	size_t words = (size_t)fill->note->gate_count * DESCRIPTOR_WORDS;
	if (!fill->image->machine->has_descriptors)
		return true;
	uint64_t *values = calloc(words + 1, sizeof *values);
	if (!values)
		return why_set(why, "cannot read %" PRIu32 " function descriptors: %s", fill->note->gate_count,
			       strerror(ENOMEM));
	bool is_done = reloc_pointers(fill->image, &fill->dynsym, fill->note->gates, values, words, why);
	for (size_t i = 0; i < fill->count; i++)
		values[i * DESCRIPTOR_WORDS + DESCRIPTOR_TOC] = image_function(fill->image, fill->functions[i]).toc;
	is_done = is_done && reloc_put_pointers(fill->image, fill->note->gates, values, words, why);
	free(values);
	return is_done;
}

static bool fill_pool(const struct fill *fill, unsigned char *pool, struct why *why)
{
	unsigned char gate[GATE_MAX + FIXUP_ROOM];
	size_t size = fill->note->gate_size, trap_size = fill->image->machine->trap_size;
	for (size_t i = 0; i < fill->count; i++) {
		if (!make(fill, i, gate, why))
			return false;
		memcpy(pool + i * size, gate, size);
	}
	for (size_t at = fill->count * size; at < fill->note->gate_count * size; at++)
		pool[at] = fill->image->machine->trap[at % trap_size];
	return true;
}

static bool gates_shndx(const struct image *image, uint16_t *shndx, struct why *why)
{
	const char *name = image->machine->has_descriptors ? RT0_SEC_OWN_OPD : RT0_SEC_GATES;
	GElf_Shdr shdr;
	Elf_Scn *scn = image_section(image, name, &shdr);
	*shndx = SHN_UNDEF;
	/* A linker puts the descriptors of gates into one section with those of functions. */
	if (image->shnum == 0 || (!scn && image->machine->has_descriptors))
		return true;
	if (!scn)
		return why_set(why, "no section %s", name);
	if (elf_ndxscn(scn) >= SHN_LORESERVE)
		return why_set(why, "section %s has number %zu, symbols take up to %d", name, elf_ndxscn(scn),
			       SHN_LORESERVE - 1);
	*shndx = (uint16_t)elf_ndxscn(scn);
	return true;
}

static void fill_dynsym(const struct fill *fill, uint16_t shndx)
{
	GElf_Sym sym;
	const char *name;
	for (size_t i = 1; i < fill->dynsym.count; i++) {
		symbols_get(fill->image, &fill->dynsym, i, &sym, &name);
		if (judge_export(&fill->judge, fill->image, &sym, name) != EXPORT_GATE)
			continue;
		sym.st_value = gate_of(fill, sym.st_value);
		/* The linker's section of descriptors has the sizes of code. */
		sym.st_size = shndx == SHN_UNDEF ? fill->note->gate_size : fill->note->gates_step;
		sym.st_other &= (unsigned char)~fill->image->machine->local_entry; /* a gate has one entry */
		if (shndx != SHN_UNDEF)
			sym.st_shndx = shndx;
		symbols_put(fill->image, &fill->dynsym, i, &sym);
	}
}

/* All of these bytes are about to be written: one call is cheaper than a fault for each page. */
static void prefault(const unsigned char *at, size_t size)
{
#ifdef MADV_POPULATE_WRITE
	size_t into_page = (uintptr_t)at % (size_t)sysconf(_SC_PAGESIZE);
	if (size)
		madvise((void *)(at - into_page), size + into_page, MADV_POPULATE_WRITE);
#else
	(void)at;
	(void)size;
#endif
}

static bool fill_image(struct fill *fill, struct gates_filled *filled, struct why *why)
{
	const struct rt0_note *note = fill->note;
	const struct machine *machine = fill->image->machine;
	uint64_t pool_size = (uint64_t)note->gate_size * note->gate_count;
	uint16_t shndx;
	bool is_filled;

	*filled = (struct gates_filled){.pool = note->gate_count};
	if (!machine->fixup_put || machine->trap_size == 0)
		return why_set(why, "rt has no port for %s", machine->arch);
	if (!find_functions(fill, &is_filled, why))
		return false;
	filled->needed = fill->count;
	if (is_filled) {
		filled->used = fill->count;
		return true;
	}
	if (fill->count > note->gate_count) {
		why->text[0] = '\0';
		return false;
	}
	unsigned char *pool = image_at(fill->image, note->pool, pool_size);
	unsigned char *islibrary = image_at(fill->image, note->islibrary, 1);
	if ((!pool && pool_size) || !islibrary)
		return why_set(why,
			       "rt0 note: %" PRIu32 " gates of %" PRIu32 " bytes at 0x%" PRIx64 ", " RT0_SYM_ISLIBRARY
			       " at 0x%" PRIx64 ": not inside a loaded segment",
			       note->gate_count, note->gate_size, note->pool, note->islibrary);
	if (!gates_shndx(fill->image, &shndx, why) || !find_kept(fill, why))
		return false;
	prefault(pool, pool_size);
	prefault(fill->dynsym.entries, fill->dynsym.count * fill->dynsym.entry_size);
	if (!fill_pool(fill, pool, why) || !fill_descriptors(fill, why) || !fill_table(fill, true, why) ||
	    !fill_table(fill, false, why) || !fill_relr(fill, why) || !fill_got(fill, why))
		return false;
	fill_dynsym(fill, shndx);
	*islibrary = 1;
	filled->used = fill->count;
	return true;
}

bool gates_fill(struct image *image, const struct rt0_note *note, const struct policy *policy,
		struct gates_filled *filled, struct why *why)
{
	struct fill fill = {.image = image, .note = note};
	bool is_done = judge_open(&fill.judge, policy, why) && fill_image(&fill, filled, why);
	judge_close(&fill.judge);
	free(fill.functions);
	free(fill.kept);
	return is_done;
}

bool gates_count(const struct image *image, const struct policy *policy, size_t *count, struct why *why)
{
	static const struct rt0_note none;
	struct fill fill = {.image = (struct image *)image, .note = &none}; /* is only read */
	bool is_filled, is_done = judge_open(&fill.judge, policy, why) && find_functions(&fill, &is_filled, why);
	*count = fill.count;
	judge_close(&fill.judge);
	free(fill.functions);
	free(fill.kept);
	return is_done;
}

/* The address of the one data symbol of that name in a table; false with an empty reason when there is none. */
static bool find_flag(const struct image *image, const struct symbols *symbols, const char *wanted, uint64_t *address,
		      struct why *why)
{
	GElf_Sym sym;
	const char *name;
	bool is_found = false;
	why->text[0] = '\0';
	for (size_t i = 1; i < symbols->count; i++) {
		symbols_get(image, symbols, i, &sym, &name);
		if (sym.st_shndx == SHN_UNDEF || strcmp(name, wanted) != 0)
			continue;
		unsigned char type = GELF_ST_TYPE(sym.st_info);
		if (type != STT_OBJECT && type != STT_NOTYPE)
			return why_set(why, "flag '%s' is no variable (symbol type %d)", wanted, type);
		if (is_found && sym.st_value != *address)
			return why_set(why, "flag '%s' is ambiguous: at 0x%" PRIx64 " and at 0x%" PRIx64, wanted,
				       *address, sym.st_value);
		is_found = true;
		*address = sym.st_value;
	}
	return is_found;
}

bool gates_set_flag(struct image *image, const char *symbol, unsigned char value, struct why *why)
{
	struct symbols symbols;
	uint64_t address;
	bool is_found = image_symtab(image, &symbols, why) && find_flag(image, &symbols, symbol, &address, why);
	if (!is_found && why->text[0] == '\0')
		is_found = image_dynsym(image, &symbols, why) && find_flag(image, &symbols, symbol, &address, why);
	if (!is_found)
		return why->text[0] == '\0';
	unsigned char *at = image_at(image, address, 1);
	if (at)
		*at = value;
	return true;
}
