#include "_cgo_export.h"
#include "hold.h"

int rt0_runtime_init(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	hold();
	return plugStart();
}
