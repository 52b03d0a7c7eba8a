/*
 * A host whose call is known to wait because the trace says so: trace_host LIBRARY
 * [exits | moves FOLDER]. The library is plug.c, with PLUG=held.
 */
#include "host.h"

#include <fcntl.h>
#include <sched.h>

static int (*answer)(int);

static int call(void *unused)
{
	(void)unused;
	return answer(41);
}

/* The whole of a descriptor that was opened before anything moved. */
static int is_told(int fd, const char *what)
{
	static char text[1 << 20];
	ssize_t size = pread(fd, text, sizeof(text) - 1, 0);
	expect(size >= 0);
	text[size] = 0;
	return strstr(text, what) != NULL;
}

/* As a daemon does, or one that shows what it does in place of its arguments. */
static void move(const char *folder, char **envp, int kept)
{
	for (; *envp != NULL; envp++)
		if (strncmp(*envp, "RT0_TRACE=", 10) == 0)
			memset(*envp, 'x', strlen(*envp));
	expect_equal(chdir(folder), 0);
	for (int fd = 3; fd < 64; fd++)
		if (fd != kept)
			close(fd);
	/* The numbers are somebody else's. */
	for (int i = 0; i < 32; i++)
		expect(open("other", O_RDWR | O_CREAT | O_APPEND, 0666) >= 0);
}

int main(int argc, char **argv, char **envp)
{
	void *library = load(argv[1], RTLD_NOW);
	answer = (int (*)(int))symbol(library, "plug_answer");
	void (*await_init)(void) = (void (*)(void))symbol(library, "plug_await_init");
	void (*await_main)(void) = (void (*)(void))symbol(library, "plug_await_main");
	void (*release)(void) = (void (*)(void))symbol(library, "plug_release");
	int (*timed)(long) = (int (*)(long))symbol(library, "plug_timed");
	int trace = open(getenv("RT0_TRACE"), O_RDONLY | O_CLOEXEC);
	struct thread caller;

	expect(trace >= 0);
	await_init();
	if (argc == 4)
		move(argv[3], envp, trace);
	else
		timed(1);
	thread_start(&caller, call, NULL);
	while (!is_told(trace, "wait plug_answer"))
		sched_yield();
	if (argc == 3)
		exit(0);
	release();
	expect_equal(thread_join(&caller), 42);
	await_main();
	return 0;
}
