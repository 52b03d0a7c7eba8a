/* elfpatch trace: what is read, and all that is made of it. */
#include "fuzz.h"
#include "memory.h"

#include "elfpatch/picture.h"
#include "elfpatch/timeline.h"

#include <stdlib.h>
#include <string.h>

/* Whatever names are, no control character is drawn, and in a picture or a page no tag that is not ours. */
static void look(const char *text, int has_tags)
{
	for (const unsigned char *c = (const unsigned char *)text; *c; c++)
		if ((*c < ' ' && *c != '\n' && *c != '\t') || *c == 0x7f)
			broken("a control character 0x%02x is drawn", *c);
	if (has_tags && (strstr(text, "<script><") || strstr(text, "<img")))
		broken("a name became a tag");
}

static void draw(const struct trace *trace, const unsigned char *control)
{
	struct timeline_style style = {TIMELINE_COLUMNS_MIN + control[1], control[0] & 8, control[0] & 16};
	struct page page = {.path = "-"};
	char *text = NULL;
	size_t size;

	page.file = open_memstream(&text, &size);
	if (!page.file)
		abort();
	if (control[0] & 1)
		timeline_print(page.file, "fuzz", trace, &style);
	if (control[0] & 2)
		picture_write(page.file, "fuzz", trace);
	if (control[0] & 4)
		picture_page(&page, "fuzz", trace);
	fclose(page.file);
	if (!(control[0] & 1 && style.has_colours))
		look(text, !(control[0] & 1));
	free(text);
}

void harness_run(const unsigned char *control)
{
	struct trace trace;
	struct why why;
	size_t size;
	const char *text = (const char *)memory_get(0, &size);

	if (!trace_parse(text, size, &trace, &why))
		return;
	draw(&trace, control);
	trace_free(&trace);
}
