#include "response.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What libiberty allows before it calls a set of files recursive. */
#define EXPANSIONS_MAX 2000
/* Files that name each other twice each are as many; what they hold together must not fill the memory. */
#define TEXT_MAX       (32 << 20)

/* What may still be read. */
struct budget {
	size_t files, bytes;
	struct why *why;
};

/* A file that is being expanded, and the one that named it. */
struct chain {
	const struct chain *up;
	dev_t dev;
	ino_t ino;
};

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

/* Open a regular file, or -1. */
static int file_open(const char *path, struct stat *status)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || (!fstat(fd, status) && S_ISREG(status->st_mode)))
		return fd;
	close(fd);
	return -1;
}

/* The whole of it, or false. */
static bool file_read(int fd, char **text, size_t *size)
{
	size_t room = 65536;
	ssize_t got;

	*text = NULL;
	*size = 0;
	do {
		if (*size == room || !*text)
			*text = grab(*text, *text ? (room *= 2) : room);
		got = read(fd, *text + *size, room - *size);
		if (got > 0)
			*size += (size_t)got;
	} while (got > 0 || (got < 0 && errno == EINTR));
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

static bool expand(const struct words *argv, bool is_linker, const struct chain *up, struct words *out,
		   struct budget *budget);

static bool may_read(const char *path, const struct chain *chain, uint64_t size, struct budget *budget)
{
	for (const struct chain *up = chain->up; up; up = up->up)
		if (up->dev == chain->dev && up->ino == chain->ino)
			return why_set(budget->why, "response file '%s' names itself", path);
	if (!budget->files)
		return why_set(budget->why, "response files name each other more than %d times", EXPANSIONS_MAX);
	if (size > budget->bytes)
		return why_set(budget->why, "response file '%s': with its %" PRIu64 " bytes they are more than %d",
			       path, size, TEXT_MAX);
	budget->files--;
	budget->bytes -= size;
	return true;
}

static bool expand_file(const char *path, bool is_linker, const struct chain *up, struct words *out,
			struct budget *budget, bool *is_read)
{
	struct words words = {0};
	struct stat status;
	char *text = NULL;
	size_t size = 0;
	int fd = file_open(path, &status);

	*is_read = false;
	if (fd < 0)
		return true;
	const struct chain chain = {up, status.st_dev, status.st_ino};
	bool is_good = may_read(path, &chain, (uint64_t)status.st_size, budget);
	*is_read = is_good && file_read(fd, &text, &size);
	close(fd);
	if (!*is_read)
		return is_good;
	response_split(text, size, &words);
	free(text);
	is_good = expand(&words, is_linker, &chain, out, budget);
	free(words.items);
	return is_good;
}

static void push(struct words *out, bool is_linker, const char *word)
{
	if (is_linker)
		words_push(out, "-Xlinker");
	words_push(out, word);
}

/* -Wl,a,@f,b: the linker expands @f itself, so its words go there one by one. */
static bool expand_linker(const char *arg, const struct chain *up, struct words *out, struct budget *budget)
{
	const char *item = arg + 4;

	for (;;) {
		size_t length = strcspn(item, ",");
		char *word = format_text("%.*s", (int)length, item);
		bool is_read = false;
		if (word[0] == '@' && !expand_file(word + 1, true, up, out, budget, &is_read))
			return false;
		if (!is_read)
			push(out, true, word);
		if (!item[length])
			return true;
		item += length + 1;
	}
}

static bool expand(const struct words *argv, bool is_linker, const struct chain *up, struct words *out,
		   struct budget *budget)
{
	for (size_t i = 0; i < argv->count; i++) {
		const char *arg = argv->items[i];
		bool is_read = false;

		if (arg[0] == '@' && !expand_file(arg + 1, is_linker, up, out, budget, &is_read))
			return false;
		if (is_read)
			continue;
		if (!is_linker && linker_file(arg)) {
			if (!expand_linker(arg, up, out, budget))
				return false;
		} else {
			push(out, is_linker, arg);
		}
	}
	return true;
}

bool response_expand(const struct words *argv, struct words *expanded, struct why *why)
{
	struct budget budget = {EXPANSIONS_MAX, TEXT_MAX, why};

	return expand(argv, false, NULL, expanded, &budget);
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
