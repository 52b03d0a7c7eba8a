/*
 * host LIBRARY: loads it and calls plug_answer while init is held; then calls from many threads that the runtime has
 * never seen, and ends.
 */
#define _GNU_SOURCE
#include "host.h"

enum { THREADS = 8, CALLS = 200 };

static int (*answer)(int);

static int call_once(void *factor)
{
	return answer(*(int *)factor);
}

static int call_often(void *unused)
{
	(void)unused;
	for (int factor = 0; factor < CALLS; factor++)
		expect_equal(answer(factor), 42 * factor);
	return 0;
}

int main(int argc, char **argv)
{
	struct thread first, others[THREADS];
	int ends[2], factor = 2;
	char text[12];

	expect_equal(argc, 2);
	expect_equal(pipe(ends), 0);
	snprintf(text, sizeof(text), "%d", ends[0]);
	expect_equal(setenv("HOLD", text, 1), 0);
	answer = (int (*)(int))symbol(load(argv[1], RTLD_NOW), "plug_answer");

	thread_start(&first, call_once, &factor);
	await_futex(first.tid);
	expect_equal(write(ends[1], "", 1), 1);
	expect_equal(thread_join(&first), 84);

	for (int i = 0; i < THREADS; i++)
		thread_start(&others[i], call_often, NULL);
	for (int i = 0; i < THREADS; i++)
		thread_join(&others[i]);
	call_often(NULL);
	return 0;
}
