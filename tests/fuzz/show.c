/* elfpatch show, as text, as JSON and as a page. */
#include "fuzz.h"
#include "memory.h"

#include "elfpatch/document.h"
#include "elfpatch/portrait.h"
#include "elfpatch/print.h"
#include "elfpatch/text.h"

#include <stdlib.h>

static void portray(const struct image *image, struct why *why)
{
	struct page page = {.path = "-"};
	struct findings findings;
	char *text = NULL;
	size_t size;

	if (!verify_image(image, &findings, why))
		return;
	page.file = open_memstream(&text, &size);
	if (!page.file)
		abort();
	portrait_page(&page, image, &findings, why);
	fclose(page.file);
	for (size_t i = 0; i < size; i++)
		if (((unsigned char)text[i] < ' ' && text[i] != '\n' && text[i] != '\t') || text[i] == 0x7f)
			broken("a page has a control character 0x%02x", (unsigned char)text[i]);
	free(text);
	findings_free(&findings);
}

static void show(const struct image *image, const unsigned char *control, struct why *why)
{
	json_t *document = document_of_image(image, why);

	if (document) {
		if (control[0] & 1)
			text_print_image(document);
		if (!document_print(document, why))
			broken("a document cannot be printed");
	}
	if (control[0] & 2)
		portray(image, why);
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
