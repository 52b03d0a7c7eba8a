/*
 * What the benchmarks share: a clock, medians, pinning, running commands, and one
 * form for a figure with its goal. Each program prints a line per figure; the word
 * `met` or `missed` stands at its end when there is a goal.
 */
#ifndef BENCH_H
#define BENCH_H

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static inline void die(const char *what)
{
	fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* Nanoseconds, CLOCK_MONOTONIC: the same clock in every process. */
static inline uint64_t now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static inline int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* Sorts the values. */
static inline double median(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), compare_doubles);
	return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static inline double *new_values(size_t count)
{
	double *values = malloc(count * sizeof(*values));
	if (values == NULL)
		die("cannot allocate samples");
	return values;
}

/* $BENCH_ROUNDS, 60 unless given; at least one. */
static inline unsigned rounds(void)
{
	const char *text = getenv("BENCH_ROUNDS");
	long count = text != NULL ? strtol(text, NULL, 10) : 60;
	return count > 0 && count < 100000 ? (unsigned)count : 1;
}

/* Keep the calling thread on the nth CPU that this process may use, counted from the last one. */
static inline void pin(unsigned nth)
{
	static cpu_set_t allowed;
	static bool is_known;
	if (!is_known && sched_getaffinity(0, sizeof(allowed), &allowed) != 0)
		die("cannot read the CPU affinity");
	is_known = true;
	nth %= (unsigned)CPU_COUNT(&allowed);
	for (int cpu = CPU_SETSIZE - 1; cpu >= 0; cpu--) {
		if (!CPU_ISSET(cpu, &allowed) || nth-- > 0)
			continue;
		cpu_set_t one;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		if (sched_setaffinity(0, sizeof(one), &one) != 0)
			die("cannot pin the thread");
		return;
	}
}

static inline const char *verdict(bool is_met)
{
	return is_met ? "met" : "missed";
}

/* `what  value unit  goal: at most limit  met`; a negative limit: a figure without a goal. */
static inline void figure(const char *what, double value, const char *unit, double limit)
{
	printf("  %-58s %10.3f %-6s", what, value, unit);
	if (limit >= 0)
		printf(" goal: at most %.2f  %s", limit, verdict(value <= limit));
	putchar('\n');
	fflush(stdout);
}

/*
 * Run a command; returns ns from its start to its end. With `output` its standard
 * output, cut at `size` bytes, is kept there. A status other than 0 ends the
 * benchmark: a command that fails has no duration.
 */
static inline uint64_t run(char *const *argv, char *output, size_t size)
{
	int pipe_fds[2] = {-1, -1};
	posix_spawn_file_actions_t actions;
	posix_spawn_file_actions_init(&actions);
	if (output != NULL) {
		if (pipe2(pipe_fds, O_CLOEXEC) != 0)
			die("cannot make a pipe");
		posix_spawn_file_actions_adddup2(&actions, pipe_fds[1], 1);
	}
	pid_t pid;
	int status;
	uint64_t start = now();
	errno = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	if (errno != 0)
		die(argv[0]);
	if (output != NULL) {
		close(pipe_fds[1]);
		size_t filled = 0;
		ssize_t got;
		while (filled < size - 1 && (got = read(pipe_fds[0], output + filled, size - 1 - filled)) > 0)
			filled += (size_t)got;
		output[filled] = 0;
		close(pipe_fds[0]);
	}
	if (waitpid(pid, &status, 0) != pid)
		die("cannot wait for a command");
	uint64_t took = now() - start;
	posix_spawn_file_actions_destroy(&actions);
	if (status != 0) {
		fprintf(stderr, "bench: %s ended with wait status 0x%x\n", argv[0], (unsigned)status);
		exit(1);
	}
	return took;
}

#endif
