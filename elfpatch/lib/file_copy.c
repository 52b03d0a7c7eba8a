/* Contents and attributes of one file to another. */
#include "transaction.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { BUFFER = 1 << 17 };

static bool copy_by_hand(int from, int to, off_t at, off_t end, struct why *why)
{
	char *buffer = malloc(BUFFER);
	ssize_t n = 1;

	if (!buffer)
		return why_set(why, "out of memory");
	while (at < end && n > 0) {
		n = pread(from, buffer, end - at < BUFFER ? (size_t)(end - at) : BUFFER, at);
		for (ssize_t done = 0, written; done < n; done += written) {
			written = pwrite(to, buffer + done, (size_t)(n - done), at + done);
			if (written < 0 && errno == EINTR)
				written = 0;
			else if (written <= 0)
				n = -1;
			if (n < 0)
				break;
		}
		if (n > 0)
			at += n;
		else if (n < 0 && errno == EINTR)
			n = 1;
	}
	if (n < 0)
		why_set(why, "cannot copy %jd bytes at offset %jd: %s", (intmax_t)(end - at), (intmax_t)at,
			strerror(errno));
	else if (n == 0)
		why_set(why, "the file shrank while it was copied");
	free(buffer);
	return n > 0;
}

static bool copy_data(int from, int to, off_t at, off_t end, struct why *why)
{
	while (at < end) {
		off_t in = at, out = at;
		ssize_t n = copy_file_range(from, &in, to, &out, (size_t)(end - at), 0);
		if (n > 0) {
			at += n;
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		/* File systems refuse in many words; one that is full or broken tells so once more. */
		return copy_by_hand(from, to, at, end, why);
	}
	return true;
}

bool file_copy(int from, int to, uint64_t size, struct why *why)
{
	off_t at = 0, end = (off_t)size;

	if (ioctl(to, FICLONE, from) == 0)
		return true;
	if (ftruncate(to, end) != 0)
		return why_set(why, "cannot grow to %" PRIu64 " bytes: %s", size, strerror(errno));
	while (at < end) {
		off_t data = lseek(from, at, SEEK_DATA);
		off_t hole = data < 0 ? -1 : lseek(from, data, SEEK_HOLE);
		if (data < 0 && errno == ENXIO)
			return true;
		if (data < 0 || hole < 0 || hole > end) {
			data = data < 0 ? at : data;
			hole = end;
		}
		if (!copy_data(from, to, data, hole, why))
			return false;
		at = hole;
	}
	return true;
}

static bool copy_attribute(int from, int to, const char *name, struct why *why)
{
	char value[XATTR_SIZE_MAX], there[XATTR_SIZE_MAX];
	ssize_t size = fgetxattr(from, name, value, sizeof value);

	if (size < 0)
		return why_set(why, "cannot read the extended attribute '%s': %s", name, strerror(errno));
	/* A security module labels new files itself, and may let nobody else. */
	if (fgetxattr(to, name, there, sizeof there) == size && memcmp(value, there, (size_t)size) == 0)
		return true;
	if (fsetxattr(to, name, value, (size_t)size, 0) != 0)
		return why_set(why, "cannot keep the extended attribute '%s': %s", name, strerror(errno));
	return true;
}

bool file_copy_attributes(int from, const struct stat *stat, int to, struct why *why)
{
	char names[XATTR_LIST_MAX];
	struct stat now;

	if (fstat(to, &now) != 0)
		return why_set(why, "%s", strerror(errno));
	if ((now.st_uid != stat->st_uid || now.st_gid != stat->st_gid) && fchown(to, stat->st_uid, stat->st_gid) != 0)
		return why_set(why, "cannot keep owner %ju and group %ju: %s", (uintmax_t)stat->st_uid,
			       (uintmax_t)stat->st_gid, strerror(errno));
	/* chown takes setuid, setgid and capabilities away. */
	if (fchmod(to, stat->st_mode & 07777) != 0)
		return why_set(why, "cannot keep mode %04o: %s", (unsigned)stat->st_mode & 07777, strerror(errno));
	ssize_t size = flistxattr(from, names, sizeof names);
	if (size < 0 && errno != ENOTSUP)
		return why_set(why, "cannot list extended attributes: %s", strerror(errno));
	for (ssize_t at = 0; at < size; at += (ssize_t)strlen(names + at) + 1)
		if (!copy_attribute(from, to, names + at, why))
			return false;
	return true;
}
