/*
 * What the C hosts of the examples share: they load the library, call it from eight threads that its runtime has never
 * seen, and end. Whatever fails ends the host with a line and status 1.
 *
 * With EXAMPLE_HOLD in the environment, a fifo that the runtime's start reads to its end, the host lets it go on only
 * when dlopen has returned and all eight threads wait in the gates of their first calls.
 */
#ifndef EXAMPLES_HOST_H
#define EXAMPLES_HOST_H

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CALLERS 8
#define CALLS   50 /* by each */

/* The library named in the arguments. */
static void *host_load(int argc, char **argv)
{
	void *library;

	if (argc != 2) {
		fprintf(stderr, "usage: %s LIBRARY\n", argv[0]);
		exit(2);
	}
	library = dlopen(argv[1], RTLD_NOW);
	if (library == NULL) {
		fprintf(stderr, "host: %s\n", dlerror());
		exit(1);
	}
	return library;
}

static void *host_symbol(void *library, const char *name)
{
	void *address = dlsym(library, name);

	if (address == NULL) {
		fprintf(stderr, "host: %s\n", dlerror());
		exit(1);
	}
	return address;
}

static void host_check(bool is_right, const char *what)
{
	if (!is_right) {
		fprintf(stderr, "host: %s\n", what);
		exit(1);
	}
}

struct host_caller {
	pthread_t thread;
	bool (*ask)(int n);
	int number, tid, wrong;
};

static void *host_caller_run(void *at)
{
	struct host_caller *caller = at;

	__atomic_store_n(&caller->tid, (int)syscall(SYS_gettid), __ATOMIC_RELEASE);
	for (int i = 0; i < CALLS; i++)
		caller->wrong += !caller->ask(caller->number * CALLS + i);
	return NULL;
}

/* Until the thread sleeps in futex(2), as one that waits in a gate does. */
static void host_await_sleep(int tid)
{
	char path[64], text[128];
	bool is_asleep = false;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", tid);
	while (!is_asleep) {
		file = fopen(path, "r");
		host_check(file != NULL, "a caller has ended already");
		is_asleep = fgets(text, sizeof(text), file) != NULL && text[0] != 'r' && atoi(text) == SYS_futex;
		fclose(file);
		sched_yield();
	}
}

/*
 * Have ask(n) called by CALLERS threads at once, CALLS times by each; it returns whether the answer was right.
 * `is_ready` is the library's ungated function of that kind.
 */
static void host_ask(bool (*ask)(int n), int (*is_ready)(void))
{
	static struct host_caller callers[CALLERS];
	const char *fifo = getenv("EXAMPLE_HOLD");
	int fd = -1, wrong = 0;

	if (fifo != NULL) {
		fd = open(fifo, O_WRONLY | O_CLOEXEC); /* returns when the start has opened it, too */
		host_check(fd >= 0, "cannot open the fifo that EXAMPLE_HOLD names");
		host_check(!is_ready(), "the runtime is ready although its start is held");
	}
	for (int i = 0; i < CALLERS; i++) {
		callers[i].ask = ask;
		callers[i].number = i;
		host_check(pthread_create(&callers[i].thread, NULL, host_caller_run, &callers[i]) == 0,
			   "cannot make a thread");
	}
	if (fifo != NULL) {
		for (int i = 0; i < CALLERS; i++) {
			while (__atomic_load_n(&callers[i].tid, __ATOMIC_ACQUIRE) == 0)
				sched_yield();
			host_await_sleep(callers[i].tid);
		}
		printf("loaded, the runtime is still starting, and %d calls wait for it\n", CALLERS);
		close(fd);
	}
	for (int i = 0; i < CALLERS; i++) {
		host_check(pthread_join(callers[i].thread, NULL) == 0, "cannot join a thread");
		wrong += callers[i].wrong;
	}
	host_check(is_ready(), "the runtime is not ready although calls have returned");
	printf("%d threads made %d calls each, %d answers were wrong\n", CALLERS, CALLS, wrong);
	host_check(wrong == 0, "wrong answers");
}

#endif
