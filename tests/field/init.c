/* The runtime of libraries that have none: it only takes its time, so that the first calls meet closed gates. */
#include <rt0.h>

#include <time.h>

int rt0_runtime_init(int argc, char **argv, char **envp)
{
	const struct timespec span = {0, 30000000};
	return argc > 0 && argv[0] != 0 && envp != 0 ? nanosleep(&span, 0) : 22;
}
