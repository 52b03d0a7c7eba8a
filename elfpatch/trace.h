/* A timeline: what RT0_TRACE writes, or another trace in Chrome's format (Trace Event Format). */
#ifndef TRACE_H
#define TRACE_H

#include "lib/why.h"

#include <stddef.h>
#include <stdint.h>

/* What rt tells of, in the order in which a picture names them; see rt0(7). */
enum trace_kind {
	TRACE_LOAD,
	TRACE_SPAWN,
	TRACE_LOCK,
	TRACE_INIT,
	TRACE_MAIN,
	TRACE_WAIT,
	TRACE_TAKE_OVER,
	TRACE_OPEN,
	TRACE_FAILURE,
	TRACE_OTHER,
	TRACE_KINDS
};

/* The word that rt has for it, and what a legend says. */
const char *trace_kind_name(enum trace_kind kind);
const char *trace_kind_meaning(enum trace_kind kind);

/* Times are microseconds since the first event. Strings are UTF-8 and belong to the trace. */
struct trace_span {
	double start, end;
	enum trace_kind kind;
	bool is_instant;   /* an event without a length */
	bool is_unended;   /* no end was told: `end` is that of the trace */
	unsigned depth;    /* spans of the same thread around it */
	const char *name;  /* "wait vm_eval" */
	const char *about; /* "vm_eval", a failure's reason; empty when nothing was told */
	const char *library;
};

struct trace_thread {
	int64_t pid, tid;
	const char *name, *process; /* never null */
	bool is_first;              /* of its process */
	const struct trace_span *spans;
	size_t span_count; /* in the order of their start, longer ones first */
	unsigned depth;    /* of the deepest, plus one */
};

struct trace {
	struct trace_thread *threads; /* by process, each thread in the order of its first event */
	size_t thread_count, process_count, span_count;
	double length;
	struct trace_span *spans; /* the rest is trace.c's */
	char **strings;
	size_t string_count;
};

/* Spans around one another, events, and bytes of a file. */
enum { TRACE_DEPTH_MAX = 128, TRACE_EVENTS_MAX = 2000000, TRACE_SIZE_MAX = 256 << 20 };

/*
 * Read a trace from the bytes of a file: an array of events, open at the end or
 * closed, events without an array around them, or an object with `traceEvents`. Events
 * of other phases than B, E, X, i and M are left out. On failure nothing is left.
 */
bool trace_parse(const char *text, size_t size, struct trace *trace, struct why *why);
bool trace_read(const char *path, struct trace *trace, struct why *why);
void trace_free(struct trace *trace);

/* "1.25 ms": three digits that count, and the unit that fits. */
struct trace_time {
	char text[32];
};
struct trace_time trace_time(double microseconds);

#endif
