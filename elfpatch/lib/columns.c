#include "columns.h"

#include <stdbool.h>
#include <string.h>

static size_t spaces(FILE *to, size_t count)
{
	fprintf(to, "%*s", (int)count, "");
	return count;
}

size_t columns_words(FILE *to, const char *text, size_t at, size_t indent)
{
	bool is_first = true;

	while (*(text += strspn(text, " "))) {
		size_t length = strcspn(text, " ");
		if (!is_first && at + 1 + length > COLUMNS_WIDTH) {
			fputc('\n', to);
			at = spaces(to, indent);
		} else if (!is_first) {
			at += spaces(to, 1);
		}
		fwrite(text, 1, length, to);
		at += length;
		text += length;
		is_first = false;
	}
	return at;
}

void columns_row(FILE *to, const char *left, const char *right, size_t indent)
{
	size_t length = 2 + strlen(left);

	fprintf(to, "  %s", left);
	if (length >= indent) {
		fputc('\n', to);
		length = 0;
	}
	spaces(to, indent - length);
	columns_words(to, right, indent, indent);
	fputc('\n', to);
}
