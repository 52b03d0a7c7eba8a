/*
 * What rt asks of a libc beyond threads, all of it weak. ldwrap leaves this object
 * out of a library that is linked without libc, which then imports only pthread
 * symbols; rt sees its functions as null there.
 */
#include "hosted.h"

#include <stddef.h>

#define IMPORT __attribute__((weak, visibility("default")))
extern void *dlopen(const char *, int) IMPORT;
extern int __register_atfork(void (*)(void), void (*)(void), void (*)(void), void *) IMPORT; /* glibc */
extern int pthread_atfork(void (*)(void), void (*)(void), void (*)(void)) IMPORT;            /* musl */
extern int pthread_key_create(unsigned *, void (*)(void *)) IMPORT;
extern int pthread_key_delete(unsigned) IMPORT;
extern int pthread_setspecific(unsigned, const void *) IMPORT;
extern char **environ IMPORT;

#define RTLD_LAZY 1

/*
 * glibc's dlopen takes the loader's lock whatever it is asked for, and dlopen of
 * a library holds it while it runs constructors. musl's returns at once, and musl
 * runs constructors outside its lock. The program itself is never unloaded, so its
 * handle needs no dlclose.
 */
void rt0_hosted_pass_loader_lock(void)
{
	if (dlopen != NULL)
		dlopen(NULL, RTLD_LAZY);
}

/* The library is never unloaded, so the handlers need no owner (__dso_handle). */
void rt0_hosted_fork_handlers(void)
{
	if (__register_atfork != NULL)
		__register_atfork(rt0_fork_prepare, rt0_fork_parent, rt0_fork_child, NULL);
	else if (pthread_atfork != NULL)
		pthread_atfork(rt0_fork_prepare, rt0_fork_parent, rt0_fork_child);
}

bool rt0_hosted_watch_exit(unsigned *key, void (*on_exit)(void *), void *value)
{
	if (pthread_key_create == NULL || pthread_key_delete == NULL || pthread_setspecific == NULL ||
	    pthread_key_create(key, on_exit) != 0)
		return false;
	pthread_setspecific(*key, value);
	return true;
}

void rt0_hosted_unwatch_exit(unsigned key)
{
	pthread_setspecific(key, NULL);
	pthread_key_delete(key);
}

char **rt0_hosted_environ(void)
{
	return &environ != NULL ? environ : NULL;
}
