/* What ldwrap says: one line on stderr, under its own name. */
#ifndef MESSAGE_H
#define MESSAGE_H

/* "ldwrap: ..." */
void warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same, then exit; what is registered with atexit removes the temporary files. */
_Noreturn void die(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
