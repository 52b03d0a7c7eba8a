/* The library as it is mapped: its bounds, its dynamic section, its names. */
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

static bool rt0_is_inside(const struct rt0_library *rt, uintptr_t address)
{
	return address >= rt0_image_start(rt) && address < rt0_image_end(rt);
}

static uintptr_t dynamic(const struct rt0_library *rt, intptr_t tag)
{
	for (const struct dyn *dyn = rt0_image_dynamic(rt); dyn->tag != 0; dyn++)
		if (dyn->tag == tag)
			return dyn->value;
	return 0;
}

/* glibc relocates the addresses of a writable dynamic section, musl does not. */
static const void *dynamic_address(const struct rt0_library *rt, intptr_t tag)
{
	uintptr_t value = dynamic(rt, tag);
	if (value == 0)
		return NULL;
	return (const void *)(rt0_is_inside(rt, value) ? value : value + rt0_image_start(rt));
}

static size_t rt0_constructors(const struct rt0_library *rt)
{
	return dynamic(rt, DT_INIT_ARRAYSZ) / sizeof(void *);
}

static const char *rt0_soname(const struct rt0_library *rt)
{
	const char *strings = dynamic_address(rt, DT_STRTAB);
	uintptr_t offset = dynamic(rt, DT_SONAME);
	return strings != NULL && offset != 0 ? strings + offset : NULL;
}

/* Linkers put .dynstr behind .dynsym; where something else is between them its bytes name no gate. */
static const char *rt0_export_name(const struct rt0_library *rt, uintptr_t address)
{
	const struct sym *symbol = dynamic_address(rt, DT_SYMTAB);
	const char *strings = dynamic_address(rt, DT_STRTAB);
	if (symbol == NULL || strings == NULL)
		return NULL;
	for (; (const char *)(symbol + 1) <= strings; symbol++)
		if (symbol->value + rt0_image_start(rt) == address && symbol->name < dynamic(rt, DT_STRSZ))
			return strings + symbol->name;
	return NULL;
}
