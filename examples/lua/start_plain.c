/* libluaplug-plain.so: the host starts the plugin, and waits. */
#include <stdio.h>

#include "luaplug.h"
#include "start.h"

int luaplug_init(int argc, char **argv)
{
	char why[120];
	int error = luaplug_start(argc, argv, why, sizeof(why));

	if (error != 0)
		fprintf(stderr, "luaplug: cannot start: %s\n", why);
	return error;
}
