#include "attach.h"

#include "gates.h"
#include "import.h"
#include "machine.h"
#include "reloc.h"
#include "rtfile.h"
#include "template.h"
#include "undo.h"
#include "verify.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Behind the slot stands the byte that says that this is a library. */
enum { SLOT_SECTION_WORDS = 2 };

/* Function descriptors that it gets, on a machine that has them: two of the stub, and one a gate. */
enum { OPD_LIB, OPD_TWIN, OPD_GATES };

struct attaching {
	struct editing editing;
	const struct attach_options *options;
	struct import import;
	struct template gate, stub;
	size_t gate_count;
	GElf_Sym init, flag;
	uint64_t chain, twin_chain; /* 0 for none */
	bool wants_array;           /* it has no .init_array, and DT_INIT alone would not do */
	/* Sections. */
	size_t note, code, gates, slot, state;
	size_t opd, array; /* 0 where there are no descriptors, or where none is wanted */
};

/* The loader's last constructor, which makes room for the twin. */
static bool find_constructor(struct attaching *a, struct why *why)
{
	const struct image *image = a->editing.layout.image;
	size_t word = image_word_size(image);
	struct symbols dynsym;
	uint64_t array, size;

	if (!image_dynamic(image, DT_INIT_ARRAY, &array) || !image_dynamic(image, DT_INIT_ARRAYSZ, &size) ||
	    size < word) {
		a->wants_array = !image->machine->glibc_runs_dt_init;
		return true;
	}
	if (size % word || array > UINT64_MAX - size)
		return why_set(why, "DT_INIT_ARRAY 0x%" PRIx64 ", size %" PRIu64 ": not an array of addresses", array,
			       size);
	if (!image_dynsym(image, &dynsym, why) ||
	    !reloc_pointers(image, &dynsym, array + size - word, &a->twin_chain, 1, why))
		return false;
	return a->twin_chain || why_set(why, "the last entry of .init_array (0x%" PRIx64 ") is no function of the file",
					array + size - word);
}

static bool is_library(const struct image *image, struct why *why)
{
	uint64_t flags = 0;
	GElf_Shdr undo;
	GElf_Phdr p;

	if (image->ehdr.e_type != ET_DYN)
		return why_set(why, "not a shared library (e_type %d, expected %d)", image->ehdr.e_type, ET_DYN);
	for (size_t i = 0; i < image->phnum; i++)
		if (gelf_getphdr(image->elf, (int)i, &p) && p.p_type == PT_INTERP)
			return why_set(why, "a program, not a library: it has an interpreter");
	if (image_dynamic(image, DT_FLAGS_1, &flags) && flags & DF_1_PIE)
		return why_set(why, "a program, not a library: DT_FLAGS_1 0x%" PRIx64 " has PIE", flags);
	if (image->shnum == 0)
		return why_set(why, "no section headers, which tell what may move");
	if (image_section(image, UNDO_SECTION, &undo))
		return why_set(why,
			       "it was attached before, as its section " UNDO_SECTION " tells, but has no rt0 note");
	return true;
}

static bool template_get(const struct image *image, const char *objects, enum template_kind kind, const char *name,
			 struct template *template, char **path, struct why *why)
{
	*path = rtfile_find(objects, image->machine, name, why);
	if (!*path || !template_open(*path, kind, template, why))
		return false;
	return template->machine == image->machine || why_set(why, "'%s' is for %s", *path, template->machine->arch);
}

static bool find_symbols(struct attaching *a, struct why *why)
{
	const struct image *image = a->editing.layout.image;
	uint64_t chain;

	if (!editing_find_function(image, a->options->init, &a->init, why))
		return false;
	if (a->options->flag) {
		if (!editing_find_symbol(image, a->options->flag, &a->flag, why))
			return false;
		if (GELF_ST_TYPE(a->flag.st_info) != STT_OBJECT && GELF_ST_TYPE(a->flag.st_info) != STT_NOTYPE)
			return why_set(why, "'%s' is no variable (symbol type %d)", a->options->flag,
				       GELF_ST_TYPE(a->flag.st_info));
	}
	if (image_dynamic(image, DT_INIT, &chain))
		a->chain = chain;
	return find_constructor(a, why);
}

/* The descriptor of RT0_NT_LIBRARY. */
static size_t library_size(const struct attaching *a)
{
	size_t words = RT0_NOTE_WORDS + RT0_FIXUP_WORDS * a->gate.fixup_count + a->gate.machine->has_descriptors;

	return 4 * words + a->gate.size;
}

static size_t note_size(const struct attaching *a)
{
	size_t header = 12 + sizeof RT0_NOTE_NAME;
	size_t size = header + RT0_ATTACHED_SIZE + header + library_size(a);

	if (a->options->policy.size)
		size += header + ((a->options->policy.size + 3) & ~(size_t)3);
	return size;
}

/* What is only read stands first in a segment, to which tables that grow can move. */
static bool add_note(struct attaching *a, struct why *why)
{
	struct layout *layout = &a->editing.layout;
	const GElf_Shdr note = {.sh_type = SHT_NOTE, .sh_flags = SHF_ALLOC, .sh_addralign = 8, .sh_size = note_size(a)};

	/* Behind it may come segments for the dynamic section, for code, for what is written, and one of notes. */
	if (!layout_add_segment(layout, PF_R, 4, why) ||
	    !(a->note = layout_add_section(layout, RT0_SEC_NOTE, &note, why)))
		return false;
	/* The record is to be aligned to 8, but notes in a section that says so are padded to 8. */
	layout->shdrs[a->note].sh_addralign = 4;
	return true;
}

/* Sections in a segment for code, and in one for what is written. */
static bool add_sections(struct attaching *a, struct why *why)
{
	struct layout *layout = &a->editing.layout;
	size_t word = image_word_size(layout->image);
	bool has_descriptors = layout->image->machine->has_descriptors;
	const GElf_Shdr code = {.sh_type = SHT_PROGBITS,
				.sh_flags = SHF_ALLOC | SHF_EXECINSTR,
				.sh_addralign = 64,
				.sh_size = a->stub.size};
	const GElf_Shdr gates = {.sh_type = SHT_PROGBITS,
				 .sh_flags = SHF_ALLOC | SHF_EXECINSTR,
				 .sh_addralign = a->gate.section_shdr.sh_addralign,
				 .sh_size = a->gate_count * a->gate.size};
	const GElf_Shdr opd = {.sh_type = SHT_PROGBITS,
			       .sh_flags = SHF_ALLOC | SHF_WRITE,
			       .sh_addralign = word,
			       .sh_size = (OPD_GATES + a->gate_count) * DESCRIPTOR_WORDS * word};
	const GElf_Shdr array = {.sh_type = SHT_INIT_ARRAY,
				 .sh_flags = SHF_ALLOC | SHF_WRITE,
				 .sh_addralign = word,
				 .sh_entsize = word,
				 .sh_size = word};
	const GElf_Shdr slot = {.sh_type = SHT_PROGBITS,
				.sh_flags = SHF_ALLOC | SHF_WRITE,
				.sh_addralign = 16,
				.sh_size = SLOT_SECTION_WORDS * word};
	const GElf_Shdr state = {.sh_type = SHT_NOBITS,
				 .sh_flags = SHF_ALLOC | SHF_WRITE,
				 .sh_addralign = RT0_ATTACHED_STATE_ALIGN,
				 .sh_size = RT0_ATTACHED_STATE_SIZE};

	return layout_add_segment(layout, PF_R | PF_X, 0, why) &&
	       (a->code = layout_add_section(layout, RT0_SEC_STUB, &code, why)) &&
	       (a->gates = layout_add_section(layout, RT0_SEC_GATES, &gates, why)) &&
	       layout_add_segment(layout, PF_R | PF_W, 0, why) &&
	       (!has_descriptors || (a->opd = layout_add_section(layout, RT0_SEC_OWN_OPD, &opd, why))) &&
	       (!a->wants_array || (a->array = layout_add_section(layout, ".init_array", &array, why))) &&
	       (a->slot = layout_add_section(layout, ".rt0.slot", &slot, why)) &&
	       (a->state = layout_add_section(layout, ".rt0.state", &state, why)) &&
	       layout_add_section(layout, UNDO_SECTION, &(GElf_Shdr){.sh_type = SHT_PROGBITS, .sh_addralign = 1}, why);
}

static uint64_t address_of(const struct attaching *a, size_t section)
{
	return a->editing.layout.shdrs[section].sh_addr;
}

static bool put_segment_of_notes(struct attaching *a, struct why *why)
{
	struct layout *layout = &a->editing.layout;
	GElf_Phdr *p = layout_add_phdr(layout, PT_NOTE, why);

	if (!p)
		return false;
	const GElf_Shdr *s = &layout->shdrs[a->note];
	p->p_flags = PF_R;
	p->p_offset = s->sh_offset;
	p->p_vaddr = p->p_paddr = s->sh_addr;
	p->p_filesz = p->p_memsz = s->sh_size;
	p->p_align = 4;
	return true;
}

static uint64_t descriptor_of(const struct attaching *a, size_t i)
{
	return address_of(a, a->opd) + i * DESCRIPTOR_WORDS * image_word_size(a->editing.layout.image);
}

static bool stub_code(const struct attaching *a, const char *label, uint64_t *address, struct why *why)
{
	if (!template_label(&a->stub, label, address, why))
		return false;
	*address += address_of(a, a->code);
	return true;
}

/* Where a function of the stub is, as pointers have it. */
static bool stub_function(const struct attaching *a, const char *label, size_t descriptor, uint64_t *address,
			  struct why *why)
{
	if (!stub_code(a, label, address, why))
		return false;
	if (a->opd)
		*address = descriptor_of(a, descriptor);
	return true;
}

/* Where the first gate is, as pointers have it. */
static uint64_t first_gate(const struct attaching *a)
{
	return a->opd ? descriptor_of(a, OPD_GATES) : address_of(a, a->gates);
}

/* The stub needs no TOC pointer, and a gate gets that of its function: until then, some valid one. */
static bool make_descriptors(const struct attaching *a, uint64_t *values, struct why *why)
{
	uint64_t toc = image_function(a->editing.layout.image, a->init.st_value).toc;

	for (size_t i = 0; i < OPD_GATES + a->gate_count; i++)
		values[i * DESCRIPTOR_WORDS + DESCRIPTOR_TOC] = toc;
	for (size_t i = 0; i < a->gate_count; i++)
		values[(OPD_GATES + i) * DESCRIPTOR_WORDS + DESCRIPTOR_CODE] =
			address_of(a, a->gates) + i * a->gate.size;
	return stub_code(a, RT0_SYM_STUB_LIB, &values[OPD_LIB * DESCRIPTOR_WORDS + DESCRIPTOR_CODE], why) &&
	       stub_code(a, RT0_SYM_STUB_TWIN, &values[OPD_TWIN * DESCRIPTOR_WORDS + DESCRIPTOR_CODE], why);
}

/* What the loader is to leave in the slot and in the descriptors or the array, if there are such. */
static bool put_pointers(struct attaching *a, struct why *why)
{
	struct layout *layout = &a->editing.layout;
	size_t word = image_word_size(layout->image), section = a->opd ? a->opd : a->array;
	size_t count = a->opd ? (OPD_GATES + a->gate_count) * DESCRIPTOR_WORDS : a->wants_array;
	uint64_t *values = calloc(count + 1, sizeof *values);
	unsigned char *bytes = calloc(count + 1, word);
	bool is_done = (values && bytes) || why_set(why, "out of memory");

	is_done = is_done && (!a->opd || make_descriptors(a, values, why)) &&
		  (!a->array || stub_code(a, RT0_SYM_STUB_TWIN, values, why)) &&
		  import_relocate(&a->editing, &a->import, address_of(a, a->slot), address_of(a, section), values,
				  count, why);
	for (size_t i = 0; is_done && i < count; i++)
		image_put_word(layout->image, bytes + i * word, values[i]);
	if (is_done && section)
		layout_write_section(layout, section, 0, bytes, count * word);
	free(values);
	free(bytes);
	return is_done;
}

static bool put_stub(struct attaching *a, struct why *why)
{
	struct layout *layout = &a->editing.layout;
	const uint64_t symbols[] = {
		[STUB_FIXUP_RECORD] = address_of(a, a->note) + 12 + sizeof RT0_NOTE_NAME,
		[STUB_FIXUP_SLOT] = address_of(a, a->slot),
	};
	unsigned char *bytes = calloc(1, a->stub.size + FIXUP_ROOM);

	if (!bytes)
		return why_set(why, "out of memory");
	memcpy(bytes, a->stub.code->d_buf, a->stub.size);
	bool is_done = true;
	for (uint32_t i = 0; is_done && i < a->stub.fixup_count; i++) {
		const struct gate_fixup *f = &a->stub.fixups[i];
		uint64_t value = symbols[f->what] + (uint64_t)(int64_t)f->addend;
		is_done = a->stub.machine->fixup_put(bytes + f->offset, f->type, address_of(a, a->code) + f->offset,
						     value) ||
			  why_set(why, "the stub at 0x%" PRIx64 " cannot reach 0x%" PRIx64 " (relocation %" PRIu32 ")",
				  address_of(a, a->code), value, f->type);
	}
	if (is_done)
		layout_write_section(layout, a->code, 0, bytes, a->stub.size);
	free(bytes);
	return is_done;
}

/* A note being written, at its address. */
struct writer {
	const struct image *image;
	unsigned char *at;
	uint64_t address;
};

static void write32(struct writer *w, uint32_t value)
{
	image_put32(w->image, w->at, value);
	w->at += 4;
	w->address += 4;
}

static void write64(struct writer *w, uint64_t value)
{
	image_put64(w->image, w->at, value);
	w->at += 8;
	w->address += 8;
}

static void write_bytes(struct writer *w, const void *bytes, size_t size)
{
	memcpy(w->at, bytes, size);
	w->at += size;
	w->address += size;
}

static void write_header(struct writer *w, uint32_t type, size_t size)
{
	write32(w, sizeof RT0_NOTE_NAME);
	write32(w, (uint32_t)size);
	write32(w, type);
	write_bytes(w, RT0_NOTE_NAME, sizeof RT0_NOTE_NAME);
}

/* Self-relative words; none is 0. */
static void write_far(struct writer *w, uint64_t target)
{
	write64(w, target ? target - w->address : 0);
}

static void write_near(struct writer *w, uint64_t target)
{
	write32(w, (uint32_t)(target - w->address));
}

/* The image in memory, the new segments included. */
static void find_extent(const struct layout *layout, uint64_t *start, uint64_t *end)
{
	*start = UINT64_MAX;
	*end = 0;
	for (size_t i = 0; i < layout->phnum; i++) {
		const GElf_Phdr *p = &layout->phdrs[i];
		if (p->p_type != PT_LOAD)
			continue;
		*start = p->p_vaddr < *start ? p->p_vaddr : *start;
		*end = p->p_vaddr + p->p_memsz > *end ? p->p_vaddr + p->p_memsz : *end;
	}
}

static void write_record(const struct attaching *a, struct writer *w)
{
	const struct layout *layout = &a->editing.layout;
	uint64_t start, end;

	find_extent(layout, &start, &end);
	write_header(w, RT0_NT_ATTACHED, RT0_ATTACHED_SIZE);
	write32(w, RT0_ABI_VERSION);
	write32(w, a->options->flags);
	write64(w, a->options->stack_size);
	write_far(w, a->init.st_value);
	write_far(w, a->chain);
	write_far(w, a->twin_chain);
	write_far(w, a->options->flag ? a->flag.st_value : 0);
	/* The ELF header may be at address 0. */
	write64(w, start - w->address);
	write_far(w, end);
	write_far(w, layout_phdr(layout, PT_DYNAMIC)->p_vaddr);
	write_far(w, address_of(a, a->state));
	write_far(w, address_of(a, a->slot));
	write_far(w, address_of(a, a->code));
	write_far(w, first_gate(a));
	write32(w, (uint32_t)a->gate.size);
	write32(w, (uint32_t)a->gate_count);
}

/* What all libraries with gates have, so that the same tools read both. */
static bool write_library(const struct attaching *a, struct writer *w, struct why *why)
{
	uint64_t record = w->address - RT0_ATTACHED_SIZE, entry, twin, closed;

	if (!stub_function(a, RT0_SYM_STUB_LIB, OPD_LIB, &entry, why) ||
	    !stub_function(a, RT0_SYM_STUB_TWIN, OPD_TWIN, &twin, why) ||
	    !stub_code(a, RT0_SYM_STUB_CLOSED, &closed, why))
		return false;
	write_header(w, RT0_NT_LIBRARY, library_size(a));
	write32(w, RT0_ABI_VERSION);
	write32(w, (uint32_t)a->gate.size);
	write32(w, (uint32_t)a->gate_count);
	write_near(w, address_of(a, a->gates));
	write_near(w, address_of(a, a->state));
	write_near(w, address_of(a, a->slot) + image_word_size(w->image));
	write_near(w, record);
	write_near(w, entry);
	write_near(w, closed);
	write_near(w, twin);
	write32(w, a->gate.fixup_count);
	for (uint32_t i = 0; i < a->gate.fixup_count; i++) {
		const struct gate_fixup *f = &a->gate.fixups[i];
		write32(w, f->offset | f->what << 16);
		write32(w, f->type);
		write32(w, (uint32_t)f->addend);
	}
	write_bytes(w, a->gate.code->d_buf, a->gate.size);
	if (a->opd)
		write_near(w, first_gate(a));
	return true;
}

static bool put_notes(struct attaching *a, struct why *why)
{
	struct layout *layout = &a->editing.layout;
	const struct policy *policy = &a->options->policy;
	unsigned char *bytes = calloc(1, note_size(a));
	struct writer w = {layout->image, bytes, address_of(a, a->note)};

	if (!bytes)
		return why_set(why, "out of memory");
	write_record(a, &w);
	bool is_done = write_library(a, &w, why);
	if (is_done && policy->size) {
		write_header(&w, RT0_NT_POLICY, policy->size);
		write_bytes(&w, policy->strings, policy->size);
	}
	if (is_done)
		layout_write_section(layout, a->note, 0, bytes, note_size(a));
	free(bytes);
	return is_done;
}

static bool edit_tables(struct attaching *a, struct why *why)
{
	struct editing *editing = &a->editing;
	struct layout *layout = &editing->layout;
	uint64_t entry;

	layout->keeps_holes = true;
	if (!edit_needed_add(editing, &(struct edit){.name = RT0_SONAME}, why) ||
	    !edit_df(editing, &(struct edit){.name = "nodelete"}, why) ||
	    !editing_set(editing, DT_INIT, 0, NULL, why) || !import_name(editing, &a->import, why))
		return false;
	if (a->wants_array && (!editing_set(editing, DT_INIT_ARRAY, 0, NULL, why) ||
			       !editing_set(editing, DT_INIT_ARRAYSZ, image_word_size(layout->image), NULL, why)))
		return false;
	if (!add_note(a, why) || !dynstr_place(layout, editing->fields, editing->field_count, &editing->wiped, why) ||
	    !import_prepare(editing, &a->import, why) || !editing_fit_dynamic(editing, why) || !add_sections(a, why) ||
	    !put_segment_of_notes(a, why))
		return false;
	if (!put_pointers(a, why) || !stub_function(a, RT0_SYM_STUB_LIB, OPD_LIB, &entry, why) ||
	    !editing_set(editing, DT_INIT, entry, NULL, why) ||
	    (a->array && !editing_set(editing, DT_INIT_ARRAY, address_of(a, a->array), NULL, why)))
		return false;
	return put_stub(a, why) && put_notes(a, why) && layout_put(layout, why);
}

static bool plan(struct attaching *a, const struct image *image, struct why *why)
{
	const GElf_Phdr *dynamic = layout_phdr(&a->editing.layout, PT_DYNAMIC);

	if (!dynamic || !dynamic->p_filesz)
		return why_set(why, "no program header tells where the dynamic section is");
	if (!find_symbols(a, why) || !gates_count(image, &a->options->policy, &a->gate_count, why))
		return false;
	if (a->gate_count == 0)
		return why_set(why, "no export to gate");
	if (a->gate_count > INT32_MAX / a->gate.size)
		return why_set(why, "%zu gates of %zu bytes", a->gate_count, a->gate.size);
	a->import.pointer_count = a->wants_array;
	if (image->machine->has_descriptors)
		a->import.pointer_count = (OPD_GATES + a->gate_count) * (DESCRIPTOR_TOC + 1);
	return edit_tables(a, why);
}

/* Attached by the same options? */
static bool is_same(const struct image *image, const struct rt0_note *note, const struct attach_options *options,
		    struct why *why)
{
	GElf_Sym init, flag = {0};

	if (!note->record)
		return why_set(why, "it was linked with a runtime");
	if (!editing_find_function(image, options->init, &init, why) ||
	    (options->flag && !editing_find_symbol(image, options->flag, &flag, why)))
		return false;
	/* A stripped library knows the function by its gate only. */
	const unsigned char *gate = image_at(image, init.st_value, note->gate_size);
	if (gate && init.st_value - note->gates < (uint64_t)note->gates_step * note->gate_count)
		init.st_value = image->machine->gate_target(gate, note->gate_size, init.st_value);
	return (image_get32(image, note->record + RT0_ATTACHED_FLAGS) == options->flags &&
		image_get64(image, note->record + RT0_ATTACHED_STACK_SIZE) == options->stack_size &&
		image_record_address(image, note, RT0_ATTACHED_INIT) == init.st_value &&
		image_record_address(image, note, RT0_ATTACHED_FLAG) == flag.st_value &&
		note->policy_size == options->policy.size &&
		(note->policy_size == 0 || memcmp(note->policy, options->policy.strings, note->policy_size) == 0)) ||
	       why_set(why, "it was attached before, with other options: detach it first");
}

bool attach_plan(const struct image *image, const struct attach_options *options, struct patch *patch,
		 struct edit_notes *notes, struct why *why)
{
	struct attaching a = {
		.editing = {.notes = notes},
		.options = options,
		.import = {.library = RT0_SONAME, .version = RT0_SYMBOL_VERSION, .symbol = RT0_SYM_TABLE},
		.gate = {.fd = -1},
		.stub = {.fd = -1},
	};
	char *gate_path = NULL, *stub_path = NULL;
	struct rt0_note note;

	*patch = (struct patch){.size = image->size};
	if (!image->machine->name || !image->machine->fixup_put)
		return why_set(why, "rt has no port to %s", image->machine->arch);
	if (image_rt0_note(image, &note, why))
		return is_same(image, &note, options, why);
	if (why->text[0] || !is_library(image, why))
		return false;
	bool is_done = template_get(image, options->objects, TEMPLATE_GATE, "gate.o", &a.gate, &gate_path, why) &&
		       template_get(image, options->objects, TEMPLATE_STUB, "stub.o", &a.stub, &stub_path, why) &&
		       layout_init(&a.editing.layout, image, patch, why) && plan(&a, image, why);
	if (is_done)
		editing_note(&a.editing, "gates: %zu", a.gate_count);
	editing_free(&a.editing);
	template_close(&a.gate);
	template_close(&a.stub);
	free(gate_path);
	free(stub_path);
	if (!is_done)
		patch_free(patch);
	return is_done;
}

/* The twin becomes the last constructor, if there is one. */
static bool put_twin(struct image *image, const struct rt0_note *note, struct why *why)
{
	size_t word = image_word_size(image);
	uint64_t array, size;

	if (!image_dynamic(image, DT_INIT_ARRAY, &array) || !image_dynamic(image, DT_INIT_ARRAYSZ, &size) ||
	    size < word)
		return true;
	return reloc_make_relative(image, array + size - word, why) &&
	       reloc_put_pointers(image, array + size - word, &note->twin, 1, why);
}

static bool fill(struct image *image, const struct image *old, const struct attach_options *options, struct why *why)
{
	struct gates_filled filled;
	struct rt0_note note;

	if (!image_rt0_note(image, &note, why))
		return why->text[0] ? false : why_set(why, "the rt0 note is lost");
	const struct policy policy = {note.policy, note.policy_size};
	if (!gates_fill(image, &note, &policy, &filled, why))
		return why->text[0] ? false
				    : why_set(why, "%zu gates are needed, %zu are there", filled.needed, filled.pool);
	return put_twin(image, &note, why) && (!options->flag || gates_set_flag(image, options->flag, 1, why)) &&
	       gates_name(image, &note, why) && undo_append(image, old, why);
}

bool attach_finish(const char *path, const struct image *old, const struct attach_options *options, struct why *why)
{
	struct image image;

	if (!image_open(path, true, &image, why))
		return false;
	bool is_done = fill(&image, old, options, why);
	image_close(&image);
	return is_done;
}

static bool is_sound(const struct image *image, struct why *why)
{
	static const char *const rules[] = {"init-entry", "islibrary", "nodelete", "gates", "version"};
	struct findings findings;
	bool is_done = true;

	if (!verify_image(image, &findings, why))
		return false;
	for (size_t i = 0; is_done && i < findings.count; i++) {
		const struct finding *f = &findings.items[i];
		for (size_t r = 0; is_done && r < sizeof rules / sizeof rules[0]; r++)
			if (f->severity == SEVERITY_ERROR && strcmp(f->rule, rules[r]) == 0)
				is_done = why_set(why, "the result is unsound: %s: %s: %s", f->rule, f->where, f->what);
	}
	findings_free(&findings);
	return is_done;
}

bool attach_check(const char *path, void *context, struct why *why)
{
	struct image image;
	struct why reason;

	(void)context;
	if (!image_open(path, false, &image, &reason))
		return why_set(why, "the result is unsound: %s", reason.text);
	bool is_done = is_sound(&image, why);
	image_close(&image);
	return is_done;
}
