/* Between rt and hosted.c, the object that a library linked without libc does not have. */
#ifndef RT0_HOSTED_H
#define RT0_HOSTED_H

#include <stdbool.h>

#pragma GCC visibility push(hidden)

/* Null where hosted.o is not linked. */

/* Returns once no thread holds the loader's lock, if the loader is one that holds it in constructors. */
__attribute__((weak)) void rt0_hosted_pass_loader_lock(void);
__attribute__((weak)) void rt0_hosted_fork_handlers(void);
/* Have on_exit(value) called should the calling thread end before rt0_hosted_unwatch_exit. False when that cannot be.
 */
__attribute__((weak)) bool rt0_hosted_watch_exit(unsigned *key, void (*on_exit)(void *), void *value);
__attribute__((weak)) void rt0_hosted_unwatch_exit(unsigned key);
__attribute__((weak)) char **rt0_hosted_environ(void);

/* Null where attach.o is not linked: in a library that defines no thread hook. */

/* Make ready to attach threads, and count the calling one among the library's own. An error number, 0 for none. */
__attribute__((weak)) int rt0_threads_begin(void (*attach)(void), void (*detach)(void));
/* Attach the calling thread, unless it is or is the library's own. An error number, 0 for none. */
__attribute__((weak)) long rt0_threads_attach(long unused1, long unused2, long unused3);
/* In the child of a fork: of all threads only the caller is left. */
__attribute__((weak)) void rt0_threads_forked(void);

/* fork.c */
void rt0_fork_prepare(void);
void rt0_fork_parent(void);
void rt0_fork_child(void);

#pragma GCC visibility pop

#endif
