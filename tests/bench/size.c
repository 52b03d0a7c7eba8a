/*
 * How many bytes rt adds to a library.
 *
 *   size GATES PLAIN GATED PLAIN_STRIPPED GATED_STRIPPED
 *
 * Loaded: the file bytes that the PT_LOAD segments map, which is what lands in
 * memory; .bss and the padding between pages are counted beside it.
 */
#include "bench.h"

#include <gelf.h>
#include <sys/stat.h>

static double file_size(const char *path)
{
	struct stat status;
	if (stat(path, &status) != 0)
		die(path);
	return (double)status.st_size;
}

/* Sum over PT_LOAD of p_filesz, or of p_memsz. */
static double loaded(const char *path, bool with_bss)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	elf_version(EV_CURRENT);
	Elf *elf = fd >= 0 ? elf_begin(fd, ELF_C_READ, NULL) : NULL;
	size_t count = 0;
	if (elf == NULL || elf_getphdrnum(elf, &count) != 0)
		die(path);
	double sum = 0;
	for (size_t i = 0; i < count; i++) {
		GElf_Phdr phdr;
		if (gelf_getphdr(elf, (int)i, &phdr) != NULL && phdr.p_type == PT_LOAD)
			sum += (double)(with_bss ? phdr.p_memsz : phdr.p_filesz);
	}
	elf_end(elf);
	close(fd);
	return sum;
}

int main(int argc, char **argv)
{
	if (argc != 6) {
		fputs("usage: size GATES PLAIN GATED PLAIN_STRIPPED GATED_STRIPPED\n", stderr);
		return 2;
	}
	double limit = 8192 + 32 * strtod(argv[1], NULL);
	char what[96];
	snprintf(what, sizeof(what), "%s gates: added to the bytes a loader maps", argv[1]);
	figure(what, loaded(argv[3], false) - loaded(argv[2], false), "bytes", limit);
	snprintf(what, sizeof(what), "%s gates: the same with .bss", argv[1]);
	figure(what, loaded(argv[3], true) - loaded(argv[2], true), "bytes", limit);
	snprintf(what, sizeof(what), "%s gates: added to the file, stripped", argv[1]);
	figure(what, file_size(argv[5]) - file_size(argv[4]), "bytes", limit);
	snprintf(what, sizeof(what), "%s gates: added to the file, with its symbol table", argv[1]);
	figure(what, file_size(argv[3]) - file_size(argv[2]), "bytes", -1);
	return 0;
}
