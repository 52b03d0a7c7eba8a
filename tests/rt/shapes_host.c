/*
 * Calls every shape through a closed gate: each call waits on a thread of its own
 * until all of them wait, then init is let go. Then through an open one.
 */
#define _GNU_SOURCE
#include "host.h"
#include "shapes.h"

void shape_release(void);

static int integers(void *unused)
{
	(void)unused;
	return shape_integers(1, 2, 3, 4, 5, 6, 7, 8, 9) == 87654330;
}

static int doubles(void *unused)
{
	(void)unused;
	return shape_doubles(1, 2, 3, 4, 5, 6, 7, 8, 9) == 45;
}

static int variadic(void *unused)
{
	(void)unused;
	return shape_variadic("didididididid", 1.0, 2, 3.0, 4, 5.0, 6, 7.0, 8, 9.0, 0, 1.0, 2, 3.0) == 1234567890123.0;
}

static int variadic_integers(void *unused)
{
	(void)unused;
	return shape_variadic("iii", 1, 2, 3) == 123;
}

static int print(void *unused)
{
	char text[64];
	(void)unused;
	return shape_printf(text, sizeof(text), "%d %.2f %s %.1Lf", 7, 2.5, "x", 1.5L) == 12 &&
	       strcmp(text, "7 2.50 x 1.5") == 0;
}

static int complex_numbers(void *unused)
{
	(void)unused;
	double complex result = shape_complex(3 + 4 * I, 1 - 2 * I);
	return creal(result) == 11 && cimag(result) == -2;
}

static int long_double(void *unused)
{
	(void)unused;
	return shape_long_double(1.25L, 4, 0.5L) == 5.5L;
}

static int pairs(void *unused)
{
	struct pair result = shape_pair((struct pair){1.5, 77}, (struct floats){2, 3, 4});
	(void)unused;
	return result.x == 10.5 && result.y == 77;
}

static int large(void *unused)
{
	struct large result = shape_large((struct large){{1, 2, 3, 4, 5, 6, 7, 8}}, 10);
	(void)unused;
	for (int i = 0; i < 8; i++)
		if (result.words[i] != 10 * (i + 1) + i)
			return 0;
	return 1;
}

static int vectors(void *unused)
{
	vector result = shape_vector((vector){1, 2}, 3, (vector){10, 20});
	(void)unused;
	return result[0] == 13 && result[1] == 26;
}

#ifdef __SIZEOF_INT128__
static int int128(void *unused)
{
	__int128 big = (__int128)1 << 100;
	(void)unused;
	return shape_int128(big, 3, 1) == 3 * big - 1;
}
#endif

#ifdef __i386__
/* %eax, %edx and %ecx. */
static int regparm(void *unused)
{
	(void)unused;
	return shape_regparm(1, 2, 3, 4) == 4321;
}

/* %ecx and %edx, and the callee takes the others from the stack. */
static int fastcall(void *unused)
{
	(void)unused;
	return shape_fastcall(1, 2, 3, 4) == -3719;
}

static int static_chain(void *unused)
{
	void *call = symbol(RTLD_DEFAULT, "shape_chain");
	long result;
	(void)unused;
	__asm__ volatile("movl $0x1234, %%ecx\n\tcall *%1" : "=a"(result) : "S"(call) : "ecx", "edx", "memory", "cc");
	return result == 0x1234;
}
#endif

#ifdef __x86_64__
/* AVX arguments, whatever flags this file is compiled with. */
static int wide_sum(void *);
#pragma GCC push_options
#pragma GCC target("avx")
static int wide_sum(void *unused)
{
	wide (*call)(wide, wide) = (wide(*)(wide, wide))symbol(RTLD_DEFAULT, "shape_wide");
	wide result = call((wide){1, 2, 3, 4}, (wide){10, 20, 30, 40});
	(void)unused;
	return result[0] == 11 && result[1] == 22 && result[2] == 33 && result[3] == 44;
}
#pragma GCC pop_options

/* %r10, the static chain of a nested function (psABI 3.2.1). */
static int static_chain(void *unused)
{
	void *call = symbol(RTLD_DEFAULT, "shape_chain");
	long result;
	(void)unused;
	__asm__ volatile("movq $0x1234, %%r10\n\tsubq $136, %%rsp\n\tcall *%1\n\taddq $136, %%rsp"
			 : "=a"(result)
			 : "b"(call)
			 : "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "memory", "cc");
	return result == 0x1234;
}
#endif

int main(void)
{
	static const struct {
		const char *name;
		int (*run)(void *);
	} shapes[] = {
		{"integers", integers},
		{"doubles", doubles},
		{"variadic", variadic},
		{"variadic integers", variadic_integers},
		{"print", print},
		{"complex", complex_numbers},
		{"long double", long_double},
		{"pairs", pairs},
		{"large", large},
		{"vectors", vectors},
#ifdef __SIZEOF_INT128__
		{"int128", int128},
#endif
#ifdef __i386__
		{"regparm", regparm},
		{"fastcall", fastcall},
#endif
#if defined(__i386__) || defined(__x86_64__)
		{"static chain", static_chain},
#endif
	};
	enum { COUNT = sizeof(shapes) / sizeof(shapes[0]) };
	static struct thread threads[COUNT + 1];
	int count = COUNT;
	for (int i = 0; i < COUNT; i++)
		thread_start(&threads[i], shapes[i].run, NULL);
#ifdef __x86_64__
	if (__builtin_cpu_supports("avx"))
		thread_start(&threads[count++], wide_sum, NULL);
#endif
	if (getenv("SHAPES_HELD") != NULL)
		for (int i = 0; i < count; i++)
			await_futex(threads[i].tid);
	shape_release();
	for (int i = 0; i < count; i++)
		if (!thread_join(&threads[i])) {
			fprintf(stderr, "wrong: %s\n", i < COUNT ? shapes[i].name : "AVX");
			return 1;
		}
	for (int i = 0; i < COUNT; i++)
		if (!shapes[i].run(NULL)) {
			fprintf(stderr, "wrong through an open gate: %s\n", shapes[i].name);
			return 1;
		}
	printf("%d shapes\n", count);
	return 0;
}
