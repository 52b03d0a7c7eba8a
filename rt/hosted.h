/* Between rt and hosted.c, the object that a library linked without libc does not have. */
#ifndef RT0_HOSTED_H
#define RT0_HOSTED_H

#pragma GCC visibility push(hidden)

/* Null where hosted.o is not linked. */

/* Returns once no thread holds the loader's lock, if the loader is one that holds it in constructors. */
__attribute__((weak)) void rt0_hosted_pass_loader_lock(void);
__attribute__((weak)) void rt0_hosted_fork_handlers(void);
/* Have on_exit called should the calling thread end before rt0_hosted_unwatch_exit. */
__attribute__((weak)) void rt0_hosted_watch_exit(void (*on_exit)(void *));
__attribute__((weak)) void rt0_hosted_unwatch_exit(void);
__attribute__((weak)) char **rt0_hosted_environ(void);

/* fork.c */
void rt0_fork_prepare(void);
void rt0_fork_parent(void);
void rt0_fork_child(void);

#pragma GCC visibility pop

#endif
