/* host LIBRARY: a program without Java that loads the library and calls it. */
#include "host.h"

#include "jplug.h"

static __typeof__(&jplug_call) call;

static bool ask(int n)
{
	char number[20], name[120], result[120], wanted[20];

	snprintf(number, sizeof(number), "%d", n);
	if (call("spell", number, name, sizeof(name)) != 0 || call("number", name, result, sizeof(result)) != 0 ||
	    strcmp(result, number) != 0)
		return false;
	if (n % CALLS == 0 && call("collect", "", result, sizeof(result)) != 0)
		return false;
	snprintf(wanted, sizeof(wanted), "%d", n % CALLS + 1);
	return call("call", "", result, sizeof(result)) == 0 && strcmp(result, wanted) == 0;
}

static void show(const char *function, const char *argument)
{
	char text[120];

	host_check(call(function, argument, text, sizeof(text)) == 0, text);
	printf("%s: %s\n", function, text);
}

int main(int argc, char **argv)
{
	void *library = host_load(argc, argv);
	__typeof__(&jplug_is_ready) is_ready = (__typeof__(is_ready))host_symbol(library, "jplug_is_ready");
	__typeof__(&jplug_attached) attached = (__typeof__(attached))host_symbol(library, "jplug_attached");
	__typeof__(&jplug_detached) detached = (__typeof__(detached))host_symbol(library, "jplug_detached");
	char text[120];

	call = (__typeof__(call))host_symbol(library, "jplug_call");
	host_ask(ask, is_ready);

	show("spell", "12345");
	show("initials", "");
	show("factorial", "25");
	host_check(call("number", "many", text, sizeof(text)) != 0, "no exception");
	printf("exception: %s\n", text);
	show("threads", "");
	printf("threads: %d attached, %d detached\n", attached(), detached());
	return 0;
}
