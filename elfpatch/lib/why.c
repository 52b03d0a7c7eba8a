#include "why.h"

#include <stdarg.h>
#include <stdio.h>

bool why_set(struct why *why, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why->text, sizeof why->text, format, args);
	va_end(args);
	/* Names come from files: what would break the line or the terminal is shown as '?'. */
	for (char *c = why->text; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	return false;
}
