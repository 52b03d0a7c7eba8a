/* host LIBRARY: a program without Python that loads the library and calls it. */
#include "host.h"

#include "pyplug.h"

static __typeof__(&pyplug_eval) eval;

static bool ask(int n)
{
	char expression[50], result[30], wanted[30];

	snprintf(expression, sizeof(expression), "(number(spell(%d)), call())", n);
	snprintf(wanted, sizeof(wanted), "(%d, %d)", n, n % CALLS + 1);
	return eval(expression, result, sizeof(result)) == 0 && strcmp(result, wanted) == 0;
}

int main(int argc, char **argv)
{
	void *library = host_load(argc, argv);
	__typeof__(&pyplug_is_ready) is_ready = (__typeof__(is_ready))host_symbol(library, "pyplug_is_ready");
	__typeof__(&pyplug_attached) attached = (__typeof__(attached))host_symbol(library, "pyplug_attached");
	__typeof__(&pyplug_detached) detached = (__typeof__(detached))host_symbol(library, "pyplug_detached");
	char text[120];

	eval = (__typeof__(eval))host_symbol(library, "pyplug_eval");
	host_ask(ask, is_ready);

	host_check(eval("spell(12345)", text, sizeof(text)) == 0, text);
	printf("spell: %s\n", text);
	host_check(eval("starting_with('nine')", text, sizeof(text)) == 0, text);
	printf("starting_with: %s\n", text);
	host_check(eval("third(10)", text, sizeof(text)) == 0, text);
	printf("third: %s\n", text);
	host_check(eval("number('many')", text, sizeof(text)) != 0, "no exception");
	printf("exception: %s\n", text);
	printf("threads: %d attached, %d detached\n", attached(), detached());
	return 0;
}
