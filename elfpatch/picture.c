#include "picture.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Pixels. */
enum { WIDTH = 1000, LEFT = 190, RIGHT = 12, TOP = 26, ROW = 24, BAR = 20, GAP = 8, PROCESS = 28, DEPTH_DRAWN = 24 };

/* Of a label. */
static const double CHARACTER = 6.7;

/* Events looked at for the next in a row, rows of the tables that a page has. */
enum { LOOKED_AT = 64, LISTED = 200, THREADS_LISTED = 200 };

struct drawing {
	FILE *file;
	const struct trace *trace;
	double least; /* shorter ones are not drawn */
	size_t left;  /* nor any after so many */
};

static unsigned rows_of(const struct trace_thread *thread)
{
	return thread->depth < DEPTH_DRAWN ? thread->depth : DEPTH_DRAWN;
}

static unsigned height_of(const struct trace *trace)
{
	unsigned height = TOP;

	for (size_t i = 0; i < trace->thread_count; i++)
		height += rows_of(&trace->threads[i]) * ROW + GAP + (trace->threads[i].is_first ? PROCESS : 0);
	return height + 6;
}

static double place(const struct drawing *drawing, double time)
{
	return drawing->trace->length > 0 ? LEFT + time / drawing->trace->length * (WIDTH - LEFT - RIGHT) : LEFT;
}

/* At most so many characters; a cut is told. */
static void put_cut(FILE *file, const char *text, size_t room)
{
	char cut[512];
	size_t characters = 0, used = 0;

	for (const char *c = text; *c; c++)
		characters += ((unsigned char)*c & 0xc0) != 0x80;
	if (characters <= room) {
		page_text(file, text);
		return;
	}
	if (room < 3)
		return;
	for (characters = 0; *text && used < sizeof cut - 1; text++) {
		characters += ((unsigned char)*text & 0xc0) != 0x80;
		if (characters == room)
			break;
		cut[used++] = *text;
	}
	cut[used] = '\0';
	page_text(file, cut);
	fputs("…", file);
}

/* Whose the function is that a span is named after. */
static void put_more(FILE *file, const struct trace_span *span)
{
	if (*span->library && strcmp(span->about, span->library) != 0) {
		fputs(", ", file);
		page_text(file, span->library);
	}
}

static void put_title(FILE *file, const struct trace_thread *thread, const struct trace_span *span)
{
	fputs("<title>", file);
	page_text(file, span->name);
	put_more(file, span);
	if (span->is_instant)
		fprintf(file, ": at %s", trace_time(span->start).text);
	else
		fprintf(file, ": %s%s from %s", span->is_unended ? "no end after " : "",
			trace_time(span->end - span->start).text, trace_time(span->start).text);
	fputs(", thread ", file);
	page_text(file, thread->name);
	fprintf(file, " %" PRId64 "</title>", thread->tid);
}

static void put_data(FILE *file, const struct trace_span *span, unsigned y)
{
	fprintf(file, " data-s=\"%.3f\" data-e=\"%.3f\" data-y=\"%u\" data-n=\"", span->start, span->end, y);
	page_text(file, span->name);
	fputs("\">", file);
}

/* Where the next one in the row of this one begins; where that is far in the list, here. */
static double next_in_row(const struct drawing *drawing, const struct trace_thread *thread,
			  const struct trace_span *span)
{
	const struct trace_span *end = thread->spans + thread->span_count, *next = span + 1;

	for (; next < end && next - span <= LOOKED_AT; next++)
		if (next->depth == span->depth)
			return place(drawing, next->start);
	return next == end ? WIDTH : place(drawing, span->end);
}

static void put_span(const struct drawing *drawing, const struct trace_thread *thread, const struct trace_span *span,
		     unsigned y)
{
	double x = place(drawing, span->start), width = place(drawing, span->end) - x;
	unsigned row = span->depth < DEPTH_DRAWN ? span->depth : DEPTH_DRAWN - 1;

	y += row * ROW;
	width = width < 1.5 ? 1.5 : width;
	fprintf(drawing->file, "<g class=\"span k-%s%s\"", trace_kind_name(span->kind),
		span->is_unended ? " unended" : "");
	put_data(drawing->file, span, y);
	put_title(drawing->file, thread, span);
	fprintf(drawing->file, "<rect x=\"%.2f\" y=\"%u\" width=\"%.2f\" height=\"%d\" rx=\"2.5\"/>", x, y, width, BAR);
	size_t room = width > 8 ? (size_t)((width - 8) / CHARACTER) : 0;
	struct trace_time length = trace_time(span->end - span->start);
	/* A name with its time stands behind one that is too short for it, when there is room. */
	bool is_behind = room < 3 && (double)(strlen(span->name) + strlen(length.text) + 1) * CHARACTER + 16 <
					     next_in_row(drawing, thread, span) - x - width;
	fprintf(drawing->file, "<text%s x=\"%.2f\" y=\"%u\">", is_behind ? " class=\"behind\"" : "",
		is_behind ? x + width + 5 : x + 4, y + 14);
	put_cut(drawing->file, span->name, is_behind ? SIZE_MAX : room);
	fprintf(drawing->file, "%s%s</text></g>\n", is_behind ? " " : "", is_behind ? length.text : "");
}

static void put_mark(const struct drawing *drawing, const struct trace_thread *thread, const struct trace_span *span,
		     unsigned y)
{
	unsigned row = span->depth < DEPTH_DRAWN ? span->depth : DEPTH_DRAWN - 1;

	y += row * ROW;
	fprintf(drawing->file, "<g class=\"mark k-%s\" transform=\"translate(%.2f %u)\"", trace_kind_name(span->kind),
		place(drawing, span->start), y);
	put_data(drawing->file, span, y);
	put_title(drawing->file, thread, span);
	fprintf(drawing->file, "<line y1=\"-2\" y2=\"%d\"/><path d=\"M0 4l6 6-6 6-6-6z\"/></g>\n", BAR + 2);
}

static void put_thread(struct drawing *drawing, const struct trace_thread *thread, unsigned y)
{
	fprintf(drawing->file, "<text class=\"strong\" x=\"12\" y=\"%u\">", y + 14);
	put_cut(drawing->file, *thread->name ? thread->name : "thread", 17);
	fprintf(drawing->file, "<title>");
	page_text(drawing->file, thread->name);
	fprintf(drawing->file,
		"</title></text><text class=\"soft\" x=\"%d\" y=\"%u\" text-anchor=\"end\">%" PRId64 "</text>\n",
		LEFT - 10, y + 14, thread->tid);
	for (int are_instants = 0; are_instants < 2; are_instants++) {
		for (size_t i = 0; i < thread->span_count; i++) {
			const struct trace_span *span = &thread->spans[i];
			if (span->is_instant != are_instants || span->end - span->start < drawing->least ||
			    !drawing->left)
				continue;
			drawing->left--;
			if (span->is_instant)
				put_mark(drawing, thread, span, y);
			else
				put_span(drawing, thread, span, y);
		}
	}
}

static void put_axis(const struct drawing *drawing, unsigned height)
{
	double about = drawing->trace->length / 8, unit = 1;

	while (unit * 10 <= about)
		unit *= 10;
	double step = unit * (about / unit > 5 ? 10 : about / unit > 2 ? 5 : about / unit > 1 ? 2 : 1);

	fputs("<g id=\"axis\">", drawing->file);
	for (int i = 0; i < 20 && i * step <= drawing->trace->length; i++) {
		double x = place(drawing, i * step);
		fprintf(drawing->file, "<line class=\"grid\" x1=\"%.2f\" x2=\"%.2f\" y1=\"22\" y2=\"%u\"/>", x, x,
			height);
		if (x + 60 < WIDTH)
			fprintf(drawing->file, "<text class=\"soft\" x=\"%.2f\" y=\"14\">%s</text>", x + 4,
				i ? trace_time(i * step).text : "0");
	}
	fputs("</g>\n", drawing->file);
}

static int by_length(const void *a, const void *b)
{
	double l = *(const double *)a, r = *(const double *)b;

	return (l < r) - (l > r);
}

/* The length of the shortest that is drawn, or a negative one when all are. */
static bool find_least(const struct trace *trace, double *least)
{
	*least = -1;
	if (trace->span_count <= PICTURE_SPANS_MAX)
		return true;
	double *lengths = calloc(trace->span_count, sizeof *lengths);
	if (!lengths)
		return false;
	for (size_t i = 0; i < trace->span_count; i++)
		lengths[i] = trace->spans[i].end - trace->spans[i].start;
	qsort(lengths, trace->span_count, sizeof *lengths, by_length);
	*least = lengths[PICTURE_SPANS_MAX];
	free(lengths);
	return true;
}

static void draw(struct drawing *drawing, const char *attributes)
{
	unsigned height = height_of(drawing->trace), y = TOP;

	fprintf(drawing->file,
		"<svg id=\"timeline\" class=\"svg\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %u\" "
		"data-left=\"%d\" data-right=\"%d\" data-length=\"%.3f\"%s>\n",
		WIDTH, height, LEFT, RIGHT, drawing->trace->length > 0 ? drawing->trace->length : 1, attributes);
	if (*attributes) {
		page_style(drawing->file);
		fprintf(drawing->file, "<rect class=\"plate\" width=\"%d\" height=\"%u\" rx=\"8\"/>\n", WIDTH, height);
	}
	put_axis(drawing, height);
	for (size_t i = 0; i < drawing->trace->thread_count; i++) {
		const struct trace_thread *thread = &drawing->trace->threads[i];
		if (thread->is_first) {
			fprintf(drawing->file, "<text class=\"strong\" x=\"3\" y=\"%u\">", y + 16);
			put_cut(drawing->file, *thread->process ? thread->process : "process", 18);
			fprintf(drawing->file, " <tspan class=\"soft\">%" PRId64 "</tspan></text>\n", thread->pid);
			y += PROCESS;
		}
		put_thread(drawing, thread, y);
		y += rows_of(thread) * ROW + GAP;
	}
	fputs("</svg>\n", drawing->file);
}

void picture_write(FILE *file, const char *title, const struct trace *trace)
{
	struct drawing drawing = {file, trace, -1, PICTURE_SPANS_MAX};
	char attributes[64];

	find_least(trace, &drawing.least);
	snprintf(attributes, sizeof attributes, " width=\"%d\" height=\"%u\"", WIDTH, height_of(trace));
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- ", file);
	/* Two hyphens end a comment. */
	for (; *title; title++)
		putc(*title >= ' ' && *title != '-' && *title < 0x7f ? *title : '_', file);
	fputs(" -->\n", file);
	draw(&drawing, attributes);
}

/* ---- the page ---- */

/* What a library did in a process, in a row. */
struct summary {
	int64_t pid;
	const char *library, *failure, *longest_name;
	double load, lock, init, open, longest;
	bool has_load, has_lock, has_init, is_open, is_taken_over;
	size_t waits;
};

static struct summary *summary_of(struct summary *all, size_t *count, int64_t pid, const char *library)
{
	/* The last ones are asked for again and again. */
	for (size_t i = *count; i-- > 0;)
		if (all[i].pid == pid && strcmp(all[i].library, library) == 0)
			return &all[i];
	if (*count == THREADS_LISTED)
		return NULL;
	all[*count] = (struct summary){.pid = pid, .library = library};
	return &all[(*count)++];
}

static void summarise(struct summary *s, const struct trace_span *span)
{
	double length = span->end - span->start;

	switch (span->kind) {
	case TRACE_LOAD:
		s->load = length;
		s->has_load = true;
		break;
	case TRACE_LOCK:
		s->lock = length;
		s->has_lock = true;
		break;
	case TRACE_INIT:
		s->init = length;
		s->has_init = true;
		break;
	case TRACE_OPEN:
		s->open = span->start;
		s->is_open = true;
		break;
	case TRACE_FAILURE:
		s->failure = span->about;
		break;
	case TRACE_TAKE_OVER:
		s->is_taken_over = true;
		break;
	case TRACE_WAIT:
		s->waits++;
		if (length >= s->longest) {
			s->longest = length;
			s->longest_name = span->about;
		}
		break;
	default:
		break;
	}
}

static void put_number(FILE *file, bool is_there, double time)
{
	fprintf(file, "<td class=\"n\">%s</td>", is_there ? trace_time(time).text : "");
}

static void put_summary(FILE *file, const struct summary *s)
{
	fputs("<tr><td><code>", file);
	page_text(file, s->library);
	fprintf(file, "</code></td><td class=\"n\">%" PRId64 "</td>", s->pid);
	put_number(file, s->has_load, s->load);
	put_number(file, s->has_lock, s->lock);
	put_number(file, s->has_init, s->init);
	put_number(file, s->is_open, s->open);
	fprintf(file, "<td class=\"n\">%zu</td>", s->waits);
	put_number(file, s->waits > 0, s->longest);
	fputs("<td><code>", file);
	page_text(file, s->longest_name ? s->longest_name : "");
	fputs("</code></td><td>", file);
	if (s->failure) {
		fputs("<span class=\"error\">", file);
		page_text(file, s->failure);
		fputs("</span>", file);
	} else {
		fputs(s->is_open ? "<span class=\"good\">ready</span>" : "<span class=\"warning\">not ready</span>",
		      file);
	}
	fputs(s->is_taken_over ? ", init was taken over</td></tr>\n" : "</td></tr>\n", file);
}

static bool put_libraries(FILE *file, const struct trace *trace)
{
	struct summary *all = calloc(THREADS_LISTED, sizeof *all);
	size_t count = 0;

	if (!all)
		return false;
	for (size_t i = 0; i < trace->thread_count; i++) {
		const struct trace_thread *thread = &trace->threads[i];
		for (size_t k = 0; k < thread->span_count; k++) {
			const struct trace_span *span = &thread->spans[k];
			struct summary *s =
				span->kind != TRACE_OTHER ? summary_of(all, &count, thread->pid, span->library) : NULL;
			if (s)
				summarise(s, span);
		}
	}
	if (count) {
		fputs("<h2>Libraries</h2>\n<div class=\"card scroll\"><table>\n<tr><th>library</th><th "
		      "class=\"n\">process"
		      "</th><th class=\"n\">held at load</th><th class=\"n\">waits for the load</th><th "
		      "class=\"n\">init"
		      "</th><th class=\"n\">ready at</th><th class=\"n\">waits</th><th class=\"n\">the "
		      "longest</th><th>in"
		      "</th><th></th></tr>\n",
		      file);
		for (size_t i = 0; i < count; i++)
			put_summary(file, &all[i]);
		fputs("</table></div>\n", file);
	}
	free(all);
	return true;
}

static void put_cards(FILE *file, const struct trace *trace)
{
	const struct trace_span *init = NULL, *load = NULL, *wait = NULL;

	for (size_t i = 0; i < trace->span_count; i++) {
		const struct trace_span *span = &trace->spans[i];
		const struct trace_span **longest = span->kind == TRACE_INIT   ? &init
						    : span->kind == TRACE_LOAD ? &load
						    : span->kind == TRACE_WAIT ? &wait
									       : NULL;
		if (longest && (!*longest || span->end - span->start > (*longest)->end - (*longest)->start))
			*longest = span;
	}
	const struct {
		const struct trace_span *span;
		const char *what;
	} cards[] = {{load, "the loader is held, by "}, {init, "initialises "}, {wait, "the longest wait, in "}};
	fprintf(file,
		"<div class=\"cards\">\n<div class=\"card\"><b>%s</b><span>from the first event to the "
		"last</span></div>\n",
		trace_time(trace->length).text);
	for (size_t i = 0; i < sizeof cards / sizeof cards[0]; i++) {
		if (!cards[i].span)
			continue;
		fprintf(file, "<div class=\"card\"><b>%s%s</b><span>%s", cards[i].span->is_unended ? "≥ " : "",
			trace_time(cards[i].span->end - cards[i].span->start).text, cards[i].what);
		page_text(file, *cards[i].span->about ? cards[i].span->about : cards[i].span->library);
		fputs("</span></div>\n", file);
	}
	fputs("</div>\n", file);
}

static void put_legend(FILE *file, const struct trace *trace)
{
	bool has[TRACE_KINDS] = {false};

	for (size_t i = 0; i < trace->span_count; i++)
		has[trace->spans[i].kind] = true;
	fputs("<div class=\"chips\">\n", file);
	for (int kind = 0; kind < TRACE_KINDS; kind++)
		if (has[kind])
			fprintf(file, "<span class=\"chip k-%s\">%s</span>\n", trace_kind_name((enum trace_kind)kind),
				trace_kind_meaning((enum trace_kind)kind));
	fputs("</div>\n", file);
}

static void put_row(FILE *file, const struct trace_span *span)
{
	fprintf(file, "<tr><td class=\"n\">%s</td><td class=\"n\">%s</td><td class=\"d%u\"><code class=\"k-%s\">",
		trace_time(span->start).text,
		span->is_instant   ? ""
		: span->is_unended ? "no end"
				   : trace_time(span->end - span->start).text,
		span->depth < 3 ? span->depth : 3, trace_kind_name(span->kind));
	page_text(file, span->name);
	fputs("</code></td><td><code>", file);
	page_text(file, span->library);
	fputs("</code></td></tr>\n", file);
}

static void put_threads(FILE *file, const struct trace *trace)
{
	fputs("<h2>Threads</h2>\n", file);
	for (size_t i = 0; i < trace->thread_count && i < THREADS_LISTED; i++) {
		const struct trace_thread *thread = &trace->threads[i];
		fputs("<details><summary><b>", file);
		page_text(file, *thread->name ? thread->name : "thread");
		fprintf(file, "</b> <span>%" PRId64 ", process ", thread->tid);
		page_text(file, thread->process);
		fprintf(file,
			" %" PRId64 ", %zu event%s</span></summary>\n<div class=\"card scroll\"><table>\n"
			"<tr><th class=\"n\">at</th><th class=\"n\">takes</th><th>event</th><th></th></tr>\n",
			thread->pid, thread->span_count, thread->span_count == 1 ? "" : "s");
		for (size_t k = 0; k < thread->span_count && k < LISTED; k++)
			put_row(file, &thread->spans[k]);
		if (thread->span_count > LISTED)
			fprintf(file, "<tr><td class=\"soft\" colspan=\"4\">and %zu more</td></tr>\n",
				thread->span_count - LISTED);
		fputs("</table></div></details>\n", file);
	}
	if (trace->thread_count > THREADS_LISTED)
		fprintf(file, "<p class=\"soft\">and %zu more threads</p>\n", trace->thread_count - THREADS_LISTED);
}

bool picture_page(struct page *page, const char *title, const struct trace *trace)
{
	struct drawing drawing = {page->file, trace, -1, PICTURE_SPANS_MAX};
	char subtitle[160];

	if (!find_least(trace, &drawing.least))
		return false;
	snprintf(subtitle, sizeof subtitle, "%zu event%s on %zu thread%s of %zu process%s", trace->span_count,
		 trace->span_count == 1 ? "" : "s", trace->thread_count, trace->thread_count == 1 ? "" : "s",
		 trace->process_count, trace->process_count == 1 ? "" : "es");
	page_begin(page, title, subtitle);
	put_cards(page->file, trace);
	put_legend(page->file, trace);
	fputs("<div class=\"card\">\n<div class=\"tools\"><input id=\"filter\" type=\"search\" placeholder=\"find an "
	      "event, a "
	      "thread\" aria-label=\"find\"> <button id=\"in\" title=\"closer\">+</button> <button id=\"out\" "
	      "title=\"farther\">−</button> <button id=\"fit\">all</button> <span class=\"soft\">the wheel zooms, with "
	      "Ctrl where it "
	      "scrolls; dragging moves; a double click fits an event</span></div>\n",
	      page->file);
	fputs("<div class=\"pane\">\n", page->file);
	draw(&drawing, "");
	fputs("</div>\n<div id=\"chosen\" class=\"mono\"></div>\n", page->file);
	if (drawing.least >= 0)
		fprintf(page->file, "<p class=\"soft\">Drawn are the %d longest events.</p>\n", PICTURE_SPANS_MAX);
	fputs("</div>\n", page->file);
	if (!put_libraries(page->file, trace))
		return false;
	put_threads(page->file, trace);
	page_end(page);
	return true;
}
