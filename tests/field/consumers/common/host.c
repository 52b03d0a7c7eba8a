/*
 * host LIBRARY: loads it, and prints what a call said that was made while init was held. The call must wait; what is
 * not gated must not.
 */
#define _GNU_SOURCE
#include "host.h"

static int (*answer)(int);

static int call(void *factor)
{
	return answer(*(int *)factor);
}

int main(int argc, char **argv)
{
	expect_equal(argc, 2);
	void *library = load(argv[1], RTLD_NOW);
	answer = (int (*)(int))symbol(library, "plug_answer");
	int (*ready)(void) = (int (*)(void))symbol(library, "plug_ready");
	void (*release)(void) = (void (*)(void))symbol(library, "plug_release");
	int factor = 2;
	struct thread caller;

	expect(!ready());
	thread_start(&caller, call, &factor);
	await_futex(caller.tid);
	expect(!ready());
	release();
	printf("%d\n", thread_join(&caller));
	expect(ready());
	return 0;
}
