#include "words.h"
#include "message.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *grab(void *old, size_t size)
{
	void *memory = realloc(old, size ? size : 1);

	if (!memory)
		die(1, "out of memory (%zu bytes)", size);
	return memory;
}

void words_push(struct words *words, const char *word)
{
	if (words->room - words->count < 2) {
		words->room = words->room ? 2 * words->room : 64;
		words->items = grab(words->items, words->room * sizeof(*words->items));
	}
	words->items[words->count++] = (char *)word;
	words->items[words->count] = NULL;
}

void words_push_all(struct words *words, const struct words *more)
{
	for (size_t i = 0; i < more->count; i++)
		words_push(words, more->items[i]);
}

static char *format_list(const char *format, va_list list)
{
	char *text;

	if (vasprintf(&text, format, list) < 0)
		die(1, "out of memory");
	return text;
}

char *format_text(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	char *text = format_list(format, list);
	va_end(list);
	return text;
}

void words_format(struct words *words, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	words_push(words, format_list(format, list));
	va_end(list);
}

size_t words_size(const struct words *words)
{
	size_t size = 0;

	for (size_t i = 0; i < words->count; i++)
		size += strlen(words->items[i]) + 1 + sizeof(char *);
	return size;
}
