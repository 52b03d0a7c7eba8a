/*
 * host-dlopen LIBRARY: loads the plugin at run time, either of the two.
 *
 * With LUAPLUG_HOLD in the environment, a fifo that start.lua reads before it
 * goes on, the host writes to it only after dlopen has returned and an ungated
 * call has been answered. (With libluaplug-plain.so somebody else has to write, as
 * luaplug_init does not return before.)
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "luaplug.h"

static struct {
	__typeof__(&luaplug_version) version;
	__typeof__(&luaplug_eval) eval;
	__typeof__(&luaplug_call) call;
	__typeof__(&luaplug_callf) callf;
	__typeof__(&luaplug_stats) stats;
	__typeof__(&luaplug_init) init; /* null if the library starts itself */
} plug;

static void *symbol(void *library, const char *name)
{
	void *address = dlsym(library, name);

	if (address == NULL) {
		fprintf(stderr, "host-dlopen: %s\n", dlerror());
		exit(1);
	}
	return address;
}

static void load(const char *path)
{
	void *library = dlopen(path, RTLD_NOW);

	if (library == NULL) {
		fprintf(stderr, "host-dlopen: %s\n", dlerror());
		exit(1);
	}
	plug.version = symbol(library, "luaplug_version");
	plug.eval = symbol(library, "luaplug_eval");
	plug.call = symbol(library, "luaplug_call");
	plug.callf = symbol(library, "luaplug_callf");
	plug.stats = symbol(library, "luaplug_stats");
	plug.init = dlsym(library, "luaplug_init");
}

/* Let start.lua go on. It has the other end of the fifo open, or will. */
static void release(const char *fifo)
{
	int fd = open(fifo, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "go\n", 3) != 3 || close(fd) != 0) {
		perror(fifo);
		exit(1);
	}
}

static void check(int status, const char *text)
{
	if (status != LUAPLUG_OK) {
		fprintf(stderr, "host-dlopen: status %d: %s\n", status, text);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	const struct luaplug_value args[] = {
		{LUAPLUG_STRING, {.string = "greeting"}},
		{LUAPLUG_STRING, {.string = "Ada"}},
		{LUAPLUG_NUMBER, {.number = 42}},
	};
	const char *fifo = getenv("LUAPLUG_HOLD");
	struct luaplug_stats stats;
	char text[120] = "";
	double sum;

	if (argc != 2) {
		fprintf(stderr, "usage: host-dlopen LIBRARY\n");
		return 2;
	}
	load(argv[1]);
	if (plug.init != NULL && plug.init(argc, argv) != 0)
		return 1;
	printf("version: %s\n", plug.version());
	if (fifo != NULL && plug.init == NULL) {
		printf("loaded, and Lua is still starting\n");
		fflush(stdout);
		release(fifo);
	}

	check(plug.eval("string.rep('ab', 3)", text, sizeof(text)), text);
	printf("eval: %s\n", text);
	check(plug.callf("add", "dd>d", 0.5, 2.0, &sum), "cannot add");
	printf("add: %g\n", sum);
	check(plug.callf("spell", "d>s", 1234.0, text, sizeof(text)), text);
	printf("spell: %s\n", text);
	check(plug.call("render", args, 3, text, sizeof(text)), text);
	printf("render: %s\n", text);
	check(plug.eval("error('no', 0)", text, sizeof(text)) == LUAPLUG_FAILED ? LUAPLUG_OK : 1, "no error");
	printf("error: %s\n", text);
	stats = plug.stats();
	printf("stats: %llu evals, %llu calls, %llu errors\n", (unsigned long long)stats.evals,
	       (unsigned long long)stats.calls, (unsigned long long)stats.errors);
	return 0;
}
