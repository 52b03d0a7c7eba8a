/*
 * What ldwrap adds to the steps of a build.
 *
 *   step compile EXEC LDWRAP CC SOURCE
 *       a compile step through ldwrap, less the same through a program that only execs
 *   step link LDWRAP CC FOLDER COUNT...
 *       a -shared link of FOLDER/exports-COUNT.o and FOLDER/init.o through ldwrap,
 *       less the plain link, with each linker that CC knows
 */
#include "bench.h"

static double milliseconds(uint64_t nanoseconds)
{
	return (double)nanoseconds / 1e6;
}

static void compile(const char *exec, const char *ldwrap, const char *cc, const char *source)
{
	enum { DIRECT, EXEC, LDWRAP, KINDS };
	char *commands[KINDS][8] = {
		{(char *)cc, "-c", "-o", "/dev/null", (char *)source, NULL},
		{(char *)exec, (char *)cc, "-c", "-o", "/dev/null", (char *)source, NULL},
		{(char *)ldwrap, (char *)cc, "-c", "-o", "/dev/null", (char *)source, NULL},
	};
	unsigned count = rounds();
	double *took[KINDS], *added = new_values(count);
	for (int kind = 0; kind < KINDS; kind++)
		took[kind] = new_values(count);
	for (unsigned n = 0; n < count; n++) {
		for (unsigned i = 0; i < KINDS; i++) {
			unsigned kind = (i + n) % KINDS;
			took[kind][n] = milliseconds(run(commands[kind], NULL, 0));
		}
		added[n] = took[LDWRAP][n] - took[EXEC][n];
	}
	figure("compile step: cc", median(took[DIRECT], count), "ms", -1);
	figure("compile step: static program that only execs, then cc", median(took[EXEC], count), "ms", -1);
	figure("compile step: ldwrap cc", median(took[LDWRAP], count), "ms", -1);
	figure("compile step: added by ldwrap, to the program that execs", median(added, count), "ms", 3);
}

static bool has_linker(const char *cc, const char *option, const char *folder)
{
	char command[1024];
	snprintf(command, sizeof(command), "%s %s -shared -o %s/probe.so %s/init.o >/dev/null 2>&1", cc, option, folder,
		 folder);
	return system(command) == 0;
}

static void link_with(const char *linker, const char *ldwrap, const char *cc, const char *folder, char **counts,
		      int sizes)
{
	char option[32], init[512], object[512], plain_so[512], gated_so[512], what[96];
	snprintf(option, sizeof(option), "-fuse-ld=%s", linker);
	if (!has_linker(cc, option, folder)) {
		printf("  %s: not measured: %s does not link with it\n", linker, cc);
		return;
	}
	snprintf(init, sizeof(init), "%s/init.o", folder);
	snprintf(plain_so, sizeof(plain_so), "%s/plain-%s.so", folder, linker);
	snprintf(gated_so, sizeof(gated_so), "%s/gated-%s.so", folder, linker);
	unsigned count = (rounds() + 3) / 4;
	double adds[8], exports[8];
	for (int size = 0; size < sizes && size < 8; size++) {
		snprintf(object, sizeof(object), "%s/exports-%s.o", folder, counts[size]);
		char *plain_argv[] = {(char *)cc, option, "-shared", "-o", plain_so, init, object, NULL};
		char *gated_argv[] = {(char *)ldwrap, (char *)cc, option, "-shared", "-o",
				      gated_so,       init,       object, NULL};
		double *plain = new_values(count), *added = new_values(count);
		for (unsigned n = 0; n < count; n++) {
			double gated = 0;
			if (n % 2)
				gated = milliseconds(run(gated_argv, NULL, 0));
			plain[n] = milliseconds(run(plain_argv, NULL, 0));
			if (n % 2 == 0)
				gated = milliseconds(run(gated_argv, NULL, 0));
			added[n] = gated - plain[n];
		}
		double usual = median(plain, count);
		exports[size] = strtod(counts[size], NULL);
		adds[size] = median(added, count);
		snprintf(what, sizeof(what), "%s, %s exports: plain link", linker, counts[size]);
		figure(what, usual, "ms", -1);
		snprintf(what, sizeof(what), "%s, %s exports: added by ldwrap", linker, counts[size]);
		bool has_goal = size != 2; /* that one is there to tell growth from start-up cost */
		figure(what, adds[size], "ms", !has_goal ? -1 : usual * 0.05 > 15 ? usual * 0.05 : 15);
		free(plain);
		free(added);
	}
	/* Linear: an export costs as much among many as among fewer, but for half as much again of noise. */
	if (sizes >= 3) {
		int last = sizes - 1;
		double fewer = (adds[last - 1] - adds[0]) / (exports[last - 1] - exports[0]) * 1000;
		double many = (adds[last] - adds[last - 1]) / (exports[last] - exports[last - 1]) * 1000;
		snprintf(what, sizeof(what), "%s: added by an export up to %s", linker, counts[last - 1]);
		figure(what, fewer, "us", -1);
		snprintf(what, sizeof(what), "%s: added by an export from there on", linker);
		figure(what, many, "us", fewer * 1.5);
	}
}

int main(int argc, char **argv)
{
	if (argc == 6 && strcmp(argv[1], "compile") == 0) {
		compile(argv[2], argv[3], argv[4], argv[5]);
		return 0;
	}
	if (argc >= 6 && strcmp(argv[1], "link") == 0) {
		static const char *const linkers[] = {"bfd", "gold", "lld", "mold"};
		for (size_t i = 0; i < sizeof(linkers) / sizeof(linkers[0]); i++)
			link_with(linkers[i], argv[2], argv[3], argv[4], argv + 5, argc - 5);
		return 0;
	}
	fputs("usage: step compile EXEC LDWRAP CC SOURCE | step link LDWRAP CC FOLDER COUNT...\n", stderr);
	return 2;
}
