#include "output.h"
#include "words.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* The one folder that must not be left behind, and the process that made it. */
static const char *made;
static pid_t maker;

static void folder_remove(int at, const char *name);
static void folder_empty(int folder);

/* gcc's own: "dir/libx.so-", but "a-" for a.out. */
static const char *dump_prefix(const char *final)
{
	const char *slash = strrchr(final, '/');
	bool is_default = !strcmp(slash ? slash + 1 : final, "a.out");

	return format_text("%.*s-", (int)(strlen(final) - (is_default ? strlen(".out") : 0)), final);
}

static void names_set(struct output *output, const char *folder, const char *final)
{
	const char *slash = strrchr(final, '/');

	output->final = final;
	output->named = output->is_special && slash ? slash + 1 : final;
	output->folder = folder;
	output->linked = format_text("%s/%s", folder, slash ? slash + 1 : final);
	output->object = format_text("%s/rt0-link.o", folder);
	output->args = format_text("%s/rt0-args", folder);
	output->dumps = output->is_special ? NULL : dump_prefix(final);
}

/* "dir/" of "dir/file"; "" when there is none. */
static int folder_length(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (int)(slash + 1 - path) : 0;
}

#define FOLDER_PREFIX ".rt0-"

/* By the output's name, since link maps and debug information may hold it: the same link gives the same bytes. */
static char *folder_beside(const char *final)
{
	int length = folder_length(final);

	return format_text("%.*s" FOLDER_PREFIX "%s", length, final, final + length);
}

void output_name(const char *final, struct output *output)
{
	*output = (struct output){0};
	names_set(output, folder_beside(final), final);
}

/*
 * Make the folder, or take over one that a link left behind which was killed. False when somebody else is at work in
 * it, or it is no folder of ours. The driver holds the lock with us, since it may outlive us.
 */
static bool folder_take(const char *folder)
{
	for (int tries = 0; tries < 10; tries++) {
		struct stat held, named;
		bool is_made = !mkdir(folder, 0700);
		if (!is_made && errno != EEXIST)
			return false;
		int fd = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
		if (fd < 0 && errno == ENOENT)
			continue;
		if (fd < 0)
			return false;
		/* A file system without locks leaves us what we made. */
		bool is_ours = !flock(fd, LOCK_EX | LOCK_NB) || (is_made && errno != EWOULDBLOCK);
		is_ours = is_ours && !fstat(fd, &held) && held.st_uid == geteuid();
		/* Whoever made it may have removed it before the lock was ours. */
		bool is_there =
			is_ours && !lstat(folder, &named) && named.st_dev == held.st_dev && named.st_ino == held.st_ino;
		if (is_there) {
			if (!is_made)
				folder_empty(fd);
			return true;
		}
		close(fd);
		if (!is_ours)
			return false;
	}
	return false;
}

bool output_begin(const char *final, struct output *output, struct why *why)
{
	struct stat status;
	bool is_taken = false;
	char *folder;

	*output = (struct output){0};
	if (!*final)
		return why_set(why, "cannot write '': %s", strerror(ENOENT));
	if (!stat(final, &status)) {
		if (S_ISDIR(status.st_mode))
			return why_set(why, "cannot write '%s': %s", final, strerror(EISDIR));
		output->is_special = !S_ISREG(status.st_mode);
	} else if (final[strlen(final) - 1] == '/') {
		return why_set(why, "cannot write '%s': %s", final, strerror(ENOENT));
	}
	if (output->is_special) {
		const char *elsewhere = getenv("TMPDIR");
		folder = format_text("%s/" FOLDER_PREFIX "XXXXXX", elsewhere && *elsewhere ? elsewhere : "/tmp");
	} else {
		folder = folder_beside(final);
		if (!(is_taken = folder_take(folder)))
			folder = format_text("%.*s" FOLDER_PREFIX "XXXXXX", folder_length(final), final);
	}
	if (!is_taken && !mkdtemp(folder))
		return why_set(why, "cannot write '%s': %s", output->is_special ? folder : final, strerror(errno));
	made = folder;
	maker = getpid();
	atexit(output_discard);
	names_set(output, folder, final);
	return true;
}

static bool copy_bytes(int from, int to)
{
	char buffer[65536];
	ssize_t got;

	while ((got = read(from, buffer, sizeof(buffer))) > 0)
		for (ssize_t done = 0; done < got;) {
			ssize_t wrote = write(to, buffer + done, (size_t)(got - done));
			if (wrote < 0)
				return false;
			done += wrote;
		}
	return got == 0;
}

/* Into a device or a fifo: written in place, as the linker would have. */
static bool deliver_special(const struct output *output, struct why *why)
{
	int from = open(output->linked, O_RDONLY | O_CLOEXEC);
	int to = from < 0 ? -1 : open(output->final, O_WRONLY | O_CLOEXEC);
	bool is_done = to >= 0 && copy_bytes(from, to);
	int error = errno;

	if (from >= 0)
		close(from);
	if (to >= 0 && close(to) && is_done) {
		error = errno;
		is_done = false;
	}
	return is_done ? true : why_set(why, "cannot write '%s': %s", output->final, strerror(error));
}

/* What else the driver wrote beside its output (a .d, .dwo or .gcno file) belongs beside the final one. */
static bool deliver_others(const struct output *output, struct why *why)
{
	DIR *dir = opendir(output->folder);
	struct dirent *entry;
	bool is_done = true;

	if (!dir)
		return why_set(why, "cannot read '%s': %s", output->folder, strerror(errno));
	while (is_done && (entry = readdir(dir))) {
		char *from = format_text("%s/%s", output->folder, entry->d_name);
		char *to = format_text("%.*s%s", folder_length(output->final), output->final, entry->d_name);
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..") && strcmp(from, output->linked) &&
		    strcmp(from, output->object) && strcmp(from, output->args) && rename(from, to))
			is_done = why_set(why, "cannot write '%s': %s", to, strerror(errno));
		free(from);
		free(to);
	}
	closedir(dir);
	return is_done;
}

/* A path in a make rule. */
static char *rule_quote(const char *path)
{
	char *quoted = grab(NULL, 2 * strlen(path) + 1), *to = quoted;

	for (; *path; path++) {
		if (*path == ' ' || *path == '#')
			*to++ = '\\';
		else if (*path == '$')
			*to++ = '$';
		*to++ = *path;
	}
	*to = 0;
	return quoted;
}

/* A line, with each `from` in it replaced. */
static char *line_replace(char *line, const char *from, const char *to)
{
	for (char *at = line; (at = strstr(at, from));) {
		char *longer = format_text("%.*s%s%s", (int)(at - line), line, to, at + strlen(from));
		at = longer + (at - line) + strlen(to);
		free(line);
		line = longer;
	}
	return line;
}

/* Linkers do not agree on whether a name is quoted. */
static char *line_rename(char *line, const char *from, const char *to)
{
	char *quoted_from = rule_quote(from), *quoted_to = rule_quote(to);

	if (strcmp(from, quoted_from) != 0)
		line = line_replace(line, quoted_from, quoted_to);
	line = line_replace(line, from, to);
	free(quoted_from);
	free(quoted_to);
	return line;
}

static char *rule_read(const struct output *output, FILE *file, const char *source)
{
	char *text = format_text("%s", ""), *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, file) >= 0) {
		char *renamed = line_rename(format_text("%s", line), output->linked, output->final);
		renamed = line_rename(renamed, output->object, source);
		char *longer = format_text("%s%s", text, renamed);
		free(renamed);
		free(text);
		text = longer;
	}
	free(line);
	return text;
}

bool output_name_rule(const struct output *output, const char *path, const char *source, struct why *why)
{
	struct stat status;
	FILE *file;

	/* Not every linker that takes the option writes it. */
	if (stat(path, &status) || !S_ISREG(status.st_mode))
		return true;
	file = fopen(path, "r+e");
	if (!file)
		return why_set(why, "cannot write '%s': %s", path, strerror(errno));
	char *text = rule_read(output, file, source);
	bool is_written = feof(file) && !fseek(file, 0, SEEK_SET) && fputs(text, file) >= 0 && !fflush(file) &&
			  !ftruncate(fileno(file), (off_t)strlen(text));
	int error = errno;
	if (fclose(file) && is_written) {
		error = errno;
		is_written = false;
	}
	free(text);
	return is_written ? true : why_set(why, "cannot write '%s': %s", path, strerror(error));
}

bool output_deliver(const struct output *output, struct why *why)
{
	if (output->is_special)
		return deliver_special(output, why);
	if (!deliver_others(output, why))
		return false;
	if (rename(output->linked, output->final))
		return why_set(why, "cannot write '%s': %s", output->final, strerror(errno));
	return true;
}

/* Without readdir, which allocates: memory may be what there was none of. */
static void folder_empty(int folder)
{
	_Alignas(struct dirent64) char buffer[4096];
	ssize_t size;

	while ((size = getdents64(folder, buffer, sizeof(buffer))) > 0) {
		for (ssize_t next = 0; next < size;) {
			const struct dirent64 *entry = (const void *)(buffer + next);
			next += entry->d_reclen;
			if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
				continue;
			if (unlinkat(folder, entry->d_name, 0) && errno == EISDIR)
				folder_remove(folder, entry->d_name);
		}
	}
}

static void folder_remove(int at, const char *name)
{
	int folder = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (folder >= 0) {
		folder_empty(folder);
		close(folder);
	}
	unlinkat(at, name, AT_REMOVEDIR);
}

void output_discard(void)
{
	const char *folder = made;

	made = NULL;
	if (folder && maker == getpid())
		folder_remove(AT_FDCWD, folder);
}
