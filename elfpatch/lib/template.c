#include "template.h"

#include "machine.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

/* What the code of each kind may refer to, by number; a gate template must refer to the first. */
static const struct {
	const char *what, *section;
	const char *symbols[RT0_FIXUP_KINDS];
	size_t size_max;
	uint32_t fixups_max;
} kinds[] = {
	[TEMPLATE_GATE] = {"gate template",
			   RT0_SEC_GATES,
			   {
				   [RT0_FIXUP_TARGET] = RT0_SYM_TARGET,
				   [RT0_FIXUP_STATE] = RT0_SYM_STATE,
				   [RT0_FIXUP_CLOSED] = RT0_SYM_CLOSED,
				   [RT0_FIXUP_CONFIG] = RT0_SYM_CONFIG,
				   [RT0_FIXUP_GATE] = RT0_SYM_GATE,
			   },
			   GATE_MAX,
			   RT0_FIXUPS_MAX},
	[TEMPLATE_STUB] = {"stub",
			   RT0_SEC_STUB,
			   {
				   [STUB_FIXUP_RECORD] = RT0_SYM_RECORD,
				   [STUB_FIXUP_SLOT] = RT0_SYM_SLOT,
			   },
			   GATE_MAX,
			   TEMPLATE_FIXUPS_MAX},
};

bool template_fault(const struct template *template, const char *what, struct why *why)
{
	return why_set(why, "%s '%s': %s", kinds[template->kind].what, template->path, what);
}

void template_close(struct template *template)
{
	if (template->elf)
		elf_end(template->elf);
	if (template->fd >= 0)
		close(template->fd);
}

const char *template_section_name(const struct template *template, const GElf_Shdr *shdr)
{
	const char *name = elf_strptr(template->elf, template->shstrndx, shdr->sh_name);
	return name ? name : "";
}

static bool find_sections(struct template *template, struct why *why)
{
	GElf_Shdr shdr;
	for (Elf_Scn *scn = NULL; (scn = elf_nextscn(template->elf, scn));) {
		if (!gelf_getshdr(scn, &shdr))
			return template_fault(template, elf_errmsg(-1), why);
		const char *name = template_section_name(template, &shdr);
		if (strcmp(name, kinds[template->kind].section) == 0) {
			template->section = scn;
			template->section_shdr = shdr;
		} else if (strcmp(name, ".eh_frame") == 0) {
			template->frame = scn;
		} else if (shdr.sh_type == SHT_SYMTAB) {
			template->symtab = scn;
			template->symtab_shdr = shdr;
		}
	}
	if (!template->section || !template->symtab)
		return why_set(why, "%s '%s': it needs a section %s and a symbol table", kinds[template->kind].what,
			       template->path, kinds[template->kind].section);

	for (Elf_Scn *scn = NULL; (scn = elf_nextscn(template->elf, scn));) {
		if (gelf_getshdr(scn, &shdr) && shdr.sh_type == (template->machine->is_rela ? SHT_REL : SHT_RELA))
			return template_fault(template, "its relocations are not of its machine's kind", why);
	}
	return true;
}

/* The relocations of one of the template's sections (null for none), how many, and number i. */
Elf_Scn *template_relocs(const struct template *template, Elf_Scn *of)
{
	GElf_Shdr shdr;
	for (Elf_Scn *scn = NULL; (scn = elf_nextscn(template->elf, scn));) {
		if (gelf_getshdr(scn, &shdr) && (shdr.sh_type == SHT_REL || shdr.sh_type == SHT_RELA) &&
		    shdr.sh_info == elf_ndxscn(of))
			return scn;
	}
	return NULL;
}

size_t template_reloc_count(const struct template *template, Elf_Scn *scn)
{
	GElf_Shdr shdr;
	size_t entry = gelf_fsize(template->elf, template->machine->is_rela ? ELF_T_RELA : ELF_T_REL, 1, EV_CURRENT);
	if (!scn || !gelf_getshdr(scn, &shdr) || !elf_getdata(scn, NULL))
		return 0;
	return elf_getdata(scn, NULL)->d_size / entry;
}

void template_reloc(const struct template *template, Elf_Scn *scn, size_t i, struct template_reloc *reloc)
{
	GElf_Rela rela = {0};
	GElf_Rel rel = {0};
	if (template->machine->is_rela) {
		gelf_getrela(elf_getdata(scn, NULL), (int)i, &rela);
	} else {
		gelf_getrel(elf_getdata(scn, NULL), (int)i, &rel);
		rela = (GElf_Rela){.r_offset = rel.r_offset, .r_info = rel.r_info};
	}
	/* libelf gives r_info the form of ELF64 whatever the class. */
	*reloc = (struct template_reloc){
		.offset = rela.r_offset,
		.symbol = machine_reloc_symbol(template->machine, rela.r_info),
		.type = machine_reloc_type(template->machine, rela.r_info),
		.addend = rela.r_addend,
	};
}

bool template_symbol(const struct template *template, uint32_t i, GElf_Sym *sym, const char **name, struct why *why)
{
	if (!gelf_getsym(template->symbols, (int)i, sym))
		return why_set(why, "%s '%s': a relocation names symbol %" PRIu32, kinds[template->kind].what,
			       template->path, i);
	*name = elf_strptr(template->elf, template->symtab_shdr.sh_link, sym->st_name);
	if (!*name)
		*name = "";
	if (sym->st_shndx != SHN_UNDEF && sym->st_shndx != elf_ndxscn(template->section))
		return template_fault(template, "a relocation leads outside the code", why);
	return true;
}

/* What a relocation against `name` is; -1 for none. */
static int fixup_of(enum template_kind kind, const char *name)
{
	for (int i = 0; i < RT0_FIXUP_KINDS; i++) {
		if (kinds[kind].symbols[i] && strcmp(name, kinds[kind].symbols[i]) == 0)
			return i;
	}
	return -1;
}

static bool read_fixups(struct template *template, struct why *why)
{
	Elf_Scn *relocs = template_relocs(template, template->section);
	size_t count = template_reloc_count(template, relocs), firsts = 0;
	const char *const *symbols = kinds[template->kind].symbols, *what = kinds[template->kind].what;
	if (count > kinds[template->kind].fixups_max)
		return why_set(why, "%s '%s': %zu relocations, at most %u", what, template->path, count,
			       kinds[template->kind].fixups_max);
	for (size_t i = 0; i < count; i++) {
		struct gate_fixup *fixup = &template->fixups[i];
		struct template_reloc reloc;
		GElf_Sym sym;
		const char *name;
		template_reloc(template, relocs, i, &reloc);
		if (!template_symbol(template, reloc.symbol, &sym, &name, why))
			return false;
		/* Each is stored in a word. */
		if (reloc.offset >= template->size || template->size - reloc.offset < sizeof(uint32_t))
			return template_fault(template, "a relocation lies outside the code", why);
		int number = fixup_of(template->kind, name);
		if (number < 0)
			return why_set(why, "%s '%s': a relocation against '%s'", what, template->path, name);
		if (!template->machine->is_rela)
			reloc.addend = template->machine->addend_get(
				(const unsigned char *)template->code->d_buf + reloc.offset, reloc.type);
		*fixup = (struct gate_fixup){(uint32_t)reloc.offset, (uint32_t)number, reloc.type,
					     (int32_t)reloc.addend};
		firsts += number == 0;
	}
	template->fixup_count = (uint32_t)count;
	return firsts > 0 || why_set(why, "%s '%s': nothing refers to %s", what, template->path, symbols[0]);
}

/* Made of another abi.h? What says nothing was made by hand. */
static bool check_version(const struct template *template, struct why *why)
{
	GElf_Sym sym;
	for (int i = 1; gelf_getsym(template->symbols, i, &sym); i++) {
		const char *name = elf_strptr(template->elf, template->symtab_shdr.sh_link, sym.st_name);
		if (sym.st_shndx == SHN_ABS && sym.st_value != RT0_ABI_VERSION && name &&
		    strcmp(name, RT0_SYM_ABI) == 0)
			return why_set(why, "%s '%s': made by version %" PRIu64 " of rt, these tools know version %d",
				       kinds[template->kind].what, template->path, sym.st_value, RT0_ABI_VERSION);
	}
	return true;
}

static bool template_read(struct template *template, struct why *why)
{
	enum template_kind kind = template->kind;
	const char *what = kinds[kind].what, *path = template->path;
	elf_version(EV_CURRENT);
	template->elf = elf_begin(template->fd, ELF_C_READ, NULL);
	if (!template->elf || !gelf_getehdr(template->elf, &template->ehdr) || template->ehdr.e_type != ET_REL ||
	    elf_getshdrnum(template->elf, &template->shnum) != 0 ||
	    elf_getshdrstrndx(template->elf, &template->shstrndx) != 0)
		return template_fault(template, "not a relocatable ELF file", why);
	template->machine = machine_find(template->ehdr.e_machine, template->ehdr.e_ident[EI_CLASS],
					 template->ehdr.e_ident[EI_DATA]);
	if (!template->machine)
		return why_set(why, "%s '%s': unknown machine %u", what, path, template->ehdr.e_machine);
	if (!template->machine->fixup_put)
		return why_set(why, "%s '%s': rt has no port to %s", what, path, template->machine->arch);
	if (!find_sections(template, why))
		return false;
	template->code = elf_rawdata(template->section, NULL);
	template->symbols = elf_getdata(template->symtab, NULL);
	/* libelf keeps what it has read; whoever needs the unwind table looks whether it is there. */
	if (template->frame)
		elf_rawdata(template->frame, NULL);
	if (!template->code || !template->code->d_buf || !template->symbols)
		return template_fault(template, "a section is empty or outside the file", why);
	if (!check_version(template, why))
		return false;
	template->size = template->code->d_size;
	uint64_t align = template->section_shdr.sh_addralign;
	if (template->size > kinds[kind].size_max ||
	    (kind == TEMPLATE_GATE && (template->size % 4 != 0 || (align && template->size % align != 0))))
		return why_set(why, "%s '%s': %zu bytes, aligned to %" PRIu64, what, path, template->size, align);
	return read_fixups(template, why);
}

bool template_open(const char *path, enum template_kind kind, struct template *template, struct why *why)
{
	*template = (struct template){.kind = kind, .path = path, .fd = open(path, O_RDONLY | O_CLOEXEC)};
	if (template->fd < 0)
		return why_set(why, "cannot open %s '%s': %s", kinds[kind].what, path, strerror(errno));
	/* What libelf has no memory for, or cannot read, it says is not there. */
	errno = 0;
	bool is_read = template_read(template, why);
	return errno == ENOMEM || (errno && !is_read) ? template_fault(template, strerror(errno), why) : is_read;
}

bool template_label(const struct template *template, const char *name, uint64_t *offset, struct why *why)
{
	GElf_Sym sym;
	for (int i = 1; gelf_getsym(template->symbols, i, &sym); i++) {
		const char *found = elf_strptr(template->elf, template->symtab_shdr.sh_link, sym.st_name);
		if (!found || strcmp(found, name) != 0 || sym.st_shndx != elf_ndxscn(template->section))
			continue;
		*offset = sym.st_value;
		return sym.st_value < template->size || template_fault(template, "a label lies outside the code", why);
	}
	return why_set(why, "%s '%s': no label '%s'", kinds[template->kind].what, template->path, name);
}
