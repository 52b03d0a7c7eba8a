/* Threads that know nothing of Python call it: python_host LIBRARY. */
#define _GNU_SOURCE
#include "host.h"

enum { THREADS = 20, CALLS = 50 };

static long (*eval)(const char *);

static int thread(void *unused)
{
	(void)unused;
	for (int i = 1; i <= CALLS; i++)
		if (eval("count()") != i)
			return 0;
	return 1;
}

int main(int argc, char **argv)
{
	static struct thread threads[THREADS];
	expect(argc == 2);
	eval = (long (*)(const char *))symbol(load(argv[1], RTLD_NOW), "python_eval");
	for (int i = 0; i < THREADS; i++)
		thread_start(&threads[i], thread, NULL);
	for (int i = 0; i < THREADS; i++)
		expect(thread_join(&threads[i]));
	/* pthread_join returns when the destructors have run. */
	expect_equal(eval("ended"), THREADS);
	expect_equal(eval("count()"), 1);
	expect_equal(eval("sum(range(1000))"), 499500);
	return 0;
}
