/* Looking at other threads, and the line that a long wait writes: who waits, for whom, what that thread does. */
#include "internal.h"

#define PERIOD 60 /* seconds */

static size_t rt0_read_task(int tid, const char *file, char *text, size_t size)
{
	struct rt0_line path;
	path.length = 0;
	rt0_line_text(&path, "/proc/self/task/");
	rt0_line_number(&path, (uint64_t)tid);
	rt0_line_text(&path, "/");
	rt0_line_text(&path, file);
	path.text[path.length] = 0;
	long fd = rt0_open_read(path.text);
	if (fd < 0)
		return 0;
	long n = rt0_read((int)fd, text, size - 1);
	rt0_close((int)fd);
	size_t length = n > 0 ? (size_t)n : 0;
	if (length > 0 && text[length - 1] == '\n')
		length--;
	text[length] = 0;
	return length;
}

static char rt0_task_state(int tid)
{
	char text[256];
	size_t n = rt0_read_task(tid, "stat", text, sizeof(text));
	while (n > 0 && text[n - 1] != ')') /* the name before it may hold anything */
		n--;
	return n > 0 && text[n] == ' ' ? text[n + 1] : '?';
}

static void add_thread(struct rt0_line *line, int tid)
{
	char name[32];
	rt0_line_text(line, "thread ");
	rt0_line_number(line, (uint64_t)tid);
	if (rt0_read_task(tid, "comm", name, sizeof(name)) > 0) {
		rt0_line_text(line, " (");
		rt0_line_text(line, name);
		rt0_line_text(line, ")");
	}
}

/* What the thread does; from wchan the kernel function, from syscall the call's number. */
static void add_activity(struct rt0_line *line, int tid)
{
	char text[256];
	char state = rt0_task_state(tid);
	rt0_line_text(line, state == 'R'                   ? "is running"
			    : state == 'S'                 ? "sleeps"
			    : state == 'D'                 ? "waits for a device"
			    : state == 'T' || state == 't' ? "is stopped"
							   : "cannot be looked at");
	if (rt0_read_task(tid, "wchan", text, sizeof(text)) > 0 && text[0] != '0') {
		rt0_line_text(line, " in ");
		rt0_line_text(line, text);
	}
	if (rt0_read_task(tid, "syscall", text, sizeof(text)) > 0 && text[0] >= '0' && text[0] <= '9') {
		for (size_t i = 0; text[i] != 0; i++)
			if (text[i] == ' ')
				text[i] = 0;
		rt0_line_text(line, ", system call ");
		rt0_line_text(line, text);
	}
}

static void rt0_report(struct rt0_library *rt, const struct rt0_waiter *waiter, int tid, uint64_t since, uint64_t now)
{
	uint32_t second = (uint32_t)rt0_divide(now, RT0_SECOND, NULL);
	uint32_t due = __atomic_load_n(&rt->report_at, __ATOMIC_RELAXED);
	if (second < due || !__atomic_compare_exchange_n(&rt->report_at, &due, second + PERIOD, false, __ATOMIC_RELAXED,
							 __ATOMIC_RELAXED))
		return;
	uint32_t state = rt0_load_state(rt);
	int runner = __atomic_load_n(&rt->runner, __ATOMIC_ACQUIRE);
	if (runner == 0)
		runner = __atomic_load_n(&rt->spawned, __ATOMIC_ACQUIRE);
	struct rt0_line line;
	rt0_line_begin(&line, rt);
	add_thread(&line, tid);
	rt0_line_text(&line, " has waited ");
	rt0_line_number(&line, rt0_divide(now - since, RT0_SECOND, NULL));
	rt0_line_text(&line, " s");
	const char *name = waiter->gate != 0 ? rt0_export_name(rt, waiter->gate) : NULL;
	if (name != NULL) {
		rt0_line_text(&line, " in ");
		rt0_line_text(&line, name);
	}
	rt0_line_text(&line, state == RT0_STARTING ? " for the load to end; init " : " for rt0_runtime_init; init ");
	if (runner == 0) {
		rt0_line_text(&line, "thread has not run yet");
	} else {
		add_thread(&line, runner);
		rt0_line_text(&line, " ");
		add_activity(&line, runner);
	}
	rt0_line_end(&line);
}
