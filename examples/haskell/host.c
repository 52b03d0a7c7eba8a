/* host LIBRARY: a program without Haskell that loads the library and asks it. */
#include "host.h"

#include "hsplug.h"

static __typeof__(&hsplug_answer) answer;
static __typeof__(&hsplug_is_bound) is_bound;
static __typeof__(&hsplug_collect) collect;

static const char *const names[] = {"one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"};

static bool ask(int n)
{
	char question[80], result[120];

	snprintf(question, sizeof(question), "%s plus one minus one times %s", names[n % 10], names[0]);
	if (answer(question, result, sizeof(result)) != 0 || strcmp(result, names[n % 10]) != 0)
		return false;
	if (n % CALLS == 0)
		collect();
	return is_bound() == 1;
}

int main(int argc, char **argv)
{
	void *library = host_load(argc, argv);
	__typeof__(&hsplug_is_ready) is_ready = (__typeof__(is_ready))host_symbol(library, "hsplug_is_ready");
	__typeof__(&hsplug_attached) attached = (__typeof__(attached))host_symbol(library, "hsplug_attached");
	__typeof__(&hsplug_detached) detached = (__typeof__(detached))host_symbol(library, "hsplug_detached");
	const char *question = "twelve times one thousand plus three hundred forty-five";
	char text[120];

	answer = (__typeof__(answer))host_symbol(library, "hsplug_answer");
	is_bound = (__typeof__(is_bound))host_symbol(library, "hsplug_is_bound");
	collect = (__typeof__(collect))host_symbol(library, "hsplug_collect");
	host_ask(ask, is_ready);

	host_check(answer(question, text, sizeof(text)) == 0, text);
	printf("%s: %s\n", question, text);
	host_check(answer("two plus many", text, sizeof(text)) != 0, "no exception");
	printf("exception: %s\n", text);
	printf("threads: %d attached, %d detached\n", attached(), detached());
	return 0;
}
