/*
 * The steps around a link, one at a time, for the tests:
 *
 *     driver object TEMPLATE OUT COUNT [init=SYM] [chain=SYM] [failure=SYM] [hidden] [weak] [+GLOB] [-GLOB]
 *     driver fill FILE        prints "NEEDED USED POOL"
 *     driver name FILE
 *     driver renew FILE
 *     driver flag FILE SYMBOL VALUE
 *
 * Exit 0 done, 1 refused (the reason on stderr), 2 usage.
 */
#include "elfpatch/lib/gates.h"
#include "ldwrap/linkobj.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *value_of(const char *argument, const char *key)
{
	size_t length = strlen(key);
	return strncmp(argument, key, length) == 0 && argument[length] == '=' ? argument + length + 1 : NULL;
}

static bool object(int argc, char **argv, struct why *why)
{
	static char strings[4096];
	struct linkobj job = {.template_path = argv[2], .gate_count = strtoul(argv[4], NULL, 0)};
	job.init = "rt0_runtime_init";
	job.policy.strings = strings;
	for (int i = 5; i < argc; i++) {
		const char *value;
		if ((value = value_of(argv[i], "init"))) {
			job.init = value;
		} else if ((value = value_of(argv[i], "chain"))) {
			job.chain = value;
		} else if ((value = value_of(argv[i], "failure"))) {
			job.failure = value;
		} else if (strcmp(argv[i], "hidden") == 0) {
			job.is_init_hidden = true;
		} else if (strcmp(argv[i], "weak") == 0) {
			job.is_init_weak = true;
		} else if (strlen(argv[i]) < sizeof strings - job.policy.size) {
			strcpy(strings + job.policy.size, argv[i]);
			job.policy.size += strlen(argv[i]) + 1;
		}
	}
	return linkobj_write(&job, argv[3], why);
}

static bool fill(struct image *image, const struct rt0_note *note, struct why *why)
{
	struct policy policy = {note->policy, note->policy_size};
	struct gates_filled filled = {0};
	bool is_done = gates_fill(image, note, &policy, &filled, why);
	if (is_done || why->text[0] == '\0')
		printf("%zu %zu %zu\n", filled.needed, filled.used, filled.pool);
	return is_done;
}

static bool edit(int argc, char **argv, struct why *why)
{
	struct image image;
	struct rt0_note note;
	bool is_done = false;
	if (!image_open(argv[2], true, &image, why))
		return false;
	if (strcmp(argv[1], "renew") == 0)
		is_done = build_id_renew(&image, why);
	else if (strcmp(argv[1], "flag") == 0 && argc == 5)
		is_done = gates_set_flag(&image, argv[3], (unsigned char)atoi(argv[4]), why);
	else if (!image_rt0_note(&image, &note, why))
		is_done = why->text[0] ? false : why_set(why, "no rt0 note");
	else if (strcmp(argv[1], "fill") == 0)
		is_done = fill(&image, &note, why);
	else if (strcmp(argv[1], "name") == 0)
		is_done = gates_name(&image, &note, why);
	image_close(&image);
	return is_done;
}

int main(int argc, char **argv)
{
	struct why why = {0};
	if (argc < 3 || (strcmp(argv[1], "object") == 0 && argc < 5))
		return 2;
	if (strcmp(argv[1], "object") == 0 ? object(argc, argv, &why) : edit(argc, argv, &why))
		return 0;
	fprintf(stderr, "driver: %s\n", why.text);
	return 1;
}
