#include "trace.h"

#include "document.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_MAX_BYTES = 512 };

/* Some 31 years of microseconds: what a double tells apart. */
static const double time_max = 1e15;

static const struct {
	const char *name, *meaning;
} kinds[TRACE_KINDS] = {
	[TRACE_LOAD] = {"load", "held at load"},
	[TRACE_SPAWN] = {"spawn", "makes a thread"},
	[TRACE_LOCK] = {"loader-lock", "waits for the load to end"},
	[TRACE_INIT] = {"init", "initialises"},
	[TRACE_MAIN] = {"main", "runs"},
	[TRACE_WAIT] = {"wait", "waits for init"},
	[TRACE_TAKE_OVER] = {"take-over", "takes init over"},
	[TRACE_OPEN] = {"open", "ready"},
	[TRACE_FAILURE] = {"failure", "failed"},
	[TRACE_OTHER] = {"other", "another event"},
};

const char *trace_kind_name(enum trace_kind kind)
{
	return kinds[kind].name;
}

const char *trace_kind_meaning(enum trace_kind kind)
{
	return kinds[kind].meaning;
}

struct trace_time trace_time(double t)
{
	struct trace_time time;
	double size = t < 0 ? -t : t;

	if (size < 9.95)
		snprintf(time.text, sizeof time.text, "%.2g µs", t);
	else if (size < 999.5)
		snprintf(time.text, sizeof time.text, "%.0f µs", t);
	else if (size < 999.5e3)
		snprintf(time.text, sizeof time.text, "%.*f ms", size < 9.995e3 ? 2 : size < 99.95e3 ? 1 : 0, t / 1e3);
	else
		snprintf(time.text, sizeof time.text, "%.*f s", size < 9.995e6 ? 2 : size < 99.95e6 ? 1 : 0, t / 1e6);
	return time;
}

/* An event as it stands in the file. */
struct event {
	int64_t pid, tid;
	double at, length; /* length: of X */
	char phase;
	bool is_process_name; /* of M */
	bool is_rt0;
	size_t number, thread_number; /* in the file; of the thread's first event */
	const char *name, *about, *library;
};

struct reader {
	const char *text;
	size_t size, at;
	struct event *events;
	size_t count, room;
	struct trace *trace;
	struct why *why;
};

static bool refuse(const struct reader *reader, const char *what)
{
	size_t line = 1;

	for (size_t i = 0; i < reader->at && i < reader->size; i++)
		line += reader->text[i] == '\n';
	return why_set(reader->why, "line %zu, byte %zu: %s", line, reader->at, what);
}

/*
 * rt has written a byte that is no ASCII as the code point of its number: the name
 * is what these bytes say together.
 */
static void join_bytes(char *text)
{
	char *to = text;

	for (const unsigned char *from = (const unsigned char *)text; *from; from++) {
		if ((*from == 0xc2 || *from == 0xc3) && (from[1] & 0xc0) == 0x80) {
			*to++ = (char)((*from & 3) << 6 | (from[1] & 0x3f));
			from++;
		} else {
			*to++ = (char)*from;
		}
	}
	*to = '\0';
}

/* A string that the trace keeps; "" stands for one that is not there. Null when memory runs out. */
static const char *keep(struct trace *trace, const json_t *value, bool is_rt0)
{
	const char *text = json_string_value(value);

	if (!text || !*text)
		return "";
	char *copy = strndup(text, NAME_MAX_BYTES);
	if (!copy)
		return NULL;
	if (is_rt0)
		join_bytes(copy);
	/* Cut or joined, it may have become something that is no UTF-8. */
	json_t *clean = document_text(copy);
	free(copy);
	copy = clean ? strdup(json_string_value(clean)) : NULL;
	json_decref(clean);
	if (!copy)
		return NULL;
	if ((trace->string_count & (trace->string_count - 1)) == 0) {
		size_t room = trace->string_count ? 2 * trace->string_count : 1;
		char **more = realloc(trace->strings, room * sizeof *more);
		if (!more) {
			free(copy);
			return NULL;
		}
		trace->strings = more;
	}
	return trace->strings[trace->string_count++] = copy;
}

static bool read_number(const struct reader *reader, const json_t *object, const char *key, int64_t *number)
{
	const json_t *value = json_object_get(object, key);

	*number = json_integer_value(value);
	if (!value || json_is_integer(value))
		return true;
	char what[64];
	snprintf(what, sizeof what, "'%s' is not a whole number", key);
	return refuse(reader, what);
}

static bool read_time(const struct reader *reader, const json_t *object, const char *key, double *time)
{
	const json_t *value = json_object_get(object, key);
	char what[96];

	*time = json_number_value(value);
	if (json_is_number(value) && *time >= 0 && *time <= time_max)
		return true;
	snprintf(what, sizeof what, "'%s' is not a number of microseconds from 0 to %.0e", key, time_max);
	return refuse(reader, what);
}

static bool add_event(struct reader *reader, const json_t *object)
{
	const char *phase = json_string_value(json_object_get(object, "ph"));
	const char *category = json_string_value(json_object_get(object, "cat"));
	const json_t *arguments = json_object_get(object, "args");
	struct event event = {.number = reader->count, .is_rt0 = category && strcmp(category, "rt0") == 0};

	if (!phase)
		return refuse(reader, "an event has no phase 'ph'");
	if (strlen(phase) != 1 || !strchr("BEXiIM", *phase))
		return true;
	event.phase = *phase;
	const char *name = json_string_value(json_object_get(object, "name"));
	event.is_process_name = name && strcmp(name, "process_name") == 0;
	if (event.phase == 'M' && !event.is_process_name && (!name || strcmp(name, "thread_name") != 0))
		return true;
	if (!read_number(reader, object, "pid", &event.pid) || !read_number(reader, object, "tid", &event.tid) ||
	    (event.phase != 'M' && !read_time(reader, object, "ts", &event.at)) ||
	    (event.phase == 'X' && !read_time(reader, object, "dur", &event.length)))
		return false;
	event.name = keep(reader->trace, json_object_get(object, "name"), event.is_rt0);
	event.about = keep(reader->trace, json_object_get(arguments, "name"), event.is_rt0);
	event.library = keep(reader->trace, json_object_get(arguments, "library"), event.is_rt0);
	if (event.is_rt0 && event.name && event.about && *event.about && strncmp(event.name, "failure ", 8) == 0) {
		/* With the error, which is no part of the name. */
		json_t *failure = json_sprintf("failure %s", event.about);
		event.name = failure ? keep(reader->trace, failure, false) : NULL;
		json_decref(failure);
	}
	if (!event.name || !event.about || !event.library)
		return why_set(reader->why, "out of memory");
	if (reader->count == TRACE_EVENTS_MAX)
		return why_set(reader->why, "more than %d events", TRACE_EVENTS_MAX);
	if (reader->count == reader->room) {
		size_t room = reader->room ? 2 * reader->room : 256;
		struct event *more = realloc(reader->events, room * sizeof *more);
		if (!more)
			return why_set(reader->why, "out of memory");
		reader->events = more;
		reader->room = room;
	}
	reader->events[reader->count++] = event;
	return true;
}

static bool add_events(struct reader *reader, const json_t *list)
{
	const json_t *object;
	size_t i;

	json_array_foreach(list, i, object) if (!json_is_object(object) ? !refuse(reader, "an event is not an object")
									: !add_event(reader, object)) return false;
	return true;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static char next(struct reader *reader)
{
	while (reader->at < reader->size && is_space(reader->text[reader->at]))
		reader->at++;
	return reader->at < reader->size ? reader->text[reader->at] : '\0';
}

/* One value: the events in it. */
static bool read_value(struct reader *reader, bool *is_whole)
{
	json_error_t error;
	json_t *object =
		json_loadb(reader->text + reader->at, reader->size - reader->at, JSON_DISABLE_EOF_CHECK, &error);

	if (!object) {
		char what[sizeof error.text + 16];
		snprintf(what, sizeof what, "no JSON: %s", error.text);
		for (char *c = what; *c; c++)
			if ((unsigned char)*c < ' ' || *c == 0x7f)
				*c = '?';
		reader->at += error.position > 0 ? (size_t)error.position : 0;
		return refuse(reader, what);
	}
	const json_t *list = json_object_get(object, "traceEvents");
	*is_whole = json_is_array(list);
	bool is_read = *is_whole ? add_events(reader, list) : add_event(reader, object);
	json_decref(object);
	reader->at += (size_t)error.position;
	return is_read;
}

static bool read_events(struct reader *reader)
{
	bool is_array = next(reader) == '[', is_whole = false;

	if (is_array)
		reader->at++;
	for (char c; (c = next(reader)) != '\0' || reader->at < reader->size;) {
		if (c == ',') {
			reader->at++;
		} else if (c == ']' && is_array) {
			is_array = false;
			is_whole = true;
			reader->at++;
		} else if (c != '{' || is_whole) {
			return refuse(reader, "no event begins here");
		} else if (!read_value(reader, &is_whole)) {
			return false;
		}
	}
	return true;
}

static int compare(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int by_thread(const void *a, const void *b)
{
	const struct event *l = a, *r = b;
	int order = compare(l->pid, r->pid);

	order = order ? order : compare(l->tid, r->tid);
	return order ? order : compare((int64_t)l->number, (int64_t)r->number);
}

/* What is drawn, in the order of processes and of the first events of threads; a thread's own by time. */
static int by_time(const void *a, const void *b)
{
	const struct event *l = a, *r = b;
	int order = compare(l->pid, r->pid);

	order = order ? order : compare((int64_t)l->thread_number, (int64_t)r->thread_number);
	order = order ? order : (l->at > r->at) - (l->at < r->at);
	order = order ? order : (l->length < r->length) - (l->length > r->length);
	return order ? order : compare((int64_t)l->number, (int64_t)r->number);
}

static enum trace_kind kind_of(const struct event *event)
{
	size_t length = strcspn(event->name, " ");

	for (int kind = 0; event->is_rt0 && kind < TRACE_OTHER; kind++)
		if (strlen(kinds[kind].name) == length && memcmp(kinds[kind].name, event->name, length) == 0)
			return (enum trace_kind)kind;
	return TRACE_OTHER;
}

/* The spans that are open on a thread. */
struct stack {
	struct trace_span *spans[TRACE_DEPTH_MAX];
	bool ends_itself[TRACE_DEPTH_MAX]; /* X */
	unsigned count;
};

/* Those whose end has come. */
static void leave(struct stack *stack, double at)
{
	while (stack->count && stack->ends_itself[stack->count - 1] && stack->spans[stack->count - 1]->end <= at)
		stack->count--;
}

/* What was inside and has no end of its own ends with it. An end without a beginning is no event. */
static void end(struct stack *stack, const struct event *event)
{
	for (unsigned i = stack->count; i-- > 0;) {
		if (*event->name && strcmp(stack->spans[i]->name, event->name) != 0)
			continue;
		for (unsigned k = i; k < stack->count; k++) {
			if (stack->ends_itself[k])
				continue;
			stack->spans[k]->end = event->at;
			stack->spans[k]->is_unended = false;
		}
		stack->count = i;
		return;
	}
}

static bool add_span(struct reader *reader, struct trace_thread *thread, struct stack *stack, const struct event *event)
{
	struct trace *trace = reader->trace;
	struct trace_span *span = &trace->spans[trace->span_count];

	leave(stack, event->at);
	if (event->phase == 'E') {
		end(stack, event);
		return true;
	}
	*span = (struct trace_span){
		.start = event->at,
		.end = event->at + event->length,
		.kind = kind_of(event),
		.is_instant = event->phase != 'B' && event->phase != 'X',
		.is_unended = event->phase == 'B',
		.depth = stack->count,
		.name = *event->name ? event->name : "?",
		.about = event->about,
		.library = event->library,
	};
	trace->span_count++;
	thread->span_count++;
	if (thread->depth <= span->depth)
		thread->depth = span->depth + 1;
	if (span->is_instant)
		return true;
	if (stack->count == TRACE_DEPTH_MAX)
		return why_set(reader->why, "events of thread %" PRId64 " stand in one another, more than %d deep",
			       event->tid, TRACE_DEPTH_MAX);
	stack->ends_itself[stack->count] = event->phase == 'X';
	stack->spans[stack->count++] = span;
	return true;
}

/* Names of threads and processes, from events that are sorted by them: the last that was told counts. */
static const char *name_of(const struct event *events, size_t count, bool is_process)
{
	for (size_t i = count; i-- > 0;)
		if (events[i].phase == 'M' && events[i].is_process_name == is_process && *events[i].about)
			return events[i].about;
	return "";
}

static size_t run_length(const struct event *events, size_t from, size_t count, bool is_process)
{
	size_t i = from;

	while (i < count && events[i].pid == events[from].pid && (is_process || events[i].tid == events[from].tid))
		i++;
	return i - from;
}

/* Gives each event its thread's names in place of its own (about, library), and its place among threads. */
struct naming {
	const char *thread, *process;
};

static bool name_threads(struct reader *reader, struct naming **names)
{
	struct event *events = reader->events;
	const char *process = "";

	*names = calloc(reader->count + 1, sizeof **names);
	if (!*names)
		return why_set(reader->why, "out of memory");
	for (size_t i = 0, length; i < reader->count; i += length) {
		length = run_length(events, i, reader->count, false);
		if (i == 0 || events[i].pid != events[i - 1].pid)
			process = name_of(events + i, run_length(events, i, reader->count, true), true);
		size_t first = SIZE_MAX;
		for (size_t k = i; k < i + length; k++)
			if (events[k].phase != 'M' && events[k].number < first)
				first = events[k].number;
		const char *thread = name_of(events + i, length, false);
		for (size_t k = i; k < i + length; k++)
			events[k].thread_number = first;
		if (first != SIZE_MAX)
			(*names)[first] = (struct naming){thread, process};
	}
	return true;
}

static void keep_drawn(struct reader *reader, double *from)
{
	size_t kept = 0;

	for (size_t i = 0; i < reader->count; i++) {
		if (reader->events[i].phase == 'M')
			continue;
		if (kept == 0 || reader->events[i].at < *from)
			*from = reader->events[i].at;
		reader->events[kept++] = reader->events[i];
	}
	reader->count = kept;
}

static bool build(struct reader *reader, const struct naming *names)
{
	struct trace *trace = reader->trace;
	struct stack stack = {.count = 0};
	double from = 0;

	keep_drawn(reader, &from);
	qsort(reader->events, reader->count, sizeof *reader->events, by_time);
	size_t threads = 0;
	for (size_t i = 0; i < reader->count; i++)
		threads += i == 0 || reader->events[i].thread_number != reader->events[i - 1].thread_number;
	trace->threads = calloc(threads + 1, sizeof *trace->threads);
	trace->spans = calloc(reader->count + 1, sizeof *trace->spans);
	if (!trace->threads || !trace->spans)
		return why_set(reader->why, "out of memory");
	struct trace_thread *thread = NULL;
	for (size_t i = 0; i < reader->count; i++) {
		struct event *event = &reader->events[i];
		if (i == 0 || event->thread_number != event[-1].thread_number) {
			bool is_first = i == 0 || event->pid != event[-1].pid;
			thread = &trace->threads[trace->thread_count++];
			*thread = (struct trace_thread){
				.pid = event->pid,
				.tid = event->tid,
				.name = names[event->thread_number].thread,
				.process = names[event->thread_number].process,
				.is_first = is_first,
				.spans = trace->spans + trace->span_count,
			};
			trace->process_count += is_first;
			stack.count = 0;
		}
		event->at -= from;
		if (event->at + event->length > trace->length)
			trace->length = event->at + event->length;
		if (!add_span(reader, thread, &stack, event))
			return false;
	}
	for (size_t i = 0; i < trace->span_count; i++)
		if (trace->spans[i].is_unended)
			trace->spans[i].end = trace->length;
	return true;
}

bool trace_parse(const char *text, size_t size, struct trace *trace, struct why *why)
{
	struct reader reader = {.text = text, .size = size, .trace = trace, .why = why};
	struct naming *names = NULL;

	*trace = (struct trace){0};
	bool is_read = read_events(&reader);
	if (is_read && reader.count) {
		qsort(reader.events, reader.count, sizeof *reader.events, by_thread);
		is_read = name_threads(&reader, &names) && build(&reader, names);
	}
	if (is_read && trace->span_count == 0)
		is_read = why_set(why, "no events in %zu bytes", size);
	free(names);
	free(reader.events);
	if (!is_read)
		trace_free(trace);
	return is_read;
}

static bool parse_file(int fd, struct trace *trace, struct why *why)
{
	struct stat status;

	if (fstat(fd, &status) != 0)
		return why_set(why, "%s", strerror(errno));
	if (!S_ISREG(status.st_mode))
		return why_set(why, "not a regular file");
	if (status.st_size > TRACE_SIZE_MAX)
		return why_set(why, "%jd bytes, of which at most %d are read", (intmax_t)status.st_size,
			       TRACE_SIZE_MAX);
	if (status.st_size == 0)
		return why_set(why, "the file is empty");
	/* A copy: a file that somebody makes shorter meanwhile is no file to map. */
	size_t size = (size_t)status.st_size, used = 0;
	char *text = malloc(size);
	if (!text)
		return why_set(why, "out of memory");
	for (ssize_t n = 1; n > 0 && used < size;) {
		n = read(fd, text + used, size - used);
		used += n > 0 ? (size_t)n : 0;
	}
	bool is_read = trace_parse(text, used, trace, why);
	free(text);
	return is_read;
}

bool trace_read(const char *path, struct trace *trace, struct why *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return why_set(why, "%s", strerror(errno));
	bool is_read = parse_file(fd, trace, why);
	close(fd);
	return is_read;
}

void trace_free(struct trace *trace)
{
	for (size_t i = 0; i < trace->string_count; i++)
		free(trace->strings[i]);
	free(trace->strings);
	free(trace->spans);
	free(trace->threads);
	*trace = (struct trace){0};
}
