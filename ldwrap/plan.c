#include "plan.h"
#include "../rt/abi.h"

#include <string.h>

bool plan_is_tentative(const struct inputs *inputs)
{
	return inputs->evidence != EVIDENCE_DEFINED;
}

static void add(struct words *argv, const char *word)
{
	words_push(argv, "-Xlinker");
	words_push(argv, word);
}

static void add_undefined(struct words *argv, const char *symbol)
{
	add(argv, "-u");
	add(argv, symbol);
}

static void add_rt(const struct link_job *job, const struct options *options, const struct inputs *inputs,
		   const struct plan_files *files, struct words *argv)
{
	add(argv, "-init=" RT0_SYM_ENTRY);
	/* mold's --gc-sections drops an entry that nothing but DT_INIT names. */
	add_undefined(argv, RT0_SYM_ENTRY);
	/* Our references come last on the line, too late for the members of archives in front of them. */
	if (!plan_is_tentative(inputs) || inputs->has_unfound_library)
		add_undefined(argv, options->init);
	if (inputs->is_main_in_archive)
		add_undefined(argv, RT0_SYM_MAIN);
	if (inputs->is_attach_in_archive)
		add_undefined(argv, RT0_SYM_ATTACH);
	if (inputs->is_detach_in_archive)
		add_undefined(argv, RT0_SYM_DETACH);
	if (inputs->is_failure_in_archive)
		add_undefined(argv, options->failure);
	add(argv, "-z");
	add(argv, "nodelete");
	/* Of two, the last would win, and ours is the weaker. */
	if (!job->is_symbolic)
		add(argv, "-Bsymbolic-functions");
	add(argv, format_text("%s/rt0.o", files->rt_folder));
	if (job->has_libc)
		add(argv, format_text("%s/hosted.o", files->rt_folder));
	if (files->has_attach)
		add(argv, format_text("%s/attach.o", files->rt_folder));
	add(argv, files->object);
}

/* For a driver that we know too little of: it is told to write elsewhere. */
static void replace_outputs(const struct link_job *job, const struct plan_files *files, size_t begin,
			    struct words *argv)
{
	for (size_t i = 0; i < job->output_count; i++) {
		const struct output_arg *output = &job->outputs[i];
		argv->items[begin + output->index] =
			format_text("%.*s%s", (int)output->prefix, job->args.items[output->index], files->output);
	}
	if (!job->output_count) {
		words_push(argv, "-o");
		words_push(argv, files->output);
	}
	/* The rule is for make, which knows the output by the user's name for it. */
	if (job->has_dependencies && !job->has_dependency_target && job->has_source) {
		words_push(argv, "-MQ");
		words_push(argv, job->output);
	}
}

void plan_link(const struct words *driver, const struct link_job *job, const struct options *options,
	       const struct inputs *inputs, const struct plan_files *files, struct words *argv)
{
	size_t begin;

	words_push_all(argv, driver);
	begin = argv->count;
	for (size_t i = 0; i < job->insert_at; i++)
		words_push(argv, job->args.items[i]);
	/*
	 * A compiler calls what it writes beside its output after it (.d, .dwo, .gcno), and says so in the output. So
	 * it hears the user's name; the linker's own -o is stronger than the driver's, and the last of them wins.
	 */
	if (job->kind == DRIVER_UNKNOWN)
		replace_outputs(job, files, begin, argv);
	/* In one word: icecc takes a -o for the driver's wherever it stands. */
	if (job->kind != DRIVER_UNKNOWN || job->is_output_of_linker)
		add(argv, format_text("--output=%s", files->output));
	add_rt(job, options, inputs, files, argv);
	for (size_t i = job->insert_at; i < job->args.count; i++)
		words_push(argv, job->args.items[i]);
}

char *plan_quote(const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=+,./:@%^";
	size_t length = strlen(word), at = 0;
	char *quoted;

	if (length && strspn(word, plain) == length)
		return (char *)word;
	quoted = grab(NULL, 4 * length + 3);
	quoted[at++] = '\'';
	for (; *word; word++) {
		if (*word == '\'') {
			memcpy(quoted + at, "'\\''", 4);
			at += 4;
		} else {
			quoted[at++] = *word;
		}
	}
	quoted[at++] = '\'';
	quoted[at] = 0;
	return quoted;
}
