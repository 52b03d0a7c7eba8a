/* Between the sources of the library, which an executable may be linked from as well. */
#ifndef START_H
#define START_H

#include <rt0.h>

RT0_HIDDEN int plug_start(int argc, char **argv, char **envp);

#endif
