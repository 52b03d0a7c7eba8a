#include "rtfile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* lib/rt0 beside the folder of the running program; the caller's to free. */
static char *folder_of_program(struct why *why)
{
	char self[4096], *path;
	ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);

	if (length < 0) {
		why_set(why, "cannot find rt: /proc/self/exe cannot be read: %s", strerror(errno));
		return NULL;
	}
	self[length] = '\0';
	for (int up = 0; up < 2; up++) {
		char *slash = strrchr(self, '/');
		if (slash)
			*slash = '\0';
	}
	if (asprintf(&path, "%s/lib/rt0", self) >= 0)
		return path;
	why_set(why, "out of memory");
	return NULL;
}

char *rtfile_find(const char *folder, const struct machine *machine, const char *name, struct why *why)
{
	char *found = folder ? NULL : folder_of_program(why), *path;

	if (!folder && !found)
		return NULL;
	int length = asprintf(&path, "%s/%s/%s", folder ? folder : found, machine->name, name);
	free(found);
	if (length < 0) {
		why_set(why, "out of memory");
		return NULL;
	}
	if (access(path, R_OK) == 0)
		return path;
	why_set(why, "no rt for machine '%s': '%s' not found", machine->name, path);
	free(path);
	return NULL;
}
