/* elfpatch show, as text and as JSON. */
#include "fuzz.h"
#include "memory.h"

#include "elfpatch/document.h"
#include "elfpatch/print.h"
#include "elfpatch/text.h"

static void show(const struct image *image, const unsigned char *control, struct why *why)
{
	json_t *document = document_of_image(image, why);

	if (document) {
		if (control[0] & 1)
			text_print_image(document);
		if (!document_print(document, why))
			broken("a document cannot be printed");
	}
	for (const char *const *field = print_fields; *field; field++)
		json_decref(print_field(image, *field, why));
}

void harness_run(const unsigned char *control)
{
	struct image image;
	struct why why;

	if (!image_open(memory_paths[0], false, &image, &why))
		return;
	show(&image, control, &why);
	image_close(&image);
}
