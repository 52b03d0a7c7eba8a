/* The personality `patchelf`: its options, output and exit status, by elfpatch's edits. */
#ifndef PATCHELF_H
#define PATCHELF_H

#include <stdbool.h>

/* Whether a program of that name is to be patchelf: the last part is "patchelf" or ends with "-patchelf". */
bool patchelf_is_name(const char *program);

/* The whole program; returns its exit status, 0 or 1. */
int patchelf_run(int argc, char **argv);

#endif
