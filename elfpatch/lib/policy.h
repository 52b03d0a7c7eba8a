/* Which exports are gated, and the few words that say why one is not. */
#ifndef POLICY_H
#define POLICY_H

#include "image.h"

/*
 * Strings as in RT0_NT_POLICY: '+' GLOB or '-' GLOB, each NUL-terminated, one
 * after the other; fnmatch(3) patterns without flags.
 */
struct policy {
	const char *strings;
	size_t size;
};

/* Bytes of patterns with more than one spelling of a name, each of which is compared with each export. */
enum { POLICY_GLOBS_MAX = 1 << 16 };

/* Strings of a policy: those that are names, sorted, and the others. */
struct patterns {
	const char **names, **globs;
	size_t name_count, glob_count;
};

/* A policy made ready to judge by. */
struct judge {
	struct patterns gate, no_gate;
	const char **strings; /* what both are parts of */
};

/*
 * The policy's strings must outlive the judge; what follows the last null byte of them
 * does not count. False when memory runs out or the globs have more than
 * POLICY_GLOBS_MAX bytes. Close it in either case.
 */
bool judge_open(struct judge *judge, const struct policy *policy, struct why *why);
void judge_close(struct judge *judge);

enum verdict {
	EXPORT_NONE,    /* not a function that others can bind to */
	EXPORT_GATE,    /* is or must be gated */
	EXPORT_EXEMPT,  /* excluded by name, or marked RT0_NO_GATE */
	EXPORT_VAGUE,   /* weak C++ symbol: the host may bind to our copy */
	EXPORT_IFUNC,   /* its address is its resolver's result: cannot be gated */
	EXPORT_VARIANT, /* passes arguments in registers of its own: cannot be gated */
	EXPORT_TABLED,  /* GHC's code, with a table in front of it: cannot be gated */
	EXPORT_DATA     /* an object or TLS symbol: cannot be gated */
};

/*
 * Judge one .dynsym entry; any number of threads may at once. With --rt0-gate patterns only functions that match one
 * are gated, vague-linkage ones among them; a --rt0-no-gate match wins. A weak
 * symbol with a C++ mangled name (_Z) counts as vague linkage: what else is weak
 * is an export like any other.
 */
enum verdict judge_export(const struct judge *judge, const struct image *image, const GElf_Sym *sym, const char *name);

#endif
