#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <rt0.h>

#include "luaplug.h"
#include "start.h"

#define ARGS_MAX 16

static const char start_lua[] = {
#include "start.lua.inc"
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static lua_State *lua; /* null until start.lua has run */
static struct luaplug_stats counters;

/* One call from the host. Exactly one of `code` and `function` is set, and at most one of `number` and `text`. */
struct request {
	const char *code;
	const char *function;
	const struct luaplug_value *args;
	size_t count;
	double *number;
	char *text;
	size_t size;
	bool is_cut;
};

static uint64_t clock_ns(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Copy as much of text[0..length) as fits; returns whether all of it did. */
static bool copy_text(const char *text, size_t length, char *to, size_t size)
{
	size_t fits = length;

	if (size == 0)
		return false;
	if (fits > size - 1)
		fits = size - 1;
	memcpy(to, text, fits);
	to[fits] = '\0';
	return fits == length;
}

/* The error value on top of the stack. Never allocates, so it needs no protected call. */
static void copy_error(lua_State *L, char *to, size_t size)
{
	size_t length;
	const char *text = "(error object is not a string)";

	if (lua_type(L, -1) == LUA_TSTRING)
		text = lua_tolstring(L, -1, &length);
	else
		length = strlen(text);
	copy_text(text, length, to, size);
}

static void push_value(lua_State *L, const struct luaplug_value *value)
{
	lua_Integer integer;

	if (value->type == LUAPLUG_STRING)
		lua_pushstring(L, value->as.string);
	else if (lua_numbertointeger(value->as.number, &integer) && (double)integer == value->as.number)
		lua_pushinteger(L, integer);
	else
		lua_pushnumber(L, value->as.number);
}

/* Runs in a protected call: whatever raises an error in here ends up in `run`. */
static int serve(lua_State *L)
{
	struct request *request = lua_touserdata(L, 1);
	const char *text;
	size_t length;
	int given = 0;

	if (request->code != NULL) {
		text = lua_pushfstring(L, "return %s", request->code);
		if (luaL_loadbufferx(L, text, strlen(text), "=eval", "t") != LUA_OK &&
		    luaL_loadbufferx(L, request->code, strlen(request->code), "=eval", "t") != LUA_OK)
			return lua_error(L);
	} else {
		luaL_checkstack(L, ARGS_MAX, NULL);
		lua_getglobal(L, request->function);
		if (!lua_isfunction(L, -1))
			return luaL_error(L, "no function '%s'", request->function);
		if (request->count > ARGS_MAX)
			return luaL_error(L, "more than %d arguments", ARGS_MAX);
		for (size_t i = 0; i < request->count; i++)
			push_value(L, &request->args[i]);
		given = (int)request->count;
	}
	lua_call(L, given, 1);

	if (request->number != NULL) {
		*request->number = luaL_checknumber(L, -1);
	} else if (request->text != NULL) {
		text = luaL_tolstring(L, -1, &length);
		request->is_cut = !copy_text(text, length, request->text, request->size);
	}
	return 0;
}

static int run(struct request *request)
{
	int status = LUAPLUG_OK;

	pthread_mutex_lock(&lock);
	if (lua == NULL) {
		status = LUAPLUG_NOT_STARTED;
	} else {
		if (request->code != NULL)
			counters.evals++;
		else
			counters.calls++;
		lua_pushcfunction(lua, serve);
		lua_pushlightuserdata(lua, request);
		if (lua_pcall(lua, 1, 0, 0) != LUA_OK) {
			counters.errors++;
			status = LUAPLUG_FAILED;
			if (request->text != NULL)
				copy_error(lua, request->text, request->size);
			lua_pop(lua, 1);
		} else if (request->is_cut) {
			status = LUAPLUG_TRUNCATED;
		}
	}
	pthread_mutex_unlock(&lock);
	return status;
}

RT0_NO_GATE const char *luaplug_version(void)
{
	return "luaplug 1.0, " LUA_RELEASE;
}

int luaplug_eval(const char *code, char *result, size_t size)
{
	struct request request = {.code = code, .text = result, .size = size};

	return run(&request);
}

int luaplug_call(const char *function, const struct luaplug_value *args, size_t count, char *result, size_t size)
{
	struct request request = {.function = function, .args = args, .count = count, .text = result, .size = size};

	return run(&request);
}

int luaplug_callf(const char *function, const char *types, ...)
{
	struct luaplug_value args[ARGS_MAX];
	struct request request = {.function = function, .args = args};
	const char *type = types;
	int status = LUAPLUG_OK;
	va_list list;

	va_start(list, types);
	for (; (*type == 'd' || *type == 's') && request.count < ARGS_MAX; type++) {
		struct luaplug_value *value = &args[request.count++];

		if (*type == 'd') {
			value->type = LUAPLUG_NUMBER;
			value->as.number = va_arg(list, double);
		} else {
			value->type = LUAPLUG_STRING;
			value->as.string = va_arg(list, const char *);
		}
	}
	if (strcmp(type, ">d") == 0) {
		request.number = va_arg(list, double *);
	} else if (strcmp(type, ">s") == 0) {
		request.text = va_arg(list, char *);
		request.size = va_arg(list, size_t);
	} else if (*type != '\0') {
		status = LUAPLUG_BAD_TYPES;
	}
	va_end(list);
	return status == LUAPLUG_OK ? run(&request) : status;
}

struct luaplug_stats luaplug_stats(void)
{
	struct luaplug_stats stats;

	pthread_mutex_lock(&lock);
	stats = counters;
	if (lua != NULL)
		stats.memory = (uint64_t)lua_gc(lua, LUA_GCCOUNT) * 1024 + (uint64_t)lua_gc(lua, LUA_GCCOUNTB);
	pthread_mutex_unlock(&lock);
	return stats;
}

/* cpu() for start.lua: seconds that this thread has computed. */
static int lua_cpu(lua_State *L)
{
	lua_pushnumber(L, (double)clock_ns(CLOCK_THREAD_CPUTIME_ID) / 1e9);
	return 1;
}

/* Runs start.lua, which gets lua_cpu and the program's arguments. Runs in a protected call. */
static int run_start_lua(lua_State *L)
{
	int argc = (int)lua_tointeger(L, 1);
	char **argv = lua_touserdata(L, 2);

	luaL_openlibs(L);
	luaL_checkstack(L, argc + LUA_MINSTACK, "too many arguments");
	if (luaL_loadbufferx(L, start_lua, sizeof(start_lua), "=start.lua", "t") != LUA_OK)
		return lua_error(L);
	lua_pushcfunction(L, lua_cpu);
	for (int i = 0; i < argc; i++)
		lua_pushstring(L, argv[i]);
	lua_call(L, argc + 1, 0);
	return 0;
}

int luaplug_start(int argc, char **argv, char *why, size_t size)
{
	lua_State *L;

	if (lua != NULL)
		return 0;
	counters.start_began = clock_ns(CLOCK_MONOTONIC);
	L = luaL_newstate();
	if (L == NULL) {
		snprintf(why, size, "no memory for a Lua state");
		return ENOMEM;
	}
	lua_pushcfunction(L, run_start_lua);
	lua_pushinteger(L, argc);
	lua_pushlightuserdata(L, argv);
	if (lua_pcall(L, 2, 0, 0) != LUA_OK) {
		copy_error(L, why, size);
		lua_close(L);
		return EINVAL;
	}
	counters.start_ended = clock_ns(CLOCK_MONOTONIC);
	lua = L;
	return 0;
}
