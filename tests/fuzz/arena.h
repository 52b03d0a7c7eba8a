/* ldwrap lives for one link and frees little. Its sources include this, so that a fuzzer that lives long frees the
 * rest. */
#ifndef ARENA_H
#define ARENA_H

/* Before the names are taken. */
#include <stdarg.h>
#include <stdio.h>
#include <stddef.h>
#include <stdlib.h>

void *arena_realloc(void *old, size_t size);
void arena_free(void *at);
int arena_vasprintf(char **text, const char *format, va_list list);
/* Free what was not. */
void arena_reset(void);

#ifndef ARENA_SOURCE
#define realloc   arena_realloc
#define free      arena_free
#define vasprintf arena_vasprintf
#endif

#endif
