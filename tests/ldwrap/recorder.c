/*
 * A driver that only records how it was called. Each call becomes a folder beside it, calls/1 and so on, with the files
 * argv and environ (as the kernel has them), cwd, and response if the first argument is @FILE. Then it says what the
 * files out and err beside it hold, and exits with the number in the file status; asked for -dumpmachine last, it
 * prints the file machine and exits 0.
 */
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[PATH_MAX];

static void fail(const char *what)
{
	perror(what);
	_exit(99);
}

static FILE *beside(const char *name, const char *mode)
{
	char path[PATH_MAX + 64];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return fopen(path, mode);
}

static void copy(FILE *from, FILE *to)
{
	char buffer[65536];
	size_t got;

	while (from && (got = fread(buffer, 1, sizeof(buffer), from)) > 0)
		if (fwrite(buffer, 1, got, to) != got)
			fail("write");
	if (from)
		fclose(from);
}

static void keep(const char *call, const char *name, const char *source)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/%s", call, name);
	FILE *to = beside(path, "w");
	if (!to)
		fail(path);
	copy(fopen(source, "r"), to);
	if (fclose(to))
		fail(path);
}

int main(int argc, char **argv)
{
	char path[PATH_MAX + 64], call[32], cwd[PATH_MAX];
	int number = 0, status = 0;
	ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - 1);

	if (length < 0 || !getcwd(cwd, sizeof(cwd)))
		fail("/proc/self/exe");
	path[length] = 0;
	snprintf(folder, sizeof(folder), "%s", dirname(path));
	snprintf(path, sizeof(path), "%s/calls", folder);
	mkdir(path, 0777);
	do {
		snprintf(call, sizeof(call), "calls/%d", ++number);
		snprintf(path, sizeof(path), "%s/%s", folder, call);
	} while (mkdir(path, 0777));
	keep(call, "argv", "/proc/self/cmdline");
	keep(call, "environ", "/proc/self/environ");
	if (argc > 1 && argv[1][0] == '@')
		keep(call, "response", argv[1] + 1);
	snprintf(path, sizeof(path), "%s/cwd", call);
	FILE *file = beside(path, "w");
	if (!file || fputs(cwd, file) < 0 || fclose(file))
		fail(path);

	if (argc > 1 && !strcmp(argv[argc - 1], "-dumpmachine") && (file = beside("machine", "r"))) {
		copy(file, stdout);
		return 0;
	}
	copy(beside("out", "r"), stdout);
	copy(beside("err", "r"), stderr);
	if ((file = beside("status", "r")) && fscanf(file, "%d", &status) != 1)
		fail("status");
	return status;
}
