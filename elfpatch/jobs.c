#include "jobs.h"

#include "terminal.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Items that are started before the first of them is printed; each holds two files open. */
enum { WINDOW = 128 };

struct slot {
	pid_t pid; /* 0 once it has ended */
	int out, err, status;
};

static void begin(struct slot *slot, size_t i, job_run *run, void *context)
{
	pid_t parent = getpid();

	*slot = (struct slot){.out = memfd_create("out", MFD_CLOEXEC), .err = memfd_create("err", MFD_CLOEXEC)};
	fflush(NULL);
	slot->pid = slot->out < 0 || slot->err < 0 ? -1 : fork();
	if (slot->pid > 0)
		return;
	if (slot->pid == 0) {
		/* A signal that ends us is for our children too. */
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		if (getppid() != parent)
			_exit(1);
		dup2(slot->out, STDOUT_FILENO);
		dup2(slot->err, STDERR_FILENO);
		bool is_good = run(i, context);
		_exit(fflush(NULL) == 0 && is_good ? 0 : 1);
	}
	slot->pid = 0;
	slot->status = -1;
}

static void pass_on(int fd, FILE *to)
{
	char buffer[16384];
	ssize_t n;

	if (fd < 0)
		return;
	lseek(fd, 0, SEEK_SET);
	while ((n = read(fd, buffer, sizeof buffer)) > 0)
		fwrite(buffer, 1, (size_t)n, to);
	close(fd);
}

static bool finish(struct slot *slot, size_t i, job_run *run, job_died *died, void *context)
{
	pass_on(slot->out, stdout);
	fflush(stdout);
	pass_on(slot->err, stderr);
	/* It could not be started. */
	if (slot->status == -1)
		return run(i, context);
	if (WIFSIGNALED(slot->status))
		died(i, WTERMSIG(slot->status), context);
	return WIFEXITED(slot->status) && WEXITSTATUS(slot->status) == 0;
}

/* As waitpid for any child, and the line of progress goes on meanwhile. */
static pid_t wait_and_draw(struct progress *progress, size_t done, int *status)
{
	static const struct timespec pace = {.tv_nsec = 100000000};
	sigset_t child;
	pid_t pid;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	while ((pid = waitpid(-1, status, progress->is_on ? WNOHANG : 0)) == 0) {
		progress_draw(progress, done);
		sigtimedwait(&child, NULL, &pace);
	}
	return pid;
}

static void wait_for_one(struct slot *slots, size_t *running, struct progress *progress, size_t done)
{
	int status;
	pid_t pid = wait_and_draw(progress, done, &status);

	if (pid < 0 && errno == EINTR)
		return;
	for (size_t s = 0; s < WINDOW; s++) {
		if (slots[s].pid != pid)
			continue;
		slots[s].pid = 0;
		slots[s].status = status;
		--*running;
		return;
	}
}

/* The end of a child is noted until it is asked for, even where whoever started us ignores those of its own. */
static void watch_children(void)
{
	sigset_t child;

	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
}

bool jobs_run(size_t jobs, size_t count, job_run *run, job_died *died, void *context)
{
	struct slot slots[WINDOW] = {0};
	size_t head = 0, next = 0, running = 0;
	struct progress progress;
	bool is_good = true;

	progress_begin(&progress, count);
	for (; jobs <= 1 && !progress.is_on && head < count; head++)
		is_good = run(head, context) && is_good;
	watch_children();
	while (head < count) {
		for (; running < jobs && next < count && next - head < WINDOW; next++) {
			begin(&slots[next % WINDOW], next, run, context);
			running += slots[next % WINDOW].pid != 0;
		}
		for (; head < next && slots[head % WINDOW].pid == 0; head++) {
			progress_clear(&progress);
			is_good = finish(&slots[head % WINDOW], head, run, died, context) && is_good;
		}
		if (running)
			wait_for_one(slots, &running, &progress, next - running);
	}
	return is_good;
}
