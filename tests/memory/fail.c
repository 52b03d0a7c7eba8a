/*
 * Preloaded into a program: from main on, one of its allocations fails, or all from one on. Programs that it starts are
 * left alone.
 *
 *	FAIL_AT	which, from 1; 0: none
 *	FAIL_ALL	set: all from that on
 *	FAIL_LOG	a file that says whose allocation was the first to fail; without one there was none
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static atomic_ulong count;
static unsigned long fail_at;
static bool is_on, is_all;
static int log_fd = -1;
static int (*program)(int argc, char **argv, char **envp);

static void tell(const void *caller)
{
	static atomic_flag is_told = ATOMIC_FLAG_INIT;
	char text[512];
	Dl_info info;

	if (atomic_flag_test_and_set(&is_told))
		return;
	is_on = false;
	int size = dladdr(caller, &info) ? snprintf(text, sizeof text, "%s+%#lx (%s)\n", info.dli_fname,
						    (unsigned long)((uintptr_t)caller - (uintptr_t)info.dli_fbase),
						    info.dli_sname ? info.dli_sname : "?")
					 : snprintf(text, sizeof text, "%p\n", caller);
	is_on = true;
	log_fd = open(getenv("FAIL_LOG"), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (log_fd < 0 || write(log_fd, text, (size_t)size) != size)
		abort();
	close(log_fd);
}

static bool fails(const void *caller)
{
	if (!is_on)
		return false;
	unsigned long now = atomic_fetch_add(&count, 1) + 1;
	if (!fail_at || now < fail_at || (now > fail_at && !is_all))
		return false;
	int error = ENOMEM;
	tell(caller);
	errno = error;
	return true;
}

void *malloc(size_t size)
{
	return fails(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *calloc(size_t number, size_t size)
{
	return fails(__builtin_return_address(0)) ? NULL : __libc_calloc(number, size);
}

/* A size of 0 is free. */
void *realloc(void *old, size_t size)
{
	return (!old || size) && fails(__builtin_return_address(0)) ? NULL : __libc_realloc(old, size);
}

void *memalign(size_t alignment, size_t size)
{
	return fails(__builtin_return_address(0)) ? NULL : __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return fails(__builtin_return_address(0)) ? NULL : __libc_memalign(alignment, size);
}

int posix_memalign(void **result, size_t alignment, size_t size)
{
	void *memory = fails(__builtin_return_address(0)) ? NULL : __libc_memalign(alignment, size);

	if (!memory)
		return ENOMEM;
	*result = memory;
	return 0;
}

static int begin(int argc, char **argv, char **envp)
{
	unsetenv("LD_PRELOAD");
	is_all = getenv("FAIL_ALL");
	fail_at = strtoul(getenv("FAIL_AT"), NULL, 10);
	is_on = true;
	return program(argc, argv, envp);
}

/* Constructors are over when main begins: what they allocate is not the program's. */
int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void), void (*fini)(void),
		      void (*rtld_fini)(void), void *stack_end)
{
	int (*next)(int (*)(int, char **, char **), int, char **, void (*)(void), void (*)(void), void (*)(void),
		    void *);

	*(void **)&next = dlsym(RTLD_NEXT, "__libc_start_main");
	program = main;
	return next(begin, argc, argv, init, fini, rtld_fini, stack_end);
}
