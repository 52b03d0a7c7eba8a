/*
 * jplug: a Java virtual machine in a library that starts it by itself.
 *
 * Every function may be called from any thread.
 */
#ifndef JPLUG_H
#define JPLUG_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define JPLUG_API __attribute__((visibility("default")))

/*
 * Call Plug.function(argument) and put the text that it returns into `result`, which has room for `size` bytes with the
 * final NUL; what does not fit is cut. Returns 0, or -1 with the exception in the result.
 */
JPLUG_API int jplug_call(const char *function, const char *argument, char *result, size_t size);

/* These answer while the virtual machine is still starting. */
JPLUG_API int jplug_is_ready(void);
JPLUG_API int jplug_attached(void); /* threads of the host that Java has been told of */
JPLUG_API int jplug_detached(void); /* of these, those that have ended */

#ifdef __cplusplus
}
#endif

#endif
