/*
 * host-bare: a program that has no libc either, linked against the library. In its process there is no pthread_create,
 * so rt0 makes the thread by clone(2), on a stack of its own.
 */
#include "forth.h"
#include "sys.h"

static void print(const char *text)
{
	long length = 0;

	while (text[length] != '\0')
		length++;
	sys3(__NR_write, 1, (long)text, length);
}

static void print_number(long number)
{
	char digits[24], *at = digits + sizeof(digits) - 1;

	*at = '\0';
	do
		*--at = (char)('0' + number % 10);
	while ((number /= 10) != 0);
	print(at);
}

__attribute__((used, noreturn, visibility("hidden"))) void run(void)
{
	long result = 0;
	enum forth_error error = forth_eval("10000 prime", &result);

	if (error == FORTH_OK) {
		print("10000 prime -> ");
		print_number(result);
		print(forth_start_thread() != sys3(__NR_gettid, 0, 0, 0) ? ", started on a thread of its own\n"
									 : ", started on this thread\n");
	} else {
		print(forth_describe(error));
		print("\n");
	}
	for (;;)
		sys3(__NR_exit_group, error != FORTH_OK, 0, 0);
}

SYS_START(run);
