/* The text forms of what document.h makes. */
#ifndef TEXT_H
#define TEXT_H

#include <jansson.h>

/* Print a document of document_of_image for people; null values and empty lists are left out. */
void text_print_image(const json_t *document);

#endif
