/*
 * host LIBRARY        call one of each kind of export of lib.c, print what comes back
 * host LIBRARY trap   call the gate behind the last one that is used
 * host LIBRARY chain  print how often the library's own DT_INIT ran
 */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static void *library;

static void *get(const char *name)
{
	void *found = dlsym(library, name);
	if (!found)
		printf("%s is missing\n", name);
	return found;
}

static int trap(void)
{
	static const char *const names[] = {"own_init", "add", "sum", "lenient", "call_table"};
	uintptr_t last = 0;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		uintptr_t gate = (uintptr_t)get(names[i]);
		last = gate > last ? gate : last;
	}
	int (*add)(int) = get("add");
	add(1); /* the library is up: what follows is the gate's doing */
	((void (*)(void))(last + 32))();
	return 0;
}

int main(int argc, char **argv)
{
	library = dlopen(argv[1], RTLD_NOW);
	if (!library) {
		puts(dlerror());
		return 1;
	}
	if (argc > 2 && strcmp(argv[2], "trap") == 0)
		return trap();
	int (*add)(int) = get("add"), (*alias)(int) = get("add_alias"), (*indirect)(int) = get("indirect");
	int (*lenient)(int) = get("lenient"), (*vague)(int) = get("_Z6inlinei"), (*call)(int, int) = get("call_table");
	double (*sum)(int, ...) = get("sum");
	int *data = get("data"), *thread_data = get("thread_data"), (*times_chained)(void) = get("times_chained");
	int (**table)(int) = get("table"), (**variable)(int) = get("variable");
	printf("add %d %d, sum %.1f, lenient %d, vague %d, indirect %d, data %d %d\n", add(1), alias(2),
	       sum(3, 1.0, 2.0, 3.5), lenient(5), vague(2), indirect(3), *data, *thread_data);
	printf("same %d %d %d %d %d, table %d %d\n", add == alias, table[0] == add, table[2] == add,
	       table[3] == lenient, *variable == add, table[1](4), call(0, 6));
	if (argc > 2)
		printf("chained %d\n", times_chained());
	return 0;
}
