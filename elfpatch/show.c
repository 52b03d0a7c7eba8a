/* `elfpatch show`: what matters of a file, as a document. */
#include "document.h"

#include "../rt/abi.h"
#include "lib/machine.h"
#include "lib/policy.h"
#include "lib/reloc.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Functions by address, to name the entries of init and fini arrays. */
struct named {
	uint64_t address;
	const char *name;
};

struct view {
	const struct image *image;
	struct symbols dynsym;
	struct named *functions;
	size_t function_count;
	size_t shown; /* bytes of names */
	struct why *why;
};

/* Bytes of a name that decide its place, and bytes of names that are shown: many can be the same few. */
enum { COMPARED = 1024, SHOWN_MAX = 64 << 20 };

static int by_address(const void *a, const void *b)
{
	const struct named *l = a, *r = b;

	if (l->address != r->address)
		return l->address < r->address ? -1 : 1;
	/* Long names that share their bytes would be compared again and again. */
	int order = strncmp(l->name, r->name, COMPARED);
	return order ? order : (l->name > r->name) - (l->name < r->name);
}

static bool find_functions(struct view *view)
{
	const struct image *image = view->image;
	struct symbols table;
	struct why unused;

	if (!image_symtab(image, &table, &unused))
		table = view->dynsym;
	view->functions = calloc(table.count + 1, sizeof *view->functions);
	if (!view->functions)
		return why_set(view->why, "out of memory");
	for (size_t i = 1; i < table.count; i++) {
		GElf_Sym sym;
		const char *name;
		symbols_get(image, &table, i, &sym, &name);
		if (GELF_ST_TYPE(sym.st_info) == STT_FUNC && sym.st_shndx != SHN_UNDEF && *name)
			view->functions[view->function_count++] = (struct named){sym.st_value, name};
	}
	qsort(view->functions, view->function_count, sizeof *view->functions, by_address);
	return true;
}

/* The first function at that address; null when nothing is. */
static const char *function_at(const struct view *view, uint64_t address)
{
	size_t low = 0, high = view->function_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (view->functions[middle].address < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < view->function_count && view->functions[low].address == address ? view->functions[low].name : NULL;
}

/* A string of the file; the document is refused when they are too many. */
static json_t *text_of(struct view *view, const char *text)
{
	size_t length = strnlen(text, SHOWN_MAX - view->shown);

	view->shown += length;
	return view->shown < SHOWN_MAX ? document_text(text) : json_null();
}

static json_t *of_function(struct view *view, uint64_t address)
{
	const char *name = function_at(view, address);

	return json_pack("{s:o, s:o}", "address", document_hex(address), "name",
			 name ? text_of(view, name) : json_null());
}

static bool add_string(struct view *view, json_t *document, const char *key, int64_t tag, const char *tag_name)
{
	uint64_t offset;

	if (!image_dynamic(view->image, tag, &offset))
		return json_object_set_new(document, key, json_null()) == 0;
	if (offset >= view->dynsym.strings_size)
		return why_set(view->why, "%s %" PRIu64 " is outside the %" PRIu64 " bytes of DT_STRTAB", tag_name,
			       offset, view->dynsym.strings_size);
	return json_object_set_new(document, key, text_of(view, view->dynsym.strings + offset)) == 0;
}

static bool add_needed(struct view *view, json_t *document)
{
	json_t *list = json_array();
	int64_t tag;
	uint64_t value;

	json_object_set_new(document, "needed", list);
	for (size_t i = 0; image_dynamic_entry(view->image, i, &tag, &value); i++) {
		if (tag != DT_NEEDED)
			continue;
		if (value >= view->dynsym.strings_size)
			return why_set(view->why, "DT_NEEDED %" PRIu64 " is outside the %" PRIu64 " bytes of DT_STRTAB",
				       value, view->dynsym.strings_size);
		json_array_append_new(list, text_of(view, view->dynsym.strings + value));
	}
	return true;
}

static bool add_function(struct view *view, json_t *document, const char *key, int64_t tag)
{
	uint64_t address;

	return json_object_set_new(document, key,
				   image_dynamic(view->image, tag, &address) ? of_function(view, address)
									     : json_null()) == 0;
}

static bool add_array(struct view *view, json_t *document, const char *key, int64_t tag, int64_t size_tag)
{
	size_t word = image_word_size(view->image);
	json_t *list = json_array();
	uint64_t address, size;

	json_object_set_new(document, key, list);
	if (!image_dynamic(view->image, tag, &address) || !image_dynamic(view->image, size_tag, &size) || size < word)
		return true;
	if (!image_at(view->image, address, size))
		return why_set(view->why, "%s 0x%" PRIx64 ", size %" PRIu64 ": not inside a loaded segment", key,
			       address, size);
	size_t count = (size_t)(size / word);
	uint64_t *values = calloc(count, sizeof *values);
	if (!values)
		return why_set(view->why, "out of memory");
	bool is_read = reloc_pointers(view->image, &view->dynsym, address, values, count, view->why);
	for (size_t i = 0; is_read && i < count; i++)
		json_array_append_new(list, of_function(view, values[i]));
	free(values);
	return is_read;
}

static void add_flags(struct view *view, json_t *document)
{
	static const char *const names[] = {"ORIGIN", "SYMBOLIC", "TEXTREL", "BIND_NOW", "STATIC_TLS"};
	static const char *const names_1[] = {
		"NOW",       "GLOBAL",     "GROUP",      "NODELETE",  "LOADFLTR",  "INITFIRST", "NOOPEN",
		"ORIGIN",    "DIRECT",     "TRANS",      "INTERPOSE", "NODEFLIB",  "NODUMP",    "CONFALT",
		"ENDFILTEE", "DISPRELDNE", "DISPRELPND", "NODIRECT",  "IGNMULDEF", "NOKSYMS",   "NOHDR",
		"EDITED",    "NORELOC",    "SYMINTPOSE", "GLOBAUDIT", "SINGLETON", "STUB",      "PIE",
	};
	json_t *list = json_array();
	uint64_t flags;

	json_object_set_new(document, "flags", list);
	if (image_dynamic(view->image, DT_FLAGS, &flags))
		for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
			if (flags >> i & 1)
				json_array_append_new(list, json_string(names[i]));
	if (image_dynamic(view->image, DT_FLAGS_1, &flags))
		for (size_t i = 0; i < sizeof names_1 / sizeof names_1[0]; i++)
			if (flags >> i & 1)
				json_array_append_new(list, json_string(names_1[i]));
}

static json_t *of_tls(const struct view *view)
{
	for (size_t i = 0; i < view->image->phnum; i++) {
		GElf_Phdr p;
		uint64_t flags = 0;
		if (!gelf_getphdr(view->image->elf, (int)i, &p) || p.p_type != PT_TLS)
			continue;
		image_dynamic(view->image, DT_FLAGS, &flags);
		return json_pack("{s:I, s:b, s:I}", "align", (json_int_t)p.p_align, "is_static",
				 (flags & DF_STATIC_TLS) != 0, "size", (json_int_t)p.p_memsz);
	}
	return json_null();
}

static bool add_build_id(struct view *view, json_t *document)
{
	struct note_cursor cursor = {0};
	struct note note;

	json_object_set_new(document, "build_id", json_null());
	while (image_note_next(view->image, &cursor, &note, view->why)) {
		char text[129];
		if (!note_is(&note, "GNU", NT_GNU_BUILD_ID) || note.size > sizeof text / 2)
			continue;
		for (size_t i = 0; i < note.size; i++)
			snprintf(text + 2 * i, 3, "%02x", note.desc[i]);
		json_object_set_new(document, "build_id", json_stringn(text, 2 * note.size));
	}
	return view->why->text[0] == '\0';
}

/* Where that gate of the pool goes; 0 for an unused one. */
static uint64_t gate_target(const struct image *image, const struct rt0_note *note, uint64_t i)
{
	const void *at = image_at(image, note->pool + i * note->gate_size, note->gate_size);
	uint64_t target = 0;

	if (at && image->machine->gate_target)
		target = image->machine->gate_target(at, note->gate_size, note->gates + i * note->gates_step);
	return target - image->pool < image->pool_size ? 0 : target;
}

static json_t *of_gates(struct view *view, const struct rt0_note *note)
{
	const struct image *image = view->image;
	json_t *list = json_array();

	for (size_t i = 1; i < view->dynsym.count; i++) {
		GElf_Sym sym;
		const char *name;
		symbols_get(image, &view->dynsym, i, &sym, &name);
		uint64_t offset = sym.st_value - image->gates;
		if (offset >= image->gates_size)
			continue;
		uint64_t target = offset % note->gates_step ? 0 : gate_target(image, note, offset / note->gates_step);
		json_array_append_new(list, json_pack("{s:o, s:o, s:o}", "function", text_of(view, name), "gate",
						      document_hex(sym.st_value), "target", document_hex(target)));
	}
	return list;
}

static json_t *of_policy(const struct rt0_note *note)
{
	json_t *list = json_array();

	for (size_t at = 0; at < note->policy_size; at += strlen(note->policy + at) + 1)
		json_array_append_new(list, document_text(note->policy + at));
	return list;
}

static bool add_rt0(struct view *view, json_t *document)
{
	const struct image *image = view->image;
	struct rt0_note note;
	json_int_t used = 0;

	if (!image_rt0_note(image, &note, view->why)) {
		json_object_set_new(document, "rt0", json_null());
		return view->why->text[0] == '\0';
	}
	for (uint32_t i = 0; i < note.gate_count; i++)
		used += gate_target(image, &note, i) != 0;
	const unsigned char *islibrary = image_at(image, note.islibrary, 1);
	return json_object_set_new(document, "rt0",
				   json_pack("{s:b, s:o, s:o, s:I, s:I, s:I, s:o, s:I, s:o, s:o, s:o, s:I}", "attached",
					     note.record != NULL, "config", document_hex(note.config), "entry",
					     document_hex(note.entry), "gate_count", (json_int_t)note.gate_count,
					     "gate_size", (json_int_t)note.gate_size, "gates_used", used, "gates",
					     of_gates(view, &note), "islibrary", (json_int_t)*islibrary, "policy",
					     of_policy(&note), "pool", document_hex(note.pool), "state",
					     document_hex(note.state), "version", (json_int_t)note.version)) == 0;
}

static void add_header(struct view *view, json_t *document)
{
	static const char *const types[] = {[ET_REL] = "object", [ET_EXEC] = "executable", [ET_DYN] = "shared library"};
	const struct image *image = view->image;
	const char *type = types[image->ehdr.e_type];
	uint64_t flags;

	if (image_dynamic(image, DT_FLAGS_1, &flags) && flags & DF_1_PIE)
		type = "position-independent executable";
	json_object_set_new(document, "file", document_text(image->path));
	json_object_set_new(document, "type", json_string(type));
	json_object_set_new(document, "machine", json_string(image->machine->arch));
	json_object_set_new(document, "class", json_integer(image->machine->elf_class == ELFCLASS64 ? 64 : 32));
	json_object_set_new(document, "byte_order",
			    json_string(image->machine->elf_data == ELFDATA2LSB ? "little" : "big"));
	json_object_set_new(document, "tls", of_tls(view));
}

json_t *document_of_image(const struct image *image, struct why *why)
{
	struct view view = {.image = image, .why = why};
	json_t *document = json_object();

	why->text[0] = '\0';
	if (!image_dynsym(image, &view.dynsym, why) || !find_functions(&view)) {
		json_decref(document);
		return NULL;
	}
	add_header(&view, document);
	add_flags(&view, document);
	bool is_done = add_string(&view, document, "soname", DT_SONAME, "DT_SONAME") &&
		       add_string(&view, document, "runpath", DT_RUNPATH, "DT_RUNPATH") &&
		       add_string(&view, document, "rpath", DT_RPATH, "DT_RPATH") && add_needed(&view, document) &&
		       add_function(&view, document, "init", DT_INIT) &&
		       add_function(&view, document, "fini", DT_FINI) &&
		       add_array(&view, document, "preinit_array", DT_PREINIT_ARRAY, DT_PREINIT_ARRAYSZ) &&
		       add_array(&view, document, "init_array", DT_INIT_ARRAY, DT_INIT_ARRAYSZ) &&
		       add_array(&view, document, "fini_array", DT_FINI_ARRAY, DT_FINI_ARRAYSZ) &&
		       add_build_id(&view, document) && add_rt0(&view, document);
	free(view.functions);
	if (is_done && view.shown == SHOWN_MAX)
		is_done = why_set(why, "names of %d bytes and more to show", SHOWN_MAX);
	/* What failed for another reason may have done so for want of memory. */
	struct why short_of;
	if (!document_is_whole(&short_of))
		is_done = why_set(why, "%s", short_of.text);
	if (is_done)
		return document;
	json_decref(document);
	return NULL;
}
