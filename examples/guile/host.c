/* host LIBRARY: a program without Scheme that loads the library and calls it. */
#include "host.h"

#include "scmplug.h"

static __typeof__(&scmplug_eval) eval;

static bool ask(int n)
{
	char expression[60], result[40], wanted[40];

	if (n % CALLS == 0 && eval("(gc)", result, sizeof(result)) != 0)
		return false;
	snprintf(expression, sizeof(expression), "(cons (number (spell %d)) (call))", n);
	snprintf(wanted, sizeof(wanted), "(%d . %d)", n, n % CALLS + 1);
	return eval(expression, result, sizeof(result)) == 0 && strcmp(result, wanted) == 0;
}

static void show(const char *expression)
{
	char text[120];

	printf("%s -> ", expression);
	eval(expression, text, sizeof(text));
	printf("%s\n", text);
}

int main(int argc, char **argv)
{
	void *library = host_load(argc, argv);
	__typeof__(&scmplug_is_ready) is_ready = (__typeof__(is_ready))host_symbol(library, "scmplug_is_ready");
	__typeof__(&scmplug_attached) attached = (__typeof__(attached))host_symbol(library, "scmplug_attached");
	__typeof__(&scmplug_detached) detached = (__typeof__(detached))host_symbol(library, "scmplug_detached");

	eval = (__typeof__(eval))host_symbol(library, "scmplug_eval");
	host_ask(ask, is_ready);

	show("(spell 12345)");
	show("(factorial 25)");
	show("(number \"many\")");
	show("(");
	show("(begin (gc) 'collected)"); /* the threads that have ended are not waited for */
	printf("threads: %d attached, %d detached\n", attached(), detached());
	return 0;
}
