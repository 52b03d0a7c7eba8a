#include "patch.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const unsigned char zeros[4096];

/* The size bytes at `at` are the file's own, as far as it has them. */
static bool is_there(const struct image *image, uint64_t offset, const unsigned char *bytes, uint64_t i)
{
	return offset + i < image->size && image->bytes[offset + i] == (bytes ? bytes[i] : 0);
}

/* An earlier write of the same place decides what stands there, not the file. */
static bool overlaps(const struct patch *patch, uint64_t offset, uint64_t size)
{
	for (size_t i = 0; i < patch->count; i++) {
		const struct patch_write *w = &patch->writes[i];
		if (w->offset < offset + size && offset < w->offset + w->size)
			return true;
	}
	return false;
}

/* False when the write is not added. */
static bool append(struct patch *patch, const struct image *image, uint64_t offset, const unsigned char *bytes,
		   uint64_t size)
{
	if (!overlaps(patch, offset, size)) {
		while (size && is_there(image, offset, bytes, 0)) {
			offset++;
			size--;
			if (bytes)
				bytes++;
		}
		while (size && is_there(image, offset, bytes, size - 1))
			size--;
	}
	if (size == 0)
		return false;
	if (offset + size > patch->size)
		patch->size = offset + size;
	if (patch->count == patch->capacity) {
		size_t capacity = patch->capacity ? 2 * patch->capacity : 16;
		struct patch_write *grown = realloc(patch->writes, capacity * sizeof *grown);
		if (!grown) {
			patch->is_out_of_memory = true;
			return false;
		}
		patch->writes = grown;
		patch->capacity = capacity;
	}
	patch->writes[patch->count++] = (struct patch_write){offset, size, bytes, NULL};
	return true;
}

void patch_put(struct patch *patch, const struct image *image, uint64_t offset, const void *bytes, uint64_t size)
{
	if (!append(patch, image, offset, bytes, size))
		return;
	struct patch_write *w = &patch->writes[patch->count - 1];
	w->owned = malloc(w->size);
	if (w->owned) {
		memcpy(w->owned, w->bytes, w->size);
		w->bytes = w->owned;
	} else {
		patch->is_out_of_memory = true;
		patch->count--;
	}
}

void patch_give(struct patch *patch, const struct image *image, uint64_t offset, unsigned char *bytes, uint64_t size)
{
	if (append(patch, image, offset, bytes, size))
		patch->writes[patch->count - 1].owned = bytes;
	else
		free(bytes);
}

void patch_copy(struct patch *patch, const struct image *image, uint64_t offset, uint64_t from, uint64_t size)
{
	append(patch, image, offset, image->bytes + from, size);
}

void patch_zero(struct patch *patch, const struct image *image, uint64_t offset, uint64_t size)
{
	append(patch, image, offset, NULL, size);
}

void patch_free(struct patch *patch)
{
	for (size_t i = 0; i < patch->count; i++)
		free(patch->writes[i].owned);
	free(patch->writes);
	*patch = (struct patch){0};
}

bool patch_is_complete(const struct patch *patch, struct why *why)
{
	return !patch->is_out_of_memory || why_set(why, "out of memory");
}

bool patch_is_empty(const struct patch *patch, const struct image *image)
{
	return patch->count == 0 && patch->size == image->size;
}

uint64_t patch_bytes(const struct patch *patch)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < patch->count; i++)
		bytes += patch->writes[i].size;
	return bytes;
}

static bool write_at(int fd, uint64_t offset, const unsigned char *bytes, uint64_t size, struct why *why)
{
	while (size) {
		size_t step = bytes ? size : size < sizeof zeros ? size : sizeof zeros;
		ssize_t n = pwrite(fd, bytes ? bytes : zeros, step, (off_t)offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return why_set(why, "cannot write %" PRIu64 " bytes at offset %" PRIu64 ": %s", size, offset,
				       strerror(n < 0 ? errno : EIO));
		offset += (uint64_t)n;
		size -= (uint64_t)n;
		if (bytes)
			bytes += n;
	}
	return true;
}

bool patch_apply(const struct patch *patch, int fd, struct why *why)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return why_set(why, "%s", strerror(errno));
	if ((uint64_t)st.st_size != patch->size && ftruncate(fd, (off_t)patch->size) != 0)
		return why_set(why, "cannot resize to %" PRIu64 " bytes: %s", patch->size, strerror(errno));
	for (size_t i = 0; i < patch->count; i++) {
		const struct patch_write *w = &patch->writes[i];
		if (!write_at(fd, w->offset, w->bytes, w->size, why))
			return false;
	}
	return true;
}
