/*
 * forth: a small Forth in a library that needs nothing, not even a libc.
 *
 * What start.fs defines can be used by any number of threads at once: the dictionary is read-only when the library is
 * ready, and each call has stacks of its own.
 */
#ifndef FORTH_H
#define FORTH_H

#ifdef __cplusplus
extern "C" {
#endif

#define FORTH_API __attribute__((visibility("default")))

enum forth_error {
	FORTH_OK,
	FORTH_UNKNOWN_WORD,
	FORTH_STACK,     /* too few values on it, or too many */
	FORTH_NUMBER,    /* a division by zero, or one whose result is out of range */
	FORTH_ADDRESS,   /* outside the dictionary's memory */
	FORTH_READ_ONLY, /* a definition, or a write, after the start */
	FORTH_STRUCTURE, /* such as an `if` without a `then` */
	FORTH_FULL       /* no room for code, words or memory */
};

/* Run `text` and put what is then on top of the stack into *result; an empty stack leaves it as it is. */
FORTH_API enum forth_error forth_eval(const char *text, long *result);

/* These answer while start.fs still runs. */
FORTH_API const char *forth_describe(enum forth_error error);
FORTH_API int forth_is_ready(void);
FORTH_API int forth_start_thread(void); /* the id of the thread that runs it, 0 before */

#ifdef __cplusplus
}
#endif

#endif
