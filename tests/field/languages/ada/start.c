#include <rt0.h>

#include "hold.h"

void pluginit(void); /* what gnatbind makes: elaborates the library */
int plug_start(void);

int rt0_runtime_init(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	hold();
	pluginit();
	return plug_start();
}
