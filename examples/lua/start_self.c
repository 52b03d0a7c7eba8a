/* libluaplug.so: rt0 starts the plugin when the library is loaded. */
#include <rt0.h>

#include "start.h"

int rt0_runtime_init(int argc, char **argv, char **envp)
{
	char why[120];
	int error = luaplug_start(argc, argv, why, sizeof(why));

	(void)envp;
	if (error != 0)
		rt0_notify_runtime_init_failed(error, why);
	return error;
}
