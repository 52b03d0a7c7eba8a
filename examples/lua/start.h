/* What the two ways to start the plugin have in common. */
#ifndef LUAPLUG_START_H
#define LUAPLUG_START_H

#include <stddef.h>

/*
 * Open the Lua state and run start.lua. Not thread-safe. Returns 0, or an errno
 * value with one line about it in `why`, cut to `size` bytes.
 */
int luaplug_start(int argc, char **argv, char *why, size_t size);

#endif
