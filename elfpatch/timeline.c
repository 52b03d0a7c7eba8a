#include "timeline.h"

#include "terminal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { LABEL_COLUMNS = 24, LISTED = 24 };

static const struct {
	const char *utf8, *ascii, *colour;
} marks[TRACE_KINDS] = {
	[TRACE_LOAD] = {"█", "#", "31"},      [TRACE_SPAWN] = {"▓", "s", "35"}, [TRACE_LOCK] = {"░", ":", "90"},
	[TRACE_INIT] = {"▄", "=", "34"},      [TRACE_MAIN] = {"▁", "_", "32"},  [TRACE_WAIT] = {"▒", "w", "33"},
	[TRACE_TAKE_OVER] = {"▐", "T", "35"}, [TRACE_OPEN] = {"◆", "o", "32"},  [TRACE_FAILURE] = {"✗", "X", "31"},
	[TRACE_OTHER] = {"▪", "+", "36"},
};

static bool names_utf8(const char *value)
{
	for (; *value; value++)
		if (strncasecmp(value, "utf-8", 5) == 0 || strncasecmp(value, "utf8", 4) == 0)
			return true;
	return false;
}

/* As setlocale finds it. */
static bool is_locale_utf8(void)
{
	static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};

	for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
		const char *value = getenv(variables[i]);
		if (value && *value)
			return names_utf8(value);
	}
	return false;
}

struct timeline_style timeline_style(void)
{
	const char *columns = getenv("COLUMNS");
	struct timeline_style style = {.columns = 80, .is_utf8 = is_locale_utf8(), .has_colours = colour_is_wanted()};
	struct winsize size;

	if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col)
		style.columns = size.ws_col;
	else if (columns && strtoul(columns, NULL, 10))
		style.columns = (unsigned)(strtoul(columns, NULL, 10) % (TIMELINE_COLUMNS_MAX + 1));
	if (style.columns < TIMELINE_COLUMNS_MIN)
		style.columns = TIMELINE_COLUMNS_MIN;
	if (style.columns > TIMELINE_COLUMNS_MAX)
		style.columns = TIMELINE_COLUMNS_MAX;
	return style;
}

/* Length of the UTF-8 character at `text`, which is one. */
static size_t character_size(const char *text)
{
	unsigned char c = (unsigned char)*text;

	return c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

/* A name in at most so many columns; what a terminal would take for a command is a question mark. Returns the columns.
 */
static unsigned put_name(FILE *out, const char *text, unsigned columns, bool is_utf8)
{
	unsigned used = 0;

	while (*text && used < columns) {
		const unsigned char *c = (const unsigned char *)text;
		size_t size = character_size(text);
		bool is_control = c[0] < 0x20 || c[0] == 0x7f || (c[0] == 0xc2 && c[1] < 0xa0);
		/* U+2028 to U+202E and U+2066 to U+2069 turn the direction of a line, or end it. */
		is_control |= c[0] == 0xe2 && ((c[1] == 0x80 && c[2] >= 0xa8 && c[2] <= 0xae) ||
					       (c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9));
		if (is_control || (size > 1 && !is_utf8))
			putc('?', out);
		else
			fwrite(text, 1, size, out);
		text += size;
		used++;
	}
	return used;
}

static void pad(FILE *out, unsigned used, unsigned columns)
{
	for (; used < columns; used++)
		putc(' ', out);
}

struct drawing {
	FILE *out;
	const struct timeline_style *style;
	const struct trace *trace;
	unsigned columns; /* of the bar */
	signed char *bar; /* a kind, or -1 */
};

static void put_mark(const struct drawing *drawing, int kind)
{
	if (kind < 0) {
		putc(' ', drawing->out);
		return;
	}
	const char *mark = drawing->style->is_utf8 ? marks[kind].utf8 : marks[kind].ascii;
	if (drawing->style->has_colours)
		fprintf(drawing->out, "\033[%sm%s\033[m", marks[kind].colour, mark);
	else
		fputs(mark, drawing->out);
}

static unsigned column_of(const struct drawing *drawing, double time)
{
	double column = drawing->trace->length > 0 ? time / drawing->trace->length * drawing->columns : 0;

	return column < drawing->columns ? (unsigned)column : drawing->columns - 1;
}

/* What is inside another thing lies over it, and what has no length over all. */
static void paint(const struct drawing *drawing, const struct trace_thread *thread)
{
	memset(drawing->bar, -1, drawing->columns);
	for (int are_instants = 0; are_instants < 2; are_instants++) {
		for (size_t i = 0; i < thread->span_count; i++) {
			const struct trace_span *span = &thread->spans[i];
			if (span->is_instant != are_instants)
				continue;
			unsigned to = column_of(drawing, span->end);
			for (unsigned c = column_of(drawing, span->start); c <= to; c++)
				drawing->bar[c] = (signed char)span->kind;
		}
	}
}

static void put_bar(const struct drawing *drawing, const struct trace_thread *thread)
{
	const char *edge = drawing->style->is_utf8 ? "▏" : "|";
	char number[24];

	snprintf(number, sizeof number, " %" PRId64, thread->tid);
	unsigned room = LABEL_COLUMNS - 2 - (unsigned)strlen(number);
	fputs("  ", drawing->out);
	unsigned used = put_name(drawing->out, *thread->name ? thread->name : "thread", room, drawing->style->is_utf8);
	fputs(number, drawing->out);
	pad(drawing->out, 2 + used + (unsigned)strlen(number), LABEL_COLUMNS);
	fputs(edge, drawing->out);
	paint(drawing, thread);
	for (unsigned c = 0; c < drawing->columns; c++)
		put_mark(drawing, drawing->bar[c]);
	fprintf(drawing->out, "%s\n", edge);
}

/* Right-justified. "µ" is one column in two bytes, and in no other locale. */
static void put_time(const struct drawing *drawing, const char *text, unsigned columns)
{
	const char *micro = strstr(text, "µ");
	unsigned used = (unsigned)strlen(text) - (micro ? 1 : 0);

	pad(drawing->out, used, columns);
	if (micro && !drawing->style->is_utf8)
		fprintf(drawing->out, "%.*sus", (int)(micro - text), text);
	else
		fputs(text, drawing->out);
}

static void put_event(const struct drawing *drawing, const struct trace_span *span)
{
	struct trace_time length = trace_time(span->end - span->start);
	unsigned indent = 2 * (span->depth < 8 ? span->depth : 8);
	unsigned room = drawing->style->columns > indent + 26 + 12 ? drawing->style->columns - indent - 26 : 12;

	fputs("  ", drawing->out);
	put_time(drawing, trace_time(span->start).text, 10);
	put_time(drawing, span->is_instant ? "" : span->is_unended ? "no end" : length.text, 10);
	fputs("  ", drawing->out);
	put_mark(drawing, (int)span->kind);
	pad(drawing->out, 0, indent + 1);
	unsigned used = put_name(drawing->out, span->name, room, drawing->style->is_utf8);
	/* Whose the function is that it is named after. */
	if (*span->library && strcmp(span->about, span->library) != 0 && used + 4 < room) {
		fputs(", ", drawing->out);
		put_name(drawing->out, span->library, room - used - 2, drawing->style->is_utf8);
	}
	putc('\n', drawing->out);
}

static void put_scale(const struct drawing *drawing)
{
	pad(drawing->out, 0, LABEL_COLUMNS);
	fputs(" 0", drawing->out);
	put_time(drawing, trace_time(drawing->trace->length).text, drawing->columns - 1);
	putc('\n', drawing->out);
}

static void put_legend(const struct drawing *drawing)
{
	bool has[TRACE_KINDS] = {false};
	unsigned column = 1;

	for (size_t i = 0; i < drawing->trace->span_count; i++)
		has[drawing->trace->spans[i].kind] = true;
	putc('\n', drawing->out);
	for (int kind = 0; kind < TRACE_KINDS; kind++) {
		const char *meaning = trace_kind_meaning((enum trace_kind)kind);
		if (!has[kind])
			continue;
		if (column + strlen(meaning) + 5 > drawing->style->columns) {
			putc('\n', drawing->out);
			column = 1;
		}
		fputs("  ", drawing->out);
		put_mark(drawing, kind);
		fprintf(drawing->out, " %s", meaning);
		column += (unsigned)strlen(meaning) + 4;
	}
	putc('\n', drawing->out);
}

static void put_process(const struct drawing *drawing, const struct trace_thread *thread)
{
	put_name(drawing->out, *thread->process ? thread->process : "process", drawing->columns,
		 drawing->style->is_utf8);
	fprintf(drawing->out, ", process %" PRId64 "\n", thread->pid);
}

void timeline_print(FILE *out, const char *title, const struct trace *trace, const struct timeline_style *style)
{
	signed char bar[TIMELINE_COLUMNS_MAX];
	struct drawing drawing = {out, style, trace, style->columns - LABEL_COLUMNS - 2, bar};

	put_name(out, title, TIMELINE_COLUMNS_MAX, style->is_utf8);
	fprintf(out, ": %zu event%s, %zu thread%s, %zu process%s\n\n", trace->span_count,
		trace->span_count == 1 ? "" : "s", trace->thread_count, trace->thread_count == 1 ? "" : "s",
		trace->process_count, trace->process_count == 1 ? "" : "es");
	for (size_t i = 0; i < trace->thread_count; i++) {
		if (trace->threads[i].is_first)
			put_process(&drawing, &trace->threads[i]);
		put_bar(&drawing, &trace->threads[i]);
	}
	put_scale(&drawing);
	put_legend(&drawing);
	for (size_t i = 0; i < trace->thread_count; i++) {
		const struct trace_thread *thread = &trace->threads[i];
		putc('\n', out);
		put_name(out, *thread->name ? thread->name : "thread", TIMELINE_COLUMNS_MAX, style->is_utf8);
		fprintf(out, " %" PRId64 "\n", thread->tid);
		for (size_t k = 0; k < thread->span_count && k < LISTED; k++)
			put_event(&drawing, &thread->spans[k]);
		if (thread->span_count > LISTED)
			fprintf(out, "  and %zu more events\n", thread->span_count - LISTED);
	}
}
