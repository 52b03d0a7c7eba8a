#include <HsFFI.h>
#include <rt0.h>

#include "Plug_stub.h"
#include "hold.h"

int rt0_runtime_init(int argc, char **argv, char **envp)
{
	(void)envp;
	hold();
	/* The arguments are the host's: GHC must not take "+RTS" from them, nor keep or change them. */
	(void)argc, (void)argv;
	hs_init(0, 0);
	return plug_start();
}
