/*
 * A library with a runtime whose init is held until the host lets it go. What
 * init does besides is chosen by PLUG in the environment, one word.
 */
#define _GNU_SOURCE
#include <rt0.h>

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "plug.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct plug_view view;
static void (*callback)(void);

static void set(int *field, int value)
{
	pthread_mutex_lock(&lock);
	*field = value;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

static void await(const int *field)
{
	pthread_mutex_lock(&lock);
	while (!*field)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
}

/* ---- exports that work before init ---- */

RT0_NO_GATE void plug_release(void)
{
	set(&view.released, 1);
}

RT0_NO_GATE void plug_await_init(void)
{
	await(&view.entered);
}

RT0_NO_GATE void plug_await_main(void)
{
	await(&view.main_tid);
}

RT0_NO_GATE struct plug_view *plug_look(void)
{
	view.state = rt0_state();
	view.error = rt0_init_error();
	view.islibrary = rt0_islibrary;
	return &view;
}

RT0_NO_GATE int plug_ready_fd(void)
{
	return rt0_ready_fd();
}

RT0_NO_GATE int plug_timed(long milliseconds)
{
	struct timespec span = {milliseconds / 1000, milliseconds % 1000 * 1000000};
	return rt0_wait_runtime_init_done_timed(milliseconds == PLUG_FOR_EVER ? NULL : &span);
}

RT0_NO_GATE void plug_wait(void)
{
	rt0_wait_runtime_init_done();
}

RT0_NO_GATE void plug_set_callback(void (*fn)(void))
{
	callback = fn;
}

/* ---- gated exports ---- */

int plug_answer(int a)
{
	return view.is_ready ? a + 1 : -1;
}

int plug_answer_alias(int a) __attribute__((alias("plug_answer")));

int (*const plug_table[])(int) = {plug_answer};

/* ---- the runtime ---- */

static void own_constructor(void) __attribute__((constructor));
static void own_constructor(void)
{
	view.constructed = 1;
	/* Through a table that leads to the gate: the library calls itself. */
	if (getenv("PLUG_OWN_CALL") != NULL)
		view.own_call = plug_table[0](1);
}

static void *call_by_name(void *unused)
{
	int (*answer)(int) = (int (*)(int))dlsym(RTLD_DEFAULT, "plug_answer");
	(void)unused;
	view.reentry = answer != NULL ? answer(1) : -2;
	return NULL;
}

static void *call_back(void *unused)
{
	callback();
	return unused;
}

static void join_one(void *(*fn)(void *))
{
	pthread_t thread;
	if (pthread_create(&thread, NULL, fn, NULL) == 0)
		pthread_join(thread, NULL);
}

static uint64_t blocked_signals(void)
{
	uint64_t mask[_NSIG / 64] = {0};
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, NULL, mask, sizeof(mask));
	return mask[0];
}

int rt0_runtime_init(int argc, char **argv, char **envp)
{
	const char *word = getenv("PLUG") != NULL ? getenv("PLUG") : "";
	pthread_attr_t attributes;
	view.argc = argc;
	view.argv = argv;
	view.envp = envp;
	view.runs++;
	view.init_tid = (int)syscall(SYS_gettid);
	view.init_islibrary = rt0_islibrary;
	view.init_state = rt0_state();
	view.constructed_before_init = view.constructed;
	view.blocked = blocked_signals();
	/* Not of the first thread: musl finds that one's by mremap, which under qemu-user fails alike at every page. */
	if (view.init_tid != getpid() && pthread_getattr_np(pthread_self(), &attributes) == 0) {
		pthread_attr_getstacksize(&attributes, &view.stack_size);
		pthread_attr_destroy(&attributes);
	}
	prctl_name(view.name);
	set(&view.entered, 1);

	if (strcmp(word, "held") == 0)
		await(&view.released);
	else if (strcmp(word, "fail") == 0)
		return EIO;
	else if (strcmp(word, "odd") == 0)
		return 4711;
	else if (strcmp(word, "exit") == 0)
		await(&view.released), pthread_exit(NULL);
	else if (strcmp(word, "vanish") == 0)
		await(&view.released), syscall(SYS_exit, 0);
	else if (strcmp(word, "dlopen") == 0)
		view.dlopened = dlopen("libm.so.6", RTLD_NOW) != NULL;
	else if (strcmp(word, "name") == 0)
		call_by_name(NULL);
	else if (strcmp(word, "thread") == 0)
		join_one(call_by_name);
	else if (strcmp(word, "callback") == 0)
		await(&view.released), callback();
	else if (strcmp(word, "callback-thread") == 0)
		await(&view.released), join_one(call_back);
	else if (strcmp(word, "timed") == 0)
		view.timed_in_init = plug_timed(10000);
	else if (strcmp(word, "fork") == 0) {
		pid_t child = fork();
		if (child == 0)
			_exit(plug_table[0](1) == -1 ? 7 : 8);
		waitpid(child, &view.child, 0);
	} else if (strcmp(word, "early") == 0) {
		view.is_ready = 1;
		rt0_notify_runtime_init_done();
		rt0_notify_runtime_init_done();
		await(&view.released);
		return EIO;
	} else if (strcmp(word, "told") == 0) {
		rt0_notify_runtime_init_failed(EIO, "the heap image is damaged\nsecond line");
		return 0;
	}
	view.is_ready = 1;
	return 0;
}

void rt0_runtime_main(void)
{
	view.main_state = rt0_state();
	set(&view.main_tid, (int)syscall(SYS_gettid));
	if (getenv("PLUG_MAIN_STAYS") != NULL)
		for (;;)
			pause();
}
