#include "portrait.h"

#include "document.h"
#include "lib/machine.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Pixels of a map, and rows of a table. */
enum { WIDTH = 1000, SEGMENT = 46, SECTION = 22, LISTED = 2000 };

static const char *string_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

/* Bytes of the file, which may be no UTF-8. */
static void put_bytes(FILE *file, const char *text)
{
	json_t *clean = document_text(text);

	page_text(file, clean ? json_string_value(clean) : "");
	json_decref(clean);
}

static void put_code(FILE *file, const char *text)
{
	fputs("<code>", file);
	page_text(file, text);
	fputs("</code>", file);
}

static const char *size_text(char *text, size_t room, uint64_t size)
{
	if (size < 10000)
		snprintf(text, room, "%" PRIu64 " bytes", size);
	else if (size < 10000000)
		snprintf(text, room, "%.1f KB", (double)size / 1e3);
	else
		snprintf(text, room, "%.1f MB", (double)size / 1e6);
	return text;
}

/* ---- maps ---- */

struct map {
	FILE *file;
	const struct image *image;
	bool is_file; /* by offsets in the file, else by addresses */
	uint64_t from, to;
};

static double place(const struct map *map, uint64_t at)
{
	if (at < map->from)
		return 0;
	return at < map->to ? (double)(at - map->from) / (double)(map->to - map->from) * WIDTH : WIDTH;
}

static void put_box(const struct map *map, const char *kind, uint64_t from, uint64_t size, int y, int height,
		    const char *label, const char *title)
{
	uint64_t end = size < UINT64_MAX - from ? from + size : UINT64_MAX;
	double x = place(map, from), width = place(map, end) - x;

	width = width < 0.7 ? 0.7 : width;
	fprintf(map->file, "<g><title>");
	put_bytes(map->file, title);
	fprintf(map->file, "</title><rect class=\"%s\" x=\"%.2f\" y=\"%d\" width=\"%.2f\" height=\"%d\"/>", kind, x, y,
		width, height);
	if (strlen(label) * 6.7 + 8 < width) {
		fprintf(map->file, "<text x=\"%.2f\" y=\"%d\">", x + 4, y + 15);
		put_bytes(map->file, label);
		fputs("</text>", map->file);
	}
	fputs("</g>\n", map->file);
}

static const char *access_of(const GElf_Phdr *p, const char **kind)
{
	bool w = p->p_flags & PF_W, x = p->p_flags & PF_X;

	*kind = w && x ? "map-rwx" : w ? "map-rw" : x ? "map-rx" : "map-r";
	return w && x ? "rwx" : w ? "rw" : x ? "rx" : "r";
}

static void put_segments(const struct map *map)
{
	for (size_t i = 0; i < map->image->phnum; i++) {
		GElf_Phdr p;
		const char *kind, *access;
		char title[160], size[32];
		if (!gelf_getphdr(map->image->elf, (int)i, &p) || p.p_type != PT_LOAD)
			continue;
		access = access_of(&p, &kind);
		snprintf(title, sizeof title, "segment %zu: %s, 0x%" PRIx64 ", %s", i, access,
			 map->is_file ? (uint64_t)p.p_offset : (uint64_t)p.p_vaddr,
			 size_text(size, sizeof size, map->is_file ? p.p_filesz : p.p_memsz));
		put_box(map, kind, map->is_file ? p.p_offset : p.p_vaddr, map->is_file ? p.p_filesz : p.p_memsz, 0,
			SEGMENT, access, title);
	}
}

static void put_sections(const struct map *map)
{
	for (size_t i = 1; i < map->image->shnum; i++) {
		GElf_Shdr s;
		Elf_Scn *section = elf_getscn(map->image->elf, i);
		if (!section || !gelf_getshdr(section, &s) || s.sh_size == 0 || s.sh_type == SHT_NULL)
			continue;
		if (map->is_file ? s.sh_type == SHT_NOBITS : !(s.sh_flags & SHF_ALLOC) || s.sh_flags & SHF_TLS)
			continue;
		const char *name = elf_strptr(map->image->elf, map->image->shstrndx, s.sh_name);
		char title[256], size[32];
		name = name ? name : "";
		uint64_t at = map->is_file ? s.sh_offset : s.sh_addr;
		snprintf(title, sizeof title, "%.100s: 0x%" PRIx64 ", %s", name, at,
			 size_text(size, sizeof size, s.sh_size));
		bool is_rt0 = strncmp(name, ".rt0.", 5) == 0 || strcmp(name, RT0_SEC_NOTE) == 0 ||
			      strcmp(name, RT0_SEC_CONFIG) == 0;
		put_box(map, is_rt0 ? "rt0" : "part", at, s.sh_size, SEGMENT - SECTION, SECTION, name, title);
	}
}

static void put_map(const struct map *map, const char *what)
{
	char size[32];

	fprintf(map->file,
		"<p class=\"soft\">%s, %s</p>\n<svg class=\"svg\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 "
		"%d %d\">\n",
		what, size_text(size, sizeof size, map->to - map->from), WIDTH, SEGMENT + 20);
	fprintf(map->file, "<rect class=\"map-hole\" width=\"%d\" height=\"%d\"/>\n", WIDTH, SEGMENT);
	put_segments(map);
	put_sections(map);
	fprintf(map->file,
		"<text class=\"soft\" y=\"%d\">0x%" PRIx64 "</text><text class=\"soft\" x=\"%d\" y=\"%d\" "
		"text-anchor=\"end\">0x%" PRIx64 "</text>\n</svg>\n",
		SEGMENT + 15, map->from, WIDTH, SEGMENT + 15, map->to);
}

static void put_maps(FILE *file, const struct image *image)
{
	struct map memory = {file, image, false, UINT64_MAX, 0}, whole = {file, image, true, 0, image->size};

	for (size_t i = 0; i < image->phnum; i++) {
		GElf_Phdr p;
		if (!gelf_getphdr(image->elf, (int)i, &p) || p.p_type != PT_LOAD || p.p_memsz == 0)
			continue;
		uint64_t end = p.p_memsz < UINT64_MAX - p.p_vaddr ? p.p_vaddr + p.p_memsz : UINT64_MAX;
		memory.from = p.p_vaddr < memory.from ? p.p_vaddr : memory.from;
		memory.to = end > memory.to ? end : memory.to;
	}
	fputs("<h2>Where things are</h2>\n<div class=\"card\">\n", file);
	if (memory.from < memory.to)
		put_map(&memory, "in memory");
	if (image->size)
		put_map(&whole, "in the file");
	fputs("<p class=\"soft\">r is read, x runs, w is written to; above the segments, below their sections, those "
	      "of rt0 "
	      "coloured</p>\n</div>\n",
	      file);
}

/* ---- what runs ---- */

static void put_function(FILE *file, const json_t *function, const char *from)
{
	const char *name = string_of(function, "name");

	fputs("<li>", file);
	put_code(file, *name ? name : string_of(function, "address"));
	fprintf(file, " <span class=\"soft\">%s, ", from);
	page_text(file, string_of(function, "address"));
	if (strcmp(name, RT0_SYM_ENTRY) == 0 || strcmp(name, RT0_SYM_STUB_LIB) == 0)
		fputs(": makes the init thread", file);
	else if (strcmp(name, RT0_SYM_TWIN) == 0 || strcmp(name, RT0_SYM_STUB_TWIN) == 0)
		fputs(": the library's own are done", file);
	fputs("</span></li>\n", file);
}

static bool put_functions(FILE *file, const json_t *document, const char *key, const char *from)
{
	const json_t *value = json_object_get(document, key);

	if (json_is_object(value))
		put_function(file, value, from);
	for (size_t i = 0; i < json_array_size(value) && i < LISTED; i++)
		put_function(file, json_array_get(value, i), from);
	if (json_array_size(value) > LISTED)
		fprintf(file, "<li class=\"soft\">and %zu more</li>\n", json_array_size(value) - LISTED);
	return json_is_object(value) || json_array_size(value) > 0;
}

static void put_order(FILE *file, const json_t *document)
{
	const json_t *rt0 = json_object_get(document, "rt0");

	fputs("<h2>What runs at load, in this order</h2>\n<div class=\"card\">\n<ol class=\"order\">\n", file);
	bool is_any = put_functions(file, document, "preinit_array", "DT_PREINIT_ARRAY");
	is_any |= put_functions(file, document, "init", "DT_INIT");
	is_any |= put_functions(file, document, "init_array", "DT_INIT_ARRAY");
	fputs("</ol>\n", file);
	if (!is_any)
		fputs("<p class=\"soft\">nothing</p>\n", file);
	if (json_is_object(rt0))
		fputs("<p class=\"soft\">Beside it, on the init thread: the runtime's init once the load is over, then "
		      "its main "
		      "function, if it has one.</p>\n",
		      file);
	fputs("</div>\n", file);
	if (json_is_object(json_object_get(document, "fini")) ||
	    json_array_size(json_object_get(document, "fini_array"))) {
		fputs("<details><summary>what runs at the end</summary>\n<div class=\"card\"><ol class=\"order\">\n",
		      file);
		put_functions(file, document, "fini_array", "DT_FINI_ARRAY");
		put_functions(file, document, "fini", "DT_FINI");
		fputs("</ol></div></details>\n", file);
	}
}

static void put_gates(FILE *file, const json_t *document)
{
	const json_t *rt0 = json_object_get(document, "rt0"), *gates = json_object_get(rt0, "gates");

	if (!json_is_object(rt0))
		return;
	fprintf(file,
		"<h2>Gates</h2>\n<p class=\"soft\">%" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT
		" in use, %" JSON_INTEGER_FORMAT " bytes each%s</p>\n",
		json_integer_value(json_object_get(rt0, "gates_used")),
		json_integer_value(json_object_get(rt0, "gate_count")),
		json_integer_value(json_object_get(rt0, "gate_size")),
		json_is_true(json_object_get(rt0, "attached")) ? ", attached by elfpatch" : "");
	if (json_array_size(gates) == 0)
		return;
	fputs("<div class=\"card scroll\"><table>\n<tr><th>export</th><th class=\"n\">its gate</th><th "
	      "class=\"n\">goes on to"
	      "</th></tr>\n",
	      file);
	for (size_t i = 0; i < json_array_size(gates) && i < LISTED; i++) {
		const json_t *gate = json_array_get(gates, i);
		fputs("<tr><td>", file);
		put_code(file, string_of(gate, "function"));
		fprintf(file, "</td><td class=\"n\">%s</td><td class=\"n\">→ %s</td></tr>\n", string_of(gate, "gate"),
			string_of(gate, "target"));
	}
	if (json_array_size(gates) > LISTED)
		fprintf(file, "<tr><td class=\"soft\" colspan=\"3\">and %zu more</td></tr>\n",
			json_array_size(gates) - LISTED);
	fputs("</table></div>\n", file);
}

/* ---- the rest ---- */

static void put_findings(FILE *file, const struct findings *findings)
{
	fputs("<h2>Findings</h2>\n<div class=\"card\">", file);
	if (findings->count == 0) {
		fputs("<span class=\"good\">none</span></div>\n", file);
		return;
	}
	fputs("<table>\n<tr><th></th><th>rule</th><th>where</th><th>what it means, and what to do</th></tr>\n", file);
	for (int severity = SEVERITY_ERROR; severity >= SEVERITY_INFO; severity--) {
		for (size_t i = 0, listed = 0; i < findings->count && listed < LISTED; i++) {
			const struct finding *f = &findings->items[i];
			if ((int)f->severity != severity)
				continue;
			listed++;
			fprintf(file, "<tr><td class=\"%s\">%s</td><td><code>%s</code></td><td><code>",
				severity_name(f->severity), severity_name(f->severity), f->rule);
			put_bytes(file, f->where);
			fputs("</code></td><td>", file);
			put_bytes(file, f->what);
			fputs("<br><span class=\"soft\">", file);
			page_text(file, f->todo);
			fputs("</span></td></tr>\n", file);
		}
	}
	fputs("</table></div>\n", file);
}

static void put_fact(FILE *file, const json_t *document, const char *key, const char *what)
{
	const json_t *value = json_object_get(document, key);

	if (!json_is_string(value) && json_array_size(value) == 0)
		return;
	fprintf(file, "<tr><th>%s</th><td>", what);
	if (json_is_string(value))
		put_code(file, json_string_value(value));
	for (size_t i = 0; i < json_array_size(value) && i < LISTED; i++) {
		if (i)
			fputs(" ", file);
		put_code(file, json_string_value(json_array_get(value, i)));
	}
	fputs("</td></tr>\n", file);
}

static void put_facts(FILE *file, const json_t *document)
{
	static const char *const facts[][2] = {
		{"soname", "its name"},        {"needed", "needs"}, {"runpath", "searches"},
		{"rpath", "searches (rpath)"}, {"flags", "flags"},  {"build_id", "build ID"},
	};

	fputs("<h2>What the loader is told</h2>\n<div class=\"card\"><table>\n", file);
	for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++)
		put_fact(file, document, facts[i][0], facts[i][1]);
	fputs("</table></div>\n", file);
}

static void put_cards(FILE *file, const struct image *image, const json_t *document, const struct findings *findings)
{
	const json_t *rt0 = json_object_get(document, "rt0");
	char size[32];

	fprintf(file, "<div class=\"cards\">\n<div class=\"card\"><b>%s</b><span>%s</span></div>\n",
		string_of(document, "machine"), string_of(document, "type"));
	fprintf(file, "<div class=\"card\"><b>%s</b><span>in the file</span></div>\n",
		size_text(size, sizeof size, image->size));
	if (json_is_object(rt0))
		fprintf(file, "<div class=\"card\"><b>%" JSON_INTEGER_FORMAT " gate%s</b><span>%s</span></div>\n",
			json_integer_value(json_object_get(rt0, "gates_used")),
			json_integer_value(json_object_get(rt0, "gates_used")) == 1 ? "" : "s",
			json_is_true(json_object_get(rt0, "attached")) ? "attached, starts by itself"
								       : "starts by itself");
	else
		fputs("<div class=\"card\"><b>no runtime</b><span>nothing of rt0 is in it</span></div>\n", file);
	if (findings)
		fprintf(file, "<div class=\"card\"><b class=\"%s\">%zu error%s</b><span>%zu warning%s</span></div>\n",
			findings->errors     ? "error"
			: findings->warnings ? "warning"
					     : "good",
			findings->errors, findings->errors == 1 ? "" : "s", findings->warnings,
			findings->warnings == 1 ? "" : "s");
	fputs("</div>\n", file);
}

bool portrait_page(struct page *page, const struct image *image, const struct findings *findings, struct why *why)
{
	json_t *document = document_of_image(image, why);
	const char *slash = strrchr(image->path, '/');
	char subtitle[128];

	if (!document)
		return false;
	json_t *title = document_text(slash ? slash + 1 : image->path);
	snprintf(subtitle, sizeof subtitle, "%s for %s, %" JSON_INTEGER_FORMAT "-bit, %s-endian",
		 string_of(document, "type"), string_of(document, "machine"),
		 json_integer_value(json_object_get(document, "class")), string_of(document, "byte_order"));
	page_begin(page, title ? json_string_value(title) : "", subtitle);
	put_cards(page->file, image, document, findings);
	if (findings)
		put_findings(page->file, findings);
	put_maps(page->file, image);
	put_order(page->file, document);
	put_gates(page->file, document);
	put_facts(page->file, document);
	page_end(page);
	json_decref(title);
	json_decref(document);
	return document_is_whole(why);
}
