#include "output.h"
#include "words.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The one folder that must not be left behind, and the process that made it. */
static const char *made;
static pid_t maker;
/* What to put back, and where. */
static const char *kept, *kept_for;

static void folder_remove(int at, const char *name);
static void folder_empty(int folder);

static void names_set(struct output *output, const char *folder, const char *final)
{
	const char *slash = strrchr(final, '/');

	output->final = final;
	output->named = output->is_special && slash ? slash + 1 : final;
	output->folder = folder;
	output->linked = format_text("%s/%s", folder, slash ? slash + 1 : final);
	output->object = format_text("%s/rt0-link.o", folder);
	output->args = format_text("%s/rt0-args", folder);
	output->old = format_text("%s/rt0-old", folder);
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

/* Where a process may have only a handful of descriptors, the driver's needs come before a lock. */
static bool can_lock(void)
{
	struct rlimit limit;

	return !getrlimit(RLIMIT_NOFILE, &limit) && limit.rlim_cur >= 32;
}

/*
 * Make the folder, or take over one that a link left behind which was killed. False when somebody else is at work in
 * it, or it is no folder of ours. The driver has not the descriptor, of which it may have few.
 */
static bool folder_take(const char *folder)
{
	for (int tries = 0; tries < 10; tries++) {
		struct stat held, named;
		bool is_made = !mkdir(folder, 0700);
		if (!is_made && errno != EEXIST)
			return false;
		int fd = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
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

/* In $TMPDIR, or where that is of no use in /tmp, as compilers do; null where neither is. */
static char *folder_elsewhere(void)
{
	const char *given = getenv("TMPDIR");
	char *folder = format_text("%s/" FOLDER_PREFIX "XXXXXX", given && *given ? given : "/tmp");

	return mkdtemp(folder) ? folder : mkdtemp(format_text("%s", "/tmp/" FOLDER_PREFIX "XXXXXX"));
}

bool output_begin(const char *final, struct output *output, struct why *why)
{
	struct stat status;
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
		folder = folder_elsewhere();
		if (!folder)
			return why_set(why, "cannot write '/tmp/" FOLDER_PREFIX "XXXXXX': %s", strerror(errno));
	} else {
		folder = folder_beside(final);
		if (!can_lock() || !folder_take(folder))
			folder = mkdtemp(format_text("%.*s" FOLDER_PREFIX "XXXXXX", folder_length(final), final));
		if (!folder)
			return why_set(why, "cannot write '%s': %s", final, strerror(errno));
	}
	made = folder;
	maker = getpid();
	atexit(output_discard);
	names_set(output, folder, final);
	/* A file system without hard links has nothing to put back. */
	if (!output->is_special && !link(final, output->old)) {
		kept = output->old;
		kept_for = final;
	}
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
		    strcmp(from, output->object) && strcmp(from, output->args) && strcmp(from, output->old) &&
		    rename(from, to))
			is_done = why_set(why, "cannot write '%s': %s", to, strerror(errno));
		free(from);
		free(to);
	}
	closedir(dir);
	return is_done;
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

/* As getdents64(2) has it; the functions for it differ between libcs. */
struct entry {
	uint64_t inode;
	int64_t offset;
	uint16_t length;
	unsigned char type;
	char name[];
};

/* Without readdir, which allocates: memory may be what there was none of. */
static void folder_empty(int folder)
{
	_Alignas(struct entry) char buffer[4096];
	long size;

	while ((size = syscall(SYS_getdents64, folder, buffer, sizeof(buffer))) > 0) {
		for (long next = 0; next < size;) {
			const struct entry *entry = (const void *)(buffer + next);
			next += entry->length;
			if (!strcmp(entry->name, ".") || !strcmp(entry->name, ".."))
				continue;
			if (unlinkat(folder, entry->name, 0) && errno == EISDIR)
				folder_remove(folder, entry->name);
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
	if (!folder || maker != getpid())
		return;
	if (kept && access(kept_for, F_OK))
		rename(kept, kept_for);
	folder_remove(AT_FDCWD, folder);
}
