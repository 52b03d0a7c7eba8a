/*
 * The object that ldwrap adds to each link.
 *
 * It is put together from the port's gate template, so nothing here knows an
 * instruction: the pool is room for gate_count gates, filled after the link from
 * what the rt0 note says of the template; the rest of the template is stretched or
 * carried over, and rt0_config is written beside it.
 */
#include "linkobj.h"

#include "../elfpatch/lib/template.h"
#include "../rt/abi.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Index of a global symbol, until all locals are known: locals come first in the file. */
#define GLOBAL 0x80000000u

/* A growing buffer. A failed allocation is remembered and reported once, before the file is written. */
struct bytes {
	unsigned char *at;
	size_t size, room;
	bool is_short;
};

struct section {
	const char *name; /* borrowed */
	uint32_t type;
	uint64_t flags, align, entry_size;
	uint32_t link, info;
	struct bytes content;
	struct bytes relocs; /* struct template_reloc */
};

/* What is being written. Section i of the array becomes section i + 1 of the file. */
struct object {
	const struct machine *machine;
	GElf_Ehdr ehdr; /* the template's, for what must stay the same */
	struct section *sections;
	size_t section_count;
	struct bytes locals, globals; /* GElf_Sym */
	struct bytes strings;
	uint32_t pool;        /* section symbol of .rt0.gates */
	uint32_t descriptors; /* section symbol of the gates' descriptors; 0 for none */
};

static void *bytes_grow(struct bytes *bytes, size_t size)
{
	if (size > bytes->room - bytes->size) {
		size_t room = bytes->room > 256 ? bytes->room : 256;
		while (room - bytes->size < size && room <= SIZE_MAX / 4)
			room *= 2;
		unsigned char *at = room - bytes->size < size ? NULL : realloc(bytes->at, room);
		if (!at) {
			bytes->is_short = true;
			return NULL;
		}
		bytes->at = at;
		bytes->room = room;
	}
	bytes->size += size;
	return bytes->at + bytes->size - size;
}

static void bytes_add(struct bytes *bytes, const void *from, size_t size)
{
	void *added = size ? bytes_grow(bytes, size) : NULL;
	if (added)
		memcpy(added, from, size);
}

static void bytes_pad(struct bytes *bytes, size_t align)
{
	static const unsigned char zeros[8];
	bytes_add(bytes, zeros, -bytes->size & (align - 1));
}

static uint64_t integer_get(const struct machine *machine, const unsigned char *at, size_t size)
{
	uint64_t value = 0;
	for (size_t i = 0; i < size; i++)
		value |= (uint64_t)at[machine->elf_data == ELFDATA2MSB ? size - 1 - i : i] << 8 * i;
	return value;
}

static void integer_put(const struct machine *machine, unsigned char *at, uint64_t value, size_t size)
{
	for (size_t i = 0; i < size; i++)
		at[machine->elf_data == ELFDATA2MSB ? size - 1 - i : i] = (unsigned char)(value >> 8 * i);
}

static void integer_add(const struct object *object, struct bytes *bytes, uint64_t value, size_t size)
{
	unsigned char *at = bytes_grow(bytes, size);
	if (at)
		integer_put(object->machine, at, value, size);
}

static size_t word_size(const struct machine *machine)
{
	return machine->elf_class == ELFCLASS64 ? 8 : 4;
}

static struct section *section_add(struct object *object, const char *name, uint32_t type, uint64_t flags,
				   uint64_t align)
{
	struct section *section = &object->sections[object->section_count++];
	*section = (struct section){.name = name, .type = type, .flags = flags, .align = align};
	return section;
}

static uint16_t section_index(const struct object *object, const struct section *section)
{
	return (uint16_t)(section - object->sections + 1);
}

static void reloc_add(struct section *section, uint64_t offset, uint32_t symbol, uint32_t type, int64_t addend)
{
	bytes_add(&section->relocs, &(struct template_reloc){offset, symbol, type, addend},
		  sizeof(struct template_reloc));
}

static uint32_t string_add(struct object *object, const char *string)
{
	uint32_t offset = (uint32_t)object->strings.size;
	bytes_add(&object->strings, string, strlen(string) + 1);
	return offset;
}

static uint32_t local_add(struct object *object, const GElf_Sym *sym)
{
	bytes_add(&object->locals, sym, sizeof *sym);
	return (uint32_t)(object->locals.size / sizeof *sym) - 1;
}

/* The global of that name, added as an undefined one when it is new. */
static uint32_t global_add(struct object *object, const char *name, unsigned char binding, unsigned char visibility)
{
	const GElf_Sym *globals = (const GElf_Sym *)object->globals.at;
	uint32_t count = (uint32_t)(object->globals.size / sizeof(GElf_Sym));
	for (uint32_t i = 0; i < count; i++) {
		if (strcmp((const char *)object->strings.at + globals[i].st_name, name) == 0)
			return GLOBAL | i;
	}
	GElf_Sym sym = {
		.st_name = string_add(object, name),
		.st_info = GELF_ST_INFO(binding, STT_NOTYPE),
		.st_other = visibility,
	};
	bytes_add(&object->globals, &sym, sizeof sym);
	return GLOBAL | count;
}

static uint32_t rt0_symbol(struct object *object, const char *name)
{
	return global_add(object, name, STB_GLOBAL, STV_HIDDEN);
}

/*
 * The pool.
 */

/* Arm's mapping symbols ($a, $t, $d) say what the bytes of each copy are. */
static void gates_add_mapping_symbols(struct object *object, const struct template *template,
				      const struct section *pool, size_t count)
{
	GElf_Sym sym;
	for (int s = 1; gelf_getsym(template->symbols, s, &sym); s++) {
		const char *name = elf_strptr(template->elf, template->symtab_shdr.sh_link, sym.st_name);
		if (!name || name[0] != '$' || sym.st_shndx != elf_ndxscn(template->section))
			continue;
		uint64_t value = sym.st_value;
		sym.st_name = string_add(object, name);
		sym.st_shndx = section_index(object, pool);
		for (size_t i = 0; i < count; i++) {
			sym.st_value = value + i * template->size;
			local_add(object, &sym);
		}
	}
}

/* Traps, until the gates are made after the link. */
static void gates_add(struct object *object, const struct template *template, size_t count)
{
	const struct machine *machine = template->machine;
	struct section *pool = section_add(object, RT0_SEC_GATES, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR,
					   template->section_shdr.sh_addralign);
	size_t size = count * template->size;
	unsigned char *at = bytes_grow(&pool->content, size);
	if (at)
		memcpy(at, machine->trap, machine->trap_size);
	for (size_t done = machine->trap_size; at && done < size; done *= 2)
		memcpy(at + done, at, done < size - done ? done : size - done);
	object->pool = local_add(object, &(GElf_Sym){.st_info = GELF_ST_INFO(STB_LOCAL, STT_SECTION),
						     .st_shndx = section_index(object, pool)});
	gates_add_mapping_symbols(object, template, pool, count);
}

/* A descriptor for each gate; the TOC pointer in it becomes that of the gate's function after the link. */
static void descriptors_add(struct object *object, const struct template *template, size_t count)
{
	const struct machine *machine = object->machine;
	size_t word = word_size(machine);
	if (!machine->has_descriptors)
		return;
	struct section *section = section_add(object, RT0_SEC_OPD, SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, word);
	for (size_t i = 0; i < count; i++) {
		size_t at = i * DESCRIPTOR_WORDS * word;
		reloc_add(section, at + DESCRIPTOR_CODE * word, object->pool, machine->reloc_word,
			  (int64_t)(i * template->size));
		reloc_add(section, at + DESCRIPTOR_TOC * word, 0, machine->reloc_toc, 0);
		for (size_t k = 0; k < DESCRIPTOR_WORDS; k++)
			integer_add(object, &section->content, 0, word);
	}
	object->descriptors = local_add(object, &(GElf_Sym){.st_info = GELF_ST_INFO(STB_LOCAL, STT_SECTION),
							    .st_shndx = section_index(object, section)});
}

/*
 * Unwind information (LSB 5.0, Exception Frames): one CIE and one FDE, whose
 * range is stretched over all gates. That is right as long as no row of the table
 * depends on how far into a gate the program counter is.
 */

static bool leb_skip(const unsigned char **at, const unsigned char *end)
{
	while (*at < end && (*(*at)++ & 0x80))
		;
	return (*at)[-1] < 0x80;
}

/* How many bytes an address takes in the FDEs of a CIE of `size` bytes at `cie`; 0 when it cannot be told. */
static size_t cie_pointer_size(const struct machine *machine, const unsigned char *cie, size_t size)
{
	const unsigned char *at = cie + 8, *end = cie + size;
	if (size < 16 || integer_get(machine, cie + 4, 4) != 0)
		return 0;
	unsigned char version = *at++;
	const unsigned char *augmentation = at;
	while (at < end && *at)
		at++;
	if (at == end || strcmp((const char *)augmentation, "zR") != 0)
		return 0;
	at++;
	if (at == end || !leb_skip(&at, end) || at == end || !leb_skip(&at, end) || at == end)
		return 0;
	if (version == 1)
		at++;
	else if (!leb_skip(&at, end))
		return 0;
	if (end - at < 2 || *at++ != 1)
		return 0;
	switch (*at & 0x07) { /* DW_EH_PE_absptr, udata2, udata4, udata8; the sign makes no difference */
	case 0:
		return word_size(machine);
	case 2:
		return 2;
	case 3:
		return 4;
	case 4:
		return 8;
	default:
		return 0;
	}
}

/*
 * Do the instructions of an FDE hold from its first byte on? They may give the
 * canonical frame address as an expression, which a machine whose gates move the
 * stack pointer needs, one of the instruction pointer; anything else is refused.
 */
static bool has_one_row(const unsigned char *at, const unsigned char *end)
{
	while (at < end && *at == 0) /* DW_CFA_nop */
		at++;
	if (end - at > 2 && at[0] == 0x0f /* DW_CFA_def_cfa_expression */ && at[1] < 0x80 && at[1] <= end - at - 2)
		at += 2 + at[1];
	while (at < end && *at == 0)
		at++;
	return at == end;
}

static bool frame_add(struct object *object, const struct template *template, size_t count, struct why *why)
{
	if (!template->frame)
		return true;
	const struct machine *machine = template->machine;
	Elf_Data *data = elf_rawdata(template->frame, NULL);
	GElf_Shdr shdr;
	if (!data || !data->d_buf || !gelf_getshdr(template->frame, &shdr))
		return template_fault(template, ".eh_frame is empty or outside the file", why);
	const unsigned char *from = data->d_buf;
	size_t size = data->d_size;
	uint64_t cie = size < 16 ? 0 : integer_get(machine, from, 4);
	if (size < 16 || cie > size - 4 || size - 4 - cie < 8)
		return template_fault(template, ".eh_frame does not hold one CIE and one FDE", why);
	size_t fde = (size_t)cie + 4;
	size_t pointer = cie_pointer_size(machine, from, fde);
	uint64_t fde_size = integer_get(machine, from + fde, 4);
	if (!pointer || fde_size > size - fde - 4 || fde_size < 4 + 2 * pointer + 1)
		return template_fault(template, ".eh_frame does not hold one CIE and one FDE with a plain range", why);
	size_t begin = fde + 8, range = begin + pointer;
	/* After the augmentation's length, 0, the rules that differ from the CIE's. */
	if (from[range + pointer] != 0 || !has_one_row(from + range + pointer + 1, from + fde + 4 + fde_size))
		return template_fault(template, "its unwind rules change inside the gate", why);

	struct section *section = section_add(object, ".eh_frame", shdr.sh_type, shdr.sh_flags, shdr.sh_addralign);
	bytes_add(&section->content, from, fde + 4 + (size_t)fde_size);
	if (section->content.is_short)
		return true;
	integer_put(machine, section->content.at + range, count * template->size, pointer);
	Elf_Scn *relocs = template_relocs(template, template->frame);
	for (size_t i = 0; i < template_reloc_count(template, relocs); i++) {
		struct template_reloc reloc;
		GElf_Sym sym;
		const char *name;
		template_reloc(template, relocs, i, &reloc);
		if (reloc.offset >= range && reloc.offset - range < pointer)
			continue; /* a range that the linker should compute is written out above */
		if (!template_symbol(template, reloc.symbol, &sym, &name, why))
			return false;
		if (reloc.offset != begin || sym.st_shndx == SHN_UNDEF)
			return template_fault(template, ".eh_frame refers to more than the gate", why);
		if (machine->is_rela)
			reloc.addend = (int64_t)((uint64_t)reloc.addend + sym.st_value);
		else
			integer_put(machine, section->content.at + begin,
				    integer_get(machine, from + begin, pointer) + sym.st_value, pointer);
		reloc_add(section, begin, object->pool, reloc.type, reloc.addend);
	}
	return true;
}

/*
 * A section in link order with the gate (gABI, SHF_LINK_ORDER) is an index of unwind
 * tables by address (EHABI32, 5). Its one entry covers all from the pool's first byte
 * up to where the next entry begins. A relocation of type 0 only asks for a symbol to
 * be linked; what rt needs rt brings.
 */
static bool index_add(struct object *object, const struct template *template, struct why *why)
{
	GElf_Shdr shdr;
	for (Elf_Scn *scn = NULL; (scn = elf_nextscn(template->elf, scn));) {
		if (!gelf_getshdr(scn, &shdr) || !(shdr.sh_flags & SHF_LINK_ORDER) ||
		    shdr.sh_link != elf_ndxscn(template->section))
			continue;
		Elf_Data *data = elf_rawdata(scn, NULL);
		if (!data || !data->d_buf)
			return template_fault(template, "a section in link order is empty or outside the file", why);
		struct section *section = section_add(object, template_section_name(template, &shdr), shdr.sh_type,
						      shdr.sh_flags, shdr.sh_addralign);
		section->entry_size = shdr.sh_entsize;
		section->link = 1; /* the pool, the first of all sections */
		bytes_add(&section->content, data->d_buf, data->d_size);
		Elf_Scn *relocs = template_relocs(template, scn);
		for (size_t i = 0; i < template_reloc_count(template, relocs); i++) {
			struct template_reloc reloc;
			GElf_Sym sym;
			const char *name;
			template_reloc(template, relocs, i, &reloc);
			if (reloc.type == 0)
				continue;
			if (!template_symbol(template, reloc.symbol, &sym, &name, why))
				return false;
			if (reloc.offset != 0 || sym.st_shndx == SHN_UNDEF || sym.st_value != 0)
				return template_fault(template, "an index of the gate has more than one entry", why);
			reloc_add(section, reloc.offset, object->pool, reloc.type, reloc.addend);
		}
	}
	return true;
}

/* What says how the object may be linked: properties, attributes, the stack's note. */
static void carry_over(struct object *object, const struct template *template)
{
	GElf_Shdr shdr;
	for (Elf_Scn *scn = NULL; (scn = elf_nextscn(template->elf, scn));) {
		if (!gelf_getshdr(scn, &shdr))
			continue;
		const char *name = template_section_name(template, &shdr);
		bool is_kept = strcmp(name, ".note.GNU-stack") == 0 || shdr.sh_type == SHT_NOTE ||
			       shdr.sh_type == SHT_GNU_ATTRIBUTES ||
			       (shdr.sh_type >= SHT_LOPROC && shdr.sh_type <= SHT_HIPROC &&
				!(shdr.sh_flags & SHF_LINK_ORDER) && scn != template->frame);
		Elf_Data *data = is_kept ? elf_rawdata(scn, NULL) : NULL;
		if (!data)
			continue;
		struct section *section = section_add(object, name, shdr.sh_type, shdr.sh_flags, shdr.sh_addralign);
		section->entry_size = shdr.sh_entsize;
		bytes_add(&section->content, data->d_buf, data->d_size);
	}
}

/*
 * rt0_config and the note.
 */

static uint32_t config_add(struct object *object, const struct linkobj *job)
{
	const struct machine *machine = object->machine;
	struct section *section =
		section_add(object, RT0_SEC_CONFIG, SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, sizeof(uint64_t));
	integer_add(object, &section->content, RT0_ABI_VERSION, 4);
	integer_add(object, &section->content, job->flags, 4);
	integer_add(object, &section->content, job->stack_size, 8);

	uint32_t pointers[RT0_POINTER_COUNT] = {0};
	pointers[RT0_POINTER_INIT] = global_add(object, job->init, job->is_init_weak ? STB_WEAK : STB_GLOBAL,
						job->is_init_hidden ? STV_HIDDEN : STV_DEFAULT);
	pointers[RT0_POINTER_MAIN] = global_add(object, RT0_SYM_MAIN, STB_WEAK, STV_HIDDEN);
	if (job->failure)
		pointers[RT0_POINTER_FAILURE] = global_add(object, job->failure, STB_GLOBAL, STV_DEFAULT);
	pointers[RT0_POINTER_CHAIN] = job->chain ? global_add(object, job->chain, STB_GLOBAL, STV_DEFAULT)
						 : global_add(object, "_init", STB_WEAK, STV_HIDDEN);
	if (job->flag)
		pointers[RT0_POINTER_FLAG] = global_add(object, job->flag, STB_GLOBAL, STV_DEFAULT);
	pointers[RT0_POINTER_ATTACH] = global_add(object, RT0_SYM_ATTACH, STB_WEAK, STV_HIDDEN);
	pointers[RT0_POINTER_DETACH] = global_add(object, RT0_SYM_DETACH, STB_WEAK, STV_HIDDEN);
	pointers[RT0_POINTER_THREADS] = global_add(object, RT0_SYM_THREADS, STB_WEAK, STV_HIDDEN);
	for (size_t i = 0; i < RT0_POINTER_COUNT; i++) {
		if (pointers[i])
			reloc_add(section, section->content.size, pointers[i], machine->reloc_word, 0);
		integer_add(object, &section->content, 0, word_size(machine));
	}

	uint32_t config = rt0_symbol(object, RT0_SYM_CONFIG);
	if (!object->globals.is_short) {
		GElf_Sym *sym = (GElf_Sym *)object->globals.at + (config & ~GLOBAL);
		sym->st_info = GELF_ST_INFO(STB_GLOBAL, STT_OBJECT);
		sym->st_size = section->content.size;
		sym->st_shndx = section_index(object, section);
	}
	return config;
}

static void note_begin(const struct object *object, struct section *section, uint32_t type, size_t size)
{
	integer_add(object, &section->content, sizeof RT0_NOTE_NAME, 4);
	integer_add(object, &section->content, size, 4);
	integer_add(object, &section->content, type, 4);
	bytes_add(&section->content, RT0_NOTE_NAME, sizeof RT0_NOTE_NAME);
	bytes_pad(&section->content, 4);
}

static void notes_add(struct object *object, const struct linkobj *job, const struct template *template, size_t count,
		      uint32_t config)
{
	struct section *section = section_add(object, RT0_SEC_NOTE, SHT_NOTE, SHF_ALLOC, 4);
	const uint32_t values[RT0_NOTE_WORDS] = {
		[RT0_NOTE_VERSION] = RT0_ABI_VERSION,
		[RT0_NOTE_GATE_SIZE] = (uint32_t) template->size,
		[RT0_NOTE_GATE_COUNT] = (uint32_t)count,
		[RT0_NOTE_FIXUPS] = template->fixup_count,
	};
	const uint32_t targets[RT0_NOTE_WORDS] = {
		[RT0_NOTE_POOL] = object->pool,
		[RT0_NOTE_STATE] = rt0_symbol(object, RT0_SYM_STATE),
		[RT0_NOTE_ISLIBRARY] = rt0_symbol(object, RT0_SYM_ISLIBRARY),
		[RT0_NOTE_CONFIG] = config,
		[RT0_NOTE_ENTRY] = rt0_symbol(object, RT0_SYM_ENTRY),
		[RT0_NOTE_CLOSED] = rt0_symbol(object, RT0_SYM_CLOSED),
		[RT0_NOTE_TWIN] = rt0_symbol(object, RT0_SYM_TWIN),
	};
	note_begin(object, section, RT0_NT_LIBRARY,
		   sizeof values + 4 * RT0_FIXUP_WORDS * template->fixup_count + template->size +
			   (object->descriptors ? 4 : 0));
	for (size_t i = 0; i < RT0_NOTE_WORDS; i++) {
		if (targets[i])
			reloc_add(section, section->content.size, targets[i], object->machine->reloc_pc32, 0);
		integer_add(object, &section->content, values[i], 4);
	}
	for (uint32_t i = 0; i < template->fixup_count; i++) {
		const struct gate_fixup *fixup = &template->fixups[i];
		integer_add(object, &section->content, fixup->offset | fixup->what << 16, 4);
		integer_add(object, &section->content, fixup->type, 4);
		integer_add(object, &section->content, (uint32_t)fixup->addend, 4);
	}
	bytes_add(&section->content, template->code->d_buf, template->size);
	if (object->descriptors) {
		reloc_add(section, section->content.size, object->descriptors, object->machine->reloc_pc32, 0);
		integer_add(object, &section->content, 0, 4);
	}
	if (job->policy.size) {
		note_begin(object, section, RT0_NT_POLICY, job->policy.size);
		bytes_add(&section->content, job->policy.strings, job->policy.size);
		bytes_pad(&section->content, 4);
	}
}

/*
 * Write.
 */

/* A section of the file; its string and its index stay with the file's order. */
static Elf_Data *scn_add(Elf *elf, struct object *object, const struct section *section)
{
	errno = 0;
	Elf_Scn *scn = elf_newscn(elf);
	/* Without memory libelf may return a section without a header, and look into that later. */
	Elf_Data *data = scn && errno != ENOMEM ? elf_newdata(scn) : NULL;
	GElf_Shdr shdr;
	if (!data || !gelf_getshdr(scn, &shdr))
		return NULL;
	shdr.sh_name = string_add(object, section->name);
	shdr.sh_type = section->type;
	shdr.sh_flags = section->flags;
	shdr.sh_link = section->link;
	shdr.sh_info = section->info;
	shdr.sh_addralign = section->align;
	shdr.sh_entsize = section->entry_size;
	data->d_buf = section->content.at;
	data->d_size = section->content.size;
	data->d_align = section->align ? section->align : 1;
	data->d_type = ELF_T_BYTE;
	data->d_version = EV_CURRENT;
	return gelf_update_shdr(scn, &shdr) ? data : NULL;
}

/* Room for `count` entries of a table that libelf translates. */
static bool table_begin(Elf *elf, Elf_Data *data, Elf_Type type, size_t count, struct bytes *table)
{
	size_t size = gelf_fsize(elf, type, count, EV_CURRENT);
	data->d_buf = size ? bytes_grow(table, size) : NULL;
	data->d_size = size;
	data->d_type = type;
	return data->d_buf != NULL;
}

static bool relocs_write(Elf *elf, struct object *object, const struct section *section, uint32_t symtab,
			 struct bytes *table)
{
	const struct template_reloc *relocs = (const struct template_reloc *)section->relocs.at;
	size_t count = section->relocs.size / sizeof *relocs, locals = object->locals.size / sizeof(GElf_Sym);
	bool is_rela = object->machine->is_rela;
	Elf_Type type = is_rela ? ELF_T_RELA : ELF_T_REL;
	char name[64];
	snprintf(name, sizeof name, "%s%s", is_rela ? ".rela" : ".rel", section->name);
	struct section header = {
		.name = name,
		.type = is_rela ? SHT_RELA : SHT_REL,
		.flags = SHF_INFO_LINK,
		.align = word_size(object->machine),
		.entry_size = gelf_fsize(elf, type, 1, EV_CURRENT),
		.link = symtab,
		.info = section_index(object, section),
	};
	Elf_Data *data = scn_add(elf, object, &header);
	if (!data || !table_begin(elf, data, type, count, table))
		return false;
	for (size_t i = 0; i < count; i++) {
		uint32_t symbol = relocs[i].symbol;
		if (symbol & GLOBAL)
			symbol = (symbol & ~GLOBAL) + (uint32_t)locals;
		GElf_Rela rela = {relocs[i].offset, machine_reloc_info(object->machine, symbol, relocs[i].type),
				  relocs[i].addend};
		GElf_Rel rel = {rela.r_offset, rela.r_info};
		if (!(is_rela ? gelf_update_rela(data, (int)i, &rela) : gelf_update_rel(data, (int)i, &rel)))
			return false;
	}
	return true;
}

static bool symbols_write(Elf *elf, struct object *object, uint32_t strtab, struct bytes *table)
{
	size_t locals = object->locals.size / sizeof(GElf_Sym), globals = object->globals.size / sizeof(GElf_Sym);
	struct section header = {
		.name = ".symtab",
		.type = SHT_SYMTAB,
		.align = word_size(object->machine),
		.entry_size = gelf_fsize(elf, ELF_T_SYM, 1, EV_CURRENT),
		.link = strtab,
		.info = (uint32_t)locals,
	};
	Elf_Data *data = scn_add(elf, object, &header);
	if (!data || !table_begin(elf, data, ELF_T_SYM, locals + globals, table))
		return false;
	for (size_t i = 0; i < locals + globals; i++) {
		GElf_Sym *sym =
			i < locals ? (GElf_Sym *)object->locals.at + i : (GElf_Sym *)object->globals.at + (i - locals);
		if (!gelf_update_sym(data, (int)i, sym))
			return false;
	}
	return true;
}

/* The sections, then their relocations, .symtab, and .strtab, which holds the section names too. */
static bool object_lay_out(Elf *elf, struct object *object, struct bytes *tables)
{
	uint32_t symtab = (uint32_t)object->section_count + 1;
	for (size_t i = 0; i < object->section_count; i++) {
		if (!scn_add(elf, object, &object->sections[i]))
			return false;
		symtab += object->sections[i].relocs.size != 0;
	}
	struct bytes *table = tables;
	for (size_t i = 0; i < object->section_count; i++) {
		const struct section *section = &object->sections[i];
		if (section->relocs.size && !relocs_write(elf, object, section, symtab, table++))
			return false;
	}
	if (!symbols_write(elf, object, symtab + 1, table))
		return false;
	Elf_Data *data = scn_add(elf, object, &(struct section){.name = ".strtab", .type = SHT_STRTAB, .align = 1});
	if (!data)
		return false;
	data->d_buf = object->strings.at;
	data->d_size = object->strings.size;

	GElf_Ehdr ehdr;
	if (!gelf_getehdr(elf, &ehdr))
		return false;
	ehdr.e_ident[EI_DATA] = object->machine->elf_data;
	ehdr.e_ident[EI_OSABI] = object->ehdr.e_ident[EI_OSABI];
	ehdr.e_ident[EI_ABIVERSION] = object->ehdr.e_ident[EI_ABIVERSION];
	ehdr.e_type = ET_REL;
	ehdr.e_machine = object->machine->e_machine;
	ehdr.e_version = EV_CURRENT;
	ehdr.e_flags = object->ehdr.e_flags;
	ehdr.e_shstrndx = (GElf_Half)(symtab + 1);
	return gelf_update_ehdr(elf, &ehdr) && !object->strings.is_short;
}

/* Has there been no memory for a part of it? */
static bool object_is_short(const struct object *object, const struct bytes *tables)
{
	bool is_short = object->locals.is_short || object->globals.is_short || object->strings.is_short;
	for (size_t i = 0; i < object->section_count; i++)
		is_short |= object->sections[i].content.is_short || object->sections[i].relocs.is_short;
	for (size_t i = 0; i <= object->section_count; i++)
		is_short |= tables[i].is_short;
	return is_short;
}

static bool object_write(struct object *object, const char *path, struct why *why)
{
	struct bytes *tables = calloc(object->section_count + 1, sizeof *tables);
	if (!tables || object_is_short(object, tables)) {
		free(tables);
		return why_set(why, "cannot write '%s': %s", path, strerror(ENOMEM));
	}

	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	Elf *elf = fd < 0 ? NULL : elf_begin(fd, ELF_C_WRITE, NULL);
	bool is_done = false;
	if (fd < 0)
		why_set(why, "cannot write '%s': %s", path, strerror(errno));
	else if (!elf || !gelf_newehdr(elf, object->machine->elf_class) || !object_lay_out(elf, object, tables) ||
		 elf_update(elf, ELF_C_WRITE) < 0)
		why_set(why, "cannot write '%s': %s", path,
			errno == ENOMEM || object_is_short(object, tables) ? strerror(ENOMEM) : elf_errmsg(-1));
	else
		is_done = true;
	elf_end(elf);
	if (fd >= 0 && close(fd) != 0 && is_done)
		is_done = why_set(why, "cannot write '%s': %s", path, strerror(errno));
	for (size_t i = 0; i <= object->section_count; i++)
		free(tables[i].at);
	free(tables);
	return is_done;
}

static bool object_fill(struct object *object, const struct linkobj *job, const struct template *template,
			struct why *why)
{
	/* A pool of none would leave the note and .eh_frame pointing at a section that linkers drop. */
	size_t count = job->gate_count ? job->gate_count : 1;
	object->sections = calloc(template->shnum + 5, sizeof *object->sections);
	if (!object->sections)
		return why_set(why, "cannot make the pool: %s", strerror(ENOMEM));
	if (count > INT32_MAX / template->size)
		return why_set(why, "cannot make the pool: %zu gates of %zu bytes", count, template->size);
	string_add(object, "");
	local_add(object, &(GElf_Sym){0});
	gates_add(object, template, count);
	descriptors_add(object, template, count);
	if (!frame_add(object, template, count, why) || !index_add(object, template, why))
		return false;
	uint32_t config = config_add(object, job);
	notes_add(object, job, template, count, config);
	carry_over(object, template);
	return true;
}

bool linkobj_write(const struct linkobj *job, const char *path, struct why *why)
{
	struct template template;
	struct object object = {0};
	bool is_done = template_open(job->template_path, TEMPLATE_GATE, &template, why);
	if (is_done) {
		object.machine = template.machine;
		object.ehdr = template.ehdr;
		is_done = object_fill(&object, job, &template, why) && object_write(&object, path, why);
	}
	for (size_t i = 0; i < object.section_count; i++) {
		free(object.sections[i].content.at);
		free(object.sections[i].relocs.at);
	}
	free(object.sections);
	free(object.locals.at);
	free(object.globals.at);
	free(object.strings.at);
	template_close(&template);
	return is_done;
}
