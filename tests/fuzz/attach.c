/* elfpatch attach, and that detach gives the same file back; detach of what was never attached. */
#include "fuzz.h"
#include "memory.h"

#include "elfpatch/lib/attach.h"
#include "elfpatch/lib/undo.h"

#include <string.h>

static void apply(int to, const struct patch *patch, struct why *why)
{
	struct image image;
	size_t size;
	const unsigned char *bytes = memory_get(0, &size);

	memory_put(to, bytes, size);
	if (!image_open(memory_paths[to], true, &image, why))
		broken("a copy is refused: %s", why->text);
	if (!patch_apply(patch, image.fd, why))
		broken("a patch cannot be written: %s", why->text);
	image_close(&image);
}

/* The way back from file 1, in place. */
static void detach(int i, struct why *why)
{
	struct image image, copy;
	struct patch patch;

	if (!image_open(memory_paths[i], false, &image, why))
		broken("the attached file is refused: %s", why->text);
	if (!undo_plan(&image, &patch, why))
		broken("the attached file cannot be detached: %s", why->text);
	if (!image_open(memory_paths[i], true, &copy, why) || !patch_apply(&patch, copy.fd, why))
		broken("the way back cannot be written: %s", why->text);
	image_close(&copy);
	patch_free(&patch);
	image_close(&image);
}

static void compare(void)
{
	size_t before, after;
	const unsigned char *old = memory_get(0, &before), *new = memory_get(1, &after);

	if (before != after || memcmp(old, new, before) != 0)
		broken("detach gives another file (%zu bytes, was %zu)", after, before);
}

static void attach(const struct image *image, const struct attach_options *options, struct why *why)
{
	struct edit_notes notes = {0};
	struct patch patch;

	if (attach_plan(image, options, &patch, &notes, why) && !patch_is_empty(&patch, image)) {
		apply(1, &patch, why);
		if (attach_finish(memory_paths[1], image, options, why) && attach_check(memory_paths[1], NULL, why)) {
			detach(1, why);
			compare();
		}
	}
	patch_free(&patch);
	edit_notes_free(&notes);
}

void harness_run(const unsigned char *control)
{
	static const char policy[] = "+fuzz_*\0-fuzz_s?b";
	struct attach_options options = {
		.init = control[0] & 0x40 ? "fuzz_add" : "fuzz_init",
		.flag = control[0] & 1 ? "fuzz_flag" : NULL,
		.flags = control[1],
		.stack_size = (uint64_t)control[2] << 12,
	};
	struct image image;
	struct patch patch;
	struct why why;

	if (control[0] & 2)
		options.policy = (struct policy){policy, sizeof policy};
	if (!image_open(memory_paths[0], false, &image, &why))
		return;
	if (undo_plan(&image, &patch, &why)) {
		apply(1, &patch, &why);
		patch_free(&patch);
	}
	attach(&image, &options, &why);
	image_close(&image);
}
