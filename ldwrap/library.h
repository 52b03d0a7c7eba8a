/* A freshly linked library, from the linker's output to the finished file. */
#ifndef LIBRARY_H
#define LIBRARY_H

#include "options.h"
#include "../elfpatch/lib/gates.h"

/* Is it a library after all: ET_DYN, no interpreter, not marked as a PIE? */
bool library_is_one(const struct image *image);

/*
 * Does the output define the symbol as a function? `is_data` tells that it does,
 * but as data. By .symtab, or, in a stripped output, by .dynsym.
 */
bool library_defines(const struct image *image, const char *symbol, bool *is_data);

/* The same for the init function of a library with rt, which may be stripped: by its rt0_config. */
bool library_has_init(const struct image *image, const struct options *options, bool *is_data, struct why *why);

/* Does a library with rt define rt0_thread_attach or rt0_thread_detach? By its rt0_config, too. */
bool library_has_hooks(const struct image *image);

/*
 * Fill the gates. False with an empty reason when the pool is too small; `filled`
 * then says what is needed.
 */
bool library_fill(struct image *image, const struct options *options, struct gates_filled *filled, struct why *why);

/*
 * Set the flag of the runtime's own, name the gates, put the `final` name where the
 * linker wrote the temporary one, renew the build-id.
 */
bool library_finish(struct image *image, const struct options *options, bool keeps_build_id, const char *final,
		    struct why *why);

/* Print the broken rules; false when the link must fail for them. `name` is what the user calls the file. */
bool library_verify(const struct image *image, const char *name, const struct options *options);

#endif
