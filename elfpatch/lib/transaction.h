/*
 * Replacing a file by an edited copy of itself, or editing it in place.
 *
 * The copy is made beside its target, as a clone where the file system can, gets
 * the writes of a patch, owner, mode, extended attributes (ACLs are such) and,
 * where asked, times, is verified, synced and renamed. Whatever happens, a reader
 * finds the old file or the new one, whole; a process that is killed can leave the
 * copy behind, whose name begins with ".elfpatch.".
 *
 * A process has one transaction with a copy at a time. An output that is no regular
 * file gets its bytes once they are verified.
 */
#ifndef TRANSACTION_H
#define TRANSACTION_H

#include "patch.h"

#include <sys/stat.h>

struct transaction_options {
	const char *output; /* null: the file itself */
	bool is_stream;     /* the output may be a device or a pipe, which is written to */
	bool is_in_place;   /* write into the file; neither size nor inode change */
	bool grows;         /* in place, the size may change: a process that is killed can leave a broken file */
	bool breaks_links;  /* a file with several hard links becomes one of its own */
	bool waits_not;     /* refuse a file that another process is patching */
	bool keeps_times;   /* access and modification time as they were */
};

/* `fd` is open for reading, in place also for writing, and locked by flock(2). */
struct transaction {
	struct transaction_options options;
	char *target; /* with symbolic links resolved */
	int fd;
	struct stat stat;
};

/*
 * Open and lock a regular file. A second patcher waits until the first is done,
 * and then sees what that one left at `path`. With options->output the file itself
 * stays as it is, and is locked against those that write it only.
 */
bool transaction_open(const char *path, const struct transaction_options *options, struct transaction *transaction,
		      struct why *why);

/*
 * Whether an edited file is what it was meant to be; `path` names it before it takes
 * its place, or in place after it was written.
 */
typedef bool transaction_check(const char *path, void *context, struct why *why);

/* What is to be done to the copy when it has the patch, before it is checked. */
typedef bool transaction_finish(const char *path, void *context, struct why *why);

/*
 * Write the patch. An empty one writes nothing, unless there is a `finish`, which is
 * for copies only, or the output is another file. In place, each write goes to the
 * file in turn; when one fails, or `check`, the old bytes are written back.
 */
bool transaction_commit(struct transaction *transaction, const struct patch *patch, transaction_finish *finish,
			transaction_check *check, void *context, struct why *why);
void transaction_close(struct transaction *transaction);

/* Remove the copy that is being made, if there is one. For signal handlers. */
void transaction_abandon(void);

/* Make `to`, which is empty, hold what `from` holds: by clone, in the kernel, or by read and write; holes stay. */
bool file_copy(int from, int to, uint64_t size, struct why *why);
/* Owner, mode and extended attributes, in an order in which none undoes another; after the last write. */
bool file_copy_attributes(int from, const struct stat *stat, int to, struct why *why);

#endif
