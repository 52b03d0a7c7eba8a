/* Hosts of plug.c, one scenario a run: host SCENARIO LIBRARY [ARG]. */
#define _GNU_SOURCE
#include "host.h"
#include "plug.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

static void *library;
static int (*answer)(int);
static void (*release)(void), (*await_init)(void), (*await_main)(void), (*wait_done)(void);
static struct plug_view *(*look)(void);
static int (*ready_fd)(void), (*timed)(long);
static void (*set_callback)(void (*)(void));

static void open_plug(const char *path, int flags)
{
	library = load(path, flags);
	answer = (int (*)(int))symbol(library, "plug_answer");
	release = (void (*)(void))symbol(library, "plug_release");
	await_init = (void (*)(void))symbol(library, "plug_await_init");
	await_main = (void (*)(void))symbol(library, "plug_await_main");
	wait_done = (void (*)(void))symbol(library, "plug_wait");
	look = (struct plug_view * (*)(void)) symbol(library, "plug_look");
	ready_fd = (int (*)(void))symbol(library, "plug_ready_fd");
	timed = (int (*)(long))symbol(library, "plug_timed");
	set_callback = (void (*)(void (*)(void)))symbol(library, "plug_set_callback");
}

static int call_answer(void *unused)
{
	(void)unused;
	return answer(41);
}

static int is_readable(int fd)
{
	struct pollfd poll_fd = {fd, POLLIN, 0};
	return poll(&poll_fd, 1, 0) == 1 && (poll_fd.revents & POLLIN) != 0;
}

static void expect_timeout(long milliseconds)
{
	struct timespec from, to;
	clock_gettime(CLOCK_MONOTONIC, &from);
	expect_equal(timed(milliseconds), ETIMEDOUT);
	clock_gettime(CLOCK_MONOTONIC, &to);
	double waited = (double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) / 1e6;
	expect(waited >= (double)milliseconds);
	expect(waited < (double)milliseconds + 10000);
}

static int wait_longest(void *unused)
{
	(void)unused;
	return timed(LONG_MAX);
}

/* A call made while init is held waits, the others do not; then all pass. */
static void held(const char *path)
{
	struct thread caller, timed_caller;
	open_plug(path, RTLD_NOW);
	await_init();
	expect_equal(look()->state, 2);
	expect_equal(look()->islibrary, 1);
	expect_equal(look()->init_islibrary, 1);
	int fd = ready_fd();
	expect(fd >= 0);
	expect_equal(ready_fd(), fd);
	expect(!is_readable(fd));
	expect_equal(timed(0), ETIMEDOUT);
	expect_timeout(50);
	thread_start(&caller, call_answer, NULL);
	thread_start(&timed_caller, wait_longest, NULL);
	await_futex(caller.tid);
	await_futex(timed_caller.tid);
	release();
	expect_equal(thread_join(&caller), 42);
	expect_equal(thread_join(&timed_caller), 0);
	expect_equal(timed(0), 0);
	expect_equal(timed(PLUG_FOR_EVER), 0);
	wait_done();
	expect_equal(look()->state, 3);
	expect(is_readable(fd));
	await_main();
	expect_equal(look()->main_tid, look()->init_tid);
	expect_equal(look()->main_state, 3);
	expect_equal(look()->runs, 1);
	expect(look()->init_tid != getpid());
}

static void plain(const char *path)
{
	open_plug(path, RTLD_NOW);
	expect_equal(answer(41), 42);
	expect_equal(look()->runs, 1);
	expect_equal(look()->constructed_before_init, 1);
	expect_equal(ready_fd() >= 0 && is_readable(ready_fd()), 1);
}

#ifndef MANY
#define MANY 2000
#endif

static void many(const char *path)
{
	static struct thread callers[MANY];
	open_plug(path, RTLD_NOW);
	await_init();
	for (int i = 0; i < MANY; i++)
		thread_start(&callers[i], call_answer, NULL);
	for (int i = 0; i < MANY; i++)
		await_futex(callers[i].tid);
	release();
	for (int i = 0; i < MANY; i++)
		expect_equal(thread_join(&callers[i]), 42);
}

static int fork_and_call(void *unused)
{
	(void)unused;
	pid_t child = fork();
	if (child == 0)
		_exit(answer(41));
	int status = -1;
	waitpid(child, &status, 0);
	return status;
}

static void forks(const char *path)
{
	struct thread forker;
	open_plug(path, RTLD_NOW);
	await_init();
	thread_start(&forker, fork_and_call, NULL);
	await_futex(forker.tid);
	release();
	expect_equal(thread_join(&forker), 42 << 8);
}

/* fork's handlers are libc's: a raw one reaches a child that has no init thread. */
static void raw_fork(const char *path)
{
	open_plug(path, RTLD_NOW);
	await_init();
#ifdef SYS_fork
	pid_t child = (pid_t)syscall(SYS_fork);
#else
	pid_t child = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
#endif
	if (child == 0)
		_exit(answer(41));
	int status = -1;
	expect_equal(waitpid(child, &status, 0), child);
	expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	release();
	expect_equal(answer(41), 42);
}

static void exits(const char *path)
{
	struct thread caller;
	open_plug(path, RTLD_NOW);
	await_init();
	thread_start(&caller, call_answer, NULL);
	await_futex(caller.tid);
	exit(0);
}

static void reopen(const char *path)
{
	for (int i = 0; i < 100; i++) {
		open_plug(path, RTLD_NOW);
		expect_equal(dlclose(library), 0);
	}
	open_plug(path, RTLD_NOW);
	expect_equal(answer(41), 42);
	expect_equal(look()->runs, 1);
}

static void call_now(const char *path)
{
	open_plug(path, RTLD_NOW);
	printf("%d\n", answer(41));
}

/* The thread that runs init ends in it; waiters and pollers are told. */
static void dies(const char *path)
{
	struct thread caller;
	open_plug(path, RTLD_NOW);
	await_init();
	int fd = ready_fd();
	expect(!is_readable(fd));
	thread_start(&caller, call_answer, NULL);
	await_futex(caller.tid);
	release();
	thread_join(&caller);
}

static void dies_polled(const char *path)
{
	open_plug(path, RTLD_NOW);
	await_init();
	int fd = ready_fd();
	release();
	struct pollfd poll_fd = {fd, POLLIN, 0};
	expect_equal(poll(&poll_fd, 1, -1), 1);
	expect_equal(look()->state, 4);
	expect_equal(look()->error, ESRCH);
	expect_equal(timed(PLUG_FOR_EVER), ESRCH);
}

static void failed(const char *path)
{
	open_plug(path, RTLD_NOW);
	int fd = ready_fd();
	struct pollfd poll_fd = {fd, POLLIN, 0};
	expect_equal(poll(&poll_fd, 1, -1), 1);
	expect_equal(look()->state, 4);
	printf("%d\n", look()->error);
	expect_equal(timed(PLUG_FOR_EVER), look()->error);
}

static int from_callback;
static void on_callback(void)
{
	from_callback = answer(41);
}

static void callback(const char *path)
{
	open_plug(path, RTLD_NOW);
	set_callback(on_callback);
	await_init();
	release();
	expect_equal(answer(41), 42);
	expect_equal(from_callback, -1); /* it passed while init ran */
}

static void reentry(const char *path)
{
	open_plug(path, RTLD_NOW | RTLD_GLOBAL);
	expect_equal(answer(41), 42);
	expect_equal(look()->reentry, -1);
}

static void timed_in_init(const char *path)
{
	open_plug(path, RTLD_NOW);
	expect_equal(answer(41), 42);
	expect_equal(look()->timed_in_init, EDEADLK);
}

static void early(const char *path)
{
	open_plug(path, RTLD_NOW);
	expect_equal(answer(41), 42); /* init has not returned */
	expect_equal(look()->main_tid, 0);
	release();
	await_main();
	expect_equal(look()->state, 3);
}

static void fork_in_init(const char *path)
{
	open_plug(path, RTLD_NOW);
	expect_equal(answer(41), 42);
	expect_equal(look()->child, 7 << 8);
}

static void own_call(const char *path)
{
	open_plug(path, RTLD_NOW);
	expect_equal(answer(41), 42);
	expect_equal(look()->own_call, -1);
	expect_equal(look()->constructed_before_init, 1);
}

static void arguments(const char *path, int argc, char **argv)
{
	open_plug(path, RTLD_NOW);
	expect_equal(answer(41), 42);
	struct plug_view *view = look();
	expect_equal(view->argc, argc);
	for (int i = 0; i < argc; i++)
		expect(strcmp(view->argv[i], argv[i]) == 0);
	expect(view->argv[argc] == NULL);
	int i = 0;
	while (view->envp[i] != NULL && strcmp(view->envp[i], "RT0_TEST=a b") != 0)
		i++;
	expect(view->envp[i] != NULL);
}

static void thread_of_init(const char *path)
{
	open_plug(path, RTLD_NOW);
	expect_equal(answer(41), 42);
	struct plug_view *view = look();
	/* These two cannot be blocked; their numbers differ between machines. */
	uint64_t never = UINT64_C(1) << (SIGKILL - 1) | UINT64_C(1) << (SIGSTOP - 1);
	printf("blocked %" PRIx64 " stack %zu name %s\n", view->blocked | never, view->stack_size, view->name);
	sigset_t mine;
	sigemptyset(&mine);
	expect_equal(pthread_sigmask(SIG_SETMASK, NULL, &mine), 0);
	expect_equal(sigismember(&mine, SIGUSR1), 0);
}

#ifdef LM_ID_NEWLM /* musl has one namespace */
static int no_more(void *unused)
{
	(void)unused;
	return 0;
}

/*
 * glibc's mutexes, the loader's among them, are plain stores while the libc of this
 * namespace has made no thread (on aarch64, say, where a variable of libc tells and not
 * the thread): so one is made before the other libc makes its own.
 */
static void namespaces(const char *path)
{
	struct thread first;
	thread_start(&first, no_more, NULL);
	thread_join(&first);
	void *second = dlmopen(LM_ID_NEWLM, path, RTLD_NOW);
	if (second == NULL) {
		fprintf(stderr, "%s\n", dlerror());
		_exit(1);
	}
	int (*there)(int) = (int (*)(int))symbol(second, "plug_answer");
	open_plug(path, RTLD_NOW);
	expect(there != answer);
	expect_equal(there(1), 2);
	expect_equal(answer(1), 2);
}
#endif

static void aliases(const char *path)
{
	open_plug(path, RTLD_NOW);
	expect(symbol(library, "plug_answer_alias") == (void *)answer);
	int (**table)(int) = symbol(library, "plug_table");
	expect(table[0] == answer);
	expect_equal(table[0](41), 42);
}

static void hundred(const char *folder)
{
	static int (*calls[100])(int);
	for (int i = 0; i < 100; i++) {
		char path[512];
		snprintf(path, sizeof(path), "%s/%d.so", folder, i);
		open_plug(path, RTLD_NOW | RTLD_GLOBAL);
		calls[i] = answer;
	}
	for (int i = 0; i < 100; i++) {
		expect_equal(calls[i](i), i + 1);
		for (int k = 0; k < i; k++)
			expect(calls[i] != calls[k]);
	}
}

static void waits_for_ever(const char *path)
{
	struct thread caller;
	open_plug(path, RTLD_NOW);
	await_init();
	thread_start(&caller, call_answer, NULL);
	int c = getchar();
	release();
	expect_equal(thread_join(&caller), 42);
	expect_equal(c, 'x');
}

/* dlopen itself is what hangs when a rule is missing: the constructors are in the other libraries. */
static void just_open(const char *path)
{
	load(path, RTLD_NOW | RTLD_GLOBAL);
	void *(*check)(void) = (void *(*)(void))symbol(RTLD_DEFAULT, "constructor_result");
	expect_equal((long)check(), 42);
}

static void taken_over(const char *path)
{
	just_open(path);
	look = (struct plug_view * (*)(void)) symbol(RTLD_DEFAULT, "plug_look");
	await_main = (void (*)(void))symbol(RTLD_DEFAULT, "plug_await_main");
	await_main();
	expect_equal(look()->runs, 1);
	expect(look()->main_tid != getpid());
	printf("%s\n", look()->init_tid == getpid() ? "loader" : "other");
}

static void first_call(const char *path)
{
	open_plug(path, RTLD_NOW);
	expect_equal(look()->state, 0);
	expect_equal(look()->runs, 0);
	expect_equal(timed(PLUG_FOR_EVER), 0);
	expect_equal(answer(41), 42);
	expect(look()->init_tid != getpid());
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(const char *);
	} scenarios[] = {
		{"held", held},
		{"plain", plain},
		{"many", many},
		{"forks", forks},
		{"raw-fork", raw_fork},
		{"exits", exits},
		{"reopen", reopen},
		{"call-now", call_now},
		{"dies", dies},
		{"dies-polled", dies_polled},
		{"failed", failed},
		{"callback", callback},
		{"reentry", reentry},
		{"timed-in-init", timed_in_init},
		{"early", early},
		{"fork-in-init", fork_in_init},
		{"own-call", own_call},
		{"thread-of-init", thread_of_init},
		{"aliases", aliases},
		{"hundred", hundred},
		{"waits-for-ever", waits_for_ever},
		{"just-open", just_open},
		{"taken-over", taken_over},
		{"first-call", first_call},
#ifdef LM_ID_NEWLM
		{"namespaces", namespaces},
#endif
	};
	if (argc < 3)
		return 2;
	if (strcmp(argv[1], "arguments") == 0) {
		arguments(argv[2], argc, argv);
		return 0;
	}
	for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++)
		if (strcmp(argv[1], scenarios[i].name) == 0) {
			scenarios[i].run(argv[2]);
			return 0;
		}
	return 2;
}
