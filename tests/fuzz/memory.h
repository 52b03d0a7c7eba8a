/*
 * Files in memory in place of the kernel's: no system call, and with AddressSanitizer
 * every byte outside a file is poisoned, which no mapping of a real file is.
 *
 * The calls that the tools and libelf make for a file are replaced with the linker's
 * --wrap (fuzz.mk). What is opened must be one of these files or belong to rt;
 * everything else does not exist. Nothing here is thread-safe.
 */
#ifndef MEMORY_H
#define MEMORY_H

#include <stddef.h>

enum { MEMORY_FILES = 4, MEMORY_FILE_MAX = 1 << 22 };

/* What file number i is called. */
extern const char *const memory_paths[MEMORY_FILES];

/* Give file number i its contents, which are copied. */
void memory_put(int i, const void *bytes, size_t size);
/* Its contents as they are; valid until it is written to. */
const unsigned char *memory_get(int i, size_t *size);

/* Ends the program when a descriptor or a mapping was left behind. */
void memory_check(void);

#endif
