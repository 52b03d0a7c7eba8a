/* A piece of a port's code that the tools copy: the gate template, the stub of attached libraries. */
#ifndef TEMPLATE_H
#define TEMPLATE_H

#include "image.h"

enum template_kind {
	TEMPLATE_GATE, /* gate.o: one gate, in RT0_SEC_GATES */
	TEMPLATE_STUB  /* stub.o: the ways from an attached library to librt0.so, in RT0_SEC_STUB */
};

/* What a stub refers to, in place of RT0_FIXUP_...: numbers of gate_fixup.what. */
enum { STUB_FIXUP_RECORD, STUB_FIXUP_SLOT };

/* The stub has three entries, of several instructions each. */
enum { TEMPLATE_FIXUPS_MAX = 64 };

/* An object file of lib/rt0/<machine>/. Its bytes are valid until template_close. */
struct template
{
	enum template_kind kind;
	const char *path; /* borrowed */
	int fd;
	Elf *elf;
	GElf_Ehdr ehdr;
	const struct machine *machine;
	size_t shnum, shstrndx;
	Elf_Scn *section, *frame, *symtab; /* frame is null without an .eh_frame */
	GElf_Shdr section_shdr, symtab_shdr;
	Elf_Data *code, *symbols;
	size_t size;
	struct gate_fixup fixups[TEMPLATE_FIXUPS_MAX];
	uint32_t fixup_count;
};

/* Read and check one. Close it in either case. */
bool template_open(const char *path, enum template_kind kind, struct template *template, struct why *why);
void template_close(struct template *template);

/* Where a label of the code is, as an offset with the bits that a symbol's value has on its machine. */
bool template_label(const struct template *template, const char *name, uint64_t *offset, struct why *why);

/* Set a reason that names the template; always false. */
bool template_fault(const struct template *template, const char *what, struct why *why);

/* The name of one of its sections, never null. */
const char *template_section_name(const struct template *template, const GElf_Shdr *shdr);

struct template_reloc {
	uint64_t offset;
	uint32_t symbol, type;
	int64_t addend; /* 0 on a machine whose relocations carry none: there it stands in the content */
};

/* The relocations of one of its sections (null for none), how many, and number i. */
Elf_Scn *template_relocs(const struct template *template, Elf_Scn *of);
size_t template_reloc_count(const struct template *template, Elf_Scn *scn);
void template_reloc(const struct template *template, Elf_Scn *scn, size_t i, struct template_reloc *reloc);
/* The symbol of a relocation, which must be undefined or in the code. */
bool template_symbol(const struct template *template, uint32_t i, GElf_Sym *sym, const char **name, struct why *why);

#endif
