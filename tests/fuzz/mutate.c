/*
 * libFuzzer's mutations hit a field of a table seldom, and then with a value that says
 * nothing. This one changes whole words of the headers, and of the sections that are
 * tables or strings, to values at which something ends.
 */
#include "fuzz.h"

#include <elf.h>
#include <stdbool.h>
#include <string.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

enum { REGIONS_MAX = 64 };

struct elf {
	uint8_t *bytes;
	size_t size;
	bool is_64, is_msb;
};

struct region {
	size_t at, size;
};

static uint32_t next(uint32_t *state)
{
	/* xorshift32; never 0 */
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static uint64_t get(const struct elf *elf, size_t at, size_t size)
{
	uint64_t value = 0;

	for (size_t i = 0; i < size && at + i < elf->size; i++)
		value |= (uint64_t)elf->bytes[at + i] << 8 * (elf->is_msb ? size - 1 - i : i);
	return value;
}

static void put(const struct elf *elf, size_t at, size_t size, uint64_t value)
{
	for (size_t i = 0; i < size && at + i < elf->size; i++)
		elf->bytes[at + i] = (uint8_t)(value >> 8 * (elf->is_msb ? size - 1 - i : i));
}

static void region_add(const struct elf *elf, struct region *regions, size_t *count, uint64_t at, uint64_t size)
{
	if (*count < REGIONS_MAX && size >= 8 && at < elf->size && size <= elf->size - at)
		regions[(*count)++] = (struct region){(size_t)at, (size_t)size};
}

static size_t find_regions(const struct elf *elf, struct region *regions)
{
	size_t word = elf->is_64 ? 8 : 4, count = 0, shentsize = elf->is_64 ? 64 : 40, phentsize = elf->is_64 ? 56 : 32;
	uint64_t phoff = get(elf, 24 + word, word), shoff = get(elf, 24 + 2 * word, word);
	size_t at = 24 + 3 * word, phnum = (size_t)get(elf, at + 8, 2), shnum = (size_t)get(elf, at + 12, 2);

	region_add(elf, regions, &count, 16, elf->is_64 ? 48 : 36);
	region_add(elf, regions, &count, phoff, phnum * phentsize);
	region_add(elf, regions, &count, shoff, shnum * shentsize);
	for (size_t i = 1; i < shnum && shoff < elf->size; i++) {
		size_t header = (size_t)shoff + i * shentsize;
		uint64_t type = get(elf, header + 4, 4);
		if (type != SHT_NOBITS && type != SHT_PROGBITS)
			region_add(elf, regions, &count, get(elf, header + 8 + 2 * word, word),
				   get(elf, header + 8 + 3 * word, word));
	}
	return count;
}

static uint64_t value_of(const struct elf *elf, uint32_t *state, size_t at, size_t size)
{
	uint64_t old = get(elf, at, size);

	switch (next(state) % 14) {
	case 0:
		return 0;
	case 1:
		return 1;
	case 2:
		return UINT64_MAX;
	case 3:
		return elf->size;
	case 4:
		return INT32_MAX;
	case 5:
		return UINT64_C(1) << next(state) % 64;
	case 6:
		return old + 1;
	case 7:
		return old - 1;
	case 8:
		return old + 8;
	case 9:
		return old ^ (UINT64_C(1) << next(state) % (8 * size));
	case 10:
		return next(state) % 64;
	case 11:
		return next(state) % elf->size;
	default:
		/* What another field of the file has. */
		return get(elf, next(state) % elf->size & ~(size_t)3, size);
	}
}

static void mutate(const struct elf *elf, uint32_t *state)
{
	struct region regions[REGIONS_MAX];
	size_t count = find_regions(elf, regions);

	for (uint32_t n = 1 + next(state) % 3; n > 0 && count > 0; n--) {
		const struct region *region = &regions[next(state) % count];
		size_t size = (size_t)2 << next(state) % 3;
		size_t at = region->at + next(state) % (region->size / size) * size;
		put(elf, at, size, value_of(elf, state, at, size));
	}
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
	uint32_t state = seed | 1;
	struct elf elf = {data + CONTROL_SIZE, size - CONTROL_SIZE, false, false};
	bool is_elf = size > CONTROL_SIZE + 64 && memcmp(elf.bytes, ELFMAG, SELFMAG) == 0;

	if (!is_elf || next(&state) % 8 == 0)
		return LLVMFuzzerMutate(data, size, max_size);
	elf.is_64 = elf.bytes[EI_CLASS] == ELFCLASS64;
	elf.is_msb = elf.bytes[EI_DATA] == ELFDATA2MSB;
	if (next(&state) % 4 == 0)
		LLVMFuzzerMutate(data, CONTROL_SIZE, CONTROL_SIZE);
	if (next(&state) % 8)
		mutate(&elf, &state);
	return size;
}
