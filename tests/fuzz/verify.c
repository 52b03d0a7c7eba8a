/* elfpatch verify. */
#include "fuzz.h"
#include "memory.h"

#include "elfpatch/document.h"

void harness_run(const unsigned char *control)
{
	struct findings findings;
	struct image image;
	struct why why;

	if (!image_open(memory_paths[0], false, &image, &why))
		return;
	if (verify_image(&image, &findings, &why)) {
		struct why reason;
		if (!document_print(document_of_findings(image.path, &findings, control[0] & 1), &reason))
			broken("findings cannot be printed");
		findings_free(&findings);
	}
	image_close(&image);
}
