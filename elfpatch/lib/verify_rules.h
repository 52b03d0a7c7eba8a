/* The rules behind verify.h: one function each, in verify_rt0.c and verify_elf.c. */
#ifndef VERIFY_RULES_H
#define VERIFY_RULES_H

#include "verify.h"

/* What is being verified, and the findings so far. */
struct check {
	const struct image *image;
	struct symbols dynsym;
	struct rt0_note note;
	bool has_note;
	const char *note_why; /* why there is no note: empty when none is there, else what is wrong with it */
	const char *rule;     /* the one being applied */
	struct findings *findings;
	bool is_out_of_memory;
};

/* Add a finding of the current rule; `todo` is borrowed for good, the rest is copied. */
void check_add(struct check *check, enum severity severity, const char *where, const char *todo, const char *what, ...)
	__attribute__((format(printf, 5, 6)));

/* Bits of a dynamic entry such as DT_FLAGS_1, 0 when there is none. */
uint64_t check_flags(const struct check *check, int64_t tag);

/* String at `offset` of DT_STRTAB, or null. */
const char *check_string(const struct check *check, uint64_t offset);

/* Rules of libraries with a runtime; they need the note. */
void verify_init_entry(struct check *check);
void verify_islibrary(struct check *check);
void verify_nodelete(struct check *check);
void verify_gates(struct check *check);
void verify_no_leak(struct check *check);
void verify_needed(struct check *check);

/* Rules of every library. */
void verify_no_textrel(struct check *check);
void verify_no_execstack(struct check *check);
void verify_no_wx(struct check *check);
void verify_relro(struct check *check);
void verify_static_tls(struct check *check);
void verify_cet_bti(struct check *check);
void verify_version(struct check *check);

#endif
