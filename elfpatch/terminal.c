#include "terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Milliseconds: before the line is worth it, and between two of them. */
enum { PATIENCE = 1000, PACE = 200 };

/* One that understands escape sequences. */
static bool is_terminal(int fd)
{
	const char *kind = getenv("TERM");

	return isatty(fd) && kind && *kind && strcmp(kind, "dumb") != 0;
}

bool colour_is_wanted(void)
{
	const char *no = getenv("NO_COLOR");

	return (!no || !*no) && is_terminal(STDOUT_FILENO);
}

const char *colour_begin(enum colour colour)
{
	return colour == COLOUR_RED ? "\033[1;31m" : colour == COLOUR_YELLOW ? "\033[33m" : "";
}

const char *colour_end(enum colour colour)
{
	return colour == COLOUR_NONE ? "" : "\033[0m";
}

static long milliseconds(const struct timespec *from, const struct timespec *to)
{
	return (to->tv_sec - from->tv_sec) * 1000 + (to->tv_nsec - from->tv_nsec) / 1000000;
}

void progress_begin(struct progress *progress, size_t count)
{
	*progress = (struct progress){.is_on = is_terminal(STDERR_FILENO), .count = count};
	clock_gettime(CLOCK_MONOTONIC, &progress->begun);
}

void progress_clear(struct progress *progress)
{
	if (progress->is_drawn)
		fputs("\r\033[K", stderr);
	progress->is_drawn = false;
}

void progress_draw(struct progress *progress, size_t done)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (!progress->is_on || milliseconds(&progress->begun, &now) < PATIENCE ||
	    milliseconds(&progress->drawn, &now) < PACE)
		return;
	progress_clear(progress);
	fprintf(stderr, "elfpatch: %zu of %zu files, %ld s", done, progress->count,
		milliseconds(&progress->begun, &now) / 1000);
	progress->drawn = now;
	progress->is_drawn = true;
}
