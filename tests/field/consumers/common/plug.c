#include "plug.h"
#include "start.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool is_released;
static int answer;

int plug_start(int argc, char **argv, char **envp)
{
	pthread_mutex_lock(&lock);
	while (rt0_islibrary && !is_released)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
	if (argc < 1 || !argv[0] || argv[argc] || !envp)
		return EINVAL;
	answer = 42;
	return 0;
}

int plug_answer(int factor)
{
	return answer ? answer * factor : -1;
}

int plug_ready(void)
{
	return rt0_state() == RT0_STATE_OPEN;
}

void plug_release(void)
{
	pthread_mutex_lock(&lock);
	is_released = true;
	pthread_cond_signal(&changed);
	pthread_mutex_unlock(&lock);
}
