/*
 * The library whose exports call.c calls: COPIES times the same function, named
 * KIND_0, KIND_1, …, so that no figure hangs on where one copy happens to lie.
 *
 * GUARD says what stands in front: 0 nothing (rt's gate, when ldwrap links it),
 * 1 pthread_once, 2 the mutex and condition variable that Go used until 2015.
 */
#include "call.h"

#include <pthread.h>

#define GLUE2(a, b) a##b
#define GLUE(a, b)  GLUE2(a, b)

#if GUARD == 1
static pthread_once_t once = PTHREAD_ONCE_INIT;
static void init(void)
{
}
#define WAIT() pthread_once(&once, init)
#elif GUARD == 2
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static int is_done = 1;
static __attribute__((noinline)) void wait(void)
{
	pthread_mutex_lock(&mutex);
	while (!is_done)
		pthread_cond_wait(&condition, &mutex);
	pthread_mutex_unlock(&mutex);
}
#define WAIT() wait()
#else
#define WAIT() ((void)0)
#endif

#define FUNCTION(i)                                                                                                    \
	int GLUE(GLUE(KIND, _), i)(int a)                                                                              \
	{                                                                                                              \
		WAIT();                                                                                                \
		return a + 1;                                                                                          \
	}
FOR_EACH_COPY(FUNCTION)
