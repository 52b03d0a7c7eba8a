/* A library with one of each kind of export. */
#include "rt0.h"

#include <stdarg.h>

#define EXPORT __attribute__((visibility("default")))

static volatile int is_ready, chained;

int rt0_runtime_init(int argc, char **argv, char **envp)
{
	(void)argc;
	(void)argv;
	(void)envp;
	/* Long enough for the first call to find its gate closed. */
	for (volatile int i = 0; i < 10000000; i++)
		;
	is_ready = 1;
	return 0;
}

EXPORT void own_init(void)
{
	chained++;
}

EXPORT int add(int x)
{
	return is_ready ? x + 1 : -1;
}

EXPORT int add_alias(int x) __attribute__((alias("add")));

EXPORT double sum(int n, ...)
{
	va_list list;
	double s = 0;
	va_start(list, n);
	while (n--)
		s += va_arg(list, double);
	va_end(list);
	return is_ready ? s : -1;
}

EXPORT __attribute__((weak)) int lenient(int x)
{
	return is_ready ? x - 1 : -1;
}

/* A name that C++ would give to an inline function. */
EXPORT __attribute__((weak)) int _Z6inlinei(int x)
{
	return x * 5;
}

static int internal(int x)
{
	return x * 2;
}

EXPORT int (*const table[])(int) = {add, internal, add_alias, lenient};
EXPORT int (*variable)(int) = add;

EXPORT int call_table(int i, int x)
{
	return table[i](x);
}

static int found(int x)
{
	return x * 3;
}

static int (*resolve(void))(int)
{
	return found;
}

EXPORT int indirect(int) __attribute__((ifunc("resolve")));

EXPORT int data = 42;
EXPORT __thread int thread_data = 7;

RT0_NO_GATE int times_chained(void)
{
	return chained;
}
