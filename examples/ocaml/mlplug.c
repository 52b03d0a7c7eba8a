#define CAML_NAME_SPACE
#include <caml/alloc.h>
#include <caml/callback.h>
#include <caml/memory.h>
#include <caml/mlvalues.h>
#include <caml/printexc.h>
#include <caml/threads.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <rt0.h>

#include "hold.h"
#include "mlplug.h"

static const value *answer, *call, *collect; /* the functions that start.ml has registered */
static int attached, detached;

int rt0_runtime_init(int argc, char **argv, char **envp)
{
	char *why;
	value result;

	(void)argc, (void)envp;
	hold();
	result = caml_startup_exn(argv);
	if (Is_exception_result(result)) {
		why = caml_format_exception(Extract_exception(result));
		rt0_notify_runtime_init_failed(EINVAL, why);
		return EINVAL;
	}
	answer = caml_named_value("answer");
	call = caml_named_value("call");
	collect = caml_named_value("collect");
	/* From here on whoever calls takes the runtime's lock; this thread has it no longer. */
	caml_release_runtime_system();
	return 0;
}

void rt0_thread_attach(void)
{
	__atomic_fetch_add(&attached, 1, __ATOMIC_RELAXED);
	caml_c_thread_register();
}

void rt0_thread_detach(void)
{
	caml_c_thread_unregister();
	__atomic_fetch_add(&detached, 1, __ATOMIC_RELAXED);
}

/* What allocates in OCaml, in a function of its own: the roots must be gone before the lock is. */
static int answer_locked(const char *question, char *result, size_t size)
{
	CAMLparam0();
	CAMLlocal1(text);
	char *why;
	int status = 0;

	text = caml_callback_exn(*answer, caml_copy_string(question));
	if (Is_exception_result(text)) {
		why = caml_format_exception(Extract_exception(text));
		snprintf(result, size, "%s", why);
		caml_stat_free(why);
		status = -1;
	} else {
		snprintf(result, size, "%s", String_val(text));
	}
	CAMLreturnT(int, status);
}

int mlplug_answer(const char *question, char *result, size_t size)
{
	int status;

	caml_acquire_runtime_system();
	status = answer_locked(question, result, size);
	caml_release_runtime_system();
	return status;
}

int mlplug_call(void)
{
	int number;

	caml_acquire_runtime_system();
	number = Int_val(caml_callback(*call, Val_unit));
	caml_release_runtime_system();
	return number;
}

void mlplug_collect(void)
{
	caml_acquire_runtime_system();
	caml_callback(*collect, Val_unit);
	caml_release_runtime_system();
}

RT0_NO_GATE int mlplug_is_ready(void)
{
	return rt0_state() == RT0_STATE_OPEN;
}

RT0_NO_GATE int mlplug_attached(void)
{
	return __atomic_load_n(&attached, __ATOMIC_RELAXED);
}

RT0_NO_GATE int mlplug_detached(void)
{
	return __atomic_load_n(&detached, __ATOMIC_RELAXED);
}
