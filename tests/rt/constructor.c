/* A library whose constructor needs the plug: at once, or from a thread that it joins. */
#include <pthread.h>
#include <stdlib.h>

int plug_answer(int);

static int result;

static void *call(void *unused)
{
	result = plug_answer(41);
	return unused;
}

static void __attribute__((constructor)) need(void)
{
	pthread_t thread;
	if (getenv("CONSTRUCTOR_JOINS") == NULL)
		call(NULL);
	else if (pthread_create(&thread, NULL, call, NULL) == 0)
		pthread_join(thread, NULL);
}

void *constructor_result(void)
{
	return (void *)(long)result;
}
