#include "fuzz.h"

#include "memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

void broken(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("broken: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	/* What is printed must be made, but not seen. */
	if (!freopen("/dev/null", "w", stdout))
		abort();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char control[CONTROL_SIZE] = {0};
	size_t first = size < CONTROL_SIZE ? size : CONTROL_SIZE;

	memcpy(control, data, first);
	memory_put(0, data + first, size - first);
	harness_run(control);
	memory_check();
	return 0;
}
