/* What program headers and the file header say: interpreter, stack, operating system. */
#include "editing.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

bool edit_interpreter(struct editing *editing, const struct edit *edit, struct why *why)
{
	struct layout *layout = &editing->layout;
	const struct image *image = layout->image;
	GElf_Phdr place, *interp = layout_phdr(layout, PT_INTERP);

	if (!image_interpreter(image, &place))
		return why_set(why, "no interpreter: not a dynamic executable");
	if (place.p_offset < image->dynamic + image->dynamic_size && image->dynamic < place.p_offset + place.p_filesz)
		return why_set(why,
			       "PT_INTERP, %" PRIu64 " bytes at offset %" PRIu64
			       ", is over the dynamic section at %" PRIu64,
			       (uint64_t)place.p_filesz, (uint64_t)place.p_offset, image->dynamic);
	const char *old = (const char *)image->bytes + place.p_offset;
	if (old[place.p_filesz - 1] != '\0')
		return why_set(why, "PT_INTERP: the %" PRIu64 " bytes do not end with a null byte", place.p_filesz);
	if (strcmp(old, edit->name) == 0 && place.p_offset == interp->p_offset)
		return true;
	*interp = place;
	editing_note(editing, "interpreter: %s -> %s", old, edit->name);
	editing->interpreter = edit->name;
	return true;
}

bool edit_fit_interpreter(struct editing *editing, struct why *why)
{
	struct layout *layout = &editing->layout;
	const GElf_Phdr *interp = layout_phdr(layout, PT_INTERP);
	const char *name = editing->interpreter;

	if (!name)
		return true;
	uint64_t size = strlen(name) + 1, room = interp->p_filesz > size ? interp->p_filesz : size;
	uint64_t offset = interp->p_offset;
	if (size > interp->p_filesz && !layout->interp_section)
		return why_set(why,
			       "PT_INTERP has %" PRIu64 " bytes, '%s' needs %" PRIu64
			       ", and no section header tells what stands behind it",
			       interp->p_filesz, name, size);
	if (layout->interp_section && !layout_resize(layout, layout->interp_section, size, 0, why))
		return false;
	/* What is left of a longer one becomes zero. */
	char *bytes = calloc(room, 1);
	if (!bytes)
		return why_set(why, "out of memory");
	memcpy(bytes, name, size);
	layout_write_section(layout, layout->interp_section, layout->interp_section ? 0 : offset, bytes, room);
	free(bytes);
	return true;
}

bool edit_execstack(struct editing *editing, const struct edit *edit, struct why *why)
{
	GElf_Phdr *stack = layout_phdr(&editing->layout, PT_GNU_STACK);
	bool is_on = edit->number != 0;

	const char *old = !stack ? "none" : stack->p_flags & PF_X ? "on" : "off";

	/* Without the header it depends on the machine and on who loads the file. */
	if (stack && is_on == ((stack->p_flags & PF_X) != 0))
		return true;
	if (!stack) {
		stack = layout_add_phdr(&editing->layout, PT_GNU_STACK, why);
		if (!stack)
			return false;
		stack->p_flags = PF_R | PF_W;
		stack->p_align = 16;
	}
	stack->p_flags = is_on ? stack->p_flags | PF_X : stack->p_flags & ~(GElf_Word)PF_X;
	editing_note(editing, "execstack: %s -> %s", old, is_on ? "on" : "off");
	return true;
}

bool edit_os_abi(struct editing *editing, const struct edit *edit, struct why *why)
{
	unsigned char *at = &editing->layout.ehdr.e_ident[EI_OSABI];

	(void)why;
	if (*at != edit->number)
		editing_note(editing, "os-abi: %d -> %d", *at, (int)edit->number);
	*at = (unsigned char)edit->number;
	return true;
}
