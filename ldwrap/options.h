/* ldwrap's own options, from the command line and $LDWRAP_FLAGS. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "words.h"
#include "../elfpatch/lib/policy.h"
#include "../elfpatch/lib/why.h"

enum mode { MODE_AUTO, MODE_ON, MODE_OFF };
enum verify_mode { VERIFY_ERROR, VERIFY_WARN, VERIFY_OFF };

struct options {
	enum mode mode;
	bool is_mode_given;
	const char *init;
	bool is_init_given;    /* on the command line, not in $LDWRAP_FLAGS */
	const char *flag;      /* or null */
	uint32_t config_flags; /* RT0_CONFIG_FLAGS of rt/abi.h */
	const char *failure;   /* symbol, or null */
	uint64_t stack_size;   /* bytes, 0 for the default */
	enum verify_mode verify;
	const char *objects; /* folder of rt's objects, or null for that beside ldwrap */
	bool is_plan, is_help, is_version;
	struct words gate_lists; /* files still to be read */
	char *policy;            /* as in struct policy */
	size_t policy_size;
};

void options_init(struct options *options);

/* Is this argument one of ours, known or not? */
bool options_match(const char *arg);

/* Apply one; `why` names the accepted values when the one given is none of them. */
bool options_parse(struct options *options, const char *arg, bool is_command_line, struct why *why);

/* The words of $LDWRAP_FLAGS, quoted as in a response file. */
bool options_parse_flags(struct options *options, const char *flags, struct why *why);

/* Read the files of --rt0-gate-list into the policy. */
bool options_read_lists(struct options *options, struct why *why);

/* The text of --rt0-help, to stdout. */
void options_help(void);

#endif
