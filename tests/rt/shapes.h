/* One function of every calling shape, each with what it must give. Included by library and host. */
#ifndef SHAPES_H
#define SHAPES_H

#ifdef __i386__
#pragma GCC target("sse2") /* to pass and return vectors */
#endif

#include <complex.h>
#include <stdarg.h>
#include <stdio.h>

struct pair {
	double x;
	long y;
};
struct floats {
	float a, b, c;
};
struct large {
	long words[8];
};
typedef double vector __attribute__((vector_size(16)));
typedef double wide __attribute__((vector_size(32)));

long shape_integers(long a, long b, long c, long d, long e, long f, long g, long h, char i);
double shape_doubles(double a, double b, double c, double d, double e, double f, double g, double h, double i);
double shape_variadic(const char *format, ...);
int shape_printf(char *to, size_t size, const char *format, ...);
double complex shape_complex(double complex a, float complex b);
long double shape_long_double(long double a, int b, long double c);
struct pair shape_pair(struct pair a, struct floats b);
struct large shape_large(struct large a, long b);
vector shape_vector(vector a, int b, vector c);
#ifdef __SIZEOF_INT128__
__int128 shape_int128(__int128 a, long b, __int128 c);
#endif
#ifdef __i386__
__attribute__((regparm(3))) long shape_regparm(long a, long b, long c, long d);
__attribute__((fastcall)) long shape_fastcall(long a, long b, long c, long d);
#endif

#endif
