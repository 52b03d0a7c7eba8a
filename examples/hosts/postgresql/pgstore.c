/*
 * A PostgreSQL extension over the store:
 *
 *     CREATE FUNCTION store_number(text) RETURNS bigint AS 'pgstore' LANGUAGE C STRICT;
 *     CREATE FUNCTION store_is_ready() RETURNS boolean AS 'pgstore', 'store_ready' LANGUAGE C;
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include <store.h>

PG_MODULE_MAGIC;

PG_FUNCTION_INFO_V1(store_number);
PG_FUNCTION_INFO_V1(store_ready);

Datum store_number(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(store_find(text_to_cstring(PG_GETARG_TEXT_PP(0))));
}

Datum store_ready(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(store_is_ready());
}
