#include "sidecar.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct text {
	char *bytes;
	size_t size;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

static void cut(struct text *text, size_t begin, size_t end)
{
	memmove(text->bytes + begin, text->bytes + end, text->size - end);
	text->size -= end - begin;
}

/* Where `what` is from `at` on, or the end of the text. */
static size_t find(const struct text *text, size_t at, const char *what)
{
	char *found = memmem(text->bytes + at, text->size - at, what, strlen(what));

	return found ? (size_t)(found - text->bytes) : text->size;
}

/*
 * Take a name out of make's rules: as an input, with the space and the continued
 * line in front of it, and as the target of an empty rule, which linkers write for
 * each input. `folder` stands in front of it; bfd writes spaces in there as they
 * are, others a backslash before each.
 */
static void rule_remove(struct text *text, const char *folder, const char *name)
{
	size_t at = 0, length = strlen(folder);

	while ((at = find(text, at, name)) < text->size) {
		size_t begin = at, end = at + strlen(name);
		if (length <= begin && !memcmp(text->bytes + begin - length, folder, length))
			begin -= length;
		while (begin && (!is_blank(text->bytes[begin - 1]) || (begin > 1 && text->bytes[begin - 2] == '\\')))
			begin--;
		if (end < text->size && text->bytes[end] == ':') {
			end++;
			for (int lines = 0; lines < 2 && end < text->size && text->bytes[end] == '\n'; lines++)
				end++;
		} else {
			while (begin &&
			       (is_blank(text->bytes[begin - 1]) || !strncmp(text->bytes + begin - 1, "\\\n", 2)))
				begin--;
		}
		cut(text, begin, end);
		at = begin;
	}
}

static void replace(struct text *text, const char *what, const char *by)
{
	size_t at = 0, length = strlen(by);

	/* It is never longer. */
	while ((at = find(text, at, what)) < text->size) {
		memcpy(text->bytes + at, by, length);
		cut(text, at + length, at + strlen(what));
	}
}

/* The whole of a regular file, with a zero behind it. False with errno 0 for what is none. */
static bool file_read(const char *path, struct text *text)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat status;
	ssize_t got = -1;

	*text = (struct text){0};
	if (fd >= 0 && !fstat(fd, &status)) {
		if (!S_ISREG(status.st_mode)) {
			close(fd);
			errno = 0;
			return false;
		}
		text->bytes = grab(NULL, (size_t)status.st_size + 1);
		while ((got = read(fd, text->bytes + text->size, (size_t)status.st_size - text->size)) > 0)
			text->size += (size_t)got;
		text->bytes[text->size] = 0;
	}
	int error = errno;
	if (fd >= 0)
		close(fd);
	errno = error;
	return got == 0;
}

static bool file_write(const char *path, const struct text *text)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	size_t done = 0;
	ssize_t wrote = 0;

	while (fd >= 0 && done < text->size && (wrote = write(fd, text->bytes + done, text->size - done)) >= 0)
		done += (size_t)wrote;
	int error = errno;
	bool is_good = fd >= 0 && done == text->size;
	if (fd >= 0 && close(fd) && is_good)
		return false;
	errno = error;
	return is_good;
}

static bool rename_in(const char *path, bool is_rule, const struct output *output, struct why *why)
{
	const char *slash = strrchr(output->folder, '/');
	/* Beside the output, the folder's name goes; elsewhere the path changes, too. */
	char *what = format_text("%s/", output->is_special || !slash ? output->folder : slash + 1);
	char *by = output->is_special
			   ? format_text("%.*s", (int)(strlen(output->final) - strlen(output->named)), output->final)
			   : "";
	const char *folder = output->is_special || !slash
				     ? ""
				     : format_text("%.*s", (int)(slash + 1 - output->folder), output->folder);
	struct text text;

	if (!file_read(path, &text)) {
		free(text.bytes);
		/* A linker that makes no such file has told. */
		return !errno || errno == ENOENT || why_set(why, "cannot read '%s': %s", path, strerror(errno));
	}
	size_t size = text.size;
	if (is_rule)
		rule_remove(&text, folder, format_text("%srt0-link.o", what));
	if (strlen(by) <= strlen(what))
		replace(&text, what, by);
	bool is_good = text.size == size || file_write(path, &text);
	free(text.bytes);
	return is_good || why_set(why, "cannot write '%s': %s", path, strerror(errno));
}

bool sidecar_rename(const struct link_job *job, const struct output *output, struct why *why)
{
	for (size_t i = 0; i < job->dependency_files.count; i++)
		if (!rename_in(job->dependency_files.items[i], true, output, why))
			return false;
	for (size_t i = 0; i < job->maps.count; i++)
		if (!rename_in(job->maps.items[i], false, output, why))
			return false;
	return true;
}
