#include "message.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* One write per line, so that lines of parallel links do not mix. */
static void say(const char *format, va_list list)
{
	char *text;

	if (vasprintf(&text, format, list) < 0)
		text = NULL;
	if (text)
		dprintf(2, "ldwrap: %s\n", text);
	else
		dprintf(2, "ldwrap: out of memory\n");
	free(text);
}

void warn(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	say(format, list);
	va_end(list);
}

void die(int status, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	say(format, list);
	va_end(list);
	exit(status);
}
