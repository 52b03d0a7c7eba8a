/*
 * host-linked: a program linked against libluaplug.so. There is nothing to
 * initialise: the first call waits until Lua is ready.
 */
#include <stdio.h>

#include "luaplug.h"

static void fail(const char *what)
{
	fprintf(stderr, "host-linked: %s\n", what);
}

int main(void)
{
	const struct luaplug_value args[] = {
		{LUAPLUG_STRING, {.string = "greeting"}},
		{LUAPLUG_STRING, {.string = "Ada"}},
		{LUAPLUG_NUMBER, {.number = 42}},
	};
	struct luaplug_stats stats;
	char text[120];
	double sum;

	printf("version: %s\n", luaplug_version());

	if (luaplug_eval("string.rep('ab', 3)", text, sizeof(text)) != LUAPLUG_OK) {
		fail(text);
		return 1;
	}
	printf("eval: %s\n", text);

	if (luaplug_callf("add", "dd>d", 0.5, 2.0, &sum) != LUAPLUG_OK) {
		fail("cannot add");
		return 1;
	}
	printf("add: %g\n", sum);

	if (luaplug_callf("spell", "d>s", 1234.0, text, sizeof(text)) != LUAPLUG_OK) {
		fail(text);
		return 1;
	}
	printf("spell: %s\n", text);

	if (luaplug_call("render", args, 3, text, sizeof(text)) != LUAPLUG_OK) {
		fail(text);
		return 1;
	}
	printf("render: %s\n", text);

	if (luaplug_eval("error('no', 0)", text, sizeof(text)) != LUAPLUG_FAILED) {
		fail("an error was expected");
		return 1;
	}
	printf("error: %s\n", text);

	stats = luaplug_stats();
	printf("stats: %llu evals, %llu calls, %llu errors\n", (unsigned long long)stats.evals,
	       (unsigned long long)stats.calls, (unsigned long long)stats.errors);
	return 0;
}
