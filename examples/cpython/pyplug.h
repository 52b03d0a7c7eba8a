/*
 * pyplug: the CPython interpreter in a library that starts it by itself.
 *
 * Every function may be called from any thread.
 */
#ifndef PYPLUG_H
#define PYPLUG_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PYPLUG_API __attribute__((visibility("default")))

/*
 * Evaluate a Python expression in the namespace of start.py and put str() of its value into `result`, which has room
 * for `size` bytes with the final NUL; what does not fit is cut. Returns 0, or -1 with the exception in the result.
 */
PYPLUG_API int pyplug_eval(const char *expression, char *result, size_t size);

/* These answer while Python is still starting. */
PYPLUG_API int pyplug_is_ready(void);
PYPLUG_API int pyplug_attached(void); /* threads of the host that Python has been told of */
PYPLUG_API int pyplug_detached(void); /* of these, those that have ended */

#ifdef __cplusplus
}
#endif

#endif
