/* A library of every calling shape, with a runtime that is held until shape_release. */
#include <rt0.h>

#include <semaphore.h>

#include "shapes.h"

static sem_t go;
static volatile long is_ready;

static void __attribute__((constructor)) prepare(void)
{
	sem_init(&go, 0, 0);
}

/* Leaves nothing in the vector registers as it was. */
static double stir(void)
{
	volatile double values[16];
	double sum = 0;
	for (int i = 0; i < 16; i++)
		values[i] = i * 1.5;
	for (int i = 0; i < 16; i++)
		sum += values[i] * values[15 - i];
	return sum;
}

int rt0_runtime_init(int argc, char **argv, char **envp)
{
	(void)argc;
	(void)argv;
	(void)envp;
	while (sem_wait(&go) != 0)
		;
	is_ready = stir() > 0;
	return 0;
}

RT0_NO_GATE void shape_release(void)
{
	sem_post(&go);
}

long shape_integers(long a, long b, long c, long d, long e, long f, long g, long h, char i)
{
	return is_ready * (a + 10 * b + 100 * c + 1000 * d + 10000 * e + 100000 * f + 1000000 * g + 10000000 * h + i);
}

double shape_doubles(double a, double b, double c, double d, double e, double f, double g, double h, double i)
{
	return (double)is_ready * (a - 2 * b + 3 * c - 4 * d + 5 * e - 6 * f + 7 * g - 8 * h + 9 * i);
}

double shape_variadic(const char *format, ...)
{
	double sum = 0;
	va_list list;
	va_start(list, format);
	for (; *format != 0; format++)
		sum = sum * 10 + (*format == 'd' ? va_arg(list, double) : va_arg(list, int));
	va_end(list);
	return (double)is_ready * sum;
}

int shape_printf(char *to, size_t size, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	int n = vsnprintf(to, size, format, list);
	va_end(list);
	return is_ready ? n : -1;
}

double complex shape_complex(double complex a, float complex b)
{
	return (double)is_ready * (a * b);
}

long double shape_long_double(long double a, int b, long double c)
{
	return (long double)is_ready * (a * b + c);
}

struct pair shape_pair(struct pair a, struct floats b)
{
	struct pair result = {(double)is_ready * (a.x + b.a + b.b + b.c), is_ready * a.y};
	return result;
}

struct large shape_large(struct large a, long b)
{
	for (int i = 0; i < 8; i++)
		a.words[i] = is_ready * (a.words[i] * b + i);
	return a;
}

vector shape_vector(vector a, int b, vector c)
{
	return (double)is_ready * (a * (double)b + c);
}

#ifdef __SIZEOF_INT128__
__int128 shape_int128(__int128 a, long b, __int128 c)
{
	return is_ready * (a * b - c);
}
#endif

#ifdef __i386__
__attribute__((regparm(3))) long shape_regparm(long a, long b, long c, long d)
{
	return is_ready * (a + 10 * b + 100 * c + 1000 * d);
}

__attribute__((fastcall)) long shape_fastcall(long a, long b, long c, long d)
{
	return is_ready * (a - 10 * b + 100 * c - 1000 * d);
}
#endif
