#include "policy.h"

#include "machine.h"

#include <fnmatch.h>
#include <stdlib.h>
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

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sort the strings that begin with `sign` into `to`, which has room for them; the next free place of it. */
static const char **patterns_read(struct patterns *patterns, const struct policy *policy, char sign, const char **to,
				  size_t *globs_size)
{
	for (int is_glob = 0; is_glob < 2; is_glob++) {
		*(is_glob ? &patterns->globs : &patterns->names) = to;
		for (size_t at = 0, length; at < policy->size; at += length + 1) {
			const char *string = policy->strings + at;
			length = strnlen(string, policy->size - at);
			if (length == policy->size - at || *string != sign || !!strpbrk(string, "*?[\\") != is_glob)
				continue;
			*to++ = string + 1;
			*globs_size += is_glob ? length : 0;
		}
	}
	patterns->name_count = (size_t)(patterns->globs - patterns->names);
	patterns->glob_count = (size_t)(to - patterns->globs);
	qsort(patterns->names, patterns->name_count, sizeof *patterns->names, compare_names);
	return to;
}

bool judge_open(struct judge *judge, const struct policy *policy, struct why *why)
{
	size_t count = 1, globs_size = 0;

	for (size_t i = 0; i < policy->size; i++)
		count += policy->strings[i] == '\0';
	*judge = (struct judge){.strings = calloc(count, sizeof *judge->strings)};
	if (!judge->strings)
		return why_set(why, "out of memory");
	const char **end = patterns_read(&judge->gate, policy, '+', judge->strings, &globs_size);
	patterns_read(&judge->no_gate, policy, '-', end, &globs_size);
	return globs_size <= POLICY_GLOBS_MAX ||
	       why_set(why, "the gate policy has patterns of %zu bytes together, at most %d", globs_size,
		       POLICY_GLOBS_MAX);
}

void judge_close(struct judge *judge)
{
	free(judge->strings);
	judge->strings = NULL;
}

static bool patterns_match(const struct patterns *patterns, const char *name)
{
	if (patterns->name_count &&
	    bsearch(&name, patterns->names, patterns->name_count, sizeof *patterns->names, compare_names))
		return true;
	for (size_t i = 0; i < patterns->glob_count; i++)
		if (fnmatch(patterns->globs[i], name, 0) == 0)
			return true;
	return false;
}

/* What the patterns say of a function that nothing else decides. */
static enum verdict judge_name(const struct judge *judge, const GElf_Sym *sym, const char *name)
{
	if (patterns_match(&judge->no_gate, name))
		return EXPORT_EXEMPT;
	if (judge->gate.name_count + judge->gate.glob_count)
		return patterns_match(&judge->gate, name) ? EXPORT_GATE : EXPORT_EXEMPT;
	return is_vague(sym, name) ? EXPORT_VAGUE : EXPORT_GATE;
}

enum verdict judge_export(const struct judge *judge, const struct image *image, const GElf_Sym *sym, const char *name)
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
	return judge_name(judge, sym, name);
}
