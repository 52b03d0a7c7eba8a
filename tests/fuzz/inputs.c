/* What ldwrap reads before a link: objects, archives, bitcode, sources; and templates, from which it makes objects. */
#include "arena.h"
#include "fuzz.h"
#include "memory.h"

#include "elfpatch/lib/template.h"
#include "ldwrap/inputs.h"
#include "ldwrap/linkobj.h"

static void scan(void)
{
	struct options options = {.init = "rt0_runtime_init", .failure = "on_failure", .policy = "", .policy_size = 0};
	struct input input = {.name = memory_paths[0]};
	struct link_job job = {.inputs = &input, .input_count = 1};
	struct inputs inputs;
	struct why why;

	inputs_scan(&job, &options, &inputs, &why);
	inputs_count_exports(&job, &options);
}

static void open_template(enum template_kind kind)
{
	struct template template;
	struct why why;
	uint64_t offset;

	if (template_open(memory_paths[0], kind, &template, &why) && kind == TEMPLATE_STUB)
		template_label(&template, RT0_SYM_STUB_LIB, &offset, &why);
	template_close(&template);
}

static void write_object(const unsigned char *control)
{
	static const char policy[] = "+fuzz_*\0-fuzz_s?b";
	struct linkobj job = {
		.template_path = memory_paths[0],
		.gate_count = 1 + control[1] % 64,
		.flags = control[2],
		.stack_size = control[3],
		.init = "rt0_runtime_init",
		.is_init_hidden = control[0] & 4,
		.is_init_weak = control[0] & 8,
		.failure = control[0] & 16 ? "on_failure" : NULL,
		.flag = control[0] & 32 ? "flag" : NULL,
		.chain = control[0] & 64 ? "chain" : NULL,
	};
	struct why why;

	if (control[0] & 128)
		job.policy = (struct policy){policy, sizeof policy};
	linkobj_write(&job, memory_paths[1], &why);
}

void harness_run(const unsigned char *control)
{
	scan();
	if (control[0] & 1)
		open_template(control[0] & 2 ? TEMPLATE_STUB : TEMPLATE_GATE);
	else
		write_object(control);
	arena_reset();
}
