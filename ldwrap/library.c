#include "library.h"
#include "message.h"
#include "../elfpatch/lib/reloc.h"
#include "../elfpatch/lib/verify.h"
#include "../rt/abi.h"

#include <elf.h>
#include <string.h>

#ifndef DF_1_PIE
#define DF_1_PIE 0x08000000
#endif

bool library_is_one(const struct image *image)
{
	uint64_t flags;

	if (image->ehdr.e_type != ET_DYN || (image_dynamic(image, DT_FLAGS_1, &flags) && (flags & DF_1_PIE)))
		return false;
	for (size_t i = 0; i < image->phnum; i++) {
		GElf_Phdr phdr;
		if (!gelf_getphdr(image->elf, (int)i, &phdr) || phdr.p_type == PT_INTERP)
			return false;
	}
	return true;
}

/* 1 a function, 0 data, -1 not defined here. */
static int symbols_kind(const struct image *image, const struct symbols *symbols, const char *wanted)
{
	for (size_t i = 1; i < symbols->count; i++) {
		const char *name;
		GElf_Sym sym;
		symbols_get(image, symbols, i, &sym, &name);
		unsigned type = GELF_ST_TYPE(sym.st_info);
		if (sym.st_shndx != SHN_UNDEF && type != STT_FILE && type != STT_SECTION && !strcmp(name, wanted))
			return type == STT_FUNC || type == STT_GNU_IFUNC || type == STT_NOTYPE;
	}
	return -1;
}

bool library_defines(const struct image *image, const char *symbol, bool *is_data)
{
	struct symbols symbols;
	struct why why;
	int kind = -1;

	if (image_symtab(image, &symbols, &why))
		kind = symbols_kind(image, &symbols, symbol);
	if (kind < 0 && image_dynsym(image, &symbols, &why))
		kind = symbols_kind(image, &symbols, symbol);
	*is_data = kind == 0;
	return kind > 0;
}

bool library_has_init(const struct image *image, const struct options *options, bool *is_data, struct why *why)
{
	struct symbols dynsym;
	struct rt0_note note;
	uint64_t target;

	if (library_defines(image, options->init, is_data))
		return true;
	if (*is_data || !image_rt0_note(image, &note, why) || !image_dynsym(image, &dynsym, why))
		return false;
	return reloc_pointers(image, &dynsym, note.config + RT0_CONFIG_POINTERS, &target, 1, why) && target;
}

bool library_has_hooks(const struct image *image)
{
	struct symbols dynsym;
	struct rt0_note note;
	uint64_t hooks[2] = {0};
	struct why why;

	return image_rt0_note(image, &note, &why) && image_dynsym(image, &dynsym, &why) &&
	       reloc_pointers(image, &dynsym,
			      note.config + RT0_CONFIG_POINTERS + RT0_POINTER_ATTACH * image_word_size(image), hooks, 2,
			      &why) &&
	       (hooks[0] || hooks[1]);
}

static bool note_get(const struct image *image, struct rt0_note *note, struct why *why)
{
	why->text[0] = 0;
	if (image_rt0_note(image, note, why))
		return true;
	return why->text[0] ? false : why_set(why, "the linker dropped the rt0 note");
}

bool library_fill(struct image *image, const struct options *options, struct gates_filled *filled, struct why *why)
{
	struct policy policy = {options->policy, options->policy_size};
	struct rt0_note note;

	return note_get(image, &note, why) && gates_fill(image, &note, &policy, filled, why);
}

/* gABI, Symbol Versioning: Verdef and Verdaux have the same layout in both classes. */
#define VERDEF_HASH  8
#define VERDEF_AUX   12
#define VERDEF_NEXT  16
#define VERDEF_SIZE  20
#define VERDAUX_SIZE 8

/*
 * Put `final` at the end of the string that `linked` takes: another name may share
 * the tail of it, nobody shares the temporary folder.
 */
static void name_shorten(char *name, const char *linked, const char *final)
{
	size_t spare = strlen(linked) - strlen(final);

	memmove(name + spare, final, strlen(final));
	memset(name, 0, spare);
}

/*
 * Without a soname gold and lld call the base version by the output's path, which
 * is the temporary one: give it the path that it would have had.
 */
static void version_rename(const struct image *image, const char *linked, const char *final)
{
	struct symbols dynsym;
	struct why why;
	uint64_t address;
	unsigned char *verdef, *aux;

	if (strlen(final) > strlen(linked) || !image_dynamic(image, DT_VERDEF, &address) ||
	    !image_dynsym(image, &dynsym, &why))
		return;
	for (; (verdef = image_at(image, address, VERDEF_SIZE)); address += image_get32(image, verdef + VERDEF_NEXT)) {
		aux = image_at(image, address + image_get32(image, verdef + VERDEF_AUX), VERDAUX_SIZE);
		uint32_t offset = aux ? image_get32(image, aux) : 0;
		size_t size = strlen(linked) + 1;
		if (aux && offset < dynsym.strings_size && dynsym.strings_size - offset >= size &&
		    !memcmp(dynsym.strings + offset, linked, size)) {
			name_shorten((char *)dynsym.strings + offset, linked, final);
			image_put32(image, aux, offset + (uint32_t)(strlen(linked) - strlen(final)));
			image_put32(image, verdef + VERDEF_HASH, (uint32_t)elf_hash(final));
			return;
		}
		if (!image_get32(image, verdef + VERDEF_NEXT))
			return;
	}
}

bool library_finish(struct image *image, const struct options *options, bool keeps_build_id, const char *final,
		    struct why *why)
{
	struct rt0_note note;

	version_rename(image, image->path, final);
	/* Link-time optimisers put their output behind rt0.o, and its constructors behind rt's twin. */
	return note_get(image, &note, why) && init_array_end_with(image, note.twin, why) &&
	       (!options->flag || gates_set_flag(image, options->flag, 1, why)) && gates_name(image, &note, why) &&
	       (keeps_build_id || build_id_renew(image, why));
}

bool library_verify(const struct image *image, const char *name, const struct options *options)
{
	struct findings findings = {0};
	struct why why;
	bool is_good;

	if (options->verify == VERIFY_OFF)
		return true;
	if (!verify_image(image, &findings, &why)) {
		warn("%s: %s", name, why.text);
		return options->verify == VERIFY_WARN;
	}
	for (size_t i = 0; i < findings.count; i++) {
		const struct finding *finding = &findings.items[i];
		if (finding->severity != SEVERITY_ERROR)
			continue;
		warn("%s: %s: %s%s%s%s%s", name, finding->rule, finding->where ? finding->where : "",
		     finding->where ? ": " : "", finding->what, finding->todo ? "; " : "",
		     finding->todo ? finding->todo : "");
	}
	is_good = !findings.errors || options->verify == VERIFY_WARN;
	findings_free(&findings);
	return is_good;
}
