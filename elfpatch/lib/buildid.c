#include "gates.h"

#include <inttypes.h>
#include <md5.h>
#include <sha1.h>
#include <sha2.h>
#include <string.h>

/* Bytes of lld's fast build-id, the shortest that a linker computes; what is shorter, a user chose. */
#define SHORTEST 8

/*
 * The hash that linkers use for an id of that size: md5 for 16 bytes, sha1 for 20,
 * else the first bytes of sha256 or sha512.
 */
static size_t hash(const unsigned char *bytes, size_t size, size_t id_size, unsigned char *digest)
{
	MD5_CTX md5;
	SHA1_CTX sha1;
	SHA2_CTX sha2;
	if (id_size == MD5_DIGEST_LENGTH) {
		MD5Init(&md5);
		MD5Update(&md5, bytes, size);
		MD5Final(digest, &md5);
	} else if (id_size == SHA1_DIGEST_LENGTH) {
		SHA1Init(&sha1);
		SHA1Update(&sha1, bytes, size);
		SHA1Final(digest, &sha1);
	} else if (id_size <= SHA256_DIGEST_LENGTH) {
		SHA256Init(&sha2);
		SHA256Update(&sha2, bytes, size);
		SHA256Final(digest, &sha2);
	} else {
		SHA512Init(&sha2);
		SHA512Update(&sha2, bytes, size);
		SHA512Final(digest, &sha2);
	}
	return id_size < SHA512_DIGEST_LENGTH ? id_size : SHA512_DIGEST_LENGTH;
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
		unsigned char digest[SHA512_DIGEST_LENGTH], *id = find_id(image, &phdr, &size);
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
