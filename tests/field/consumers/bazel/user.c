/* Linked to the library, whose start waits for the release. */
#include "plug.h"

#include <stdio.h>

int main(void)
{
	if (plug_ready())
		return 1;
	plug_release();
	return printf("%d\n", plug_answer(1)) < 0;
}
