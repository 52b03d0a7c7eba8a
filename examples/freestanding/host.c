/* host LIBRARY: a program with a libc loads the Forth, which has none. */
#include "host.h"

#include "forth.h"

static __typeof__(&forth_eval) eval;
static __typeof__(&forth_describe) describe;

/* The nth prime is one, and the number behind it is not, from 3 on. */
static bool ask(int n)
{
	char text[80];
	long result = 0;

	snprintf(text, sizeof(text), "%d prime dup prime? swap 1 + prime? 0= and", n + 2);
	return eval(text, &result) == FORTH_OK && result == -1;
}

static void show(const char *text)
{
	enum forth_error error;
	long result = 0;

	error = eval(text, &result);
	if (error == FORTH_OK)
		printf("%s -> %ld\n", text, result);
	else
		printf("%s -> %s\n", text, describe(error));
}

int main(int argc, char **argv)
{
	void *library = host_load(argc, argv);
	__typeof__(&forth_is_ready) is_ready = (__typeof__(is_ready))host_symbol(library, "forth_is_ready");

	eval = (__typeof__(eval))host_symbol(library, "forth_eval");
	describe = (__typeof__(describe))host_symbol(library, "forth_describe");
	host_ask(ask, is_ready);

	show("primes-found");
	show("10000 prime");
	show("1071 462 gcd");
	show("0 100 2 do i prime? if 1 + then loop");
	show("1 0 /");
	show(": many ;");
	return 0;
}
