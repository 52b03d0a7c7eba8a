/*
 * luaplug: the Lua 5.4 interpreter as a plugin.
 *
 * One Lua state per process. Every function may be called from any thread; the
 * calls take turns. The functions that a host can call from Lua's side are the
 * global functions of start.lua.
 */
#ifndef LUAPLUG_H
#define LUAPLUG_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LUAPLUG_API __attribute__((visibility("default")))

enum luaplug_status {
	LUAPLUG_OK,
	LUAPLUG_NOT_STARTED, /* libluaplug-plain.so only: luaplug_init has not been called */
	LUAPLUG_FAILED,      /* Lua raised an error; its message is in the result, where that is text */
	LUAPLUG_TRUNCATED,   /* done, but the result did not fit and was cut */
	LUAPLUG_BAD_TYPES    /* luaplug_callf: `types` is malformed; nothing was called */
};

enum luaplug_type { LUAPLUG_NUMBER, LUAPLUG_STRING };

struct luaplug_value {
	enum luaplug_type type;
	union {
		double number;
		const char *string;
	} as;
};

struct luaplug_stats {
	uint64_t evals;       /* luaplug_eval, failed ones included */
	uint64_t calls;       /* luaplug_call and luaplug_callf, failed ones included */
	uint64_t errors;      /* of both */
	uint64_t memory;      /* bytes that the Lua state holds now */
	uint64_t start_began; /* CLOCK_MONOTONIC in ns */
	uint64_t start_ended;
};

/* The plugin's and Lua's version, one line. Works while Lua is still starting. */
LUAPLUG_API const char *luaplug_version(void);

/*
 * Evaluate `code`, an expression or statements, and put its first result as
 * text into `result`, which has room for `size` bytes with the final NUL.
 */
LUAPLUG_API int luaplug_eval(const char *code, char *result, size_t size);

/* Call the global Lua function `function`; the result as in luaplug_eval. */
LUAPLUG_API int luaplug_call(const char *function, const struct luaplug_value *args, size_t count, char *result,
			     size_t size);

/*
 * The same for C programs. `types` has a letter for each argument, `d` for a
 * double and `s` for a string, 16 at most, then perhaps `>` and where the result
 * goes: `d` for a double *, `s` for a char * and a size_t.
 *
 *     double sum;
 *     luaplug_callf("add", "dd>d", 2.0, 3.0, &sum);
 */
LUAPLUG_API int luaplug_callf(const char *function, const char *types, ...);

LUAPLUG_API struct luaplug_stats luaplug_stats(void);

/*
 * In libluaplug-plain.so only: start Lua, and return when that is done, with 0
 * or an errno value. To be called before any of the above. libluaplug.so has no
 * such function, as it starts by itself.
 */
LUAPLUG_API int luaplug_init(int argc, char **argv);

#ifdef __cplusplus
}
#endif

#endif
