/* This library as it is mapped: its bounds, its dynamic section, its names. */
#include "internal.h"

struct dyn { /* gABI, Dynamic Section: the same two words in both classes */
	intptr_t tag;
	uintptr_t value;
};
#define DT_STRTAB       5
#define DT_SYMTAB       6
#define DT_STRSZ        10
#define DT_SONAME       14
#define DT_INIT_ARRAYSZ 27

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

static bool rt0_is_inside(uintptr_t address)
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

static size_t rt0_constructors(void)
{
	return dynamic(DT_INIT_ARRAYSZ) / sizeof(void *);
}

static const char *rt0_soname(void)
{
	const char *strings = dynamic_address(DT_STRTAB);
	uintptr_t offset = dynamic(DT_SONAME);
	return strings != NULL && offset != 0 ? strings + offset : NULL;
}

/* Linkers put .dynstr behind .dynsym; where something else is between them its bytes name no gate. */
static const char *rt0_export_name(uintptr_t address)
{
	const struct sym *symbol = dynamic_address(DT_SYMTAB);
	const char *strings = dynamic_address(DT_STRTAB);
	if (symbol == NULL || strings == NULL)
		return NULL;
	for (; (const char *)(symbol + 1) <= strings; symbol++)
		if (symbol->value + (uintptr_t)__ehdr_start == address && symbol->name < dynamic(DT_STRSZ))
			return strings + symbol->name;
	return NULL;
}
