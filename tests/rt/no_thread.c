/* LD_PRELOAD: pthread_create fails with EAGAIN for the first NO_THREAD calls, and tells how often it was called. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

static int calls;

int no_thread_calls(void)
{
	return calls;
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*fn)(void *), void *arg)
{
	int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *) =
		(int (*)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *))dlsym(RTLD_NEXT,
											       "pthread_create");
	const char *failures = getenv("NO_THREAD");
	if (calls++ < (failures != NULL ? atoi(failures) : 0))
		return EAGAIN;
	return real(thread, attributes, fn, arg);
}
