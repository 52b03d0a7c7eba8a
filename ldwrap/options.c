#include "options.h"
#include "response.h"
#include "../elfpatch/lib/columns.h"
#include "../rt/abi.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum option_id {
#define OPTION(id, name, argument, help) OPTION_##id,
#include "options.def"
#undef OPTION
	OPTION_COUNT
};

static const struct option {
	const char *name, *argument, *help;
} table[] = {
#define OPTION(id, name, argument, help) {name, argument, help},
#include "options.def"
#undef OPTION
};

/* A stack too small for the thread's own frame is refused here, not at load. */
#define STACK_SIZE_MIN 16384
#define STACK_SIZE_MAX ((uint64_t)1 << 40)

void options_init(struct options *options)
{
	*options = (struct options){.init = RT0_SYM_INIT};
}

bool options_match(const char *arg)
{
	return !strncmp(arg, "--rt0", 5) && (!arg[5] || arg[5] == '=' || arg[5] == '-');
}

static void policy_add(struct options *options, char sign, const char *glob)
{
	size_t length = strlen(glob) + 1;

	options->policy = grab(options->policy, options->policy_size + 1 + length);
	options->policy[options->policy_size] = sign;
	memcpy(options->policy + options->policy_size + 1, glob, length);
	options->policy_size += 1 + length;
}

/* Index of `value` among the words of "a|b|c", or -1. */
static int choice(const char *value, const char *words)
{
	size_t length = strlen(value);

	for (int i = 0; length && *words; i++) {
		size_t word = strcspn(words, "|");
		if (word == length && !memcmp(words, value, length))
			return i;
		words += word + (words[word] == '|');
	}
	return -1;
}

static bool stack_size_parse(const char *value, uint64_t *size, struct why *why)
{
	char *end;

	errno = 0;
	*size = strtoull(value, &end, 0);
	if (errno || end == value || *end || value[0] == '-' || *size < STACK_SIZE_MIN || *size > STACK_SIZE_MAX)
		return why_set(why, "bad value '%s' for --rt0-stack-size: BYTES from %d to %llu", value, STACK_SIZE_MIN,
			       (unsigned long long)STACK_SIZE_MAX);
	return true;
}

bool options_parse(struct options *options, const char *arg, bool is_command_line, struct why *why)
{
	static const uint32_t starts[] = {RT0_START_AFTER_LOAD, RT0_START_CONCURRENT, RT0_START_FIRST_CALL};
	static const uint32_t failures[] = {RT0_FAILURE_ABORT, RT0_FAILURE_CONTINUE};
	const char *value = strchr(arg, '=');
	size_t length = value ? (size_t)(value - arg) : strlen(arg);
	int id = 0, chosen;

	while (id < OPTION_COUNT && (strncmp(table[id].name, arg, length) || table[id].name[length]))
		id++;
	if (id == OPTION_COUNT)
		return why_set(why, "unknown option '%.*s' (see --rt0-help)", (int)length, arg);
	if (!table[id].argument && value)
		return why_set(why, "%s takes no value", table[id].name);
	if (table[id].argument && (!value || !value[1]))
		return why_set(why, "%s needs a value: %s=%s", table[id].name, table[id].name, table[id].argument);
	if (value)
		value++;
	chosen = value ? choice(value, table[id].argument) : 0;

	switch ((enum option_id)id) {
	case OPTION_MODE:
		options->mode = (enum mode)chosen;
		options->is_mode_given = true;
		break;
	case OPTION_INIT:
		options->init = value;
		options->is_init_given = is_command_line;
		return true;
	case OPTION_FLAG:
		options->flag = value;
		return true;
	case OPTION_START:
		if (chosen >= 0)
			options->config_flags = (options->config_flags & ~(uint32_t)RT0_START_MASK) | starts[chosen];
		break;
	case OPTION_GATE:
		policy_add(options, '+', value);
		return true;
	case OPTION_NO_GATE:
		policy_add(options, '-', value);
		return true;
	case OPTION_GATE_LIST:
		words_push(&options->gate_lists, value);
		return true;
	case OPTION_ON_FAILURE: {
		bool is_call = !strncmp(value, "call:", 5) && value[5];
		if (is_call || (chosen >= 0 && chosen < 2)) {
			options->config_flags &= ~(uint32_t)RT0_FAILURE_MASK;
			options->config_flags |= is_call ? RT0_FAILURE_CALL : failures[chosen];
			options->failure = is_call ? value + 5 : NULL;
			return true;
		}
		chosen = -1;
		break;
	}
	case OPTION_TAKE_OVER:
		options->config_flags &= ~(uint32_t)RT0_NO_TAKE_OVER;
		if (chosen == 1)
			options->config_flags |= RT0_NO_TAKE_OVER;
		break;
	case OPTION_STACK_SIZE:
		return stack_size_parse(value, &options->stack_size, why);
	case OPTION_VERIFY:
		options->verify = (enum verify_mode)chosen;
		break;
	case OPTION_OBJECTS:
		options->objects = value;
		return true;
	case OPTION_PLAN:
		options->is_plan = true;
		break;
	case OPTION_HELP:
		options->is_help = true;
		break;
	case OPTION_VERSION:
		options->is_version = true;
		break;
	case OPTION_COUNT:
		break;
	}
	if (chosen < 0)
		return why_set(why, "bad value '%s' for %s: one of %s", value, table[id].name, table[id].argument);
	return true;
}

bool options_parse_flags(struct options *options, const char *flags, struct why *why)
{
	struct words words = {0};
	struct why reason;

	response_split(flags, strlen(flags), &words);
	for (size_t i = 0; i < words.count; i++) {
		if (!options_match(words.items[i]))
			return why_set(why, "LDWRAP_FLAGS: '%s' is not an --rt0 option", words.items[i]);
		if (!options_parse(options, words.items[i], false, &reason))
			return why_set(why, "LDWRAP_FLAGS: %s", reason.text);
	}
	return true;
}

static bool list_read(struct options *options, const char *path, struct why *why)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;

	if (!file)
		return why_set(why, "cannot read '%s': %s", path, strerror(errno));
	while (getline(&line, &room, file) >= 0) {
		line[strcspn(line, "#\r\n")] = 0;
		char *glob = line + strspn(line, " \t");
		size_t length = strlen(glob);
		while (length && strchr(" \t", glob[length - 1]))
			glob[--length] = 0;
		bool is_excluded = *glob == '!';
		glob += is_excluded;
		glob += strspn(glob, " \t");
		if (*glob)
			policy_add(options, is_excluded ? '-' : '+', glob);
	}
	int error = ferror(file) ? errno : 0;
	free(line);
	fclose(file);
	return error ? why_set(why, "cannot read '%s': %s", path, strerror(error)) : true;
}

bool options_read_lists(struct options *options, struct why *why)
{
	for (size_t i = 0; i < options->gate_lists.count; i++)
		if (!list_read(options, options->gate_lists.items[i], why))
			return false;
	return true;
}

void options_help(void)
{
	puts("usage: ldwrap [cc] ARGUMENT...\n"
	     "Runs the compiler driver; a library that carries a runtime starts it by itself.\n");
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		char left[80];
		snprintf(left, sizeof(left), "%s%s%s", table[i].name, table[i].argument ? "=" : "",
			 table[i].argument ? table[i].argument : "");
		columns_row(stdout, left, table[i].help, 32);
	}
	puts("\nLDWRAP_FLAGS holds more of these options, LDWRAP_CC names the compiler driver.\nSee ldwrap(1).");
}
