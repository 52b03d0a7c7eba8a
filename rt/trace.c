/*
 * RT0_TRACE=FILE: what happens, as Chrome's trace events (Trace Event Format, its
 * array of JSON). The array stays open, as the format allows, so that any number of
 * libraries and processes append to one file: each event is one write of a whole line.
 *
 * The file is opened for each of them. A descriptor that was kept would be closed by
 * hosts that close all there are, and its number be somebody else's afterwards.
 */
#include "internal.h"

/* Of include/uapi/asm-generic. A machine that has one otherwise says so in its arch.h. */
#define AT_FDCWD  (-100)
#define O_WRONLY  1
#define O_CLOEXEC 02000000
#ifndef O_CREAT
#define O_CREAT    0100
#define O_NOCTTY   0400
#define O_APPEND   02000
#define O_NONBLOCK 04000
#endif
#define SEEK_END  2
#define AT_SECURE 23
#define PATH_SIZE 4096 /* Linux takes no longer name */

static const char *traced; /* the file; null when there is nothing to trace */

/* A pipe without a reader fails instead of blocking. */
static long open_trace(const char *path, int flags)
{
	return rt0_syscall(SYS_OPENAT, AT_FDCWD, (long)path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | flags, 0666,
			   0, 0);
}

static void rt0_trace(struct rt0_library *rt, const char *what, uintptr_t gate)
{
	if (__atomic_load_n(&traced, __ATOMIC_ACQUIRE) == NULL)
		return;
	static int named; /* of the threads the last */
	int pid = rt0_getpid(), tid = rt0_gettid();
	if (*what != 'M' && __atomic_exchange_n(&named, tid, __ATOMIC_RELAXED) != tid) {
		/* Events, too, of the phase M. */
		rt0_trace(rt, "Mprocess_name", 0);
		rt0_trace(rt, "Mthread_name", 0);
	}
	const char *library = rt0_library_name(rt), *subject = library;
	char phase[2] = {*what, 0}, task[32];
	if (*what == 'M')
		subject = rt0_read_task(what[1] == 't' ? tid : pid, "comm", task, sizeof(task)) > 0 ? task : "?";
	else if (what[1] == 'f')
		subject = rt->why;
	else if (gate != 0 && rt0_export_name(rt, gate) != NULL)
		subject = rt0_export_name(rt, gate);

	struct rt0_line line;
	line.length = 0;
	rt0_line_text(&line, "{\"ph\":\"");
	rt0_line_text(&line, phase);
	rt0_line_text(&line, "\",\"cat\":\"rt0\",\"pid\":");
	rt0_line_number(&line, (uint64_t)pid);
	rt0_line_text(&line, ",\"tid\":");
	rt0_line_number(&line, (uint64_t)tid);
	rt0_line_text(&line, ",\"ts\":");
	rt0_line_number(&line, rt0_divide(rt0_now(), 1000, NULL));
	rt0_line_text(&line, ",\"name\":\"");
	rt0_line_text(&line, what + 1);
	if (*what != 'M') {
		rt0_line_text(&line, " ");
		rt0_line_quoted(&line, subject);
	}
	rt0_line_text(&line, "\",\"args\":{\"name\":\"");
	rt0_line_quoted(&line, subject);
	if (what[1] == 'f') {
		rt0_line_text(&line, ": ");
		rt0_line_error(&line, rt->error);
	}
	rt0_line_text(&line, "\",\"library\":\"");
	rt0_line_quoted(&line, library);
	rt0_line_text(&line, "\"}},\n");
	long fd = open_trace(traced, O_APPEND);
	if (fd >= 0) {
		rt0_write((int)fd, line.text, line.length);
		rt0_close((int)fd);
	}
}

/* What getauxval tells, without libc. Who cannot be asked is not trusted. */
static bool is_privileged(void)
{
	size_t size;
	const uintptr_t *pair = (const uintptr_t *)rt0_read_block("/proc/self/auxv", &size);
	while (pair != NULL && pair[0] != 0 && pair[0] != AT_SECURE)
		pair += 2;
	return pair == NULL || pair[0] == 0 || pair[1] != 0;
}

/*
 * The file's name, kept where no host writes over it as over its environment, and
 * whole, since a host may change its folder. What does not fit is too long for Linux
 * as well.
 */
static long set_path(char *path, const char *file)
{
	long length = 0;
	if (*file != '/') {
		length = rt0_syscall3(SYS_GETCWD, (long)path, PATH_SIZE, 0);
		if (length < 0)
			return length;
		path[length - 1] = '/'; /* in the place of the NUL, which counts */
	}
	while (length < PATH_SIZE && *file != 0)
		path[length++] = *file++;
	return 0;
}

/*
 * "[" is in front of the events whoever comes first: it is written to the beginning
 * of the file, not to its end, so that two who find it empty write the same.
 */
static long begin_file(const char *path)
{
	long fd = open_trace(path, O_CREAT);
	long result = fd;
	if (fd >= 0) {
		if (rt0_syscall3(SYS_LSEEK, fd, 0, SEEK_END) == 0)
			result = rt0_write((int)fd, "[\n", 2);
		rt0_close((int)fd);
	}
	return result;
}

static long begin(const char *file)
{
	char *path = rt0_map(2 * PATH_SIZE);
	long result = path != NULL ? set_path(path, file) : -RT0_ENOMEM;
	if (result == 0)
		result = begin_file(path);
	if (result >= 0)
		__atomic_store_n(&traced, path, __ATOMIC_RELEASE);
	return result;
}

static void rt0_trace_begin(struct rt0_library *rt)
{
	static uint32_t is_begun;
	static const char variable[] = "RT0_TRACE=";
	if (__atomic_exchange_n(&is_begun, 1, __ATOMIC_ACQ_REL))
		return;
	for (char **at = rt0_environment(); *at != NULL; at++) {
		size_t n = 0;
		while (variable[n] != 0 && (*at)[n] == variable[n])
			n++;
		if (variable[n] == 0 && (*at)[n] != 0 && !is_privileged()) {
			long result = begin(*at + n);
			if (result < 0)
				rt0_tell(rt, "RT0_TRACE cannot be written", (int)-result);
			return;
		}
	}
}
