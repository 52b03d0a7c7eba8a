/*
 * mlplug: the OCaml runtime in a library that starts it by itself, with a program that does sums in words.
 *
 * Every function may be called from any thread.
 */
#ifndef MLPLUG_H
#define MLPLUG_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MLPLUG_API __attribute__((visibility("default")))

/*
 * The answer to "two times three plus four", in words, into `result`, which has room for `size` bytes with the final
 * NUL; what does not fit is cut. Returns 0, or -1 with the exception in the result.
 */
MLPLUG_API int mlplug_answer(const char *question, char *result, size_t size);

MLPLUG_API int mlplug_call(void);     /* which call of mlplug_call's by this thread it is */
MLPLUG_API void mlplug_collect(void); /* have OCaml move what it holds */

/* These answer while OCaml is still starting. */
MLPLUG_API int mlplug_is_ready(void);
MLPLUG_API int mlplug_attached(void); /* threads of the host that OCaml has been told of */
MLPLUG_API int mlplug_detached(void); /* of these, those that have ended */

#ifdef __cplusplus
}
#endif

#endif
