#include "transaction.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

#define TEMP_NAME ".elfpatch.XXXXXX"

/* What transaction_abandon removes. */
static _Atomic(const char *) copy_path;

void transaction_abandon(void)
{
	const char *path = atomic_exchange(&copy_path, NULL);

	if (path)
		unlink(path);
}

static bool lock(struct transaction *t, struct why *why)
{
	/* Who only reads need not keep out others who only read. */
	int kind = t->options.output ? LOCK_SH : LOCK_EX;

	if (flock(t->fd, kind | LOCK_NB) == 0)
		return true;
	if (errno == EWOULDBLOCK && t->options.waits_not)
		return why_set(why, "another process is patching it");
	while (flock(t->fd, kind) != 0)
		if (errno != EINTR)
			return why_set(why, "cannot lock it: %s", strerror(errno));
	return true;
}

/* Open what `path` names now; *is_current is false when that was replaced before the lock was ours. */
static bool open_locked(struct transaction *t, const char *path, bool *is_current, struct why *why)
{
	struct stat now;

	/* O_NONBLOCK so that a FIFO is refused and not waited for. */
	t->fd = open(path, (t->options.is_in_place ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (t->fd < 0 || fstat(t->fd, &t->stat) != 0)
		return why_set(why, "%s", strerror(errno));
	if (!S_ISREG(t->stat.st_mode))
		return why_set(why, "not a regular file");
	if (!lock(t, why))
		return false;
	/* Contents and times may have changed while we waited. */
	if (fstat(t->fd, &t->stat) != 0)
		return why_set(why, "%s", strerror(errno));
	*is_current = stat(path, &now) == 0 && now.st_dev == t->stat.st_dev && now.st_ino == t->stat.st_ino;
	return true;
}

/* Where the result goes: symbolic links are followed, and stay. */
static bool find_target(struct transaction *t, const char *path, struct why *why)
{
	const char *output = t->options.output;
	struct stat st;

	if (output && stat(output, &st) != 0) {
		if (errno != ENOENT)
			return why_set(why, "cannot write to '%s': %s", output, strerror(errno));
		t->options.is_stream = false;
		t->target = strdup(output);
	} else if (output && t->options.is_stream && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)) {
		t->target = strdup(output);
		return t->target || why_set(why, "%s", strerror(errno));
	} else {
		t->options.is_stream = false;
		if (output && !S_ISREG(st.st_mode))
			return why_set(why, "cannot write to '%s': not a regular file", output);
		t->target = realpath(output ? output : path, NULL);
	}
	return t->target || why_set(why, "%s", strerror(errno));
}

bool transaction_open(const char *path, const struct transaction_options *options, struct transaction *t,
		      struct why *why)
{
	bool is_current = false;

	*t = (struct transaction){.options = *options, .fd = -1};
	while (!is_current) {
		transaction_close(t);
		if (!open_locked(t, path, &is_current, why)) {
			transaction_close(t);
			return false;
		}
	}
	if (!options->output && !options->is_in_place && !options->breaks_links && t->stat.st_nlink > 1)
		why_set(why, "%ju hard links lead to it: the others would keep the old file",
			(uintmax_t)t->stat.st_nlink);
	else if (find_target(t, path, why))
		return true;
	transaction_close(t);
	return false;
}

void transaction_close(struct transaction *t)
{
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
	free(t->target);
	t->target = NULL;
}

/* The bytes that the patch writes over, one write after the other. */
static unsigned char *old_bytes(const struct transaction *t, const struct patch *patch, struct why *why)
{
	unsigned char *old = malloc(patch_bytes(patch) + 1), *at = old;

	for (size_t i = 0; old && i < patch->count; at += patch->writes[i].size, i++) {
		const struct patch_write *w = &patch->writes[i];
		uint64_t size = (uint64_t)t->stat.st_size, there = w->offset < size ? size - w->offset : 0;
		if (there > w->size)
			there = w->size;
		ssize_t n = there ? pread(t->fd, at, there, (off_t)w->offset) : 0;
		if (n == (ssize_t)there)
			continue;
		why_set(why, "cannot read: %s", n < 0 ? strerror(errno) : "the file shrank while it was read");
		free(old);
		return NULL;
	}
	if (!old)
		why_set(why, "out of memory");
	return old;
}

/* Last write first, so that what two of them cover is restored as well. */
static void write_back(const struct transaction *t, const struct patch *patch, const unsigned char *old)
{
	uint64_t at = patch_bytes(patch);

	for (size_t i = patch->count; i-- > 0;) {
		const struct patch_write *w = &patch->writes[i];
		at -= w->size;
		if (pwrite(t->fd, old + at, w->size, (off_t)w->offset) < 0)
			continue; /* the first failure is the one to tell */
	}
	if (patch->size != (uint64_t)t->stat.st_size && ftruncate(t->fd, t->stat.st_size) != 0)
		return;
}

static bool write_in_place(struct transaction *t, const struct patch *patch, transaction_check *check, void *context,
			   struct why *why)
{
	struct timespec times[2] = {t->stat.st_atim, t->stat.st_mtim};

	if (patch->size != (uint64_t)t->stat.st_size && !t->options.grows)
		return why_set(why, "does not fit in place (size %jd, needs %" PRIu64 ")", (intmax_t)t->stat.st_size,
			       patch->size);
	unsigned char *old = old_bytes(t, patch, why);
	if (!old)
		return false;
	bool is_done = patch_apply(patch, t->fd, why) && check(t->target, context, why);
	if (!is_done)
		write_back(t, patch, old);
	free(old);
	if (is_done && t->options.keeps_times && futimens(t->fd, times) != 0)
		return why_set(why, "cannot keep times: %s", strerror(errno));
	if (fsync(t->fd) != 0 && is_done)
		return why_set(why, "cannot sync: %s", strerror(errno));
	return is_done;
}

/* What makes a copy, beside the patch. */
struct steps {
	transaction_finish *finish;
	transaction_check *check;
	void *context;
};

static bool fill_copy(const struct transaction *t, const struct patch *patch, int copy, const char *path,
		      const struct steps *steps, struct why *why)
{
	struct timespec times[2] = {t->stat.st_atim, t->stat.st_mtim};

	if (!file_copy(t->fd, copy, (uint64_t)t->stat.st_size, why) || !patch_apply(patch, copy, why) ||
	    (steps->finish && !steps->finish(path, steps->context, why)) ||
	    !file_copy_attributes(t->fd, &t->stat, copy, why))
		return false;
	if (t->options.keeps_times && futimens(copy, times) != 0)
		return why_set(why, "cannot keep times: %s", strerror(errno));
	if (fsync(copy) != 0)
		return why_set(why, "cannot sync: %s", strerror(errno));
	return true;
}

static bool sync_folder(const char *folder, struct why *why)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* A file system without such syncs says EINVAL. */
	bool is_done = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL);

	if (!is_done)
		why_set(why, "is written, but its folder cannot be synced: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
	return is_done;
}

/* Make, check and rename the copy; `path` is its template and then its name. */
static bool write_copy(struct transaction *t, const struct patch *patch, char *path, const struct steps *steps,
		       struct why *why)
{
	sigset_t all, before;

	/* A signal must not come between the file and the note that it is there. */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	int copy = mkostemp(path, O_CLOEXEC), error = errno;
	if (copy >= 0)
		atomic_store(&copy_path, path);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (copy < 0)
		return why_set(why, "cannot make '%s': %s", path, strerror(error));
	bool is_done = fill_copy(t, patch, copy, path, steps, why);
	if (close(copy) != 0 && is_done)
		is_done = why_set(why, "cannot write: %s", strerror(errno));
	is_done = is_done && steps->check(path, steps->context, why);
	if (is_done && rename(path, t->target) != 0)
		is_done = why_set(why, "cannot rename '%s' to '%s': %s", path, t->target, strerror(errno));
	if (is_done)
		atomic_store(&copy_path, NULL);
	else
		transaction_abandon();
	return is_done;
}

static bool replace(struct transaction *t, const struct patch *patch, const struct steps *steps, struct why *why)
{
	const char *slash = strrchr(t->target, '/');
	int folder_size = slash ? (int)(slash - t->target) + 1 : 0;
	char *path;

	if (asprintf(&path, "%.*s%s", folder_size, t->target, TEMP_NAME) < 0)
		return why_set(why, "out of memory");
	bool is_done = write_copy(t, patch, path, steps, why);
	if (is_done) {
		path[folder_size] = '\0';
		is_done = sync_folder(folder_size ? path : ".", why);
	}
	free(path);
	return is_done;
}

static bool write_all(int from, int to, const char *path, struct why *why)
{
	char buffer[1 << 16];
	ssize_t n;

	while ((n = read(from, buffer, sizeof buffer)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		for (ssize_t done = 0, written; n > 0 && done < n; done += written) {
			written = write(to, buffer + done, (size_t)(n - done));
			if (written < 0 && errno == EINTR)
				written = 0;
			else if (written < 0)
				return why_set(why, "cannot write to '%s': %s", path, strerror(errno));
		}
		if (n < 0)
			return why_set(why, "cannot read: %s", strerror(errno));
	}
	return true;
}

/* The result is made and checked in memory, and only then written to where nothing can be taken back. */
static bool write_stream(struct transaction *t, const struct patch *patch, transaction_check *check, void *context,
			 struct why *why)
{
	char path[64];
	int copy = memfd_create("output", MFD_CLOEXEC), to = -1;

	if (copy < 0)
		return why_set(why, "cannot make a file in memory: %s", strerror(errno));
	snprintf(path, sizeof path, "/proc/self/fd/%d", copy);
	bool is_done = file_copy(t->fd, copy, (uint64_t)t->stat.st_size, why) && patch_apply(patch, copy, why) &&
		       check(path, context, why);
	if (is_done) {
		to = open(t->target, O_WRONLY | O_CLOEXEC | O_NOCTTY);
		is_done = to >= 0 || why_set(why, "cannot write to '%s': %s", t->target, strerror(errno));
	}
	is_done = is_done && lseek(copy, 0, SEEK_SET) == 0 && write_all(copy, to, t->target, why);
	if (to >= 0 && close(to) != 0 && is_done)
		is_done = why_set(why, "cannot write to '%s': %s", t->target, strerror(errno));
	close(copy);
	return is_done;
}

bool transaction_commit(struct transaction *t, const struct patch *patch, transaction_finish *finish,
			transaction_check *check, void *context, struct why *why)
{
	const struct steps steps = {finish, check, context};

	if (patch->count == 0 && patch->size == (uint64_t)t->stat.st_size && !t->options.output && !finish)
		return true;
	if (t->options.is_in_place)
		return write_in_place(t, patch, check, context, why);
	if (t->options.is_stream)
		return write_stream(t, patch, check, context, why);
	return replace(t, patch, &steps, why);
}
