/*
 * N threads wait at a closed gate: the time from open to the last one through,
 * against pthread_cond_broadcast with as many. A process per sample. Both are
 * opened by a thread that slept until the host let it go, and only once every
 * thread is seen asleep.
 *
 *   wait LIBRARY.so                 the figures
 *   wait --gate N LIB | --cond N    one sample, ns on standard output
 */
#include "bench.h"

#include <dirent.h>
#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>

static unsigned thread_count, through;
static uint64_t last_at;
static sem_t all_through;

static int (*gated_call)(void);

/* Does not come back: the end of a thread costs more than its wake, and would be in the figure. */
static _Noreturn void pass(void)
{
	if (__atomic_add_fetch(&through, 1, __ATOMIC_ACQ_REL) == thread_count) {
		last_at = now();
		sem_post(&all_through);
	}
	for (;;)
		pause();
}

static void *call_gate(void *unused)
{
	(void)unused;
	gated_call();
	pass();
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static bool is_open;
static uint64_t opened_at;
static sem_t latch;

static void *wait_condition(void *unused)
{
	(void)unused;
	pthread_mutex_lock(&mutex);
	while (!is_open)
		pthread_cond_wait(&condition, &mutex);
	pthread_mutex_unlock(&mutex);
	pass();
}

static void *open_condition(void *unused)
{
	while (sem_wait(&latch) != 0)
		;
	opened_at = now();
	pthread_mutex_lock(&mutex);
	is_open = true;
	pthread_cond_broadcast(&condition);
	pthread_mutex_unlock(&mutex);
	return unused;
}

static void make_thread(void *(*start)(void *))
{
	pthread_attr_t attributes;
	pthread_t thread;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 64 * 1024);
	errno = pthread_create(&thread, &attributes, start, NULL);
	if (errno != 0)
		die("cannot create a thread");
}

/* Threads of this process that sleep, as /proc says it. */
static unsigned asleep(void)
{
	unsigned count = 0;
	DIR *tasks = opendir("/proc/self/task");
	if (tasks == NULL)
		die("cannot list threads");
	for (struct dirent *entry; (entry = readdir(tasks)) != NULL;) {
		char path[64], stat[256];
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/self/task/%.16s/stat", entry->d_name);
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		ssize_t got = fd >= 0 ? read(fd, stat, sizeof(stat) - 1) : -1;
		if (fd >= 0)
			close(fd);
		stat[got > 0 ? got : 0] = 0;
		const char *name_end = strrchr(stat, ')');
		count += name_end != NULL && strncmp(name_end, ") S", 3) == 0;
	}
	closedir(tasks);
	return count;
}

static void make_waiters(void *(*start)(void *))
{
	for (unsigned i = 0; i < thread_count; i++)
		make_thread(start);
	while (asleep() < thread_count + 1) /* and the one that opens */
		sched_yield();
}

static void *symbol(void *library, const char *name)
{
	void *at = dlsym(library, name);
	if (at == NULL) {
		fprintf(stderr, "bench: %s\n", dlerror());
		exit(1);
	}
	return at;
}

static uint64_t sample_gate(const char *path)
{
	void *library = dlopen(path, RTLD_NOW);
	if (library == NULL) {
		fprintf(stderr, "bench: %s\n", dlerror());
		exit(1);
	}
	gated_call = (int (*)(void))symbol(library, "wait_call");
	void (*release)(void) = (void (*)(void))symbol(library, "wait_release");
	uint64_t (*opened)(void) = (uint64_t(*)(void))symbol(library, "wait_opened_at");
	make_waiters(call_gate);
	release();
	while (sem_wait(&all_through) != 0)
		;
	return last_at - opened();
}

static uint64_t sample_condition(void)
{
	make_thread(open_condition);
	make_waiters(wait_condition);
	sem_post(&latch);
	while (sem_wait(&all_through) != 0)
		;
	return last_at - opened_at;
}

static double sample_process(const char *self, const char *what, const char *count, const char *path)
{
	char output[32];
	run((char *[]){(char *)self, (char *)what, (char *)count, (char *)path, NULL}, output, sizeof(output));
	return strtod(output, NULL) / 1000;
}

int main(int argc, char **argv)
{
	if (argc >= 3) {
		bool is_gate = strcmp(argv[1], "--gate") == 0;
		thread_count = (unsigned)strtoul(argv[2], NULL, 10);
		printf("%llu\n", (unsigned long long)(is_gate ? sample_gate(argv[3]) : sample_condition()));
		fflush(stdout);
		_exit(0);
	}
	if (argc != 2) {
		fputs("usage: wait LIBRARY.so\n", stderr);
		return 2;
	}
	static const char *const counts[] = {"1", "100", "2000"};
	for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
		unsigned count = rounds();
		double *gate = new_values(count), *condition = new_values(count), *ratios = new_values(count);
		for (unsigned n = 0; n < count; n++) {
			if (n % 2)
				gate[n] = sample_process(argv[0], "--gate", counts[c], argv[1]);
			condition[n] = sample_process(argv[0], "--cond", counts[c], NULL);
			if (n % 2 == 0)
				gate[n] = sample_process(argv[0], "--gate", counts[c], argv[1]);
			ratios[n] = gate[n] / condition[n];
		}
		char what[96];
		snprintf(what, sizeof(what), "%s waiting: pthread_cond_broadcast, to the last through", counts[c]);
		figure(what, median(condition, count), "us", -1);
		snprintf(what, sizeof(what), "%s waiting: rt, to the last through", counts[c]);
		figure(what, median(gate, count), "us", -1);
		snprintf(what, sizeof(what), "%s waiting: rt to pthread_cond_broadcast", counts[c]);
		figure(what, median(ratios, count), "times", strcmp(counts[c], "2000") == 0 ? 0.8 : -1);
	}
	return 0;
}
