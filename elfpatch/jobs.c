#include "jobs.h"

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

static void wait_for_one(struct slot *slots, size_t *running)
{
	int status;
	pid_t pid = waitpid(-1, &status, 0);

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

bool jobs_run(size_t jobs, size_t count, job_run *run, job_died *died, void *context)
{
	struct slot slots[WINDOW] = {0};
	size_t head = 0, next = 0, running = 0;
	bool is_good = true;

	for (; jobs <= 1 && head < count; head++)
		is_good = run(head, context) && is_good;
	while (head < count) {
		for (; running < jobs && next < count && next - head < WINDOW; next++) {
			begin(&slots[next % WINDOW], next, run, context);
			running += slots[next % WINDOW].pid != 0;
		}
		for (; head < next && slots[head % WINDOW].pid == 0; head++)
			is_good = finish(&slots[head % WINDOW], head, run, died, context) && is_good;
		if (running)
			wait_for_one(slots, &running);
	}
	return is_good;
}
