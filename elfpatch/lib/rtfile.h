/* The files of rt that belong to the running tool. */
#ifndef RTFILE_H
#define RTFILE_H

#include "machine.h"
#include "why.h"

/*
 * The path of a file of rt for a machine: <folder>/<machine>/<name>. Without a folder
 * it is lib/rt0 beside the folder that the running program is in. The caller's to free; null with a reason when there
 * is no such file.
 */
char *rtfile_find(const char *folder, const struct machine *machine, const char *name, struct why *why);

#endif
