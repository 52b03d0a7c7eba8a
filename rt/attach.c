/*
 * The host's threads, in a library that wants to know them: rt0_thread_attach runs
 * before the first gated call of a thread passes, rt0_thread_detach at its end.
 *
 * A thread-specific value says what a thread is. Asking for it is too slow for
 * every call, so gates that can look up their thread pointer in a table of those
 * that may pass: a slot of it is written by the thread whose pointer it holds, and
 * by others that share the slot, each of which finds out here again.
 */
#include "abi.h"
#include "arch.h"
#include "hosted.h"

#include <stddef.h>
#include <stdint.h>

#define IMPORT __attribute__((weak, visibility("default")))
extern int pthread_key_create(unsigned *, void (*)(void *)) IMPORT;
extern void *pthread_getspecific(unsigned) IMPORT;
extern int pthread_setspecific(unsigned, const void *) IMPORT;

#define EINVAL 22

static unsigned key;
static void (*hook_attach)(void), (*hook_detach)(void);

/* What a thread is: its value points to one of these. Null: not seen yet. */
static char own, attached, leaving;

#ifdef RT0_THREAD_SLOTS
uintptr_t rt0_thread_slots[RT0_THREAD_SLOTS] __attribute__((aligned(64), visibility("hidden")));

static void remember(void)
{
	uintptr_t pointer = rt0_arch_thread_pointer();
	__atomic_store_n(&rt0_thread_slots[rt0_arch_thread_slot(pointer)], pointer, __ATOMIC_RELAXED);
}

/* Thread pointers are used again. */
static void forget(void)
{
	uintptr_t pointer = rt0_arch_thread_pointer();
	__atomic_compare_exchange_n(&rt0_thread_slots[rt0_arch_thread_slot(pointer)], &pointer, 0, 0, __ATOMIC_RELAXED,
				    __ATOMIC_RELAXED);
}

void rt0_threads_forked(void)
{
	for (size_t i = 0; i < RT0_THREAD_SLOTS; i++)
		__atomic_store_n(&rt0_thread_slots[i], 0, __ATOMIC_RELAXED);
}
#else
static void remember(void)
{
}

static void forget(void)
{
}

void rt0_threads_forked(void)
{
}
#endif

/*
 * A thread-specific destructor. While the hook runs the thread passes gates as
 * before; a destructor of somebody else's that calls in later attaches it again,
 * and this runs again (POSIX, pthread_key_create: PTHREAD_DESTRUCTOR_ITERATIONS).
 */
static void end(void *mark)
{
	if (mark == &attached && hook_detach != NULL) {
		pthread_setspecific(key, &leaving);
		hook_detach();
		pthread_setspecific(key, NULL);
	}
	forget();
}

int rt0_threads_begin(void (*attach)(void), void (*detach)(void))
{
	hook_attach = attach;
	hook_detach = detach;
	if (pthread_key_create == NULL || pthread_getspecific == NULL || pthread_setspecific == NULL)
		return EINVAL;
	int error = pthread_key_create(&key, end);
	return error != 0 ? error : pthread_setspecific(key, &own);
}

long rt0_threads_attach(long unused1, long unused2, long unused3)
{
	(void)unused1;
	(void)unused2;
	(void)unused3;
	if (pthread_getspecific(key) == NULL) {
		int error = pthread_setspecific(key, &attached);
		if (error != 0)
			return error;
		if (hook_attach != NULL)
			hook_attach();
	}
	remember();
	return 0;
}
