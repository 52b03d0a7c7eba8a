/*
 * argc, argv and envp for rt0_runtime_init. The registers of the library entry
 * are right under glibc and garbage under musl, so they count only when they say
 * what /proc/self/cmdline says; else the arguments are made from there.
 */
#include "internal.h"

static char *nothing[1];

/*
 * Whether the 8 bytes around `at` can be read. The kernel is asked, through a
 * write that it refuses in any case but EFAULT: no byte reaches anywhere.
 */
static bool is_readable(int probe, uintptr_t at)
{
	return rt0_write(probe, (const void *)(at & ~(uintptr_t)7), 8) != -RT0_EFAULT;
}

static size_t count_strings(const char *block, size_t length)
{
	size_t count = 0;
	for (size_t i = 0; i < length; i++)
		count += block[i] == 0;
	return count;
}

static char **make_vector(char *block, size_t length)
{
	size_t count = count_strings(block, length);
	char **vector = rt0_map((count + 1) * sizeof(*vector));
	if (vector == NULL)
		return nothing;
	for (size_t i = 0; i < count; i++) {
		vector[i] = block;
		while (*block++ != 0)
			;
	}
	return vector;
}

/* A null block (no /proc) leaves the shape to judge by: readable, and argv[argc] null. */
static bool registers_agree(const struct rt0_library *rt, int probe, const char *block, size_t length)
{
	int argc = rt->argc;
	uintptr_t argv = (uintptr_t)rt->argv;
	if (argc < 0 || argv % sizeof(char *) != 0 || (block != NULL && (size_t)argc != count_strings(block, length)))
		return false;
	for (int i = 0; i <= argc; i++) {
		if (!is_readable(probe, argv + (size_t)i * sizeof(char *)))
			return false;
		uintptr_t string = ((const uintptr_t *)argv)[i];
		if (i == argc)
			return string == 0;
		if (!is_readable(probe, string))
			return false;
		while (block != NULL) {
			if (string % 8 == 0 && !is_readable(probe, string))
				return false;
			if (*(const char *)string != *block)
				return false;
			string++;
			if (*block++ == 0)
				break;
		}
	}
	return false;
}

/* Asked for before init, where there is no libc to ask, it is not read twice. */
static char **rt0_environment(void)
{
	static char **environment;
	char **known = rt0_hosted_environ != NULL ? rt0_hosted_environ() : environment;
	if (known == NULL) {
		size_t length;
		char *block = rt0_read_block("/proc/self/environ", &length);
		known = block != NULL ? make_vector(block, length) : nothing;
		environment = known;
	}
	return known;
}

static void rt0_args_settle(struct rt0_library *rt)
{
	size_t length = 0;
	char *block = rt0_read_block("/proc/self/cmdline", &length);
	int probe = rt0_eventfd();
	bool is_agreed = probe >= 0 && registers_agree(rt, probe, block, length);
	bool has_envp = is_agreed && is_readable(probe, (uintptr_t)rt->envp);
	if (probe >= 0)
		rt0_close(probe);
	if (!is_agreed) {
		rt->argc = block != NULL ? (int)count_strings(block, length) : 0;
		rt->argv = block != NULL ? make_vector(block, length) : nothing;
	}
	if (!has_envp)
		rt->envp = rt0_environment();
}
