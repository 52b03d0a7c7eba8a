/* An executable of the library's own objects: its main starts the runtime itself, and nothing waits. */
#include "plug.h"
#include "start.h"

#include <stdio.h>

extern char **environ;

int main(int argc, char **argv)
{
	if (plug_answer(1) != -1 || plug_start(argc, argv, environ) || !plug_ready())
		return 1;
	return printf("%d\n", plug_answer(1)) < 0;
}
