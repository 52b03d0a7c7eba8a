/* What the linker writes about the link into files of the user's: it names our temporary folder. */
#ifndef SIDECAR_H
#define SIDECAR_H

#include "args.h"
#include "output.h"

/*
 * In the dependency files and maps of the job, put the user's names where those of
 * the temporary folder are, and leave our own input out of the rules for make.
 * What is no regular file stays as it is.
 */
bool sidecar_rename(const struct link_job *job, const struct output *output, struct why *why);

#endif
