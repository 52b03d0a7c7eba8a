/*
 * A thread where no libc makes one: stack, guard page and TLS block in one
 * mapping, then clone0. The mapping stays for ever: nobody is left to unmap it.
 */
#include "internal.h"

/* qemu-user refuses a clone without all six of the first line. */
#define CLONE_FLAGS                                                                                                    \
	(0x100 /* VM */ | 0x200 /* FS */ | 0x400 /* FILES */ | 0x800 /* SIGHAND */ | 0x10000 /* THREAD */ |            \
	 0x40000 /* SYSVSEM */ | 0x80000 /* SETTLS */)

#define STACK_DEFAULT (8UL << 20)
#define GUARD         0x10000UL /* a page on every machine */
#define PROT_NONE     0

struct body {
	void *(*fn)(void *);
	struct rt0_library *rt;
};

static int run_body(void *at)
{
	struct body body = *(struct body *)at;
	body.fn(body.rt);
	return 0;
}

static int rt0_newosproc0(struct rt0_library *rt, void *(*fn)(void *), const char **what)
{
	uint64_t wanted = rt0_stack_size(rt) != 0 ? rt0_stack_size(rt) : STACK_DEFAULT;
	size_t tls = RT0_TLS_BELOW + RT0_TLS_ABOVE;
	*what = "mmap of a stack for the init thread failed";
	if (wanted > SIZE_MAX / 2)
		return RT0_ENOMEM;
	size_t stack = ((size_t)wanted + GUARD - 1) & ~(GUARD - 1);
	char *low = rt0_map(GUARD + stack + tls);
	if (low == NULL)
		return RT0_ENOMEM;
	long result = rt0_syscall3(SYS_MPROTECT, (long)low, (long)GUARD, PROT_NONE);
	if (result == 0) {
		char *tp = low + GUARD + stack + RT0_TLS_BELOW;
		rt0_arch_tls_init(tp);
		struct body *body = (struct body *)(low + GUARD + stack) - 1;
		body->fn = fn;
		body->rt = rt;
		*what = "clone of the init thread failed";
		result = rt0_clone0(CLONE_FLAGS, (void *)((uintptr_t)body & ~(uintptr_t)63), run_body, body, tp);
	}
	if (result < 0) {
		rt0_unmap(low, GUARD + stack + tls);
		return (int)-result;
	}
	return 0;
}
