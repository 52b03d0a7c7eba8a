#include "run.h"
#include "message.h"
#include "output.h"
#include "response.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

#define DEPTH_NAME  "LDWRAP_DEPTH"
#define DEPTH_MAX   8
#define DRIVER_NAME "LDWRAP_DRIVER"

static unsigned depth(void)
{
	const char *text = getenv(DEPTH_NAME);
	unsigned long value = text ? strtoul(text, NULL, 10) : 0;

	return value > DEPTH_MAX ? DEPTH_MAX : (unsigned)value;
}

bool run_is_nested(void)
{
	return depth() > 0;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool is_one_of(const char *word, size_t length, const char *const *list)
{
	for (; *list; list++)
		if (strlen(*list) == length && !memcmp(*list, word, length))
			return true;
	return false;
}

static bool is_launcher(const char *word)
{
	static const char *const launchers[] = {"ccache", "sccache", "distcc", "icecc", "buildcache", "recc", NULL};
	const char *base = base_name(word);

	return is_one_of(base, strlen(base), launchers);
}

/* Does the name say "compiler driver": cc, gcc-12, x86_64-linux-gnu-g++, clang++-14? */
static bool is_compiler_name(const char *word)
{
	static const char *const names[] = {"cc",    "c++",      "gcc",      "g++",  "clang",    "clang++",
					    "c89",   "c99",      "c11",      "c17",  "gfortran", "flang",
					    "tcc",   "icx",      "icpx",     "icc",  "gdc",      "gnatgcc",
					    "gccgo", "musl-gcc", "armclang", "nvcc", NULL};
	const char *base = base_name(word);
	size_t length = strlen(base);

	while (length && strchr("0123456789.", base[length - 1]))
		length--;
	if (length && base[length - 1] == '-')
		length--;
	else
		length = strlen(base);
	if (is_one_of(base, length, names))
		return true;
	/* <triple>-gcc */
	size_t start = length;
	while (start && base[start - 1] != '-')
		start--;
	return start && is_one_of(base + start, length - start, names);
}

/* A path to a program whose name has no suffix of an input file. */
static bool is_program_path(const char *word)
{
	struct stat status;

	return strchr(word, '/') && !strchr(base_name(word), '.') && !stat(word, &status) && S_ISREG(status.st_mode) &&
	       !access(word, X_OK);
}

static bool is_ourselves(const char *path)
{
	struct stat self, other;

	return !stat("/proc/self/exe", &self) && !stat(path, &other) && self.st_dev == other.st_dev &&
	       self.st_ino == other.st_ino;
}

static bool names_ourselves(const char *word)
{
	return !strcmp(word, "ldwrap") || (strchr(word, '/') && is_ourselves(word));
}

/*
 * The path of a program, or null with the status that a shell would give. On PATH
 * the first one behind a mark, if there is any, or else the first: other wrappers
 * that have the compiler's name, too, look for the next one from the front, and so
 * lead back to us. The mark is the driver that an ldwrap above us ran, or else
 * ourselves, if we are called by that name.
 *
 * `is_first`: whoever looks the name up, be it the program itself, finds this one.
 */
static const char *program_find(const char *name, bool is_own_name, bool *is_first, int *status)
{
	const char *path = getenv("PATH"), *above = run_is_nested() ? getenv(DRIVER_NAME) : NULL, *first = NULL;
	bool is_behind = !above && !is_own_name, is_any = !path;

	*is_first = true;
	*status = 127;
	if (strchr(name, '/')) {
		if (access(name, F_OK))
			return NULL;
		*status = 126;
		return is_ourselves(name) || access(name, X_OK) ? NULL : name;
	}
	for (path = path ? path : "/usr/local/bin:/usr/bin:/bin";;) {
		size_t length = strcspn(path, ":");
		char *candidate = format_text("%.*s%s%s", (int)length, path, length ? "/" : "./", name);
		struct stat at;
		bool is_program = !stat(candidate, &at) && S_ISREG(at.st_mode),
		     is_self = is_program && is_ourselves(candidate);
		bool is_mark = above ? !strcmp(candidate, above) : is_own_name && is_self;
		bool is_usable = is_program && !is_self && !access(candidate, X_OK);
		if (is_usable && is_behind) {
			*is_first = !is_any;
			return candidate;
		}
		if (is_program && !is_self && !is_usable)
			*status = 126;
		if (is_usable && !first) {
			*is_first = !is_any;
			first = candidate;
		} else {
			free(candidate);
		}
		is_any = is_any || is_usable || is_self;
		is_behind = is_behind || is_mark;
		if (!path[length])
			return first;
		path += length + 1;
	}
}

/* Which words name the driver: from the command line, the environment, or our own name. */
static void driver_words(char **argv, struct driver *driver)
{
	const char *own = argv[0] ? base_name(argv[0]) : "";
	const char *chosen = getenv("LDWRAP_CC");
	bool is_own_name = own[0] && strcmp(own, "ldwrap") != 0;
	size_t at = 1;

	while (argv[0] && argv[at] && options_match(argv[at]))
		at++;
	driver->at = at;
	/* A build system's launcher meets a compiler that is ldwrap already. */
	while (!is_own_name && argv[0] && argv[at] && names_ourselves(argv[at])) {
		own = base_name(argv[at++]);
		is_own_name = strcmp(own, "ldwrap") != 0;
	}
	driver->skip = at - driver->at;
	if (!is_own_name && argv[0] && argv[at] && argv[at][0] != '-' && argv[at][0] != '@') {
		const char *word = argv[at], *next = argv[at + 1];
		if (is_launcher(word) && next && (is_compiler_name(next) || is_program_path(next))) {
			words_push(&driver->words, word);
			words_push(&driver->words, next);
		} else if (is_compiler_name(word) || is_program_path(word)) {
			words_push(&driver->words, word);
		}
		driver->skip += driver->words.count;
	}
	if (!driver->words.count && chosen)
		response_split(chosen, strlen(chosen), &driver->words);
	if (!driver->words.count) {
		words_push(&driver->words, is_own_name ? own : "cc");
		driver->is_own_name = is_own_name;
	}
}

int driver_find(char **argv, struct driver *driver, struct why *why)
{
	int status;

	*driver = (struct driver){0};
	driver_words(argv, driver);
	const char *name = driver->words.items[0];
	if (depth() >= DEPTH_MAX) {
		why_set(why, "'%s' leads back to ldwrap again and again; name the compiler in LDWRAP_CC", name);
		return 1;
	}
	bool is_first;
	const char *path = program_find(name, driver->is_own_name, &is_first, &status);
	if (!path) {
		why_set(why, "cannot run '%s': %s", name,
			status == 127        ? "not found"
			: is_ourselves(name) ? "it is ldwrap itself"
					     : "not executable");
		return status;
	}
	driver->path = path;
	/* A driver says its name, and finds its parts by it: the one that it would have without us, if that leads to
	 * it. */
	if (!is_first)
		driver->words.items[0] = (char *)path;
	/* `cc` is what its symlinks say it is. */
	const char *last = driver->words.items[driver->words.count - 1];
	driver->kind = args_driver_kind(last);
	if (driver->kind == DRIVER_UNKNOWN && driver->words.count == 1) {
		char *real = realpath(path, NULL);
		if (real)
			driver->kind = args_driver_kind(real);
		free(real);
	}
	return 0;
}

/* For an ldwrap that the driver starts. */
static void tell_driver(const char *path)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", depth() + 1);
	if (setenv(DEPTH_NAME, text, 1) || setenv(DRIVER_NAME, path, 1))
		die(1, "out of memory");
}

static int spawn_status(int error, const char *path, struct why *why)
{
	why_set(why, "cannot run '%s': %s", path, strerror(error));
	return error == ENOENT ? 127 : 126;
}

static int memory_file(const char *name, unsigned flags)
{
	int fd = memfd_create(name, flags);

	if (fd < 0)
		die(1, "cannot keep the driver's %s: %s", name, strerror(errno));
	return fd;
}

/* The same command with its arguments in a response file, which the driver inherits. Returns its descriptor. */
static int pack(const struct driver *driver, const struct words *argv, struct words *packed)
{
	int fd = memory_file("arguments", 0);
	struct words arguments = {0};
	struct why why;

	for (size_t i = 0; i < driver->words.count; i++)
		words_push(packed, argv->items[i]);
	for (size_t i = driver->words.count; i < argv->count; i++)
		words_push(&arguments, argv->items[i]);
	words_format(packed, "@/proc/self/fd/%d", fd);
	if (!response_write(&arguments, format_text("/proc/self/fd/%d", fd), &why))
		die(1, "%s", why.text);
	return fd;
}

int run_exec(const struct driver *driver, const struct words *argv, struct why *why)
{
	struct words packed = {0};

	tell_driver(driver->path);
	execve(driver->path, argv->items, environ);
	if (errno == E2BIG) {
		pack(driver, argv, &packed);
		execve(driver->path, packed.items, environ);
	}
	return spawn_status(errno, driver->path, why);
}

void run_hold_streams(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR | O_CLOEXEC) != fd)
			die(1, "cannot open '/dev/null': %s", strerror(errno));
}

static sigset_t held, original;

void run_hold_signals(void)
{
	static const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT};

	sigemptyset(&held);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct sigaction now;
		/* What our parent ignores for us (nohup) stays ignored. */
		if (!sigaction(ends[i], NULL, &now) && now.sa_handler != SIG_IGN)
			sigaddset(&held, ends[i]);
	}
	/* Were it ignored, waitpid could not tell the status. */
	signal(SIGCHLD, SIG_DFL);
	sigaddset(&held, SIGCHLD);
	sigprocmask(SIG_BLOCK, &held, &original);
	/* A write past `ulimit -f` then fails with EFBIG and is reported. */
	signal(SIGXFSZ, SIG_IGN);
}

void run_release_signals(void)
{
	signal(SIGXFSZ, SIG_DFL);
	sigprocmask(SIG_SETMASK, &original, NULL);
}

static _Noreturn void die_by(int signal_number)
{
	struct rlimit none = {0, 0};
	sigset_t only;

	/* exit() would not give the signal as our status. */
	output_discard();
	fflush(NULL);
	setrlimit(RLIMIT_CORE, &none);
	signal(signal_number, SIG_DFL);
	sigemptyset(&only);
	sigaddset(&only, signal_number);
	raise(signal_number);
	sigprocmask(SIG_UNBLOCK, &only, NULL);
	_exit(128 + signal_number);
}

void run_check_signals(void)
{
	static const struct timespec now = {0, 0};
	sigset_t ends = held;
	int got;

	sigdelset(&ends, SIGCHLD);
	got = sigtimedwait(&ends, NULL, &now);
	if (got > 0)
		die_by(got);
}

/* Start the driver with the signals as we got them. Returns 0 or an error number. */
static int start(const char *path, const struct words *argv, struct run *run, bool is_captured, pid_t *child)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t defaults;

	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	if (is_captured) {
		posix_spawn_file_actions_adddup2(&actions, run->out, 1);
		posix_spawn_file_actions_adddup2(&actions, run->err, 2);
	}
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGXFSZ);
	posix_spawnattr_setsigmask(&attributes, &original);
	posix_spawnattr_setsigdefault(&attributes, &defaults);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	int error = posix_spawn(child, path, &actions, &attributes, argv->items, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return error;
}

bool run_wait(const struct driver *driver, const struct words *argv, bool is_captured, struct run *run, struct why *why)
{
	static bool is_told;
	int ended_by = 0;
	pid_t child;

	if (!is_told)
		tell_driver(driver->path);
	is_told = true;
	*run = (struct run){.out = -1, .err = -1};
	if (is_captured) {
		run->out = memory_file("output", MFD_CLOEXEC);
		run->err = memory_file("output", MFD_CLOEXEC);
	}
	int error = start(driver->path, argv, run, is_captured, &child);
	if (error == E2BIG) {
		struct words packed = {0};
		int fd = pack(driver, argv, &packed);
		error = start(driver->path, &packed, run, is_captured, &child);
		close(fd);
	}
	if (error) {
		run->status = spawn_status(error, driver->path, why) << 8;
		return false;
	}
	for (;;) {
		int got = sigwaitinfo(&held, NULL);
		if (got > 0 && got != SIGCHLD) {
			ended_by = got;
			kill(child, got);
		}
		if (waitpid(child, &run->status, WNOHANG) == child)
			break;
	}
	if (ended_by)
		die_by(ended_by);
	return true;
}

static void replay(int from, int to)
{
	char buffer[65536];
	ssize_t got;

	if (from < 0 || lseek(from, 0, SEEK_SET))
		return;
	while ((got = read(from, buffer, sizeof(buffer))) > 0)
		for (ssize_t done = 0, wrote; done < got; done += wrote)
			if ((wrote = write(to, buffer + done, (size_t)(got - done))) < 0)
				return;
}

void run_replay(struct run *run)
{
	replay(run->out, 1);
	replay(run->err, 2);
	run_forget(run);
}

void run_forget(struct run *run)
{
	if (run->out >= 0)
		close(run->out);
	if (run->err >= 0)
		close(run->err);
	run->out = run->err = -1;
}

void run_exit(const struct run *run)
{
	if (WIFSIGNALED(run->status))
		die_by(WTERMSIG(run->status));
	exit(WEXITSTATUS(run->status));
}
