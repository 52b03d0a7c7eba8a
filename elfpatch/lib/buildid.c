#include "gates.h"

#include <inttypes.h>
#include <nettle/md5.h>
#include <nettle/nettle-meta.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>
#include <string.h>

/* Bytes of lld's fast build-id, the shortest that a linker computes; what is shorter, a user chose. */
#define SHORTEST 8

/*
 * The hash that linkers use for an id of that size: md5 for 16 bytes, sha1 for 20,
 * else the first bytes of sha256 or sha512. Returns how many bytes it is.
 */
static size_t hash(const unsigned char *bytes, size_t size, size_t id_size, unsigned char *digest)
{
	const struct nettle_hash *kind = id_size == MD5_DIGEST_SIZE      ? &nettle_md5
					 : id_size == SHA1_DIGEST_SIZE   ? &nettle_sha1
					 : id_size <= SHA256_DIGEST_SIZE ? &nettle_sha256
									 : &nettle_sha512;
	union {
		struct md5_ctx md5;
		struct sha1_ctx sha1;
		struct sha256_ctx sha256;
		struct sha512_ctx sha512;
	} context;
	size_t digest_size = id_size < kind->digest_size ? id_size : kind->digest_size;
	kind->init(&context);
	kind->update(&context, size, bytes);
	kind->digest(&context, digest_size, digest);
	return digest_size;
}

/*
 * The id in one PT_NOTE (gABI, Note Section); names and contents are padded to 4
 * bytes, to 8 in a segment aligned to 8. Null when there is none.
 */
static unsigned char *find_id(const struct image *image, const GElf_Phdr *phdr, uint64_t *size)
{
	uint64_t pad = phdr->p_align == 8 ? 7 : 3, left = phdr->p_filesz, at = 0;
	unsigned char *bytes = image->bytes + phdr->p_offset;
	while (left - at >= 12) {
		uint64_t name_size = image_get32(image, bytes + at), type = image_get32(image, bytes + at + 8);
		uint64_t desc = (at + 12 + name_size + pad) & ~pad;
		*size = image_get32(image, bytes + at + 4);
		if (desc > left || *size > left - desc)
			return NULL;
		if (type == NT_GNU_BUILD_ID && name_size == sizeof ELF_NOTE_GNU &&
		    memcmp(bytes + at + 12, ELF_NOTE_GNU, name_size) == 0)
			return bytes + desc;
		at = (desc + *size + pad) & ~pad;
		if (at > left)
			return NULL;
	}
	return NULL;
}

bool build_id_renew(struct image *image, struct why *why)
{
	GElf_Phdr phdr;
	for (size_t i = 0; i < image->phnum; i++) {
		if (!gelf_getphdr(image->elf, (int)i, &phdr))
			return why_set(why, "program header %zu: %s", i, elf_errmsg(-1));
		if (phdr.p_type != PT_NOTE)
			continue;
		if (!span_fits(phdr.p_offset, phdr.p_filesz, image->size, "notes", why))
			return false;
		uint64_t size;
		unsigned char digest[SHA512_DIGEST_SIZE], *id = find_id(image, &phdr, &size);
		if (!id)
			continue;
		if (size < SHORTEST)
			return true;
		memset(id, 0, size);
		size_t digest_size = hash(image->bytes, image->size, size, digest);
		memcpy(id, digest, digest_size);
		return true;
	}
	return true;
}
