#include <Rts.h>
#include <errno.h>

#include <rt0.h>

#include "Plug_stub.h"
#include "hold.h"

static int attached, detached;

int rt0_runtime_init(int argc, char **argv, char **envp)
{
	RtsConfig config = defaultRtsConfig;

	/* The arguments are the host's: GHC must not take "+RTS" from them, nor keep or change them. So are the
	 * signals. */
	(void)argc, (void)argv, (void)envp;
	hold();
	config.rts_opts_enabled = RtsOptsAll;
	config.rts_opts = "--install-signal-handlers=no";
	hs_init_ghc(NULL, NULL, config);
	return plug_start() == 0 ? 0 : EINVAL;
}

/* GHC takes a thread in when it first calls, and keeps something for it until it is told that this was the last time.
 */
void rt0_thread_attach(void)
{
	__atomic_fetch_add(&attached, 1, __ATOMIC_RELAXED);
}

void rt0_thread_detach(void)
{
	hs_thread_done();
	__atomic_fetch_add(&detached, 1, __ATOMIC_RELAXED);
}

RT0_NO_GATE int hsplug_is_ready(void)
{
	return rt0_state() == RT0_STATE_OPEN;
}

RT0_NO_GATE int hsplug_attached(void)
{
	return __atomic_load_n(&attached, __ATOMIC_RELAXED);
}

RT0_NO_GATE int hsplug_detached(void)
{
	return __atomic_load_n(&detached, __ATOMIC_RELAXED);
}
