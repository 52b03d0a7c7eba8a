#include "undo.h"

#include <errno.h>
#include <inttypes.h>
#include <nettle/sha2.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * The section: magic, then 64-bit words in the file's byte order: version, size of
 * the file that was, a digest, number of stretches; of each its offset and size; then
 * their bytes.
 */
static const char magic[8] = "rt0undo";
enum { VERSION = 1, WORD = 8, DIGEST = 24, COUNT = DIGEST + SHA256_DIGEST_SIZE, HEADER = COUNT + WORD };

/* Two stretches that are not further apart cost less as one. */
enum { GAP = 16 };

struct stretch {
	uint64_t offset, size;
};

struct stretches {
	struct stretch *items;
	size_t count, room;
	uint64_t bytes;
};

static bool stretch_add(struct stretches *all, uint64_t at, uint64_t end, struct why *why)
{
	struct stretch *last = all->count ? &all->items[all->count - 1] : NULL;

	if (last && at - (last->offset + last->size) <= GAP) {
		all->bytes += end - (last->offset + last->size);
		last->size = end - last->offset;
		return true;
	}
	if (all->count == all->room) {
		size_t room = all->room ? 2 * all->room : 64;
		struct stretch *grown = realloc(all->items, room * sizeof *grown);
		if (!grown)
			return why_set(why, "out of memory");
		all->items = grown;
		all->room = room;
	}
	all->items[all->count++] = (struct stretch){at, end - at};
	all->bytes += end - at;
	return true;
}

enum { BLOCK = 1 << 16 };

/* Read what is not to stay in memory, as pages of the mapping would, whatever the file's size. */
static bool read_block(const struct image *image, uint64_t at, unsigned char *bytes, uint64_t size, struct why *why)
{
	ssize_t n = pread(image->fd, bytes, size, (off_t)at);

	return n == (ssize_t)size || why_set(why, "cannot read %" PRIu64 " bytes at offset %" PRIu64 ": %s", size, at,
					     n < 0 ? strerror(errno) : "the file shrank while it was read");
}

/* Where two blocks of a file, at offset `start`, differ. */
static bool add_differences(const unsigned char *old, const unsigned char *new, uint64_t start, uint64_t size,
			    struct stretches *all, struct why *why)
{
	if (memcmp(old, new, size) == 0)
		return true;
	for (uint64_t at = 0; at < size;) {
		uint64_t from = at;
		while (at < size && old[at] != new[at])
			at++;
		if (at > from && !stretch_add(all, start + from, start + at, why))
			return false;
		while (at < size && old[at] == new[at])
			at++;
	}
	return true;
}

/* Where two files differ, as far as both reach. */
static bool find_stretches(const struct image *old, const struct image *new, struct stretches *all, struct why *why)
{
	unsigned char *blocks = malloc(2 * BLOCK);
	bool is_done = blocks || why_set(why, "out of memory");

	for (uint64_t at = 0; is_done && at < old->size; at += BLOCK) {
		uint64_t left = old->size - at, size = left < BLOCK ? left : BLOCK;
		is_done = read_block(old, at, blocks, size, why) && read_block(new, at, blocks + BLOCK, size, why) &&
			  add_differences(blocks, blocks + BLOCK, at, size, all, why);
	}
	free(blocks);
	return is_done;
}

static bool digest_part(const struct image *image, struct sha256_ctx *context, unsigned char *block, uint64_t at,
			uint64_t end, struct why *why)
{
	for (; at < end; at += BLOCK) {
		uint64_t size = end - at < BLOCK ? end - at : BLOCK;
		if (!read_block(image, at, block, size, why))
			return false;
		sha256_update(context, size, block);
	}
	return true;
}

/* Of everything that is new in the image: its stretches, and what stands between the old end and the section. */
static bool digest(const struct image *image, const struct stretches *all, uint64_t old_size, uint64_t end,
		   unsigned char *to, struct why *why)
{
	struct sha256_ctx context;
	unsigned char *block = malloc(BLOCK);
	bool is_done = block || why_set(why, "out of memory");

	sha256_init(&context);
	for (size_t i = 0; is_done && i < all->count; i++)
		is_done = digest_part(image, &context, block, all->items[i].offset,
				      all->items[i].offset + all->items[i].size, why);
	is_done = is_done && digest_part(image, &context, block, old_size, end, why);
	sha256_digest(&context, SHA256_DIGEST_SIZE, to);
	free(block);
	return is_done;
}

/* The header of the last section says where it is. */
static void put_section(struct image *image, uint64_t offset, uint64_t size)
{
	size_t word = image_word_size(image);
	unsigned char *shdr = image->bytes + image->ehdr.e_shoff + (image->shnum - 1) * image->ehdr.e_shentsize;

	image_put_word(image, shdr + 8 + 2 * word, offset);
	image_put_word(image, shdr + 8 + 3 * word, size);
}

static bool write_section(struct image *image, const struct image *old, const struct stretches *all, struct why *why)
{
	uint64_t size = HEADER + 2 * WORD * all->count + all->bytes;
	unsigned char *section = malloc(size), *at = section + HEADER;

	if (!section)
		return why_set(why, "out of memory");
	put_section(image, image->size, size);
	memcpy(section, magic, sizeof magic);
	image_put64(image, section + WORD, VERSION);
	image_put64(image, section + 2 * WORD, old->size);
	bool is_done = digest(image, all, old->size, image->size, section + DIGEST, why);
	image_put64(image, section + COUNT, all->count);
	for (size_t i = 0; i < all->count; i++, at += 2 * WORD) {
		image_put64(image, at, all->items[i].offset);
		image_put64(image, at + WORD, all->items[i].size);
	}
	for (size_t i = 0; i < all->count; at += all->items[i].size, i++)
		memcpy(at, old->bytes + all->items[i].offset, all->items[i].size);
	ssize_t n = is_done ? pwrite(image->fd, section, size, (off_t)image->size) : 0;
	if (is_done && n != (ssize_t)size)
		is_done = why_set(why, "cannot write %" PRIu64 " bytes at offset %" PRIu64 ": %s", size, image->size,
				  strerror(n < 0 ? errno : ENOSPC));
	free(section);
	return is_done;
}

bool undo_append(struct image *image, const struct image *old, struct why *why)
{
	struct stretches all = {0};
	bool is_done = find_stretches(old, image, &all, why) && write_section(image, old, &all, why);

	free(all.items);
	return is_done;
}

/* The stretches of a section, which must be in order, inside the old file, and complete. */
static bool read_stretches(const struct image *image, const unsigned char *section, uint64_t size, uint64_t old_size,
			   struct stretches *all, struct why *why)
{
	uint64_t count = image_get64(image, section + COUNT), left = size - HEADER, last = 0;

	if (count > left / (2 * WORD))
		return why_set(why, UNDO_SECTION ": %" PRIu64 " stretches in %" PRIu64 " bytes", count, size);
	left -= 2 * WORD * count;
	for (uint64_t i = 0; i < count; i++) {
		const unsigned char *at = section + HEADER + 2 * WORD * i;
		uint64_t offset = image_get64(image, at), length = image_get64(image, at + WORD);
		if (offset < last || offset > old_size || length > old_size - offset || length > left)
			return why_set(why,
				       UNDO_SECTION ": stretch %" PRIu64 ", %" PRIu64 " bytes at offset %" PRIu64
						    ", of a file of %" PRIu64,
				       i, length, offset, old_size);
		last = offset + length;
		left -= length;
		if (!stretch_add(all, offset, last, why))
			return false;
	}
	if (left)
		return why_set(why, UNDO_SECTION ": %" PRIu64 " bytes too many", left);
	return all->count == count || why_set(why, UNDO_SECTION ": stretches that touch each other");
}

static bool plan(const struct image *image, const GElf_Shdr *shdr, struct stretches *all, struct patch *patch,
		 struct why *why)
{
	const unsigned char *section = image->bytes + shdr->sh_offset, *from;
	unsigned char found[SHA256_DIGEST_SIZE];

	/* What follows the version may be of another kind in another one. */
	bool is_ours =
		shdr->sh_type != SHT_NOBITS && shdr->sh_size >= DIGEST && memcmp(section, magic, sizeof magic) == 0;
	uint64_t version = is_ours ? image_get64(image, section + WORD) : VERSION;
	if (version != VERSION)
		return why_set(why, UNDO_SECTION ": version %" PRIu64 ", these tools know version %d", version,
			       VERSION);
	if (!is_ours || shdr->sh_size < HEADER)
		return why_set(why, UNDO_SECTION ": %" PRIu64 " bytes that attach did not write",
			       (uint64_t)shdr->sh_size);
	uint64_t old_size = image_get64(image, section + 2 * WORD);
	if (shdr->sh_offset + shdr->sh_size != image->size)
		return why_set(why,
			       "the file was changed since: it has %" PRIu64 " bytes, and had %" PRIu64
			       " after it was attached",
			       image->size, (uint64_t)(shdr->sh_offset + shdr->sh_size));
	if (old_size > shdr->sh_offset)
		return why_set(why, UNDO_SECTION " at offset %" PRIu64 ": the file that was had %" PRIu64 " bytes",
			       (uint64_t)shdr->sh_offset, old_size);
	if (!read_stretches(image, section, shdr->sh_size, old_size, all, why))
		return false;
	if (!digest(image, all, old_size, shdr->sh_offset, found, why))
		return false;
	if (memcmp(found, section + DIGEST, sizeof found) != 0)
		return why_set(why, "the file was changed since it was attached: the digest of what was added differs");
	from = section + HEADER + 2 * WORD * all->count;
	for (size_t i = 0; i < all->count; from += all->items[i].size, i++)
		patch_put(patch, image, all->items[i].offset, from, all->items[i].size);
	patch->size = old_size;
	return patch_is_complete(patch, why);
}

bool undo_plan(const struct image *image, struct patch *patch, struct why *why)
{
	struct stretches all = {0};
	GElf_Shdr shdr;

	*patch = (struct patch){.size = image->size};
	why->text[0] = '\0';
	if (!image_section(image, UNDO_SECTION, &shdr))
		return false;
	bool is_done = plan(image, &shdr, &all, patch, why);
	free(all.items);
	if (!is_done)
		patch_free(patch);
	return is_done;
}
