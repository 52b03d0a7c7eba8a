/* Several files at a time, each in a process of its own. */
#ifndef JOBS_H
#define JOBS_H

#include <stdbool.h>
#include <stddef.h>

/* Work on item `i`; false when something was wrong with it, which is said on standard error. */
typedef bool job_run(size_t i, void *context);
/* Say that the process of item `i` was ended by a signal. */
typedef void job_died(size_t i, int signal, void *context);

/*
 * Run items 0 to count-1, `jobs` at a time; with one, in this process, unless a
 * person at a terminal is to see how far it is. What they print comes in their
 * order. True when all were.
 */
bool jobs_run(size_t jobs, size_t count, job_run *run, job_died *died, void *context);

#endif
