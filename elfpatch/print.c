#include "print.h"

#include "document.h"
#include "lib/edit.h"

#include <inttypes.h>
#include <string.h>

const char *const print_fields[] = {"df",     "execstack", "fini",    "init",   "interpreter", "needed",
				    "os-abi", "rpath",     "runpath", "soname", NULL};

/* Many entries can be the same string. */
enum { PRINTED_MAX = 64 << 20 };

static bool add_strings(const struct image *image, json_t *values, int64_t wanted, struct why *why)
{
	struct symbols dynsym;
	size_t left = PRINTED_MAX;
	int64_t tag;
	uint64_t value;

	if (!image_dynsym(image, &dynsym, why))
		return false;
	for (size_t i = 0; image_dynamic_entry(image, i, &tag, &value); i++) {
		if (tag != wanted)
			continue;
		if (value >= dynsym.strings_size)
			return why_set(why, "a string at %" PRIu64 " is outside the %" PRIu64 " bytes of DT_STRTAB",
				       value, dynsym.strings_size);
		size_t length = strnlen(dynsym.strings + value, left);
		if (length == left)
			return why_set(why, "strings of %d bytes and more to print", PRINTED_MAX);
		left -= length;
		json_array_append_new(values, document_text(dynsym.strings + value));
	}
	return true;
}

static void add_address(const struct image *image, json_t *values, int64_t tag)
{
	uint64_t value;

	if (image_dynamic(image, tag, &value))
		json_array_append_new(values, document_hex(value));
}

static bool add_interpreter(const struct image *image, json_t *values, struct why *why)
{
	GElf_Phdr p;

	if (!image_interpreter(image, &p))
		return true;
	const char *name = (const char *)image->bytes + p.p_offset;
	if (name[p.p_filesz - 1] != '\0')
		return why_set(why, "PT_INTERP: the %" PRIu64 " bytes do not end with a null byte",
			       (uint64_t)p.p_filesz);
	json_array_append_new(values, document_text(name));
	return true;
}

static const char *execstack(const struct image *image)
{
	for (size_t i = 0; i < image->phnum; i++) {
		GElf_Phdr p;
		if (gelf_getphdr(image->elf, (int)i, &p) && p.p_type == PT_GNU_STACK)
			return p.p_flags & PF_X ? "on" : "off";
	}
	return "on";
}

json_t *print_field(const struct image *image, const char *field, struct why *why)
{
	json_t *values = json_array();
	bool is_read = true;

	if (strcmp(field, "soname") == 0)
		is_read = add_strings(image, values, DT_SONAME, why);
	else if (strcmp(field, "needed") == 0)
		is_read = add_strings(image, values, DT_NEEDED, why);
	else if (strcmp(field, "runpath") == 0)
		is_read = add_strings(image, values, DT_RUNPATH, why);
	else if (strcmp(field, "rpath") == 0)
		is_read = add_strings(image, values, DT_RPATH, why);
	else if (strcmp(field, "interpreter") == 0)
		is_read = add_interpreter(image, values, why);
	else if (strcmp(field, "init") == 0)
		add_address(image, values, DT_INIT);
	else if (strcmp(field, "fini") == 0)
		add_address(image, values, DT_FINI);
	else if (strcmp(field, "execstack") == 0)
		json_array_append_new(values, json_string(execstack(image)));
	else if (strcmp(field, "os-abi") == 0)
		json_array_append_new(values, json_sprintf("%d", image->ehdr.e_ident[EI_OSABI]));
	for (size_t i = 0; strcmp(field, "df") == 0 && edit_df_name(i); i++)
		if (edit_df_is_set(image, i))
			json_array_append_new(values, json_string(edit_df_name(i)));
	if (is_read && document_is_whole(why))
		return values;
	json_decref(values);
	return NULL;
}
