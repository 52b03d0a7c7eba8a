/* The runtime's object in an executable: main calls init, nothing waits. */
#include <rt0.h>

#include <poll.h>
#include <stdio.h>

int rt0_runtime_init(int argc, char **argv, char **envp)
{
	(void)argv;
	(void)envp;
	rt0_wait_runtime_init_done();
	return argc == 1 ? 0 : 1;
}

int main(int argc, char **argv, char **envp)
{
	int error = rt0_runtime_init(argc, argv, envp);
	struct pollfd ready = {rt0_ready_fd(), POLLIN, 0};
	rt0_notify_runtime_init_done();
	printf("islibrary %d state %d error %d init %d wait %d poll %d\n", rt0_islibrary, rt0_state(), rt0_init_error(),
	       error, rt0_wait_runtime_init_done_timed(NULL), poll(&ready, 1, 0));
	return 0;
}
