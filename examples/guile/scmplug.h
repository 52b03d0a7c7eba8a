/*
 * scmplug: the Guile Scheme interpreter in a library that starts it by itself.
 *
 * Every function may be called from any thread.
 */
#ifndef SCMPLUG_H
#define SCMPLUG_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SCMPLUG_API __attribute__((visibility("default")))

/*
 * Evaluate an expression among the definitions of start.scm and put its value, as Scheme writes it, into `result`,
 * which has room for `size` bytes with the final NUL; what does not fit is cut. A string is put there as it is. Returns
 * 0, or -1 with the exception in the result.
 */
SCMPLUG_API int scmplug_eval(const char *expression, char *result, size_t size);

/* These answer while Guile is still starting. */
SCMPLUG_API int scmplug_is_ready(void);
SCMPLUG_API int scmplug_attached(void); /* threads of the host that Guile has been told of */
SCMPLUG_API int scmplug_detached(void); /* of these, those that have ended */

#ifdef __cplusplus
}
#endif

#endif
