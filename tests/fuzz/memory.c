#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#endif
#endif
#ifndef ASAN_POISON_MEMORY_REGION
#define ASAN_POISON_MEMORY_REGION(at, size)   ((void)(at), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(at, size) ((void)(at), (void)(size))
#endif

enum {
	DESCRIPTORS = 32,
	FIRST_DESCRIPTOR = 1 << 20, /* above what the kernel gives */
	MAPPINGS = 8,
	RT_FILES = 64,
	/* A mapping is at the end of its place, as aligned as libelf wants it, with this much that is poisoned before.
	 */
	ALIGN = 16,
	FENCE = 1 << 12
};

struct file {
	char *path;
	unsigned char *bytes;
	size_t size, room;
};

struct mapping {
	struct file *file; /* null: free */
	unsigned char *place, *at;
	unsigned char *was; /* contents when they last agreed with the file */
	size_t copied;
	bool is_shared, is_read_only;
};

const char *const memory_paths[MEMORY_FILES] = {"/memory/0", "/memory/1", "/memory/2", "/memory/3"};

static struct file files[MEMORY_FILES + RT_FILES];
static size_t rt_count;
static struct descriptor {
	struct file *file; /* null: free */
	size_t at;
} descriptors[DESCRIPTORS];
static struct mapping mappings[MAPPINGS];

FILE *__real_fopen(const char *path, const char *mode);
int __real_close(int fd);
int __real_fstat(int fd, struct stat *stat);
int __real_fcntl(int fd, int command, long argument);
ssize_t __real_read(int fd, void *to, size_t size);
ssize_t __real_pread(int fd, void *to, size_t size, off_t at);
ssize_t __real_pwrite(int fd, const void *from, size_t size, off_t at);
void *__real_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset);
int __real_munmap(void *at, size_t size);

static void fault(const char *what)
{
	fprintf(stderr, "memory: %s\n", what);
	abort();
}

static void resize(struct file *file, size_t size)
{
	if (size > MEMORY_FILE_MAX)
		fault("a file grows beyond all reason");
	if (size > file->room) {
		file->bytes = realloc(file->bytes, size);
		if (!file->bytes)
			fault("out of memory");
		file->room = size;
	}
	if (size > file->size)
		memset(file->bytes + file->size, 0, size - file->size);
	file->size = size;
}

static size_t common_size(const struct mapping *m)
{
	return m->copied < m->file->size ? m->copied : m->file->size;
}

/* A write by descriptor is seen through shared mappings. */
static void refresh_mappings(struct file *file)
{
	for (int i = 0; i < MAPPINGS; i++) {
		struct mapping *m = &mappings[i];
		if (m->file != file || !m->is_shared)
			continue;
		memcpy(m->at, file->bytes, common_size(m));
		memcpy(m->was, file->bytes, common_size(m));
	}
}

/* What was stored into shared mappings is in the file, and in the others. */
static void sync_mappings(struct file *file)
{
	bool is_changed = false;

	for (int i = 0; i < MAPPINGS; i++) {
		const struct mapping *m = &mappings[i];
		if (m->file != file || !m->is_shared || memcmp(m->at, m->was, common_size(m)) == 0)
			continue;
		is_changed = true;
		for (size_t at = 0; at < common_size(m); at++)
			if (m->at[at] != m->was[at])
				file->bytes[at] = m->at[at];
	}
	if (is_changed)
		refresh_mappings(file);
}

void memory_put(int i, const void *bytes, size_t size)
{
	struct file *file = &files[i];

	file->size = 0;
	resize(file, size);
	if (size)
		memcpy(file->bytes, bytes, size);
}

const unsigned char *memory_get(int i, size_t *size)
{
	sync_mappings(&files[i]);
	*size = files[i].size;
	return files[i].bytes;
}

void memory_check(void)
{
	for (int i = 0; i < DESCRIPTORS; i++)
		if (descriptors[i].file)
			fault("a descriptor was left open");
	for (int i = 0; i < MAPPINGS; i++)
		if (mappings[i].file)
			fault("a mapping was left behind");
}

static struct file *file_of(int fd)
{
	return fd >= FIRST_DESCRIPTOR && fd < FIRST_DESCRIPTOR + DESCRIPTORS ? descriptors[fd - FIRST_DESCRIPTOR].file
									     : NULL;
}

static int descriptor_new(struct file *file)
{
	for (int i = 0; i < DESCRIPTORS; i++) {
		if (descriptors[i].file)
			continue;
		descriptors[i] = (struct descriptor){.file = file};
		return FIRST_DESCRIPTOR + i;
	}
	fault("too many descriptors");
	return -1;
}

/* A file of rt, read once. */
static struct file *rt_file(const char *path)
{
	struct file *file = &files[MEMORY_FILES];
	struct stat st;

	for (size_t i = 0; i < rt_count; i++, file++)
		if (strcmp(file->path, path) == 0)
			return file;
	FILE *stream = strstr(path, "/lib/rt0/") ? __real_fopen(path, "re") : NULL;
	if (!stream)
		return NULL;
	if (rt_count == RT_FILES || __real_fstat(fileno(stream), &st) != 0)
		fault("rt has more files than was thought");
	file->path = strdup(path);
	resize(file, (size_t)st.st_size);
	if (!file->path || fread(file->bytes, 1, file->size, stream) != file->size)
		fault("a file of rt cannot be read");
	fclose(stream);
	rt_count++;
	return file;
}

static struct file *find(const char *path)
{
	for (int i = 0; i < MEMORY_FILES; i++)
		if (strcmp(memory_paths[i], path) == 0)
			return &files[i];
	return rt_file(path);
}

int __wrap_open(const char *path, int flags, ...)
{
	struct file *file = find(path);

	if (!file) {
		errno = ENOENT;
		return -1;
	}
	if (flags & O_TRUNC)
		resize(file, 0);
	return descriptor_new(file);
}

int __wrap_access(const char *path, int mode)
{
	(void)mode;
	if (find(path))
		return 0;
	errno = ENOENT;
	return -1;
}

int __wrap_close(int fd)
{
	if (!file_of(fd))
		return __real_close(fd);
	descriptors[fd - FIRST_DESCRIPTOR].file = NULL;
	return 0;
}

int __wrap_fcntl(int fd, int command, ...)
{
	struct file *file = file_of(fd);
	va_list args;

	va_start(args, command);
	long argument = va_arg(args, long);
	va_end(args);
	if (!file)
		return __real_fcntl(fd, command, argument);
	return command == F_DUPFD_CLOEXEC ? descriptor_new(file) : command == F_GETFL ? O_RDWR : 0;
}

int __wrap_fstat(int fd, struct stat *st)
{
	const struct file *file = file_of(fd);

	if (!file)
		return __real_fstat(fd, st);
	memset(st, 0, sizeof *st);
	st->st_mode = S_IFREG | 0644;
	st->st_size = (off_t)file->size;
	st->st_nlink = 1;
	st->st_ino = (ino_t)(file - files) + 1;
	return 0;
}

ssize_t __wrap_pread(int fd, void *to, size_t size, off_t at)
{
	struct file *file = file_of(fd);

	if (!file)
		return __real_pread(fd, to, size, at);
	if (at < 0) {
		errno = EINVAL;
		return -1;
	}
	sync_mappings(file);
	if ((size_t)at >= file->size)
		return 0;
	size = size < file->size - (size_t)at ? size : file->size - (size_t)at;
	memcpy(to, file->bytes + at, size);
	return (ssize_t)size;
}

ssize_t __wrap_read(int fd, void *to, size_t size)
{
	if (!file_of(fd))
		return __real_read(fd, to, size);
	struct descriptor *descriptor = &descriptors[fd - FIRST_DESCRIPTOR];
	ssize_t got = __wrap_pread(fd, to, size, (off_t)descriptor->at);
	descriptor->at += (size_t)got;
	return got;
}

ssize_t __wrap_pwrite(int fd, const void *from, size_t size, off_t at)
{
	struct file *file = file_of(fd);

	if (!file)
		return __real_pwrite(fd, from, size, at);
	if (at < 0 || at > MEMORY_FILE_MAX || size > MEMORY_FILE_MAX) {
		errno = at < 0 ? EINVAL : EFBIG;
		return -1;
	}
	sync_mappings(file);
	if ((size_t)at + size > file->size)
		resize(file, (size_t)at + size);
	if (size)
		memcpy(file->bytes + at, from, size);
	refresh_mappings(file);
	return (ssize_t)size;
}

int __wrap_ftruncate(int fd, off_t size)
{
	struct file *file = file_of(fd);

	if (!file || size < 0 || size > MEMORY_FILE_MAX) {
		errno = !file ? EBADF : size < 0 ? EINVAL : EFBIG;
		return -1;
	}
	sync_mappings(file);
	resize(file, (size_t)size);
	refresh_mappings(file);
	return 0;
}

int __wrap_posix_fallocate(int fd, off_t at, off_t size)
{
	struct file *file = file_of(fd);

	/* A length of 0 is EINVAL, posix_fallocate(3). */
	if (!file || at < 0 || size <= 0)
		return !file ? EBADF : EINVAL;
	if (at > MEMORY_FILE_MAX || size > MEMORY_FILE_MAX - at)
		return EFBIG;
	sync_mappings(file);
	if ((size_t)(at + size) > file->size)
		resize(file, (size_t)(at + size));
	return 0;
}

int __wrap_fchmod(int fd, mode_t mode)
{
	(void)mode;
	return file_of(fd) ? 0 : -1;
}

static ssize_t stream_write(void *cookie, const char *bytes, size_t size)
{
	int fd = (int)(intptr_t)cookie;

	ssize_t written = __wrap_pwrite(fd, bytes, size, (off_t)descriptors[fd - FIRST_DESCRIPTOR].at);
	descriptors[fd - FIRST_DESCRIPTOR].at += size;
	return written;
}

static int stream_close(void *cookie)
{
	return __wrap_close((int)(intptr_t)cookie);
}

/* Ours for writing only; the fuzzer writes what it finds to files of its own. */
FILE *__wrap_fopen(const char *path, const char *mode)
{
	static const cookie_io_functions_t functions = {.write = stream_write, .close = stream_close};
	if (strncmp(path, "/memory/", 8) != 0)
		return __real_fopen(path, mode);
	int fd = __wrap_open(path, O_TRUNC);

	return fd < 0 ? NULL : fopencookie((void *)(intptr_t)fd, mode, functions);
}

static struct mapping *mapping_new(void)
{
	for (int i = 0; i < MAPPINGS; i++) {
		struct mapping *m = &mappings[i];
		if (m->file)
			continue;
		if (!m->place) {
			long page = sysconf(_SC_PAGESIZE);
			m->place = __real_mmap(NULL, MEMORY_FILE_MAX + (size_t)page, PROT_READ | PROT_WRITE,
					       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
			m->was = malloc(MEMORY_FILE_MAX);
			if (m->place == MAP_FAILED || !m->was ||
			    mprotect(m->place + MEMORY_FILE_MAX, (size_t)page, PROT_NONE) != 0)
				fault("no room for a mapping");
		}
		return m;
	}
	fault("too many mappings");
	return NULL;
}

void *__wrap_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
	struct file *file = file_of(fd);

	if (!file)
		return __real_mmap(at, size, protection, flags, fd, offset);
	if (offset != 0 || size == 0 || size > MEMORY_FILE_MAX - FENCE) {
		errno = size ? ENOMEM : EINVAL;
		return MAP_FAILED;
	}
	struct mapping *m = mapping_new();
	sync_mappings(file);
	m->file = file;
	/* Behind the end of the file there is nothing to be had, whatever the length. */
	m->copied = size < file->size ? size : file->size;
	m->is_shared = (flags & MAP_TYPE) == MAP_SHARED && protection & PROT_WRITE;
	m->is_read_only = !(protection & PROT_WRITE);
	size_t taken = (m->copied + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	m->at = m->place + MEMORY_FILE_MAX - taken;
	ASAN_POISON_MEMORY_REGION(m->at - FENCE, FENCE);
	ASAN_UNPOISON_MEMORY_REGION(m->at, m->copied);
	ASAN_POISON_MEMORY_REGION(m->at + m->copied, taken - m->copied);
	memcpy(m->at, file->bytes, m->copied);
	memcpy(m->was, file->bytes, m->copied);
	return m->at;
}

int __wrap_munmap(void *at, size_t size)
{
	for (int i = 0; i < MAPPINGS; i++) {
		struct mapping *m = &mappings[i];
		if (!m->file || m->at != at)
			continue;
		if (m->is_read_only && memcmp(m->at, m->was, m->copied) != 0)
			fault("a mapping that may only be read was written to");
		sync_mappings(m->file);
		m->file = NULL;
		ASAN_UNPOISON_MEMORY_REGION(m->at - FENCE, MEMORY_FILE_MAX - (size_t)(m->at - m->place) + FENCE);
		return 0;
	}
	return __real_munmap(at, size);
}

int __wrap_msync(void *at, size_t size, int flags)
{
	(void)at;
	(void)size;
	(void)flags;
	for (int i = 0; i < MAPPINGS; i++)
		if (mappings[i].file)
			sync_mappings(mappings[i].file);
	return 0;
}

void *__wrap_mremap(void *at, size_t old_size, size_t size, int flags, ...)
{
	(void)at;
	(void)old_size;
	(void)size;
	(void)flags;
	errno = ENOMEM;
	return MAP_FAILED;
}

int __wrap_madvise(void *at, size_t size, int advice)
{
	(void)at;
	(void)size;
	(void)advice;
	return 0;
}
