#define ARENA_SOURCE
#include "arena.h"

#include <string.h>

struct header {
	struct header *next, **link;
	max_align_t bytes[];
};

static struct header *first;

static void link_in(struct header *header)
{
	header->next = first;
	header->link = &first;
	if (first)
		first->link = &header->next;
	first = header;
}

static void link_out(struct header *header)
{
	*header->link = header->next;
	if (header->next)
		header->next->link = header->link;
}

static struct header *header_of(void *at)
{
	return (struct header *)((char *)at - offsetof(struct header, bytes));
}

void *arena_realloc(void *old, size_t size)
{
	struct header *header = old ? header_of(old) : NULL;

	if (header)
		link_out(header);
	header = realloc(header, sizeof *header + size);
	if (!header)
		return NULL;
	link_in(header);
	return header->bytes;
}

void arena_free(void *at)
{
	if (!at)
		return;
	link_out(header_of(at));
	free(header_of(at));
}

int arena_vasprintf(char **text, const char *format, va_list list)
{
	char *plain;
	int length = vasprintf(&plain, format, list);

	if (length < 0)
		return length;
	*text = arena_realloc(NULL, (size_t)length + 1);
	memcpy(*text, plain, (size_t)length + 1);
	free(plain);
	return length;
}

void arena_reset(void)
{
	while (first)
		arena_free(first->bytes);
}
