/* Notes of a file, and what rt's say. */
#include "image.h"

#include "machine.h"

#include "../../rt/abi.h"

#include <inttypes.h>
#include <string.h>

/* The address that the word at `at` of the note stands for. */
static uint64_t self_relative(const struct image *image, const struct note *from, const unsigned char *at)
{
	uint64_t address = from->address + (uint64_t)(at - from->desc);

	address += (uint64_t)(int64_t)(int32_t)image_get32(image, at);
	return image_word_size(image) == 4 ? (uint32_t)address : address;
}

static bool decode_template(const struct image *image, const struct note *from, struct rt0_note *note, struct why *why)
{
	const unsigned char *at = from->desc + 4 * RT0_NOTE_WORDS;
	bool has_descriptors = image->machine->has_descriptors;

	note->fixup_count = image_get32(image, from->desc + 4 * RT0_NOTE_FIXUPS);
	if (note->fixup_count > RT0_FIXUPS_MAX)
		return why_set(why, "rt0 note: %" PRIu32 " fixups, at most %d", note->fixup_count, RT0_FIXUPS_MAX);
	if (note->gate_size < 4 || note->gate_size > GATE_MAX || note->gate_size % 4)
		return why_set(why, "rt0 note: a gate of %" PRIu32 " bytes", note->gate_size);
	size_t expected =
		4 * (RT0_NOTE_WORDS + RT0_FIXUP_WORDS * note->fixup_count + has_descriptors) + note->gate_size;
	if (from->size != expected)
		return why_set(why, "rt0 note: %zu bytes, expected %zu", from->size, expected);
	for (uint32_t i = 0; i < note->fixup_count; i++, at += 4 * RT0_FIXUP_WORDS) {
		uint32_t place = image_get32(image, at + 4 * RT0_FIXUP_PLACE);
		struct gate_fixup *fixup = &note->fixups[i];
		*fixup = (struct gate_fixup){
			.offset = place & 0xffff,
			.what = place >> 16,
			.type = image_get32(image, at + 4 * RT0_FIXUP_TYPE),
			.addend = (int32_t)image_get32(image, at + 4 * RT0_FIXUP_ADDEND),
		};
		if (fixup->offset >= note->gate_size || fixup->what >= RT0_FIXUP_KINDS)
			return why_set(why,
				       "rt0 note: fixup %" PRIu32 " of symbol %" PRIu32 " at %" PRIu32
				       " in gates of %" PRIu32 " bytes",
				       i, fixup->what, fixup->offset, note->gate_size);
	}
	note->template = at;
	note->gates = note->pool;
	note->gates_step = note->gate_size;
	if (has_descriptors) {
		note->gates = self_relative(image, from, at + note->gate_size);
		note->gates_step = (uint32_t)(DESCRIPTOR_WORDS * image_word_size(image));
	}
	return true;
}

static bool decode_rt0_note(const struct image *image, const struct note *from, struct rt0_note *note, struct why *why)
{
	const unsigned char *desc = from->desc;
	uint64_t *const targets[] = {&note->pool,  &note->state,  &note->islibrary, &note->config,
				     &note->entry, &note->closed, &note->twin};

	if (from->size < 4)
		return why_set(why, "rt0 note: %zu bytes, expected %d", from->size, 4 * RT0_NOTE_WORDS);
	note->version = image_get32(image, desc);
	if (note->version != RT0_ABI_VERSION)
		return why_set(why, "rt0 note: made by version %" PRIu32 " of rt, these tools know version %d",
			       note->version, RT0_ABI_VERSION);
	if (from->size < 4 * RT0_NOTE_WORDS)
		return why_set(why, "rt0 note: %zu bytes, expected %d", from->size, 4 * RT0_NOTE_WORDS);
	note->gate_size = image_get32(image, desc + 4 * RT0_NOTE_GATE_SIZE);
	note->gate_count = image_get32(image, desc + 4 * RT0_NOTE_GATE_COUNT);
	for (uint32_t i = 0; i < sizeof targets / sizeof targets[0]; i++)
		*targets[i] = self_relative(image, from, desc + 4 * (RT0_NOTE_POOL + i));
	return decode_template(image, from, note, why);
}

static bool check_rt0_note(const struct image *image, const struct rt0_note *note, struct why *why)
{
	const struct {
		const char *what;
		uint64_t address;
		uint32_t flags; /* what its segment must allow */
		bool is_in_file;
	} targets[] = {
		{"pool", note->pool, PF_X, true},
		{"gates", note->gates, PF_R, true},
		{RT0_SYM_STATE, note->state, PF_W, false},
		{RT0_SYM_ISLIBRARY, note->islibrary, PF_R, true},
		{RT0_SYM_CONFIG, note->config, PF_R, true},
		{RT0_SYM_ENTRY, image_function(image, note->entry).code, PF_X, true},
		{RT0_SYM_CLOSED, note->closed, PF_X, true},
		{RT0_SYM_TWIN, image_function(image, note->twin).code, PF_X, true},
	};
	GElf_Phdr p;

	for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
		uint64_t address = targets[i].address;
		if (i < 2 && note->gate_count == 0)
			continue;
		if (!image_segment(image, address, &p))
			return why_set(why, "rt0 note: %s at 0x%" PRIx64 " is in no loaded segment", targets[i].what,
				       address);
		if (!(p.p_flags & targets[i].flags))
			return why_set(why, "rt0 note: the segment of %s at 0x%" PRIx64 " is not %s", targets[i].what,
				       address,
				       targets[i].flags == PF_X   ? "executable"
				       : targets[i].flags == PF_W ? "writable"
								  : "readable");
		if (targets[i].is_in_file && !image_at(image, address, 1))
			return why_set(why, "rt0 note: %s at 0x%" PRIx64 " has no bytes in the file", targets[i].what,
				       address);
	}
	uint64_t pool_size = (uint64_t)note->gate_size * note->gate_count;
	if (note->gate_count && !image_at(image, note->pool, pool_size))
		return why_set(
			why, "rt0 note: %" PRIu32 " gates of %" PRIu32 " bytes at 0x%" PRIx64 " end past their segment",
			note->gate_count, note->gate_size, note->pool);
	if (note->gate_count && !image_at(image, note->gates, (uint64_t)note->gates_step * note->gate_count))
		return why_set(why, "rt0 note: %" PRIu32 " descriptors at 0x%" PRIx64 " end past their segment",
			       note->gate_count, note->gates);
	return true;
}

/* The note at offset `at` of a PT_NOTE; *at moves behind it. False at the end, with a reason if that is not clean. */
static bool note_in_segment(const struct image *image, const GElf_Phdr *p, uint64_t *at, struct note *note,
			    struct why *why)
{
	/* Names and descriptors are padded to 4 bytes, to 8 in a segment aligned to 8. */
	uint64_t pad = p->p_align == 8 ? 7 : 3, left = p->p_filesz - *at;

	/* One without contents may be anywhere. */
	if (left < 12)
		return false;
	const unsigned char *bytes = image->bytes + p->p_offset + *at;
	uint64_t name_size = image_get32(image, bytes), size = image_get32(image, bytes + 4);
	uint64_t desc = (12 + name_size + pad) & ~pad, end = (desc + size + pad) & ~pad;
	if (name_size > left - 12 || desc > left || size > left - desc)
		return why_set(why,
			       "note at offset 0x%" PRIx64 ": name of %" PRIu64 " and contents of %" PRIu64
			       " bytes end past the segment",
			       p->p_offset + *at, name_size, size);
	*note = (struct note){
		.type = image_get32(image, bytes + 8),
		.name = (const char *)bytes + 12,
		.name_size = (size_t)name_size,
		.desc = bytes + desc,
		.size = (size_t)size,
		.address = p->p_vaddr + *at + desc,
	};
	*at += end < left ? end : left;
	return true;
}

bool image_note_next(const struct image *image, struct note_cursor *cursor, struct note *note, struct why *why)
{
	why->text[0] = '\0';
	for (; cursor->segment < image->phnum; cursor->segment++, cursor->at = 0) {
		GElf_Phdr p;
		if (!gelf_getphdr(image->elf, (int)cursor->segment, &p) || p.p_type != PT_NOTE)
			continue;
		if (note_in_segment(image, &p, &cursor->at, note, why))
			return true;
		if (why->text[0])
			return false;
	}
	return false;
}

bool note_is(const struct note *note, const char *name, uint32_t type)
{
	return note->type == type && note->name_size == strlen(name) + 1 &&
	       memcmp(note->name, name, note->name_size) == 0;
}

/* Of another version it may have another size, too. */
static bool decode_record(const struct image *image, const struct note *from, struct rt0_note *rt0, struct why *why)
{
	uint32_t version = from->size < 4 ? 0 : image_get32(image, from->desc + RT0_ATTACHED_VERSION);

	if (from->size >= 4 && version != RT0_ABI_VERSION)
		return why_set(why,
			       "rt0 note: attached by version %" PRIu32 " of elfpatch, these tools know version %d",
			       version, RT0_ABI_VERSION);
	if (from->size != RT0_ATTACHED_SIZE || from->address % 8)
		return why_set(why, "rt0 note: a record of %zu bytes at 0x%" PRIx64 ", expected %d, aligned to 8",
			       from->size, from->address, RT0_ATTACHED_SIZE);
	rt0->record = from->desc;
	rt0->record_address = from->address;
	return true;
}

bool image_rt0_note(const struct image *image, struct rt0_note *rt0, struct why *why)
{
	struct note_cursor cursor = {0};
	struct note note;
	bool is_found = false;

	*rt0 = (struct rt0_note){0};
	while (image_note_next(image, &cursor, &note, why)) {
		if (!is_found && note_is(&note, RT0_NOTE_NAME, RT0_NT_LIBRARY)) {
			if (!decode_rt0_note(image, &note, rt0, why))
				return false;
			is_found = true;
		} else if (note_is(&note, RT0_NOTE_NAME, RT0_NT_ATTACHED)) {
			if (!decode_record(image, &note, rt0, why))
				return false;
		} else if (note_is(&note, RT0_NOTE_NAME, RT0_NT_POLICY)) {
			if (note.size == 0 || note.desc[note.size - 1] != '\0')
				return why_set(why,
					       "rt0 note: the gate policy does not end with a null byte (%zu bytes)",
					       note.size);
			rt0->policy = (const char *)note.desc;
			rt0->policy_size = note.size;
		}
	}
	/* The reason is empty unless a note was malformed. */
	return why->text[0] == '\0' && is_found && check_rt0_note(image, rt0, why);
}

uint64_t image_record_address(const struct image *image, const struct rt0_note *note, size_t offset)
{
	uint64_t value = image_get64(image, note->record + offset);

	if (value == 0)
		return 0;
	value += note->record_address + offset;
	return image_word_size(image) == 4 ? (uint32_t)value : value;
}
