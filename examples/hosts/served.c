/*
 * The store as a runtime with a thread of its own: rt0_runtime_main serves all calls, one after the other, as an
 * interpreter's event loop would. The child of a fork has no such thread.
 */
#include <errno.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include <rt0.h>

#include "start.h"
#include "store.h"

/* store.c's, by the name that it has in this build. */
long store_find_here(const char *name);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pid_t server;      /* the process that the serving thread is in */
static const char *asked; /* the call to be served, null for none */
static long answer;
static int is_answered;

int rt0_runtime_init(int argc, char **argv, char **envp)
{
	char why[120];

	(void)argc, (void)argv, (void)envp;
	server = getpid();
	if (store_start(why, sizeof(why)) == 0)
		return 0;
	rt0_notify_runtime_init_failed(EIO, why);
	return EIO;
}

void rt0_runtime_main(void)
{
	pthread_mutex_lock(&lock);
	for (;;) {
		while (asked == NULL)
			pthread_cond_wait(&changed, &lock);
		answer = store_find_here(asked);
		asked = NULL;
		is_answered = 1;
		pthread_cond_broadcast(&changed);
	}
}

/*
 * -2 where the thread that would serve the call is in another process, the one that forked this one; the lock may be
 * held here for ever, too.
 */
STORE_API long store_find(const char *name)
{
	long number;

	if (server != getpid())
		return -2;
	pthread_mutex_lock(&lock);
	while (asked != NULL || is_answered)
		pthread_cond_wait(&changed, &lock);
	asked = name;
	pthread_cond_broadcast(&changed);
	while (!is_answered)
		pthread_cond_wait(&changed, &lock);
	number = answer;
	is_answered = 0;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
	return number;
}

/* Also starts the library where a fork has left that undone, or --rt0-start=first-call has. */
RT0_NO_GATE int store_is_ready(void)
{
	static const struct timespec none;

	return rt0_wait_runtime_init_done_timed(&none) == 0;
}
