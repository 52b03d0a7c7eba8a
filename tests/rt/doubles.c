/* A library whose init works with floating-point numbers, while a call of its export waits. */
#include <rt0.h>
static __attribute__((noinline)) double weigh(double a, double b, double c, double d, double e, double f, double g,
					      double h)
{
	__asm__ volatile("" ::: "memory");
	return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h;
}
static volatile double weight;
int rt0_runtime_init(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	weight = weigh(1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5);
	return 0;
}
double eight(double a, double b, double c, double d, double e, double f, double g, double h)
{
	return weight > 0 ? weigh(a, b, c, d, e, f, g, h) : 0;
}
