/* The store as it would be without rt0: a constructor fills it, and the loader waits. */
#include <stdio.h>
#include <stdlib.h>

#include "start.h"
#include "store.h"

__attribute__((constructor)) static void start(void)
{
	char why[120];

	if (store_start(why, sizeof(why)) != 0) {
		fprintf(stderr, "store: %s\n", why);
		abort();
	}
}

STORE_API int store_is_ready(void)
{
	return 1;
}
