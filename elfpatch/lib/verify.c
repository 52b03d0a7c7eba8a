#include "verify.h"

#include "verify_rules.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
#define RULES(RULE) \
	RULE("init-entry",   true,  verify_init_entry) \
	RULE("islibrary",    true,  verify_islibrary) \
	RULE("nodelete",     true,  verify_nodelete) \
	RULE("gates",        true,  verify_gates) \
	RULE("no-leak",      true,  verify_no_leak) \
	RULE("no-textrel",   false, verify_no_textrel) \
	RULE("no-execstack", false, verify_no_execstack) \
	RULE("no-wx",        false, verify_no_wx) \
	RULE("relro",        false, verify_relro) \
	RULE("static-tls",   false, verify_static_tls) \
	RULE("cet-bti",      false, verify_cet_bti) \
	RULE("needed",       true,  verify_needed) \
	RULE("version",      false, verify_version)
/* clang-format on */

#define ROW(name, needs_note, apply) {name, needs_note, apply},
static const struct {
	const char *name;
	bool needs_note;
	void (*apply)(struct check *check);
} rules[] = {RULES(ROW)};

#define NAME(name, needs_note, apply) name,
const char *const verify_rules[] = {RULES(NAME) NULL};

/* Names come from the file: a control character must not reach a terminal or break the line. */
static void make_printable(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = '?';
}

/* From so many findings on, each has no more than so many characters of a name. */
enum { CLIPPED_FROM = 256, CLIPPED = 1024 };

static bool findings_append(struct findings *findings, const struct finding *finding)
{
	size_t count = findings->count;

	/* The capacity is the next power of two. */
	if ((count & (count - 1)) == 0) {
		struct finding *grown = realloc(findings->items, (count ? 2 * count : 1) * sizeof *grown);
		if (!grown)
			return false;
		findings->items = grown;
	}
	findings->items[findings->count++] = *finding;
	findings->errors += finding->severity == SEVERITY_ERROR;
	findings->warnings += finding->severity == SEVERITY_WARNING;
	return true;
}

void check_add(struct check *check, enum severity severity, const char *where, const char *todo, const char *what, ...)
{
	struct finding finding = {.rule = check->rule, .severity = severity, .todo = todo};
	va_list args;

	va_start(args, what);
	if (vasprintf(&finding.what, what, args) < 0)
		finding.what = NULL;
	va_end(args);
	/* Many symbols can have the same few bytes for a name. */
	finding.where = strndup(where, check->findings->count < CLIPPED_FROM ? SIZE_MAX : CLIPPED);
	if (finding.what && check->findings->count >= CLIPPED_FROM && strlen(finding.what) > CLIPPED)
		finding.what[CLIPPED] = '\0';
	if (finding.what && finding.where && findings_append(check->findings, &finding)) {
		make_printable(finding.what);
		make_printable(finding.where);
		return;
	}
	free(finding.what);
	free(finding.where);
	check->is_out_of_memory = true;
}

uint64_t check_flags(const struct check *check, int64_t tag)
{
	uint64_t flags;

	return image_dynamic(check->image, tag, &flags) ? flags : 0;
}

const char *check_string(const struct check *check, uint64_t offset)
{
	return offset < check->dynsym.strings_size ? check->dynsym.strings + offset : NULL;
}

static bool is_shared_library(const struct image *image, struct why *why)
{
	uint64_t flags;

	if (image->ehdr.e_type != ET_DYN)
		return why_set(why, "not a shared library (e_type %d, expected %d)", image->ehdr.e_type, ET_DYN);
	if (image->dynamic_size == 0)
		return why_set(why, "not a shared library: no dynamic section");
	if (image_dynamic(image, DT_FLAGS_1, &flags) && flags & DF_1_PIE)
		return why_set(why, "an executable (DF_1_PIE), not a shared library");
	return true;
}

bool verify_image(const struct image *image, struct findings *findings, struct why *why)
{
	struct check check = {.image = image, .findings = findings};
	struct why note_why;

	*findings = (struct findings){0};
	if (!is_shared_library(image, why) || !image_dynsym(image, &check.dynsym, why))
		return false;
	check.has_note = image_rt0_note(image, &check.note, &note_why);
	check.note_why = note_why.text;
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
		check.rule = rules[i].name;
		if (check.has_note || !rules[i].needs_note)
			rules[i].apply(&check);
	}
	if (!check.is_out_of_memory)
		return true;
	findings_free(findings);
	return why_set(why, "out of memory");
}

void findings_free(struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		free(findings->items[i].where);
		free(findings->items[i].what);
	}
	free(findings->items);
	*findings = (struct findings){0};
}
