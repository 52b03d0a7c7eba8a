#include "policy.h"

#include "machine.h"

#include <fnmatch.h>
#include <string.h>

/* crti's functions, which some linkers and version scripts let through. */
static bool is_crt_name(const char *name)
{
	return strcmp(name, "_init") == 0 || strcmp(name, "_fini") == 0;
}

/* Untyped symbols that linkers define to mark a place. */
static bool is_linker_name(const char *name)
{
	static const char *const names[] = {
		"__bss_end__", "__bss_start", "__bss_start__", "__end__", "_bss_end__", "_edata", "_end",  "_etext",
		"_fbss",       "_fdata",      "_ftext",        "_gp",     "edata",      "end",    "etext",
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/*
 * GHC lays the info table of a closure in front of the code that its *_info symbol
 * names, reads it by that address, and passes arguments in registers of its own.
 */
static bool is_tabled_name(const char *name)
{
	static const char suffix[] = "_info";
	size_t length = strlen(name);

	return length >= sizeof suffix && strcmp(name + length - (sizeof suffix - 1), suffix) == 0;
}

static bool is_bindable(const GElf_Sym *sym)
{
	unsigned char bind = GELF_ST_BIND(sym->st_info), visibility = GELF_ST_VISIBILITY(sym->st_other);

	return sym->st_shndx != SHN_UNDEF && (bind == STB_GLOBAL || bind == STB_WEAK || bind == STB_GNU_UNIQUE) &&
	       (visibility == STV_DEFAULT || visibility == STV_PROTECTED);
}

static bool is_inside(uint64_t address, uint64_t start, uint64_t size)
{
	return address >= start && address - start < size;
}

static bool is_vague(const GElf_Sym *sym, const char *name)
{
	return GELF_ST_BIND(sym->st_info) == STB_WEAK && strncmp(name, "_Z", 2) == 0;
}

/* What the patterns say of a function that nothing else decides. */
static enum verdict judge_name(const struct policy *policy, const GElf_Sym *sym, const char *name)
{
	bool has_gate_list = false, is_listed = false;

	for (size_t at = 0; at < policy->size;) {
		const char *pattern = policy->strings + at;
		size_t length = strnlen(pattern, policy->size - at);
		if (length == policy->size - at)
			break;
		if (*pattern == '-' && fnmatch(pattern + 1, name, 0) == 0)
			return EXPORT_EXEMPT;
		if (*pattern == '+') {
			has_gate_list = true;
			is_listed = is_listed || fnmatch(pattern + 1, name, 0) == 0;
		}
		at += length + 1;
	}
	if (is_listed)
		return EXPORT_GATE;
	if (has_gate_list)
		return EXPORT_EXEMPT;
	return is_vague(sym, name) ? EXPORT_VAGUE : EXPORT_GATE;
}

enum verdict policy_judge(const struct policy *policy, const struct image *image, const GElf_Sym *sym, const char *name)
{
	if (!is_bindable(sym))
		return EXPORT_NONE;
	/* Names of versions, and constants. */
	if (sym->st_shndx == SHN_ABS && GELF_ST_TYPE(sym->st_info) != STT_FUNC)
		return EXPORT_NONE;
	switch (GELF_ST_TYPE(sym->st_info)) {
	case STT_FUNC:
		break;
	case STT_GNU_IFUNC:
		return EXPORT_IFUNC;
	case STT_OBJECT:
	case STT_COMMON:
	case STT_TLS:
		return EXPORT_DATA;
	case STT_NOTYPE:
		/* Without a type it may be a table as well as a function. */
		return is_linker_name(name) ? EXPORT_NONE : EXPORT_DATA;
	default:
		return EXPORT_NONE;
	}
	if (sym->st_other & image->machine->variant_cc)
		return EXPORT_VARIANT;
	if (image->has_info_tables && is_tabled_name(name))
		return EXPORT_TABLED;
	/* Where functions have descriptors, that is the name of the code; others bind to the descriptor. */
	if (image->machine->has_descriptors && name[0] == '.')
		return EXPORT_NONE;
	if (is_inside(sym->st_value, image->gates, image->gates_size))
		return EXPORT_GATE;
	if (is_crt_name(name) ||
	    is_inside(image_function(image, sym->st_value).code, image->nogate, image->nogate_size))
		return EXPORT_EXEMPT;
	return judge_name(policy, sym, name);
}
