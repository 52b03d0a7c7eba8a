/* A host with libc of bare.c. */
#include <dlfcn.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	void *library = dlopen(argv[argc - 1], RTLD_NOW);
	if (library == 0)
		return puts(dlerror());
	printf("%d\n", ((int (*)(int))dlsym(library, "bare_answer"))(41));
	return 0;
}
