/* Response files: @file on a driver's command line, and -Wl,@file for the linker. */
#ifndef RESPONSE_H
#define RESPONSE_H

#include "words.h"
#include "../elfpatch/lib/why.h"

/*
 * Split text as GNU tools and clang do: white space separates, both quotes hold
 * it, a backslash takes the next character as it is, inside either quote too.
 */
void response_split(const char *text, size_t size, struct words *words);

/*
 * Replace each @file by its words, nested ones too (relative to the working
 * folder), and -Wl,...,@file by one -Xlinker per word. A file that cannot be read
 * stays as it is, for the driver to judge. `expanded` borrows from `argv`.
 * Returns false when files name each other without end, or hold too much together.
 */
bool response_expand(const struct words *argv, struct words *expanded, struct why *why);

/* Is there anything to expand? */
bool response_needed(const struct words *argv);

/* Write words, quoted, so that response_split gives them back. */
bool response_write(const struct words *words, const char *path, struct why *why);

#endif
