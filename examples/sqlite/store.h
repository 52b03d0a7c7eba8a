/*
 * store: SQLite in a library, with a database in memory that is filled and indexed when the library is loaded.
 *
 * The table `numbers` has n, its name in English, and how many letters that has. Every function may be called from any
 * thread; each thread has a connection of its own, so that calls do not take turns.
 */
#ifndef STORE_H
#define STORE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define STORE_API __attribute__((visibility("default")))

/*
 * Run one SELECT and put its first row into `result`, the columns with `|` between, cut to `size` bytes with the final
 * NUL. Returns 0, or an SQLite error code with the message in the result. Without a row the result is empty.
 */
STORE_API int store_query(const char *sql, char *result, size_t size);

/* The number of that name, or -1. */
STORE_API long store_find(const char *name);

/* These answer while the database is still being filled. */
STORE_API int store_is_ready(void);
STORE_API int store_attached(void); /* threads of the host that have a connection, or had one */
STORE_API int store_detached(void); /* of these, those that have ended */

#ifdef __cplusplus
}
#endif

#endif
