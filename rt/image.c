/* This library as it is mapped: its bounds, its dynamic section, its names. */
#include "internal.h"

struct dyn { /* gABI, Dynamic Section: the same two words in both classes */
	intptr_t tag;
	uintptr_t value;
};
#define DT_STRTAB       5
#define DT_SYMTAB       6
#define DT_SONAME       14
#define DT_INIT_ARRAYSZ 27
#define DT_GNU_HASH     0x6ffffef5
#define DT_HASH         4

/* gABI, Symbol Table. */
struct sym {
	uint32_t name;
#if __SIZEOF_POINTER__ == 8
	unsigned char info, other;
	uint16_t section;
	uint64_t value, size;
#else
	uint32_t value, size;
	unsigned char info, other;
	uint16_t section;
#endif
};

#pragma GCC visibility push(hidden)
extern const struct dyn _DYNAMIC[];
extern const char __ehdr_start[], _end[]; /* made by the linker */
#pragma GCC visibility pop

bool rt0_is_inside(uintptr_t address)
{
	return address >= (uintptr_t)__ehdr_start && address < (uintptr_t)_end;
}

static uintptr_t dynamic(intptr_t tag)
{
	for (const struct dyn *dyn = _DYNAMIC; dyn->tag != 0; dyn++)
		if (dyn->tag == tag)
			return dyn->value;
	return 0;
}

/* glibc relocates the addresses of a writable dynamic section, musl does not. */
static const void *dynamic_address(intptr_t tag)
{
	uintptr_t value = dynamic(tag);
	if (value == 0)
		return NULL;
	return (const void *)(rt0_is_inside(value) ? value : value + (uintptr_t)__ehdr_start);
}

size_t rt0_constructors(void)
{
	return dynamic(DT_INIT_ARRAYSZ) / sizeof(void *);
}

const char *rt0_soname(void)
{
	const char *strings = dynamic_address(DT_STRTAB);
	uintptr_t offset = dynamic(DT_SONAME);
	return strings != NULL && offset != 0 ? strings + offset : NULL;
}

/* Number of .dynsym entries: DT_HASH tells it; DT_GNU_HASH has it as the end of its last chain. */
static size_t symbol_count(void)
{
	const uint32_t *hash = dynamic_address(DT_HASH);
	if (hash != NULL)
		return hash[1];
	const uint32_t *gnu = dynamic_address(DT_GNU_HASH);
	if (gnu == NULL)
		return 0;
	uint32_t buckets = gnu[0], first = gnu[1], bloom_words = gnu[2];
	const uint32_t *bucket = (const uint32_t *)((const uintptr_t *)(gnu + 4) + bloom_words);
	uint32_t last = 0;
	for (uint32_t i = 0; i < buckets; i++)
		last = bucket[i] > last ? bucket[i] : last;
	if (last < first)
		return first;
	for (const uint32_t *chain = bucket + buckets + (last - first); (*chain & 1) == 0; chain++)
		last++;
	return last + 1;
}

const char *rt0_export_name(uintptr_t address)
{
	const struct sym *symbols = dynamic_address(DT_SYMTAB);
	const char *strings = dynamic_address(DT_STRTAB);
	if (symbols == NULL || strings == NULL)
		return NULL;
	size_t count = symbol_count();
	for (size_t i = 1; i < count; i++)
		if (symbols[i].section != 0 && symbols[i].value != 0 &&
		    symbols[i].value + (uintptr_t)__ehdr_start == address)
			return strings + symbols[i].name;
	return NULL;
}
