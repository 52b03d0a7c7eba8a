/*
 * A library with no libc at all: no DT_NEEDED, and nothing imported but what rt
 * asks for weakly. Init writes down the thread it runs on.
 */
#include <rt0.h>

#include "arch.h"

static volatile int is_ready, init_tid, main_ran, tls_differs;
static void *volatile loader_tp;

static void *thread_pointer(void)
{
#ifdef __powerpc64__
	void *tp;
	__asm__("mr %0, 13" : "=r"(tp));
	return tp;
#elif defined(__arm__)
	/* The kernel's __kuser_get_tls: for ARMv5 compilers call a function of libc's. */
	return ((void *(*)(void))0xffff0fe0)();
#else
	return __builtin_thread_pointer();
#endif
}

int bare_user_init_ran;
__attribute__((visibility("hidden"))) void bare_user_init(int argc, char **argv, char **envp)
{
	(void)argc;
	(void)argv;
	(void)envp;
	loader_tp = thread_pointer();
	bare_user_init_ran++;
}

int rt0_runtime_init(int argc, char **argv, char **envp)
{
	init_tid = (int)rt0_syscall3(SYS_GETTID, 0, 0, 0);
	tls_differs = thread_pointer() != loader_tp && thread_pointer() != 0;
	is_ready = argc > 0 && argv[0] != 0 && argv[argc] == 0 && envp != 0;
	return 0;
}

void rt0_runtime_main(void)
{
	main_ran = 1;
}

int bare_answer(int a)
{
	return is_ready ? a + 1 : -1;
}

RT0_NO_GATE int bare_init_tid(void)
{
	return init_tid;
}

RT0_NO_GATE int bare_main_ran(void)
{
	return main_ran;
}

RT0_NO_GATE int bare_tls_differs(void)
{
	return tls_differs;
}

RT0_NO_GATE int bare_state(void)
{
	return rt0_state();
}
