/* `elfpatch attach`, `detach` and `gate`. */
#ifndef RETROFIT_H
#define RETROFIT_H

#include "options.h"

/* Each works on one file and prints what is to be printed of that. */
bool attach_file(const char *path, const struct settings *settings, struct why *why);
bool detach_file(const char *path, const struct settings *settings, struct why *why);
bool gate_file(const char *path, const struct settings *settings, struct why *why);

#endif
