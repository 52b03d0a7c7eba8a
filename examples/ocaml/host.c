/* host LIBRARY: a program without OCaml that loads the library and asks it. */
#include "host.h"

#include "mlplug.h"

static __typeof__(&mlplug_answer) answer;
static __typeof__(&mlplug_call) call;
static __typeof__(&mlplug_collect) collect;

static const char *const names[] = {"one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"};

static bool ask(int n)
{
	char question[80], result[120];

	snprintf(question, sizeof(question), "%s plus one minus one times %s", names[n % 10], names[0]);
	if (answer(question, result, sizeof(result)) != 0 || strcmp(result, names[n % 10]) != 0)
		return false;
	if (n % CALLS == 0)
		collect();
	return call() == n % CALLS + 1;
}

int main(int argc, char **argv)
{
	void *library = host_load(argc, argv);
	__typeof__(&mlplug_is_ready) is_ready = (__typeof__(is_ready))host_symbol(library, "mlplug_is_ready");
	__typeof__(&mlplug_attached) attached = (__typeof__(attached))host_symbol(library, "mlplug_attached");
	__typeof__(&mlplug_detached) detached = (__typeof__(detached))host_symbol(library, "mlplug_detached");
	const char *question = "twelve times one thousand plus three hundred forty-five";
	char text[120];

	answer = (__typeof__(answer))host_symbol(library, "mlplug_answer");
	call = (__typeof__(call))host_symbol(library, "mlplug_call");
	collect = (__typeof__(collect))host_symbol(library, "mlplug_collect");
	host_ask(ask, is_ready);

	host_check(answer(question, text, sizeof(text)) == 0, text);
	printf("%s: %s\n", question, text);
	host_check(answer("two plus many", text, sizeof(text)) != 0, "no exception");
	printf("exception: %s\n", text);
	printf("threads: %d attached, %d detached\n", attached(), detached());
	return 0;
}
