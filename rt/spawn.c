/* How the init thread is made where there is a libc; newosproc0.c is for where there is none. */
#include "internal.h"

/* Large enough for pthread_attr_t of every libc and machine (glibc: 56 bytes on x86-64, 64 at most). */
struct attributes {
	unsigned long words[128 / sizeof(long)];
};
#define PTHREAD_CREATE_DETACHED 1 /* glibc and musl */

#define IMPORT __attribute__((weak, visibility("default")))
extern int pthread_create(unsigned long *, const struct attributes *, void *(*)(void *), void *) IMPORT;
extern int pthread_attr_init(struct attributes *) IMPORT;
extern int pthread_attr_setdetachstate(struct attributes *, int) IMPORT;
extern int pthread_attr_setstacksize(struct attributes *, size_t) IMPORT;

static int create_pthread(void *(*start)(void *), void *arg)
{
	uint64_t stack_size = rt0_stack_size(rt0_library_of(arg));
	struct attributes attributes;
	unsigned long thread;
	int error = pthread_attr_init(&attributes);
	if (error != 0)
		return error;
	error = pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	if (error == 0 && stack_size != 0)
		error = pthread_attr_setstacksize(&attributes, (size_t)stack_size);
	if (error == 0)
		error = pthread_create(&thread, &attributes, start, arg);
	return error; /* attributes hold no memory in any libc: one import less without their destroy */
}

__attribute__((weak)) int (*rt0_sys_thread_create)(void *(*)(void *), void *) = create_pthread;

static bool has_pthread(void)
{
	return pthread_create != NULL && pthread_attr_init != NULL && pthread_attr_setdetachstate != NULL &&
	       pthread_attr_setstacksize != NULL;
}

static int rt0_spawn(struct rt0_library *rt, void *(*fn)(void *), const char **what)
{
	int (*create)(void *(*)(void *), void *) = rt0_sys_thread_create;
	if (create == create_pthread && !has_pthread())
		create = NULL;

	rt0_trace(rt, "Bspawn", 0);
	struct rt0_sigset old;
	rt0_signals_block(&old);
	int error;
	for (unsigned try = 1;; try++) {
		if (create != NULL) {
			error = create(fn, rt);
			*what = create == create_pthread ? "pthread_create failed" : "rt0_sys_thread_create failed";
		} else {
			error = rt0_newosproc0(rt, fn, what);
		}
		if (error != RT0_EAGAIN || try == 20)
			break;
		rt0_sleep(try * RT0_MS); /* 190 ms in all */
	}
	rt0_signals_restore(&old);
	rt0_trace(rt, "Espawn", 0);
	return error;
}
