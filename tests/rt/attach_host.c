/* Threads that call into attach.c: attach_host SCENARIO LIBRARY. */
#define _GNU_SOURCE
#include "host.h"

#include <sched.h>
#include <sys/wait.h>

#ifndef IN_TURN
#define IN_TURN 200
#endif

enum { AT_ONCE = 50, CALLS = 1000 };

static int (*call)(int);
static double (*add)(double, double, double);
static void (*counts)(int[5]);
static int (*state)(void);

static void open_library(const char *path)
{
	void *library = load(path, RTLD_NOW | RTLD_GLOBAL);
	call = (int (*)(int))symbol(library, "attach_call");
	add = (double (*)(double, double, double))symbol(library, "attach_add");
	counts = (void (*)(int[5]))symbol(library, "attach_counts");
	state = (int (*)(void))symbol(library, "attach_state");
}

/* So many threads were attached, all but `alive` of them detached, and nothing went wrong. */
static void expect_counts(int attached, int alive)
{
	int seen[5];
	counts(seen);
	expect_equal(seen[0], attached);
	expect_equal(seen[1], attached - alive);
	expect_equal(seen[2], 0);
	expect_equal(seen[3], 0);
	expect_equal(seen[4], 2);
}

static int many_calls(void *unused)
{
	(void)unused;
	/* The first call carries its arguments in vector registers through the hook. */
	if (add(1, 2, 3) != 123)
		return 0;
	for (int i = 0; i < CALLS; i++)
		if (call(i) != i + 1)
			return 0;
	return 1;
}

static void threads(void)
{
	static struct thread at_once[AT_ONCE];
	for (int i = 0; i < AT_ONCE; i++)
		thread_start(&at_once[i], many_calls, NULL);
	for (int i = 0; i < AT_ONCE; i++)
		expect(thread_join(&at_once[i]));
	/* These get the stacks, and so the thread pointers, of those that ended. */
	for (int i = 0; i < IN_TURN; i++) {
		struct thread thread;
		thread_start(&thread, many_calls, NULL);
		expect(thread_join(&thread));
	}
}

static int late_destructor_calls;
static pthread_key_t late_key;

/* The destructor of another library's key, after ours or before. */
static void late_destructor(void *value)
{
	(void)value;
	__atomic_fetch_add(&late_destructor_calls, call(1) == 2, __ATOMIC_RELAXED);
}

static int call_and_leave_a_value(void *unused)
{
	int result = call(1);
	pthread_setspecific(late_key, &late_key);
	(void)unused;
	return result;
}

static int never_calls(void *unused)
{
	(void)unused;
	return 1;
}

int main(int argc, char **argv)
{
	expect(argc == 3);
	open_library(argv[2]);
	if (strcmp(argv[1], "threads") == 0) {
		threads();
		expect_counts(AT_ONCE + IN_TURN, 0);
		expect_equal(call(1), 2);
		expect_counts(AT_ONCE + IN_TURN + 1, 1);
		expect_equal(state(), 3);
	} else if (strcmp(argv[1], "bystanders") == 0) {
		struct thread thread;
		expect_equal(call(1), 2);
		thread_start(&thread, never_calls, NULL);
		expect(thread_join(&thread));
		expect_counts(1, 1);
	} else if (strcmp(argv[1], "destructors") == 0) {
		/* One key is made after the library's, others were before: their destructors run on either side of
		 * ours. */
		expect_equal(call(1), 2);
		expect_equal(pthread_key_create(&late_key, late_destructor), 0);
		for (int i = 0; i < 20; i++) {
			struct thread thread;
			thread_start(&thread, call_and_leave_a_value, NULL);
			expect_equal(thread_join(&thread), 2);
		}
		expect_equal(late_destructor_calls, 20);
		int seen[5];
		counts(seen);
		expect_equal(seen[0] - seen[1], 1);
		expect_equal(seen[2], 0);
	} else if (strcmp(argv[1], "fork") == 0) {
		threads();
		expect_equal(call(1), 2);
		pid_t child = fork();
		if (child == 0) {
			/* Whatever was at the addresses of these: they are new. The forking thread is not. */
			int before[5], after[5];
			counts(before);
			threads();
			call(1);
			counts(after);
			expect_equal(after[0] - before[0], AT_ONCE + IN_TURN);
			expect_equal(after[2], 0);
			_exit(0);
		}
		int status = -1;
		expect_equal(waitpid(child, &status, 0), child);
		expect_equal(status, 0);
	} else if (strcmp(argv[1], "call") == 0) {
		printf("%d\n", call(1));
	} else {
		return 2;
	}
	return 0;
}
