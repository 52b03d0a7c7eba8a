/*
 * librt0.so.0: the rt of libraries that elfpatch attached. Such a library brings a
 * record of what it is and a block for its state; nothing here belongs to one of
 * them alone.
 */
#include "internal.h"

/* The record as abi.h lays it out. */
struct rt0_record {
	uint32_t version, flags;
	uint64_t stack_size;
	int64_t init, chain, twin_chain, flag, start, end, dynamic, state, slot, stub, gates;
	uint32_t gate_size, gate_count;
};
_Static_assert(sizeof(struct rt0_record) == RT0_ATTACHED_SIZE, "size of the record");
_Static_assert(offsetof(struct rt0_record, init) == RT0_ATTACHED_INIT, "first word of the record");
_Static_assert(offsetof(struct rt0_record, gates) == RT0_ATTACHED_GATES, "last word of the record");

struct block {
	uint32_t state_word[16];
	struct rt0_library library;
	const struct rt0_record *record; /* null until rt meets the library */
	uint32_t is_listed;
	struct block *next;
};
_Static_assert(sizeof(struct block) <= RT0_ATTACHED_STATE_SIZE, "room in the state block");

/* Those of all libraries that were met. None goes: they are never unloaded. */
static struct block *blocks;

static uintptr_t target(const int64_t *word)
{
	return *word != 0 ? (uintptr_t)word + (uintptr_t)*word : 0;
}

/* A machine may want to see the image of a library. */
#ifndef RT0_ARCH_MEET
#define RT0_ARCH_MEET(start) (void)(start)
#endif

enum { LISTING_TRIES = 100 };

/*
 * The first of the ways into rt that is taken makes the library known, whichever thread
 * takes it. Another thread waits until it is in the list, which fork goes by, but not
 * for ever: it may be a handler that interrupted the first.
 */
static struct rt0_library *meet(const struct rt0_record *record)
{
	struct block *block = (struct block *)target(&record->state);
	const struct rt0_record *unmet = NULL;
	if (__atomic_load_n(&block->is_listed, __ATOMIC_ACQUIRE))
		return &block->library;
	RT0_ARCH_MEET(target(&record->start)); /* twice, by two threads at once, does no harm */
	if (__atomic_compare_exchange_n(&block->record, &unmet, record, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
		block->next = __atomic_load_n(&blocks, __ATOMIC_RELAXED);
		while (!__atomic_compare_exchange_n(&blocks, &block->next, block, false, __ATOMIC_RELEASE,
						    __ATOMIC_RELAXED))
			;
		__atomic_store_n(&block->is_listed, 1, __ATOMIC_RELEASE);
	}
	for (unsigned i = 0; i < LISTING_TRIES && !__atomic_load_n(&block->is_listed, __ATOMIC_ACQUIRE); i++)
		rt0_sleep(RT0_MS / 10);
	return &block->library;
}

static struct block *block_of(const struct rt0_library *rt)
{
	return (struct block *)((uintptr_t)rt - offsetof(struct block, library));
}

static const struct rt0_record *record_of(const struct rt0_library *rt)
{
	return block_of(rt)->record;
}

static struct rt0_library *rt0_library_of(void *passed)
{
	return passed;
}

static struct rt0_library *library_in(struct block *block)
{
	return block != NULL ? &block->library : NULL;
}

static struct rt0_library *rt0_library_first(void)
{
	return library_in(__atomic_load_n(&blocks, __ATOMIC_ACQUIRE));
}

static struct rt0_library *rt0_library_next(const struct rt0_library *rt)
{
	return library_in(block_of(rt)->next);
}

static uint32_t *rt0_state_word_of(struct rt0_library *rt)
{
	return block_of(rt)->state_word;
}

static uintptr_t rt0_image_start(const struct rt0_library *rt)
{
	return target(&record_of(rt)->start);
}

static uintptr_t rt0_image_end(const struct rt0_library *rt)
{
	return target(&record_of(rt)->end);
}

static const void *rt0_image_dynamic(const struct rt0_library *rt)
{
	return (const void *)target(&record_of(rt)->dynamic);
}

static uint32_t rt0_flags(const struct rt0_library *rt)
{
	return record_of(rt)->flags;
}

static uint64_t rt0_stack_size(const struct rt0_library *rt)
{
	return record_of(rt)->stack_size;
}

/* The twin has taken the place of one of the library's own, or it is there for rt. */
static size_t rt0_twins(const struct rt0_library *rt)
{
	return record_of(rt)->twin_chain == 0;
}

static void rt0_set_flag(const struct rt0_library *rt)
{
	unsigned char *flag = (unsigned char *)target(&record_of(rt)->flag);
	if (flag != NULL && *flag == 0) /* may be read-only where it is 1 */
		*flag = 1;
}

static void call(const int64_t *word, int argc, char **argv, char **envp)
{
	void (*function)(int, char **, char **) = (void (*)(int, char **, char **))target(word);
	if (function != NULL)
		function(argc, argv, envp);
}

static void rt0_chain(const struct rt0_library *rt, int argc, char **argv, char **envp)
{
	call(&record_of(rt)->chain, argc, argv, envp);
}

static int rt0_initialise(const struct rt0_library *rt, const char **what)
{
	const struct rt0_record *record = record_of(rt);
	*what = "attached for another version of " RT0_SONAME;
	if (record->version != RT0_ABI_VERSION)
		return RT0_EINVAL;
	*what = "its init function failed";
	return ((int (*)(int, char **, char **))target(&record->init))(rt->argc, rt->argv, rt->envp);
}

/* An attached library has neither; elfpatch refuses to make one that asks for a handler. */
static void rt0_main(const struct rt0_library *rt)
{
	(void)rt;
}

static void rt0_handle_failure(const struct rt0_library *rt, int error, const char *why)
{
	(void)rt;
	(void)error;
	(void)why;
}

uintptr_t rt0_gate_wait(uintptr_t gate, uintptr_t caller, const struct rt0_record *record)
{
	return rt0_wait_at_gate(meet(record), gate, caller);
}

static void lib(int argc, char **argv, char **envp, const struct rt0_record *record)
{
	rt0_enter(meet(record), argc, argv, envp);
}

static void twin(int argc, char **argv, char **envp, const struct rt0_record *record)
{
	struct rt0_library *rt = meet(record);
	rt0_enter(rt, argc, argv, envp);
	call(&record->twin_chain, argc, argv, envp);
	rt0_mark_constructed(rt);
}

/* entry.S: code, which may not have a descriptor where C functions do. */
extern const char rt0_gate_closed[] __attribute__((visibility("hidden")));

__attribute__((visibility("default"))) const struct rt0_table {
	uint32_t version, size;
	void (*lib)(int, char **, char **, const struct rt0_record *);
	void (*twin)(int, char **, char **, const struct rt0_record *);
	const void *closed;
} rt0_attached = {RT0_ABI_VERSION, sizeof(struct rt0_table), lib, twin, rt0_gate_closed};
_Static_assert(sizeof(rt0_attached) == RT0_TABLE_POINTERS + RT0_TABLE_COUNT * sizeof(void *), "size of the table");
