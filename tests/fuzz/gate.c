/* What ldwrap and `elfpatch gate` do to a linked library: gates, names, build-id, flag. */
#include "fuzz.h"
#include "memory.h"

#include "elfpatch/lib/gates.h"
#include "ldwrap/library.h"

#include <string.h>

static void fill(struct image *image, struct options *options, struct why *why)
{
	struct gates_filled filled;
	bool is_data;

	library_has_init(image, options, &is_data, why);
	library_has_hooks(image);
	if (library_fill(image, options, &filled, why))
		library_finish(image, options, false, "b", why);
}

void harness_run(const unsigned char *control)
{
	static char policy[] = "+fuzz_*\0-fuzz_s?b";
	struct options options = {.init = "fuzz_init", .flag = control[0] & 1 ? "fuzz_flag" : NULL};
	struct image image;
	struct why why;

	if (control[0] & 2) {
		options.policy = policy;
		options.policy_size = sizeof policy;
	}
	if (!image_open(memory_paths[0], true, &image, &why))
		return;
	if (control[0] & 4)
		build_id_renew(&image, &why);
	fill(&image, &options, &why);
	image_close(&image);
}
