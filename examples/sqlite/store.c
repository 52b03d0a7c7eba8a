#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "start.h"
#include "store.h"

#define ROWS_DEFAULT 60000
#define ROWS_MAX     999999 /* numbers above have no name here */

/* A database of this process, with as many connections as are opened, and no file. */
#define DATABASE "file:/store?vfs=memdb"

static const char start_sql[] = {
#include "start.sql.inc"
	0};

static sqlite3 *owner; /* filled the database, and keeps it while other connections come and go */

/* What each thread has for itself. */
static _Thread_local struct {
	sqlite3 *database;
	sqlite3_stmt *find;
} own;

/* STORE_ROWS of the environment, for a start of another length. */
static int rows(void)
{
	const char *text = getenv("STORE_ROWS");
	char *end;
	long rows;

	if (text == NULL)
		return ROWS_DEFAULT;
	rows = strtol(text, &end, 10);
	return *text != '\0' && *end == '\0' && rows >= 1 && rows <= ROWS_MAX ? (int)rows : ROWS_DEFAULT;
}

int store_start(char *why, size_t size)
{
	char limit[80];
	int status;

	status = sqlite3_open_v2(DATABASE, &owner, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI, NULL);
	snprintf(limit, sizeof(limit), "CREATE TEMP TABLE rows AS SELECT %d AS count", rows());
	if (status == SQLITE_OK)
		status = sqlite3_exec(owner, limit, NULL, NULL, NULL);
	if (status == SQLITE_OK)
		status = sqlite3_exec(owner, start_sql, NULL, NULL, NULL);
	if (status != SQLITE_OK)
		snprintf(why, size, "%s", sqlite3_errmsg(owner));
	return status;
}

int store_open_own(void)
{
	int status = SQLITE_OK;

	if (own.database == NULL)
		status = sqlite3_open_v2(DATABASE, &own.database, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
	if (status == SQLITE_OK && own.find == NULL)
		status = sqlite3_prepare_v2(own.database, "SELECT n FROM numbers WHERE name = ?", -1, &own.find, NULL);
	return status;
}

void store_close_own(void)
{
	sqlite3_finalize(own.find);
	sqlite3_close(own.database);
	own.find = NULL;
	own.database = NULL;
}

/* The row that `statement` stands on. */
static void copy_row(sqlite3_stmt *statement, char *result, size_t size)
{
	size_t used = 0;

	for (int i = 0; i < sqlite3_column_count(statement) && used < size; i++) {
		const unsigned char *text = sqlite3_column_text(statement, i);

		used += (size_t)snprintf(result + used, size - used, "%s%s", i > 0 ? "|" : "",
					 text != NULL ? (const char *)text : "");
	}
}

int store_query(const char *sql, char *result, size_t size)
{
	sqlite3_stmt *statement = NULL;
	int status = store_open_own(); /* has been done, but for a thread that ran the start itself */

	if (size > 0)
		result[0] = '\0';
	if (status == SQLITE_OK)
		status = sqlite3_prepare_v2(own.database, sql, -1, &statement, NULL);
	if (status == SQLITE_OK && statement != NULL) {
		status = sqlite3_step(statement);
		if (status == SQLITE_ROW)
			copy_row(statement, result, size);
		if (status == SQLITE_ROW || status == SQLITE_DONE)
			status = SQLITE_OK;
	}
	if (status != SQLITE_OK)
		snprintf(result, size, "%s", sqlite3_errmsg(own.database));
	sqlite3_finalize(statement);
	return status;
}

long store_find(const char *name)
{
	long number = -1;

	if (store_open_own() != SQLITE_OK)
		return -1;
	sqlite3_bind_text(own.find, 1, name, -1, SQLITE_STATIC);
	if (sqlite3_step(own.find) == SQLITE_ROW)
		number = (long)sqlite3_column_int64(own.find, 0);
	sqlite3_reset(own.find);
	return number;
}
