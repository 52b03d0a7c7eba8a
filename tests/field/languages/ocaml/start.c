#define CAML_NAME_SPACE
#include <caml/callback.h>
#include <caml/mlvalues.h>
#include <caml/threads.h>
#include <rt0.h>

#include "hold.h"

int rt0_runtime_init(int argc, char **argv, char **envp)
{
	(void)argc, (void)envp;
	hold();
	caml_startup(argv);
	/* From here on whoever calls takes the lock; this thread has it no longer. */
	caml_release_runtime_system();
	return 0;
}

void rt0_thread_attach(void)
{
	caml_c_thread_register();
}

void rt0_thread_detach(void)
{
	caml_c_thread_unregister();
}

__attribute__((visibility("default"))) int plug_answer(int factor)
{
	static const value *answer;

	caml_acquire_runtime_system();
	if (!answer)
		answer = caml_named_value("answer");
	value result = answer ? caml_callback_exn(*answer, Val_int(factor)) : Val_int(-1);
	int number = Is_exception_result(result) ? -1 : Int_val(result);
	caml_release_runtime_system();
	return number;
}
