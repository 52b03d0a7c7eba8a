/* A runtime with nothing to do. */
int rt0_runtime_init(int argc, char **argv, char **envp);

int rt0_runtime_init(int argc, char **argv, char **envp)
{
	(void)argc;
	(void)argv;
	(void)envp;
	return 0;
}
