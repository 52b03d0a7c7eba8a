/* A growing vector of strings that always ends with a null: an argv. */
#ifndef WORDS_H
#define WORDS_H

#include <stddef.h>

/*
 * All zero is an empty vector, whose `items` is null. The strings are borrowed
 * unless words_format made them; ldwrap lives for one link and frees neither.
 * Running out of memory ends the program.
 */
struct words {
	char **items;
	size_t count, room;
};

void words_push(struct words *words, const char *word);
void words_push_all(struct words *words, const struct words *more);
void words_format(struct words *words, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Bytes that execve(2) must copy for it. */
size_t words_size(const struct words *words);

/* Memory or the end of the program; formatted text the same way. */
void *grab(void *old, size_t size);
char *format_text(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
