/* What is named by a symbol: functions, flag bytes, and dynamic symbols themselves. */
#include "editing.h"

#include "machine.h"

#include <inttypes.h>
#include <string.h>

/* The one definition of that name in a table. False with a reason when there are two that differ. */
static bool find_in(const struct image *image, const struct symbols *table, const char *name, GElf_Sym *found,
		    bool *is_found, struct why *why)
{
	for (size_t i = 1; i < table->count; i++) {
		GElf_Sym sym;
		const char *candidate;
		symbols_get(image, table, i, &sym, &candidate);
		if (sym.st_shndx == SHN_UNDEF || strcmp(candidate, name) != 0)
			continue;
		if (*is_found && found->st_value != sym.st_value)
			return why_set(why, "'%s' is two symbols, at 0x%" PRIx64 " and 0x%" PRIx64, name,
				       (uint64_t)found->st_value, (uint64_t)sym.st_value);
		*found = sym;
		*is_found = true;
	}
	return true;
}

/* .symtab has local symbols, too. */
bool editing_find_symbol(const struct image *image, const char *name, GElf_Sym *sym, struct why *why)
{
	struct symbols table;
	struct why none;
	bool is_found = false;

	if (image_symtab(image, &table, &none) && !find_in(image, &table, name, sym, &is_found, why))
		return false;
	if (!is_found && (!image_dynsym(image, &table, why) || !find_in(image, &table, name, sym, &is_found, why)))
		return false;
	return is_found || why_set(why, "no symbol '%s' is defined", name);
}

bool editing_find_function(const struct image *image, const char *name, GElf_Sym *sym, struct why *why)
{
	GElf_Phdr p;

	if (!editing_find_symbol(image, name, sym, why))
		return false;
	unsigned char type = GELF_ST_TYPE(sym->st_info);
	if (type != STT_FUNC && type != STT_NOTYPE)
		return why_set(why, "'%s' is no function (symbol type %d)", name, type);
	return image_segment(image, sym->st_value, &p) ||
	       why_set(why, "'%s' at 0x%" PRIx64 " is in no loaded segment", name, (uint64_t)sym->st_value);
}

/* The name of a function at that address, or "". */
static const char *name_at(const struct image *image, uint64_t address)
{
	struct symbols table;
	struct why none;

	for (int is_dynamic = 0; is_dynamic < 2; is_dynamic++) {
		if (is_dynamic ? !image_dynsym(image, &table, &none) : !image_symtab(image, &table, &none))
			continue;
		for (size_t i = 1; i < table.count; i++) {
			GElf_Sym sym;
			const char *name;
			symbols_get(image, &table, i, &sym, &name);
			if (sym.st_value == address && sym.st_shndx != SHN_UNDEF &&
			    GELF_ST_TYPE(sym.st_info) == STT_FUNC)
				return name;
		}
	}
	return "";
}

bool edit_function(struct editing *editing, const struct edit *edit, struct why *why)
{
	const struct image *image = editing->layout.image;
	bool is_init = edit->kind == EDIT_INIT;
	int64_t tag = is_init ? DT_INIT : DT_FINI;
	const struct dynamic_entry *entry = layout_dynamic(&editing->layout, tag);
	GElf_Sym sym;

	if (!editing_find_function(image, edit->name, &sym, why))
		return false;
	if (is_init && !image->machine->glibc_runs_dt_init)
		return why_set(why, "glibc on %s does not run DT_INIT", image->machine->arch);
	if (entry && entry->value == sym.st_value)
		return true;
	const char *what = is_init ? "init" : "fini", *old = entry ? name_at(image, entry->value) : "";
	if (entry) {
		editing_note(editing, "%s: 0x%" PRIx64 " -> 0x%" PRIx64 " %s", what, entry->value,
			     (uint64_t)sym.st_value, edit->name);
		editing_warn(editing, "the %s function at 0x%" PRIx64 "%s%s is not called any more", what, entry->value,
			     *old ? ", " : "", old);
	} else {
		editing_note(editing, "%s: none -> 0x%" PRIx64 " %s", what, (uint64_t)sym.st_value, edit->name);
	}
	return editing_set(editing, tag, sym.st_value, NULL, why);
}

bool edit_flag(struct editing *editing, const struct edit *edit, struct why *why)
{
	const struct image *image = editing->layout.image;
	unsigned char byte = (unsigned char)edit->number;
	GElf_Sym sym;

	if (!editing_find_symbol(image, edit->name, &sym, why))
		return false;
	if (GELF_ST_TYPE(sym.st_info) != STT_OBJECT && GELF_ST_TYPE(sym.st_info) != STT_NOTYPE)
		return why_set(why, "'%s' is no variable (symbol type %d)", edit->name, GELF_ST_TYPE(sym.st_info));
	const unsigned char *at = image_at(image, sym.st_value, 1);
	if (!at)
		return why_set(why, "'%s' at 0x%" PRIx64 " has no byte in the file", edit->name,
			       (uint64_t)sym.st_value);
	if (at - image->bytes < image->ehdr.e_ehsize)
		return why_set(why, "'%s' at 0x%" PRIx64 " is in the ELF header", edit->name, (uint64_t)sym.st_value);
	if (*at == byte)
		return true;
	editing_note(editing, "flag %s: %d -> %d", edit->name, *at, byte);
	layout_write(&editing->layout, (uint64_t)(at - image->bytes), &byte, 1);
	return true;
}

/* The name of dynamic symbol `i` as edited so far. */
static const char *current_name(const struct editing *editing, const struct symbols *dynsym, size_t i, uint64_t *at)
{
	const char *name;
	GElf_Sym sym;

	symbols_get(editing->layout.image, dynsym, i, &sym, &name);
	*at = (uint64_t)(dynsym->entries - editing->layout.image->bytes) + i * dynsym->entry_size;
	const struct string_field *field = string_field_find(editing->fields, editing->field_count, *at);
	return field ? field->string : name;
}

bool edit_symbol_rename(struct editing *editing, const struct edit *edit, struct why *why)
{
	struct symbols dynsym;
	size_t old_count = 0, new_count = 0;
	uint64_t at;

	if (!image_dynsym(editing->layout.image, &dynsym, why))
		return false;
	for (size_t i = 1; i < dynsym.count; i++) {
		const char *name = current_name(editing, &dynsym, i, &at);
		old_count += strcmp(name, edit->name) == 0;
		new_count += strcmp(name, edit->value) == 0;
	}
	if (strcmp(edit->name, edit->value) == 0 || (old_count == 0 && new_count > 0))
		return true;
	if (old_count == 0)
		return why_set(why, "no dynamic symbol '%s'", edit->name);
	if (new_count > 0)
		return why_set(why, "there is a dynamic symbol '%s' already", edit->value);
	for (size_t i = 1; i < dynsym.count; i++)
		if (strcmp(current_name(editing, &dynsym, i, &at), edit->name) == 0 &&
		    !editing_set_field(editing, at, edit->value, why))
			return false;
	editing->are_symbols_renamed = true;
	editing_note(editing, "symbol: %s -> %s", edit->name, edit->value);
	return true;
}

bool edit_symbols_rename(struct editing *editing, const struct edit *edit, struct why *why)
{
	struct symbols dynsym;
	size_t count = 0;
	uint64_t at;

	if (!image_dynsym(editing->layout.image, &dynsym, why))
		return false;
	for (size_t i = 1; i < dynsym.count; i++) {
		const char *old = current_name(editing, &dynsym, i, &at), *name = name_map_get(edit->map, old);
		if (strcmp(old, name) == 0)
			continue;
		if (!editing_set_field(editing, at, name, why))
			return false;
		count++;
	}
	if (count == 0)
		return true;
	editing->are_symbols_renamed = true;
	editing_note(editing, "symbols: %zu renamed", count);
	return true;
}

bool edit_symbol_unversion(struct editing *editing, const struct edit *edit, struct why *why)
{
	const struct image *image = editing->layout.image;
	struct symbols dynsym;
	uint64_t address, at;
	bool is_found = false, is_changed = false;

	if (!image_dynsym(image, &dynsym, why))
		return false;
	const unsigned char *versions =
		image_dynamic(image, DT_VERSYM, &address) ? image_at(image, address, 2 * dynsym.count) : NULL;
	for (size_t i = 1; i < dynsym.count; i++) {
		unsigned char global[2];
		if (strcmp(current_name(editing, &dynsym, i, &at), edit->name) != 0)
			continue;
		is_found = true;
		if (!versions || image_get16(image, versions + 2 * i) <= VER_NDX_GLOBAL)
			continue;
		image_put16(image, global, VER_NDX_GLOBAL);
		layout_write(&editing->layout, (uint64_t)(versions - image->bytes) + 2 * i, global, sizeof global);
		is_changed = true;
	}
	if (is_changed)
		editing_note(editing, "symbol: %s has no version any more", edit->name);
	return is_found || edit->number || why_set(why, "no dynamic symbol '%s'", edit->name);
}
