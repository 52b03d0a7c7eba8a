#include "response.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What libiberty allows before it calls a set of files recursive. */
#define EXPANSIONS_MAX 2000

void response_split(const char *text, size_t size, struct words *words)
{
	size_t at = 0;

	for (;;) {
		while (at < size && isspace((unsigned char)text[at]))
			at++;
		if (at == size)
			return;

		/* No word is longer than what is left of the text; count it first, large files are many words. */
		size_t end = at;
		char quote = 0;
		for (; end < size && (quote || !isspace((unsigned char)text[end])); end++) {
			if (text[end] == '\\' && end + 1 < size)
				end++;
			else if (quote ? text[end] == quote : text[end] == '\'' || text[end] == '"')
				quote = quote ? 0 : text[end];
		}

		char *word = grab(NULL, end - at + 1);
		size_t length = 0;
		for (quote = 0; at < end; at++) {
			if (text[at] == '\\' && at + 1 < end)
				word[length++] = text[++at];
			else if (quote ? text[at] == quote : text[at] == '\'' || text[at] == '"')
				quote = quote ? 0 : text[at];
			else
				word[length++] = text[at];
		}
		word[length] = 0;
		words_push(words, word);
	}
}

/* The whole of a regular file or a pipe, or false. */
static bool file_read(const char *path, char **text, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;
	size_t room = 65536;
	ssize_t got;

	*text = NULL;
	*size = 0;
	if (fd < 0)
		return false;
	if (fstat(fd, &status) || !S_ISREG(status.st_mode)) {
		close(fd);
		return false;
	}
	do {
		if (*size == room || !*text)
			*text = grab(*text, *text ? (room *= 2) : room);
		got = read(fd, *text + *size, room - *size);
		if (got > 0)
			*size += (size_t)got;
	} while (got > 0 || (got < 0 && errno == EINTR));
	close(fd);
	if (got < 0)
		free(*text);
	return got == 0;
}

static const char *linker_file(const char *arg)
{
	return strncmp(arg, "-Wl,", 4) ? NULL : strstr(arg, ",@");
}

bool response_needed(const struct words *argv)
{
	for (size_t i = 0; i < argv->count; i++)
		if (argv->items[i][0] == '@' || linker_file(argv->items[i]))
			return true;
	return false;
}

static bool expand(const struct words *argv, bool is_linker, struct words *out, size_t *budget);

static bool expand_file(const char *path, bool is_linker, struct words *out, size_t *budget, bool *is_read)
{
	struct words words = {0};
	char *text;
	size_t size;

	*is_read = file_read(path, &text, &size);
	if (!*is_read)
		return true;
	if (!*budget)
		return false;
	--*budget;
	response_split(text, size, &words);
	free(text);
	return expand(&words, is_linker, out, budget);
}

static void push(struct words *out, bool is_linker, const char *word)
{
	if (is_linker)
		words_push(out, "-Xlinker");
	words_push(out, word);
}

/* -Wl,a,@f,b: the linker expands @f itself, so its words go there one by one. */
static bool expand_linker(const char *arg, struct words *out, size_t *budget)
{
	const char *item = arg + 4;

	for (;;) {
		size_t length = strcspn(item, ",");
		char *word = format_text("%.*s", (int)length, item);
		bool is_read = false;
		if (word[0] == '@' && !expand_file(word + 1, true, out, budget, &is_read))
			return false;
		if (!is_read)
			push(out, true, word);
		if (!item[length])
			return true;
		item += length + 1;
	}
}

static bool expand(const struct words *argv, bool is_linker, struct words *out, size_t *budget)
{
	for (size_t i = 0; i < argv->count; i++) {
		const char *arg = argv->items[i];
		bool is_read = false;

		if (arg[0] == '@' && !expand_file(arg + 1, is_linker, out, budget, &is_read))
			return false;
		if (is_read)
			continue;
		if (!is_linker && linker_file(arg)) {
			if (!expand_linker(arg, out, budget))
				return false;
		} else {
			push(out, is_linker, arg);
		}
	}
	return true;
}

bool response_expand(const struct words *argv, struct words *expanded, struct why *why)
{
	size_t budget = EXPANSIONS_MAX;

	if (!expand(argv, false, expanded, &budget))
		return why_set(why, "response files name each other more than %d times", EXPANSIONS_MAX);
	return true;
}

bool response_write(const struct words *words, const char *path, struct why *why)
{
	FILE *file = fopen(path, "we");

	if (!file)
		return why_set(why, "cannot write '%s': %s", path, strerror(errno));
	for (size_t i = 0; i < words->count; i++) {
		if (!words->items[i][0])
			fputs("''", file);
		for (const char *c = words->items[i]; *c; c++) {
			if (isspace((unsigned char)*c) || strchr("\\'\"", *c))
				fputc('\\', file);
			fputc(*c, file);
		}
		fputc('\n', file);
	}
	bool is_bad = ferror(file);
	if (fclose(file) || is_bad)
		return why_set(why, "cannot write '%s': %s", path, strerror(errno));
	return true;
}
