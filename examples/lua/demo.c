/*
 * demo [-n ROUNDS] SELF PLAIN: what a host gains when the plugin starts itself.
 *
 * Each measurement is a fresh process, `demo --host LIBRARY work|call`, which
 * loads the library, does start-up work of its own (or none), calls into Lua
 * and reports when each step was over. Rounds are interleaved and each figure is
 * the median over them.
 */
#include <dlfcn.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <pthread.h>
#include <sched.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "luaplug.h"

#define ROUNDS_MAX   999
#define HOST_WORK_NS 80000000 /* CPU time of the host's own start-up work */
#define CALLS        5000     /* in each of the batches that a later call is timed with; the best counts */
#define BATCHES      40

extern char **environ;

/* What one host reports: ns since just before dlopen, but for CALL_COST. */
enum mark {
	LOADED,      /* dlopen, and luaplug_init where there is one, have returned */
	WORKED,      /* the host's own work is done */
	ANSWERED,    /* the first call has returned */
	START_BEGAN, /* Lua's start, as luaplug_stats has it */
	START_ENDED,
	CALL_COST, /* ns for a later call */
	MARKS
};

static uint64_t clock_ns(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/*
 * The host.
 */

struct plug {
	__typeof__(&luaplug_callf) callf;
	__typeof__(&luaplug_stats) stats;
	__typeof__(&luaplug_init) init; /* null if the library starts itself */
};

static bool load(const char *path, struct plug *plug)
{
	void *library = dlopen(path, RTLD_NOW);

	if (library == NULL) {
		fprintf(stderr, "demo: %s\n", dlerror());
		return false;
	}
	plug->callf = (__typeof__(plug->callf))dlsym(library, "luaplug_callf");
	plug->stats = (__typeof__(plug->stats))dlsym(library, "luaplug_stats");
	plug->init = (__typeof__(plug->init))dlsym(library, "luaplug_init");
	if (plug->callf == NULL || plug->stats == NULL) {
		fprintf(stderr, "demo: '%s' is not the plugin\n", path);
		return false;
	}
	return plug->init == NULL || plug->init(0, NULL) == 0;
}

static int compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Stands for what a host reads, parses and indexes before it needs the plugin: it sorts tables. */
static void work(void)
{
	uint64_t until = clock_ns(CLOCK_THREAD_CPUTIME_ID) + HOST_WORK_NS;
	uint64_t seed = 88172645463325252;
	static uint64_t table[2048];

	do {
		for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
			seed ^= seed << 13;
			seed ^= seed >> 7;
			seed ^= seed << 17;
			table[i] = seed;
		}
		qsort(table, sizeof(table) / sizeof(table[0]), sizeof(table[0]), compare_u64);
	} while (clock_ns(CLOCK_THREAD_CPUTIME_ID) < until);
}

static void *nothing(void *unused)
{
	return unused;
}

/*
 * Hosts have threads. glibc's locks cost 4 ns less in a process that has never had a
 * second one, which would be counted in favour of the plain build.
 */
static bool have_thread(void)
{
	pthread_t thread;

	return pthread_create(&thread, NULL, nothing, NULL) == 0 && pthread_join(thread, NULL) == 0;
}

static int host(const char *library, bool has_work)
{
	uint64_t marks[MARKS], cost, begin;
	struct luaplug_stats stats;
	struct plug plug;
	double sum = 0;

	if (!have_thread()) {
		fprintf(stderr, "demo: cannot make a thread\n");
		return 1;
	}
	begin = clock_ns(CLOCK_MONOTONIC);
	if (!load(library, &plug))
		return 1;
	marks[LOADED] = clock_ns(CLOCK_MONOTONIC) - begin;
	if (has_work)
		work();
	marks[WORKED] = clock_ns(CLOCK_MONOTONIC) - begin;
	if (plug.callf("add", "dd>d", 2.0, 3.0, &sum) != LUAPLUG_OK || sum != 5) {
		fprintf(stderr, "demo: '%s' cannot add\n", library);
		return 1;
	}
	marks[ANSWERED] = clock_ns(CLOCK_MONOTONIC) - begin;

	stats = plug.stats();
	marks[START_BEGAN] = stats.start_began - begin;
	marks[START_ENDED] = stats.start_ended - begin;

	marks[CALL_COST] = UINT64_MAX;
	for (int batch = 0; batch < BATCHES; batch++) {
		cost = clock_ns(CLOCK_MONOTONIC);
		for (int i = 0; i < CALLS; i++)
			plug.callf("add", "dd>d", 2.0, 3.0, &sum);
		cost = (clock_ns(CLOCK_MONOTONIC) - cost) / CALLS;
		if (cost < marks[CALL_COST])
			marks[CALL_COST] = cost;
	}

	for (int i = 0; i < MARKS; i++)
		printf("%llu ", (unsigned long long)marks[i]);
	putchar('\n');
	return fflush(stdout) == 0 ? 0 : 1;
}

/*
 * The measurements.
 */

struct series {
	const char *library;
	const char *mode;
	uint64_t marks[MARKS][ROUNDS_MAX];
	uint64_t median[MARKS];
};

/* Run one host and keep its marks as those of `round`. Prints what went wrong. */
static bool measure(struct series *series, int round)
{
	char *argv[] = {"demo", "--host", (char *)series->library, (char *)series->mode, NULL};
	posix_spawn_file_actions_t actions;
	int error, status, ends[2];
	unsigned long long value;
	bool is_read = true;
	FILE *report;
	pid_t pid;

	if (pipe(ends) != 0) {
		perror("demo: pipe");
		return false;
	}
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	posix_spawn_file_actions_addclose(&actions, ends[0]);
	posix_spawn_file_actions_addclose(&actions, ends[1]);
	error = posix_spawn(&pid, "/proc/self/exe", &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	if (error != 0) {
		fprintf(stderr, "demo: cannot start a host: %s\n", strerror(error));
		close(ends[0]);
		return false;
	}

	report = fdopen(ends[0], "r");
	if (report == NULL)
		is_read = false;
	for (int i = 0; is_read && i < MARKS; i++) {
		is_read = fscanf(report, "%llu", &value) == 1;
		series->marks[i][round] = value;
	}
	if (report == NULL)
		close(ends[0]);
	else
		fclose(report);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (!is_read || status != 0)
		fprintf(stderr, "demo: a host of '%s' failed\n", series->library);
	return is_read && status == 0;
}

static void take_medians(struct series *series, int rounds)
{
	for (int i = 0; i < MARKS; i++) {
		qsort(series->marks[i], (size_t)rounds, sizeof(uint64_t), compare_u64);
		series->median[i] = series->marks[i][rounds / 2];
	}
}

/*
 * The picture.
 */

enum fill { FILL_NONE, FILL_HELD, FILL_WORK, FILL_WAIT, FILL_START };

struct look {
	int columns;
	bool has_colour;
	bool has_blocks; /* UTF-8 */
};

static const struct {
	const char *block, *ascii, *colour, *name;
} fills[] = {
	[FILL_NONE] = {" ", " ", "", NULL},
	[FILL_HELD] = {"█", "#", "31", "held at load"},
	[FILL_WORK] = {"░", ".", "32", "the host's own work"},
	[FILL_WAIT] = {"▒", "=", "33", "waiting in the first call"},
	[FILL_START] = {"▄", "-", "36", "Lua starts"},
};

static struct look look_at_terminal(void)
{
	struct look look = {.columns = 80};
	const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");
	struct winsize size;

	if (isatty(STDOUT_FILENO)) {
		if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 60)
			look.columns = size.ws_col > 120 ? 120 : size.ws_col;
		look.has_colour =
			(no_colour == NULL || *no_colour == '\0') && term != NULL && strcmp(term, "dumb") != 0;
	}
	setlocale(LC_CTYPE, "");
	look.has_blocks = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	return look;
}

static void print_fill(const struct look *look, enum fill fill, int count)
{
	if (count <= 0)
		return;
	if (look->has_colour && fill != FILL_NONE)
		printf("\033[%sm", fills[fill].colour);
	while (count-- > 0)
		fputs(look->has_blocks ? fills[fill].block : fills[fill].ascii, stdout);
	if (look->has_colour && fill != FILL_NONE)
		fputs("\033[0m", stdout);
}

/* Columns up to `ns`, rounded, when `full` ns take `width` of them. */
static int column(uint64_t ns, uint64_t full, int width)
{
	return (int)((ns * (uint64_t)width + full / 2) / full);
}

static double ms(uint64_t ns)
{
	return (double)ns / 1e6;
}

static void print_timeline(const struct look *look, const char *title, const struct series *series, uint64_t full)
{
	const uint64_t *at = series->median;
	int width = look->columns - 42; /* without the labels on both sides */
	int loaded = column(at[LOADED], full, width), worked = column(at[WORKED], full, width);
	int answered = column(at[ANSWERED], full, width), began = column(at[START_BEGAN], full, width);

	printf("  %-11s host ", title);
	print_fill(look, FILL_HELD, loaded);
	print_fill(look, FILL_WORK, worked - loaded);
	print_fill(look, FILL_WAIT, answered - worked);
	printf("%s first answer %.0f ms\n", look->has_blocks ? "▏" : "|", ms(at[ANSWERED]));
	printf("  %-11s Lua  ", "");
	print_fill(look, FILL_NONE, began);
	print_fill(look, FILL_START, column(at[START_ENDED], full, width) - began);
	putchar('\n');
}

static void print_legend(const struct look *look)
{
	putchar('\n');
	for (enum fill fill = FILL_HELD; fill <= FILL_START; fill++) {
		fputs("  ", stdout);
		print_fill(look, fill, 2);
		printf(" %s", fills[fill].name);
	}
	putchar('\n');
}

static void print_row(const char *what, double plain, double self, const char *unit)
{
	printf("  %-42s%10.*f %s%10.*f %s\n", what, plain < 10 ? 2 : 0, plain, unit, self < 10 ? 2 : 0, self, unit);
}

static int usage(void)
{
	fprintf(stderr, "usage: demo [-n ROUNDS] SELF PLAIN\n");
	return 2;
}

int main(int argc, char **argv)
{
	static struct series plain_work, self_work, plain_call, self_call;
	struct series *all[] = {&plain_work, &self_work, &plain_call, &self_call};
	uint64_t full_work, full_call;
	struct look look;
	char works[60];
	cpu_set_t set;
	int option, processors;
	long rounds = 7;

	if (argc == 4 && strcmp(argv[1], "--host") == 0)
		return host(argv[2], strcmp(argv[3], "work") == 0);
	while ((option = getopt(argc, argv, "n:")) != -1) {
		if (option != 'n')
			return usage();
		rounds = strtol(optarg, NULL, 10);
		if (rounds < 1 || rounds > ROUNDS_MAX) {
			fprintf(stderr, "demo: rounds must be 1 to %d\n", ROUNDS_MAX);
			return 2;
		}
	}
	if (argc - optind != 2)
		return usage();
	self_work.library = self_call.library = argv[optind];
	plain_work.library = plain_call.library = argv[optind + 1];
	plain_work.mode = self_work.mode = "work";
	plain_call.mode = self_call.mode = "call";

	for (int round = 0; round < rounds; round++) {
		for (int i = 0; i < 4; i++) {
			if (!measure(all[i], round))
				return 1;
		}
	}
	for (int i = 0; i < 4; i++)
		take_medians(all[i], (int)rounds);
	full_work = plain_work.median[ANSWERED] > self_work.median[ANSWERED] ? plain_work.median[ANSWERED]
									     : self_work.median[ANSWERED];
	full_call = plain_call.median[ANSWERED] > self_call.median[ANSWERED] ? plain_call.median[ANSWERED]
									     : self_call.median[ANSWERED];

	look = look_at_terminal();
	printf("\nLua 5.4 in a plugin, linked twice from the same objects\n");
	processors = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 0;
	printf("medians over %ld rounds, each in a fresh process, on %d processor%s\n\n", rounds, processors,
	       processors == 1 ? ": the host and Lua take turns" : "s");
	printf("  %-42s%13s%13s\n", "", "plain cc", "ldwrap");
	print_row("the host is held at load", ms(plain_work.median[LOADED]), ms(self_work.median[LOADED]), "ms");
	snprintf(works, sizeof(works), "it works %d ms, calls, has the answer at", HOST_WORK_NS / 1000000);
	print_row(works, ms(plain_work.median[ANSWERED]), ms(self_work.median[ANSWERED]), "ms");
	print_row("it calls at once, has the answer at", ms(plain_call.median[ANSWERED]),
		  ms(self_call.median[ANSWERED]), "ms");
	print_row("a later call takes", (double)plain_work.median[CALL_COST], (double)self_work.median[CALL_COST],
		  "ns");

	printf("\nThe host has %d ms of start-up work of its own\n", HOST_WORK_NS / 1000000);
	print_timeline(&look, "plain cc", &plain_work, full_work);
	print_timeline(&look, "ldwrap", &self_work, full_work);
	printf("\nThe host calls at once\n");
	print_timeline(&look, "plain cc", &plain_call, full_call);
	print_timeline(&look, "ldwrap", &self_call, full_call);
	print_legend(&look);
	return 0;
}
