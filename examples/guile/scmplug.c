#define GC_THREADS
#define GC_NO_THREAD_REDIRECTS
#include <errno.h>
#include <gc.h>
#include <libguile.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <rt0.h>

#include "hold.h"
#include "scmplug.h"

static const char start_scm[] = {
#include "start.scm.inc"
	0};

static SCM answer; /* the procedure that start.scm ends with */
static int attached, detached;

/* One call, or the start. */
struct request {
	const char *expression;
	char *text;
	size_t size;
	int status;
};

static void copy_text(SCM string, char *text, size_t size)
{
	char *bytes = scm_to_utf8_string(string);

	snprintf(text, size, "%s", bytes);
	free(bytes);
}

static SCM evaluate_start(void *unused)
{
	(void)unused;
	return scm_eval_string_in_module(scm_from_utf8_string(start_scm), scm_current_module());
}

static SCM describe_failure(void *at, SCM key, SCM arguments)
{
	struct request *request = at;
	SCM format = scm_from_utf8_string("~S ~S");

	copy_text(scm_simple_format(SCM_BOOL_F, format, scm_list_2(key, arguments)), request->text, request->size);
	request->status = -1;
	return SCM_BOOL_F;
}

static void *start(void *at)
{
	answer = scm_c_catch(SCM_BOOL_T, evaluate_start, NULL, describe_failure, at, NULL, NULL);
	scm_gc_protect_object(answer);
	return NULL;
}

/*
 * The collector stops a thread by a signal, and waits until it has stopped. A thread that blocks the signal, as rt0's
 * init thread does, would be waited for until it ends.
 */
static void let_collector_stop(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, GC_get_suspend_signal());
	sigaddset(&set, GC_get_thr_restart_signal());
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

int rt0_runtime_init(int argc, char **argv, char **envp)
{
	char why[120];
	struct request request = {.text = why, .size = sizeof(why)};

	(void)argc, (void)argv, (void)envp;
	hold();
	let_collector_stop();
	scm_with_guile(start, &request);
	if (request.status == 0)
		return 0;
	rt0_notify_runtime_init_failed(EINVAL, why);
	return EINVAL;
}

/*
 * The thread that started Guile is the collector's main thread, which it never takes out of its list: it must not end.
 * It stops when the collector says so, in its handler.
 */
void rt0_runtime_main(void)
{
	for (;;)
		pause();
}

static void *nothing(void *unused)
{
	return unused;
}

/* A thread is in Guile's and the collector's lists from its first visit to its end, which Guile notices by itself. */
void rt0_thread_attach(void)
{
	__atomic_fetch_add(&attached, 1, __ATOMIC_RELAXED);
	let_collector_stop();
	scm_with_guile(nothing, NULL);
}

void rt0_thread_detach(void)
{
	__atomic_fetch_add(&detached, 1, __ATOMIC_RELAXED);
}

static void *evaluate(void *at)
{
	struct request *request = at;
	SCM pair = scm_call_1(answer, scm_from_utf8_string(request->expression));

	request->status = scm_to_int(scm_car(pair));
	copy_text(scm_cdr(pair), request->text, request->size);
	return NULL;
}

int scmplug_eval(const char *expression, char *result, size_t size)
{
	struct request request = {.expression = expression, .text = result, .size = size};

	scm_with_guile(evaluate, &request);
	return request.status;
}

RT0_NO_GATE int scmplug_is_ready(void)
{
	return rt0_state() == RT0_STATE_OPEN;
}

RT0_NO_GATE int scmplug_attached(void)
{
	return __atomic_load_n(&attached, __ATOMIC_RELAXED);
}

RT0_NO_GATE int scmplug_detached(void)
{
	return __atomic_load_n(&detached, __ATOMIC_RELAXED);
}
