/*
 * How long the loader's thread is held: dlopen of a library with rt, less dlopen
 * of the same library without it, against one bare pthread_create; and Go's
 * c-shared library. A process per sample, since a library with a runtime stays.
 *
 *   load PLAIN.so GATED.so [GO.so]   the figures
 *   load --dlopen LIB | --thread     one sample, ns on standard output
 */
#include "bench.h"

#include <dlfcn.h>
#include <pthread.h>

static void *nothing(void *unused)
{
	return unused;
}

static uint64_t sample_dlopen(const char *path)
{
	uint64_t start = now();
	void *library = dlopen(path, RTLD_NOW);
	uint64_t took = now() - start;
	if (library == NULL) {
		fprintf(stderr, "bench: %s\n", dlerror());
		exit(1);
	}
	return took;
}

static uint64_t sample_thread(void)
{
	pthread_attr_t attributes;
	pthread_t thread;
	uint64_t start = now();
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	int error = pthread_create(&thread, &attributes, nothing, NULL);
	pthread_attr_destroy(&attributes);
	uint64_t took = now() - start;
	if (error != 0)
		die("cannot create a thread");
	return took;
}

static double sample_process(const char *self, const char *what, const char *path)
{
	char output[32];
	run((char *[]){(char *)self, (char *)what, (char *)path, NULL}, output, sizeof(output));
	return strtod(output, NULL) / 1000;
}

enum { PLAIN, GATED, GO, THREAD, KINDS };

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "--dlopen") == 0) {
		/* The loader has worked before, as it has in a host that loads plugins. */
		dlopen("libm.so.6", RTLD_NOW);
		printf("%llu\n", (unsigned long long)sample_dlopen(argv[2]));
		fflush(stdout);
		_exit(0);
	}
	if (argc == 2 && strcmp(argv[1], "--thread") == 0) {
		dlopen("libm.so.6", RTLD_NOW);
		printf("%llu\n", (unsigned long long)sample_thread());
		fflush(stdout);
		_exit(0);
	}
	if (argc < 3 || argc > 4) {
		fputs("usage: load PLAIN.so GATED.so [GO.so]\n", stderr);
		return 2;
	}
	const char *paths[KINDS] = {argv[1], argv[2], argv[3], NULL};
	unsigned count = rounds() * 4;
	double *took[KINDS];
	for (int kind = 0; kind < KINDS; kind++)
		took[kind] = new_values(count);
	for (unsigned n = 0; n < count; n++)
		for (int i = 0; i < KINDS; i++) {
			int kind = (i + (int)n) % KINDS;
			if (kind == GO && argc < 4)
				continue;
			took[kind][n] = sample_process(argv[0], kind == THREAD ? "--thread" : "--dlopen", paths[kind]);
		}
	double plain = median(took[PLAIN], count), gated = median(took[GATED], count);
	double thread = median(took[THREAD], count);
	figure("dlopen without rt", plain, "us", -1);
	figure("dlopen with rt", gated, "us", -1);
	figure("a bare pthread_create, detached", thread, "us", -1);
	figure("dlopen with rt minus without, to a bare pthread_create", (gated - plain) / thread, "times", 1.2);
	if (argc < 4) {
		puts("  dlopen of Go's library: not measured: there is no go");
		return 0;
	}
	double go = median(took[GO], count);
	figure("dlopen of Go's library", go, "us", -1);
	figure("dlopen with rt, to dlopen of Go's library", gated / go, "times", -1);
	return 0;
}
