/* Filling the gate pool of a freshly linked library. */
#ifndef GATES_H
#define GATES_H

#include "image.h"
#include "machine.h"
#include "policy.h"

struct gates_filled {
	size_t needed; /* distinct addresses to gate */
	size_t used;   /* equal to needed on success */
	size_t pool;   /* gates in the pool */
};

/*
 * Gate every export of a writable image that the policy wants gated: assign pool
 * entries in ascending order of function address, make each one's gate and give its descriptor, if the machine has
 * them, the TOC pointer of the function's, point the .dynsym entries at them (aliases share one), re-point relative
 * relocations (RELA, REL, RELR) of data whose value is a gated function, fill unused entries with traps and set the
 * islibrary byte. Relocations in .got*, .opd, .init_array, .fini_array, .preinit_array and rt0_config are left alone;
 * one in rt0_config against an export becomes relative, so that rt does not meet its own
 * gate, and one against a hidden symbol that nothing defines is taken out, so that
 * the pointer is null. Where the global offset table follows .dynsym, the entry of
 * a gated export becomes its gate. A pool that is in use already is left as it is.
 *
 * When the pool is too small nothing is written, `filled->needed` says how many
 * there must be, and the result is false with an empty reason. After any other
 * failure a part may be written: the image is a copy, to be thrown away.
 */
bool gates_fill(struct image *image, const struct rt0_note *note, const struct policy *policy,
		struct gates_filled *filled, struct why *why);

/* How many gates the exports of an image need under a policy: distinct addresses to gate. */
bool gates_count(const struct image *image, const struct policy *policy, size_t *count, struct why *why);

/*
 * Gate number i when it goes to `function`, into `bytes` (gate_size and FIXUP_ROOM
 * of them). False when something is out of its reach.
 */
bool gate_make(const struct machine *machine, const struct rt0_note *note, size_t i, const struct function *function,
	       unsigned char *bytes, struct why *why);

/*
 * Set the byte at a data symbol of .symtab or .dynsym (--rt0-flag). One that has no
 * byte in the file (.bss), or no symbol any more (-s), is left to rt, which sets the
 * flag of rt0_config at load.
 */
bool gates_set_flag(struct image *image, const char *symbol, unsigned char value, struct why *why);

/*
 * Give each used gate the name of its first dynamic symbol and "@gate" in .symtab.
 * Grows the file, so the image is closed and opened again; a file without .symtab
 * is left alone, and so is one that has such names. Deterministic.
 */
bool gates_name(struct image *image, const struct rt0_note *note, struct why *why);

/*
 * Recompute a GNU build-id of 8 bytes or more over the final file, its own bytes
 * taken as zero. Nothing to do when there is none.
 */
bool build_id_renew(struct image *image, struct why *why);

#endif
