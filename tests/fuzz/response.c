/* ldwrap's reading of a command line: response files, quoting, options. */
#include "arena.h"
#include "fuzz.h"
#include "memory.h"

#include "ldwrap/args.h"
#include "ldwrap/response.h"

#include <string.h>

/* What was split and written is split again into the same. */
static void write_and_split(const struct words *words)
{
	struct words again = {0};
	struct why why;
	size_t size;

	if (!response_write(words, memory_paths[1], &why))
		broken("words cannot be written: %s", why.text);
	const char *text = (const char *)memory_get(1, &size);
	response_split(text, size, &again);
	if (again.count != words->count)
		broken("%zu words became %zu", words->count, again.count);
	for (size_t i = 0; i < words->count; i++)
		if (strcmp(words->items[i], again.items[i]) != 0)
			broken("word %zu, '%s', became '%s'", i, words->items[i], again.items[i]);
}

static void parse(const struct words *words, enum driver_kind kind)
{
	struct options options;
	struct link_job job;
	struct why why;

	options_init(&options);
	args_parse(words, kind, &options, &job, &why);
}

void harness_run(const unsigned char *control)
{
	struct words words = {0}, argv = {0}, expanded = {0};
	struct options options;
	struct why why;
	size_t size;
	const char *text = (const char *)memory_get(0, &size);

	response_split(text, size, &words);
	write_and_split(&words);
	words_push(&argv, control[0] & 1 ? "@/memory/0" : "-Wl,--as-needed,@/memory/0,-z,now");
	if (response_needed(&words) && response_expand(&argv, &expanded, &why))
		parse(&expanded, control[1] % 3);
	parse(&words, control[1] % 3);
	options_init(&options);
	char *flags = format_text("%.*s", (int)size, size ? text : "");
	options_parse_flags(&options, flags, &why);
	arena_reset();
}
