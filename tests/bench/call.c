/*
 * The cost of a call into a library: behind rt's open gate and behind what others
 * put there, as a ratio to the same function with nothing in front.
 *
 * Built for calls through the PLT and with -fno-plt, and with CHAINED for calls that
 * take what the call before returned; HOW says which. A sample is the time of CALLS
 * calls of one copy of the function; the kinds take turns within each copy and
 * round, and a ratio is taken between neighbours.
 *
 *   call [libgo.so]
 */
#include "bench.h"
#include "call.h"

#include <dlfcn.h>
#include <pthread.h>

#define CALLS    20000
#define GO_CALLS 50

enum { PLAIN, GATED, ATTACHED, ONCE, MUTEX, KINDS };
static const char *const kind_names[KINDS] = {"nothing", "rt's open gate", "rt's gate with thread attach",
					      "pthread_once", "mutex and condition (Go 2015)"};
static const double goals[KINDS] = {-1, 1.03, -1, -1, -1};

typedef uint64_t sampler(unsigned calls);

#ifdef CHAINED
#define NEXT(value, function) value = function(value)
#else
#define NEXT(value, function) function(value)
#endif

#define SAMPLER(kind, i)                                                                                               \
	int kind##_##i(int);                                                                                           \
	static __attribute__((aligned(64), noinline)) uint64_t sample_##kind##_##i(unsigned calls)                     \
	{                                                                                                              \
		int value = 1;                                                                                         \
		uint64_t start = now();                                                                                \
		for (; calls != 0; calls--)                                                                            \
			NEXT(value, kind##_##i);                                                                       \
		return now() - start;                                                                                  \
	}
#define SAMPLERS(i) SAMPLER(plain, i) SAMPLER(gated, i) SAMPLER(attached, i) SAMPLER(once, i) SAMPLER(mutex, i)
FOR_EACH_COPY(SAMPLERS)

#define ROW(i) {sample_plain_##i, sample_gated_##i, sample_attached_##i, sample_once_##i, sample_mutex_##i},
static sampler *const samplers[COPIES][KINDS] = {FOR_EACH_COPY(ROW)};

/* A second thread that takes each sample at the same time. */
static sampler *volatile partner_sampler;
static unsigned partner_turn, partner_done;
static uint64_t partner_took;

static void *partner(void *unused)
{
	(void)unused;
	pin(1);
	for (unsigned turn = 1;; turn++) {
		while (__atomic_load_n(&partner_turn, __ATOMIC_ACQUIRE) != turn)
			;
		if (partner_sampler == NULL)
			return NULL;
		partner_took = partner_sampler(CALLS);
		__atomic_store_n(&partner_done, turn, __ATOMIC_RELEASE);
	}
}

static uint64_t sample(sampler *take, bool is_paired)
{
	if (!is_paired)
		return take(CALLS);
	unsigned turn = partner_turn + 1;
	partner_sampler = take;
	__atomic_store_n(&partner_turn, turn, __ATOMIC_RELEASE);
	uint64_t took = take(CALLS);
	while (__atomic_load_n(&partner_done, __ATOMIC_ACQUIRE) != turn)
		;
	return took > partner_took ? took : partner_took;
}

static void compare(bool is_paired)
{
	unsigned count = rounds() * COPIES;
	double *ratios[KINDS], *plain = new_values(count), *attach = new_values(count);
	for (int kind = 0; kind < KINDS; kind++)
		ratios[kind] = new_values(count);
	for (unsigned n = 0; n < count; n++) {
		sampler *const *row = samplers[n % COPIES];
		uint64_t took[KINDS];
		for (unsigned i = 0; i < KINDS; i++) {
			unsigned kind = (i + n / COPIES) % KINDS; /* each goes first in turn */
			row[kind](100);
			took[kind] = sample(row[kind], is_paired);
		}
		plain[n] = (double)took[PLAIN] / CALLS;
		attach[n] = ((double)took[ATTACHED] - (double)took[GATED]) / CALLS;
		for (int kind = 0; kind < KINDS; kind++)
			ratios[kind][n] = (double)took[kind] / (double)took[PLAIN];
	}
	char what[96];
	snprintf(what, sizeof(what), "%s%s: nothing in front", HOW, is_paired ? ", 2 threads" : "");
	figure(what, median(plain, count), "ns", -1);
	for (int kind = GATED; kind < KINDS; kind++) {
		snprintf(what, sizeof(what), "%s%s: %s", HOW, is_paired ? ", 2 threads" : "", kind_names[kind]);
		figure(what, median(ratios[kind], count), "times", goals[kind]);
	}
	snprintf(what, sizeof(what), "%s%s: thread attach on top of the open gate", HOW,
		 is_paired ? ", 2 threads" : "");
	figure(what, median(attach, count), "ns", 2);
}

/* Last, since Go's runtime stays in the process. */
static void compare_go(const char *path)
{
	void *library = dlopen(path, RTLD_NOW);
	int (*add)(int) = library != NULL ? (int (*)(int))dlsym(library, "go_add") : NULL;
	if (add == NULL) {
		printf("  %s: Go's exported function: not measured: %s\n", HOW, dlerror());
		return;
	}
	add(1);
	unsigned count = rounds();
	double *ratios = new_values(count);
	for (unsigned n = 0; n < count; n++) {
		uint64_t start = now();
		for (int i = 0; i < GO_CALLS; i++)
			add(1);
		double go = (double)(now() - start) / GO_CALLS;
		ratios[n] = go / ((double)samplers[n % COPIES][PLAIN](CALLS) / CALLS);
	}
	figure(HOW ": Go's exported function", median(ratios, count), "times", -1);
}

int main(int argc, char **argv)
{
	pthread_t thread;
	if (pthread_create(&thread, NULL, partner, NULL) != 0)
		die("cannot create a thread");
	pin(0);
	for (int i = 0; i < COPIES; i++)
		for (int kind = 0; kind < KINDS; kind++)
			samplers[i][kind](CALLS);
	compare(true);
	partner_sampler = NULL;
	__atomic_store_n(&partner_turn, partner_turn + 1, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	compare(false);
	if (argc > 1)
		compare_go(argv[1]);
	else
		puts("  " HOW ": Go's exported function: not measured: there is no go");
	return 0;
}
