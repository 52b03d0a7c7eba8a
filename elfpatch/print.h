/* Single fields of a file, for `set --print`. */
#ifndef PRINT_H
#define PRINT_H

#include "lib/image.h"

#include <jansson.h>

/* Names of the fields; ends with null. */
extern const char *const print_fields[];

/* The values of a field, strings, of which a file may have none. Null with a reason when they cannot be read. */
json_t *print_field(const struct image *image, const char *field, struct why *why);

#endif
