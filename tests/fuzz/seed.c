/* What the seeds are made of: a library with a little of everything. */
extern char *getenv(const char *);

unsigned char fuzz_flag;
int fuzz_data = 7;
static int fuzz_ready;
static _Thread_local int thread_data;

static void __attribute__((constructor)) construct(void)
{
	fuzz_ready = fuzz_data;
}

int fuzz_init(int argc, char **argv, char **envp)
{
	(void)argv;
	(void)envp;
	fuzz_ready += argc + (getenv("FUZZ") != 0);
	return 0;
}

int fuzz_add(int a, int b)
{
	return a + b + fuzz_ready;
}

int fuzz_sub(int a, int b)
{
	return a - b + ++thread_data;
}

int (*fuzz_table[])(int, int) = {fuzz_add, fuzz_sub};
int *fuzz_pointers[] = {&fuzz_data, &fuzz_ready};

#ifdef SEED_RUNTIME
int rt0_runtime_init(int argc, char **argv, char **envp)
{
	return fuzz_init(argc, argv, envp);
}
#endif
