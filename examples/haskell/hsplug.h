/*
 * hsplug: the runtime of GHC's Haskell in a library that starts it by itself, with a module that does sums in words.
 *
 * Every function may be called from any thread.
 */
#ifndef HSPLUG_H
#define HSPLUG_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HSPLUG_API __attribute__((visibility("default")))

/*
 * The answer to "two times three plus four", in words, into `result`, which has room for `size` bytes (1 at least) with
 * the final NUL; what does not fit is cut. Returns 0, or -1 with the exception in the result.
 */
HSPLUG_API int hsplug_answer(const char *question, char *result, size_t size);

HSPLUG_API int hsplug_is_bound(void); /* 1: Haskell runs calls on the thread that makes them */
HSPLUG_API void hsplug_collect(void); /* a collection of all garbage */

/* These answer while Haskell is still starting. */
HSPLUG_API int hsplug_is_ready(void);
HSPLUG_API int hsplug_attached(void); /* threads of the host that have called */
HSPLUG_API int hsplug_detached(void); /* of these, those that have ended */

#ifdef __cplusplus
}
#endif

#endif
