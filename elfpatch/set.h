/* `elfpatch set`. */
#ifndef SET_H
#define SET_H

#include "options.h"

/* Edit one file and print what is to be printed of that. */
bool set_file(const char *path, const struct settings *settings, struct why *why);

#endif
