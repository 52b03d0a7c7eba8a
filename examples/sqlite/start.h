/* How the store is started, and a thread's connection made. */
#ifndef STORE_START_H
#define STORE_START_H

#include <stddef.h>

/* Open and fill the database, once. Returns 0, or an SQLite error code with one line about it in `why`. */
int store_start(char *why, size_t size);

/* The calling thread's connection. Opening one that is open does nothing, nor does closing one that is not. */
int store_open_own(void);
void store_close_own(void);

#endif
