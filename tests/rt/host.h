/* Helpers of the hosts: each failed expectation ends the host with its line. */
#ifndef HOST_H
#define HOST_H

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define expect(condition)                                                                                              \
	do {                                                                                                           \
		if (!(condition)) {                                                                                    \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                        \
			_exit(1);                                                                                      \
		}                                                                                                      \
	} while (0)

#define expect_equal(got, wanted)                                                                                      \
	do {                                                                                                           \
		long got_ = (long)(got), wanted_ = (long)(wanted);                                                     \
		if (got_ != wanted_) {                                                                                 \
			fprintf(stderr, "%s:%d: %s is %ld, not %ld\n", __FILE__, __LINE__, #got, got_, wanted_);       \
			_exit(1);                                                                                      \
		}                                                                                                      \
	} while (0)

static inline void *load(const char *path, int flags)
{
	void *library = dlopen(path, flags);
	if (library == NULL) {
		fprintf(stderr, "%s\n", dlerror());
		_exit(1);
	}
	return library;
}

static inline void *symbol(void *library, const char *name)
{
	void *at = dlsym(library, name);
	if (at == NULL) {
		fprintf(stderr, "%s\n", dlerror());
		_exit(1);
	}
	return at;
}

/* The number of futex(2) in /proc: under an emulator it is the emulator's. */
#ifndef SEEN_FUTEX
#define SEEN_FUTEX SYS_futex
#endif

/* Yields until thread `tid` of this process sleeps in futex(2): it waits in a gate, or for a lock. */
static inline void await_futex(int tid)
{
	char path[64], text[128];
	snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", tid);
	for (;;) {
		FILE *file = fopen(path, "r");
		if (file == NULL)
			return;
		size_t n = fread(text, 1, sizeof(text) - 1, file);
		fclose(file);
		text[n] = 0;
		if (atoi(text) == SEEN_FUTEX && text[0] != 'r')
			return;
		sched_yield();
	}
}

/* A thread whose id is known once thread_start has returned. */
struct thread {
	pthread_t thread;
	int (*fn)(void *);
	void *arg;
	int tid, result;
};

static inline void *thread_body(void *at)
{
	struct thread *thread = at;
	__atomic_store_n(&thread->tid, (int)syscall(SYS_gettid), __ATOMIC_RELEASE);
	thread->result = thread->fn(thread->arg);
	return NULL;
}

static inline void thread_start(struct thread *thread, int (*fn)(void *), void *arg)
{
	thread->fn = fn;
	thread->arg = arg;
	thread->tid = 0;
	pthread_attr_t attributes;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 64 << 10);
	expect_equal(pthread_create(&thread->thread, &attributes, thread_body, thread), 0);
	while (__atomic_load_n(&thread->tid, __ATOMIC_ACQUIRE) == 0)
		sched_yield();
}

static inline int thread_join(struct thread *thread)
{
	expect_equal(pthread_join(thread->thread, NULL), 0);
	return thread->result;
}

#endif
