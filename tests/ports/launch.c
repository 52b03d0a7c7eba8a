/* Stands for the foreign program FILE.elf beside it: runs that under qemu-user with the same arguments and argv[0]. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	size_t length = strlen(argv[0]) + sizeof(".elf");
	char *program = malloc(length);
	char **vector = calloc((size_t)argc + 6, sizeof(*vector));
	int n = 0;
	if (program == NULL || vector == NULL)
		return 1;
	snprintf(program, length, "%s.elf", argv[0]);
	vector[n++] = QEMU;
	vector[n++] = "-L";
	vector[n++] = SYSROOT;
	vector[n++] = "-0";
	vector[n++] = argv[0];
	vector[n++] = program;
	for (int i = 1; i < argc; i++)
		vector[n++] = argv[i];
	execvp(QEMU, vector);
	perror(QEMU);
	return 1;
}
