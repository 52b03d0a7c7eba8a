/*
 * hold(): what the init of each example calls first. The tests stop it there, by a fifo that EXAMPLE_HOLD names, until
 * the host closes the other end.
 */
#ifndef HOLD_H
#define HOLD_H

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static void hold(void)
{
	const char *fifo = getenv("EXAMPLE_HOLD");
	char bytes[64];
	ssize_t got;
	int fd;

	if (fifo == NULL)
		return;
	fd = open(fifo, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	do
		got = read(fd, bytes, sizeof(bytes));
	while (got > 0 || (got < 0 && errno == EINTR));
	close(fd);
}

#endif
