#include "image.h"

#include "../../rt/abi.h"
#include "machine.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* More than this Linux does not read (fs/binfmt_elf.c); PN_XNUM stands for more. */
enum { PHDRS_MAX = 65536 };

/* No linker makes a fraction of this; each one is looked at for each of some others. */
enum { DYNAMIC_MAX = 16384 };

bool span_fits(uint64_t off, uint64_t len, uint64_t size, const char *what, struct why *why)
{
	if (off <= size && len <= size - off)
		return true;
	return why_set(why, "%s end past the file (offset %" PRIu64 ", size %" PRIu64 ", file %" PRIu64 ")", what, off,
		       len, size);
}

static bool is_msb(const struct image *image)
{
	return image->ehdr.e_ident[EI_DATA] == ELFDATA2MSB;
}

uint16_t image_get16(const struct image *image, const void *at)
{
	uint16_t value;

	memcpy(&value, at, sizeof value);
	return is_msb(image) ? be16toh(value) : le16toh(value);
}

uint32_t image_get32(const struct image *image, const void *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof value);
	return is_msb(image) ? be32toh(value) : le32toh(value);
}

uint64_t image_get64(const struct image *image, const void *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof value);
	return is_msb(image) ? be64toh(value) : le64toh(value);
}

void image_put16(const struct image *image, void *at, uint16_t value)
{
	value = is_msb(image) ? htobe16(value) : htole16(value);
	memcpy(at, &value, sizeof value);
}

void image_put32(const struct image *image, void *at, uint32_t value)
{
	value = is_msb(image) ? htobe32(value) : htole32(value);
	memcpy(at, &value, sizeof value);
}

void image_put64(const struct image *image, void *at, uint64_t value)
{
	value = is_msb(image) ? htobe64(value) : htole64(value);
	memcpy(at, &value, sizeof value);
}

size_t image_word_size(const struct image *image)
{
	return image->ehdr.e_ident[EI_CLASS] == ELFCLASS64 ? 8 : 4;
}

uint64_t image_get_word(const struct image *image, const void *at)
{
	return image_word_size(image) == 8 ? image_get64(image, at) : image_get32(image, at);
}

void image_put_word(const struct image *image, void *at, uint64_t value)
{
	if (image_word_size(image) == 8)
		image_put64(image, at, value);
	else
		image_put32(image, at, (uint32_t)value);
}

/*
 * Opening: the file header and the counts in section header 0 are checked from
 * the file itself, before libelf sees them, so that each wrong field has its own
 * message; after that libelf decodes.
 */

static bool read_at(const struct image *image, uint64_t off, void *buffer, size_t size, struct why *why)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = pread(image->fd, (char *)buffer + done, size - done, (off_t)(off + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return why_set(why, "cannot read: %s", strerror(errno));
		if (n == 0)
			return why_set(why, "the file shrank while it was read");
		done += (size_t)n;
	}
	return true;
}

static void decode_ehdr(struct image *image, const unsigned char *raw)
{
	GElf_Ehdr *e = &image->ehdr;
	size_t word = image_word_size(image);
	size_t at = 24 + 3 * word;

	e->e_type = image_get16(image, raw + 16);
	e->e_machine = image_get16(image, raw + 18);
	e->e_version = image_get32(image, raw + 20);
	e->e_entry = image_get_word(image, raw + 24);
	e->e_phoff = image_get_word(image, raw + 24 + word);
	e->e_shoff = image_get_word(image, raw + 24 + 2 * word);
	e->e_flags = image_get32(image, raw + at);
	e->e_ehsize = image_get16(image, raw + at + 4);
	e->e_phentsize = image_get16(image, raw + at + 6);
	e->e_phnum = image_get16(image, raw + at + 8);
	e->e_shentsize = image_get16(image, raw + at + 10);
	e->e_shnum = image_get16(image, raw + at + 12);
	e->e_shstrndx = image_get16(image, raw + at + 14);
}

/* What says how the rest of the file header is to be read. */
static bool read_ehdr(struct image *image, struct why *why)
{
	unsigned char raw[64] = {0};
	GElf_Ehdr *e = &image->ehdr;

	if (image->size < EI_NIDENT)
		return why_set(why, "not an ELF file (%" PRIu64 " bytes)", image->size);
	if (!read_at(image, 0, raw, image->size < sizeof raw ? (size_t)image->size : sizeof raw, why))
		return false;
	memcpy(e->e_ident, raw, EI_NIDENT);
	if (memcmp(raw, ELFMAG, SELFMAG) != 0)
		return why_set(why, memcmp(raw, "!<arch>", 7) ? "not an ELF file" : "an archive, not an ELF file");
	if (raw[EI_CLASS] != ELFCLASS32 && raw[EI_CLASS] != ELFCLASS64)
		return why_set(why, "unknown ELF class %d", raw[EI_CLASS]);
	if (raw[EI_DATA] != ELFDATA2LSB && raw[EI_DATA] != ELFDATA2MSB)
		return why_set(why, "unknown byte order %d", raw[EI_DATA]);
	if (raw[EI_VERSION] != EV_CURRENT)
		return why_set(why, "unknown ELF version %d in e_ident", raw[EI_VERSION]);

	size_t ehsize = image_word_size(image) == 8 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
	if (image->size < ehsize)
		return why_set(why, "the file header is cut off (%zu bytes, file %" PRIu64 ")", ehsize, image->size);
	decode_ehdr(image, raw);
	return true;
}

static bool check_ehdr(struct image *image, struct why *why)
{
	const GElf_Ehdr *e = &image->ehdr;
	const unsigned char *raw = e->e_ident;
	size_t ehsize = image_word_size(image) == 8 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);

	if (e->e_version != EV_CURRENT)
		return why_set(why, "unknown ELF version %" PRIu32, e->e_version);
	if (e->e_ehsize != ehsize)
		return why_set(why, "e_ehsize is %d, expected %zu", e->e_ehsize, ehsize);
	if (e->e_type != ET_REL && e->e_type != ET_EXEC && e->e_type != ET_DYN)
		return why_set(why, "e_type is %d: not an object, executable or shared library", e->e_type);
	image->machine = machine_find(e->e_machine, raw[EI_CLASS], raw[EI_DATA]);
	if (!image->machine)
		return why_set(why, "unknown machine %d (%d-bit, %s-endian)", e->e_machine,
			       raw[EI_CLASS] == ELFCLASS64 ? 64 : 32, raw[EI_DATA] == ELFDATA2LSB ? "little" : "big");
	return true;
}

static bool check_phdr_table(const struct image *image, uint64_t phnum, struct why *why)
{
	const GElf_Ehdr *e = &image->ehdr;
	size_t phentsize = image_word_size(image) == 8 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
	size_t ehsize = image_word_size(image) == 8 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);

	if (phnum == 0)
		return true;
	if (!span_fits(e->e_phoff, phnum * phentsize, image->size, "program headers", why))
		return false;
	if (e->e_phentsize != phentsize)
		return why_set(why, "e_phentsize is %d, expected %zu", e->e_phentsize, phentsize);
	if (e->e_phoff < ehsize)
		return why_set(why, "e_phoff is %" PRIu64 ": program headers inside the file header", e->e_phoff);
	return phnum * phentsize <= PHDRS_MAX ||
	       why_set(why, "e_phnum is %" PRIu64 ": program headers of %" PRIu64 " bytes, at most %d", phnum,
		       phnum * phentsize, PHDRS_MAX);
}

/* The counts proper: those too large for the file header are in section header 0 (gABI, ELF Header). */
static bool read_counts(struct image *image, struct why *why)
{
	const GElf_Ehdr *e = &image->ehdr;
	size_t word = image_word_size(image);
	size_t shentsize = word == 8 ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
	uint64_t shnum = e->e_shnum, shstrndx = e->e_shstrndx, phnum = e->e_phnum;

	if (!check_phdr_table(image, phnum, why))
		return false;
	if (e->e_shoff) {
		unsigned char first[sizeof(Elf64_Shdr)];
		if (e->e_shentsize != shentsize)
			return why_set(why, "e_shentsize is %d, expected %zu", e->e_shentsize, shentsize);
		if (!span_fits(e->e_shoff, shentsize, image->size, "section headers", why))
			return false;
		if (!read_at(image, e->e_shoff, first, shentsize, why))
			return false;
		/* sh_size, sh_link, sh_info */
		if (shnum == 0)
			shnum = image_get_word(image, first + 8 + 3 * word);
		if (shstrndx == SHN_XINDEX)
			shstrndx = image_get32(image, first + 8 + 4 * word);
		if (shnum == 0)
			return why_set(why, "e_shoff is %" PRIu64 " but there are 0 section headers", e->e_shoff);
		if (shnum > image->size / shentsize)
			return why_set(why,
				       "section headers end past the file (offset %" PRIu64 ", count %" PRIu64
				       ", file %" PRIu64 ")",
				       e->e_shoff, shnum, image->size);
		if (!span_fits(e->e_shoff, shnum * shentsize, image->size, "section headers", why))
			return false;
		if (shstrndx >= shnum || (shstrndx == SHN_UNDEF && e->e_shstrndx != SHN_UNDEF))
			return why_set(why, "e_shstrndx is %" PRIu64 " of %" PRIu64 " section headers", shstrndx,
				       shnum);
	} else {
		if (shnum)
			return why_set(why, "e_shnum is %" PRIu64 " but e_shoff is 0", shnum);
		shstrndx = SHN_UNDEF;
	}
	image->shnum = (size_t)shnum;
	image->shstrndx = (size_t)shstrndx;
	image->phnum = (size_t)phnum;
	return true;
}

static bool segment_get(const struct image *image, size_t i, GElf_Phdr *phdr)
{
	return gelf_getphdr(image->elf, (int)i, phdr) != NULL;
}

static bool check_load(const GElf_Phdr *p, size_t i, const GElf_Phdr *before, struct why *why)
{
	if (p->p_filesz > p->p_memsz)
		return why_set(why, "PT_LOAD %zu: p_filesz %" PRIu64 " exceeds p_memsz %" PRIu64, i, p->p_filesz,
			       p->p_memsz);
	if (p->p_memsz > UINT64_MAX - p->p_vaddr)
		return why_set(why, "PT_LOAD %zu: wraps around (p_vaddr 0x%" PRIx64 ", p_memsz %" PRIu64 ")", i,
			       p->p_vaddr, p->p_memsz);
	if (p->p_align > 1 && (p->p_offset ^ p->p_vaddr) & (p->p_align - 1))
		return why_set(why,
			       "PT_LOAD %zu: p_offset 0x%" PRIx64 " and p_vaddr 0x%" PRIx64
			       " differ modulo p_align 0x%" PRIx64,
			       i, p->p_offset, p->p_vaddr, p->p_align);
	if (before->p_type == PT_LOAD && p->p_vaddr < before->p_vaddr + before->p_memsz)
		return why_set(why, "PT_LOAD %zu: p_vaddr 0x%" PRIx64 " is below the end of the one before, 0x%" PRIx64,
			       i, p->p_vaddr, before->p_vaddr + before->p_memsz);
	return true;
}

static bool check_dynamic(const struct image *image, const GElf_Phdr *p, struct why *why)
{
	size_t entry = 2 * image_word_size(image);
	uint64_t value;
	int64_t tag;

	if (p->p_filesz % entry)
		return why_set(why, "PT_DYNAMIC: p_filesz %" PRIu64 " is not a multiple of %zu", p->p_filesz, entry);
	if (p->p_filesz == 0)
		return true;
	const unsigned char *at = image_at(image, p->p_vaddr, p->p_filesz);
	if (!at)
		return why_set(why, "PT_DYNAMIC: p_vaddr 0x%" PRIx64 " is in no loaded segment", p->p_vaddr);
	if (image_dynamic_entry(image, DYNAMIC_MAX, &tag, &value))
		return why_set(why, "PT_DYNAMIC: more than %d entries", DYNAMIC_MAX);
	if (at != image->bytes + p->p_offset)
		return why_set(why, "PT_DYNAMIC: p_offset is 0x%" PRIx64 " but p_vaddr is loaded from offset 0x%zx",
			       p->p_offset, (size_t)(at - image->bytes));
	return true;
}

static bool check_segments(struct image *image, struct why *why)
{
	GElf_Phdr before = {0}, dynamic = {0};
	uint64_t notes = 0;

	for (size_t i = 0; i < image->phnum; i++) {
		GElf_Phdr p;
		char what[48];

		if (!segment_get(image, i, &p))
			return why_set(why, "program header %zu: %s", i, elf_errmsg(-1));
		if (p.p_type == PT_NULL)
			continue;
		snprintf(what, sizeof what, "program header %zu: contents", i);
		if (p.p_filesz && !span_fits(p.p_offset, p.p_filesz, image->size, what, why))
			return false;
		if (p.p_align & (p.p_align - 1))
			return why_set(why, "program header %zu: p_align %" PRIu64 " is not a power of two", i,
				       p.p_align);
		/* Over one another they could hold any number of notes. */
		if (p.p_type == PT_NOTE && p.p_filesz > image->size - notes)
			return why_set(why,
				       "program header %zu: PT_NOTE of %" PRIu64 " bytes after others of %" PRIu64
				       " bytes in a file of %" PRIu64,
				       i, (uint64_t)p.p_filesz, notes, image->size);
		if (p.p_type == PT_NOTE)
			notes += p.p_filesz;
		/* One with nothing in it maps nothing. */
		if (p.p_type == PT_LOAD && p.p_memsz | p.p_filesz) {
			if (!check_load(&p, i, &before, why))
				return false;
			before = p;
		}
		if (p.p_type == PT_DYNAMIC) {
			if (dynamic.p_type == PT_DYNAMIC)
				return why_set(why, "program header %zu: a second PT_DYNAMIC", i);
			dynamic = p;
		}
	}
	if (dynamic.p_type != PT_DYNAMIC)
		return true;
	image->dynamic = dynamic.p_offset;
	image->dynamic_size = dynamic.p_filesz;
	return check_dynamic(image, &dynamic, why);
}

static bool check_section_names(const struct image *image, GElf_Shdr *strings, struct why *why)
{
	if (image->shstrndx == SHN_UNDEF) {
		memset(strings, 0, sizeof *strings);
		return true;
	}
	/* libelf reads all headers for the first, and forgets that it had no memory for them. */
	errno = 0;
	if (!gelf_getshdr(elf_getscn(image->elf, image->shstrndx), strings))
		return why_set(why, "section header %zu: %s", image->shstrndx,
			       errno == ENOMEM ? strerror(ENOMEM) : elf_errmsg(-1));
	if (strings->sh_type != SHT_STRTAB)
		return why_set(why, "e_shstrndx %zu: section type %" PRIu32 " is not a string table", image->shstrndx,
			       strings->sh_type);
	if (!span_fits(strings->sh_offset, strings->sh_size, image->size, "section names", why))
		return false;
	if (strings->sh_size == 0 || image->bytes[strings->sh_offset + strings->sh_size - 1] != '\0')
		return why_set(why, "section names do not end with a null byte (size %" PRIu64 ")", strings->sh_size);
	return true;
}

static bool check_sections(const struct image *image, struct why *why)
{
	GElf_Shdr strings;

	if (image->shnum == 0)
		return true;
	if (!check_section_names(image, &strings, why))
		return false;
	for (size_t i = 1; i < image->shnum; i++) {
		GElf_Shdr s;
		char what[48];

		if (!gelf_getshdr(elf_getscn(image->elf, i), &s))
			return why_set(why, "section header %zu: %s", i, elf_errmsg(-1));
		if (s.sh_type == SHT_NULL)
			continue;
		if (s.sh_name && s.sh_name >= strings.sh_size)
			return why_set(why,
				       "section %zu: name at %" PRIu32 " is outside the %" PRIu64 " bytes of names", i,
				       s.sh_name, strings.sh_size);
		snprintf(what, sizeof what, "section %zu: contents", i);
		if (s.sh_type != SHT_NOBITS && !span_fits(s.sh_offset, s.sh_size, image->size, what, why))
			return false;
		if (s.sh_addralign & (s.sh_addralign - 1))
			return why_set(why, "section %zu: sh_addralign %" PRIu64 " is not a power of two", i,
				       (uint64_t)s.sh_addralign);
		if (s.sh_link >= image->shnum)
			return why_set(why, "section %zu: sh_link is %" PRIu32 " of %zu section headers", i, s.sh_link,
				       image->shnum);
	}
	return true;
}

/*
 * Linker scripts without a PT_DYNAMIC leave a section header to tell where the dynamic
 * section is, which has to agree with the segments.
 */
static void find_dynamic_section(struct image *image)
{
	for (size_t i = 1; i < image->shnum && image->dynamic_size == 0; i++) {
		GElf_Shdr s;
		if (!gelf_getshdr(elf_getscn(image->elf, i), &s) || s.sh_type != SHT_DYNAMIC ||
		    !(s.sh_flags & SHF_ALLOC) || s.sh_size % (2 * image_word_size(image)) != 0)
			continue;
		const unsigned char *at = image_at(image, s.sh_addr, s.sh_size);
		if (!at || at != image->bytes + s.sh_offset)
			continue;
		image->dynamic = s.sh_offset;
		image->dynamic_size = s.sh_size;
	}
}

bool image_interpreter(const struct image *image, GElf_Phdr *place)
{
	GElf_Shdr s;

	*place = (GElf_Phdr){.p_type = PT_NULL};
	for (size_t i = 0; i < image->phnum && place->p_type != PT_INTERP; i++)
		if (!segment_get(image, i, place) || place->p_filesz == 0)
			place->p_type = PT_NULL;
	if (place->p_type != PT_INTERP)
		return false;
	if (image_section(image, ".interp", &s) && s.sh_type == SHT_PROGBITS && s.sh_size && s.sh_flags & SHF_ALLOC &&
	    s.sh_offset >= place->p_offset && s.sh_size <= place->p_filesz &&
	    s.sh_offset - place->p_offset <= place->p_filesz - s.sh_size) {
		place->p_offset = s.sh_offset;
		place->p_vaddr = place->p_paddr = s.sh_addr;
		place->p_filesz = place->p_memsz = s.sh_size;
	}
	return true;
}

static bool find_size(struct image *image, struct why *why)
{
	struct stat st;

	if (image->fd < 0)
		return why_set(why, "%s", strerror(errno));
	if (fstat(image->fd, &st) != 0)
		return why_set(why, "%s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return why_set(why, "not a regular file");
	image->size = (uint64_t)st.st_size;
	return true;
}

static bool open_elf(struct image *image, bool is_writable, struct why *why)
{
	size_t size = 0;

	elf_version(EV_CURRENT);
	image->elf = elf_begin(image->fd, is_writable ? ELF_C_RDWR_MMAP : ELF_C_READ_MMAP, NULL);
	if (!image->elf)
		return why_set(why, "%s", elf_errmsg(-1));
	image->bytes = (unsigned char *)elf_rawfile(image->elf, &size);
	if (!image->bytes)
		return why_set(why, "%s", elf_errmsg(-1));
	if (size != image->size)
		return why_set(why, "the file changed while it was opened (%" PRIu64 " bytes, now %zu)", image->size,
			       size);
	if (elf_kind(image->elf) != ELF_K_ELF || !gelf_getehdr(image->elf, &image->ehdr))
		return why_set(why, "%s", elf_errmsg(-1));
	return true;
}

/* Does it need one of GHC's libraries, libHS*.so? */
static bool needs_ghc(const struct image *image)
{
	static const char prefix[] = "libHS";
	uint64_t strings, value;
	int64_t tag;

	if (!image_dynamic(image, DT_STRTAB, &strings))
		return false;
	for (size_t i = 0; image_dynamic_entry(image, i, &tag, &value); i++) {
		const char *name = tag == DT_NEEDED && value < image->size
					   ? image_at(image, strings + value, sizeof(prefix) - 1)
					   : NULL;
		if (name && !memcmp(name, prefix, sizeof(prefix) - 1))
			return true;
	}
	return false;
}

/* What judge_export asks of each export, looked up once. A bad note is for who needs the note to report. */
static void find_pool(struct image *image)
{
	struct rt0_note note;
	struct why unused;
	GElf_Shdr nogate;

	if (image_rt0_note(image, &note, &unused)) {
		image->pool = note.pool;
		image->pool_size = (uint64_t)note.gate_size * note.gate_count;
		image->gates = note.gates;
		image->gates_size = (uint64_t)note.gates_step * note.gate_count;
	}
	if (image_section(image, RT0_SEC_NOGATE, &nogate)) {
		image->nogate = nogate.sh_addr;
		image->nogate_size = nogate.sh_size;
	}
	image->has_info_tables = needs_ghc(image);
}

static bool open_fd(struct image *image, int fd, const char *path, bool is_writable, struct why *why)
{
	*image = (struct image){.path = path, .fd = fd};
	if (find_size(image, why) && read_ehdr(image, why) && read_counts(image, why) && check_ehdr(image, why) &&
	    open_elf(image, is_writable, why) && check_segments(image, why) && check_sections(image, why)) {
		find_dynamic_section(image);
		find_pool(image);
		return true;
	}
	image_close(image);
	return false;
}

bool image_open(const char *path, bool is_writable, struct image *image, struct why *why)
{
	/* O_NONBLOCK so that a FIFO is refused and not waited for. */
	int fd = open(path, (is_writable ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	return open_fd(image, fd, path, is_writable, why);
}

bool image_open_fd(int fd, const char *path, struct image *image, struct why *why)
{
	return open_fd(image, fcntl(fd, F_DUPFD_CLOEXEC, 0), path, false, why);
}

void image_close(struct image *image)
{
	elf_end(image->elf);
	if (image->fd >= 0)
		close(image->fd);
	*image = (struct image){.path = image->path, .fd = -1};
}

/* Looking things up. */

bool image_segment(const struct image *image, uint64_t vaddr, GElf_Phdr *phdr)
{
	for (size_t i = 0; i < image->phnum; i++)
		if (segment_get(image, i, phdr) && phdr->p_type == PT_LOAD && vaddr >= phdr->p_vaddr &&
		    vaddr - phdr->p_vaddr < phdr->p_memsz)
			return true;
	return false;
}

void *image_at(const struct image *image, uint64_t vaddr, uint64_t len)
{
	GElf_Phdr p;

	if (!image_segment(image, vaddr, &p))
		return NULL;
	uint64_t skip = vaddr - p.p_vaddr;
	if (skip > p.p_filesz || len > p.p_filesz - skip)
		return NULL;
	/* Checked again: check_segments runs through here before it has seen them all. */
	if (p.p_offset > image->size || p.p_filesz > image->size - p.p_offset)
		return NULL;
	return image->bytes + p.p_offset + skip;
}

struct function image_function(const struct image *image, uint64_t address)
{
	GElf_Phdr p;
	size_t word = image_word_size(image);
	const unsigned char *at = NULL;

	/* The last word, which calls through a PLT do not pass, may be missing. */
	if (image->machine->has_descriptors && image_segment(image, address, &p) && !(p.p_flags & PF_X))
		at = image_at(image, address, DESCRIPTOR_ENVIRONMENT * word);
	if (!at)
		return (struct function){.code = address};
	return (struct function){
		.code = image_get_word(image, at + DESCRIPTOR_CODE * word),
		.toc = image_get_word(image, at + DESCRIPTOR_TOC * word),
	};
}

Elf_Scn *image_section(const struct image *image, const char *name, GElf_Shdr *shdr)
{
	GElf_Shdr strings;

	if (image->shstrndx == SHN_UNDEF || !gelf_getshdr(elf_getscn(image->elf, image->shstrndx), &strings))
		return NULL;
	for (size_t i = 1; i < image->shnum; i++) {
		Elf_Scn *section = elf_getscn(image->elf, i);
		if (gelf_getshdr(section, shdr) && shdr->sh_type != SHT_NULL && shdr->sh_name < strings.sh_size &&
		    strcmp((const char *)image->bytes + strings.sh_offset + shdr->sh_name, name) == 0)
			return section;
	}
	return NULL;
}

bool image_dynamic_entry(const struct image *image, size_t i, int64_t *tag, uint64_t *value)
{
	size_t word = image_word_size(image);

	if (i >= image->dynamic_size / (2 * word))
		return false;
	const unsigned char *at = image->bytes + image->dynamic + i * 2 * word;
	uint64_t found = image_get_word(image, at);
	*tag = word == 8 ? (int64_t)found : (int64_t)(int32_t)(uint32_t)found;
	*value = image_get_word(image, at + word);
	return *tag != DT_NULL;
}

bool image_dynamic(const struct image *image, int64_t tag, uint64_t *value)
{
	int64_t found;

	for (size_t i = 0; image_dynamic_entry(image, i, &found, value); i++)
		if (found == tag)
			return true;
	return false;
}

/* Entries of .dynsym according to the section header at that address, or 0. */
static uint64_t dynsym_count_by_section(const struct image *image, uint64_t address, size_t entry_size)
{
	for (size_t i = 1; i < image->shnum; i++) {
		GElf_Shdr s;
		if (gelf_getshdr(elf_getscn(image->elf, i), &s) && s.sh_type == SHT_DYNSYM && s.sh_addr == address)
			return s.sh_size / entry_size;
	}
	return 0;
}

/* The same from DT_HASH: its second word (gABI, Hash Table). */
static bool dynsym_count_by_hash(const struct image *image, uint64_t *count, struct why *why)
{
	uint64_t address;
	size_t word = image->machine->hash_word;

	*count = 0;
	if (!image_dynamic(image, DT_HASH, &address))
		return true;
	const unsigned char *at = image_at(image, address, 2 * word);
	if (!at)
		return why_set(why, "DT_HASH 0x%" PRIx64 " is in no loaded segment", address);
	*count = word == 8 ? image_get64(image, at + word) : image_get32(image, at + word);
	return true;
}

/*
 * The same from DT_GNU_HASH: the highest symbol of any bucket, then to the end of
 * its chain, which a set lowest bit marks.
 */
static bool dynsym_count_by_gnu_hash(const struct image *image, uint64_t *count, struct why *why)
{
	uint64_t address;

	*count = 0;
	if (!image_dynamic(image, DT_GNU_HASH, &address))
		return true;
	const unsigned char *header = image_at(image, address, 16);
	if (!header)
		return why_set(why, "DT_GNU_HASH 0x%" PRIx64 " is in no loaded segment", address);
	uint64_t buckets = image_get32(image, header), first = image_get32(image, header + 4);
	uint64_t filter = (uint64_t)image_get32(image, header + 8) * image_word_size(image);
	const unsigned char *table = image_at(image, address, 16 + filter + 4 * buckets);
	if (!table)
		return why_set(why, "DT_GNU_HASH: %" PRIu64 " buckets end past their segment", buckets);

	uint64_t last = 0;
	for (uint64_t i = 0; i < buckets; i++) {
		uint64_t symbol = image_get32(image, table + 16 + filter + 4 * i);
		if (symbol > last)
			last = symbol;
	}
	if (last < first) {
		*count = first;
		return true;
	}
	uint64_t chains = address + 16 + filter + 4 * buckets;
	for (;; last++) {
		const unsigned char *chain = image_at(image, chains + 4 * (last - first), 4);
		if (!chain)
			return why_set(why, "DT_GNU_HASH: the chain of symbol %" PRIu64 " ends past its segment", last);
		if (image_get32(image, chain) & 1)
			break;
	}
	*count = last + 1;
	return true;
}

static bool dynsym_strings(const struct image *image, struct symbols *symbols, struct why *why)
{
	uint64_t address, size;

	if (!image_dynamic(image, DT_STRTAB, &address) || !image_dynamic(image, DT_STRSZ, &size))
		return why_set(why, "DT_SYMTAB without DT_STRTAB and DT_STRSZ");
	symbols->strings = image_at(image, address, size);
	symbols->strings_size = size;
	if (!symbols->strings)
		return why_set(why, "DT_STRTAB 0x%" PRIx64 ", DT_STRSZ %" PRIu64 ": not inside a loaded segment",
			       address, size);
	if (size == 0 || symbols->strings[size - 1] != '\0')
		return why_set(why, "DT_STRSZ %" PRIu64 ": the strings do not end with a null byte", size);
	return true;
}

bool image_dynsym(const struct image *image, struct symbols *symbols, struct why *why)
{
	uint64_t address, entry_size, count;
	size_t expected = image_word_size(image) == 8 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);

	*symbols = (struct symbols){.entry_size = expected, .strings = ""};
	if (!image_dynamic(image, DT_SYMTAB, &address))
		return true;
	if (image_dynamic(image, DT_SYMENT, &entry_size) && entry_size != expected)
		return why_set(why, "DT_SYMENT is %" PRIu64 ", expected %zu", entry_size, expected);
	if (!dynsym_strings(image, symbols, why))
		return false;
	count = dynsym_count_by_section(image, address, expected);
	if (count == 0 && image->machine->dt_symbols)
		image_dynamic(image, image->machine->dt_symbols, &count);
	if (count == 0 && !dynsym_count_by_hash(image, &count, why))
		return false;
	if (count == 0 && !dynsym_count_by_gnu_hash(image, &count, why))
		return false;
	if (count > image->size / expected)
		return why_set(why, "DT_SYMTAB: %" PRIu64 " symbols do not fit the file (%" PRIu64 " bytes)", count,
			       image->size);
	symbols->entries = image_at(image, address, count * expected);
	if (!symbols->entries)
		return why_set(why, "DT_SYMTAB 0x%" PRIx64 ": %" PRIu64 " symbols are not inside a loaded segment",
			       address, count);
	symbols->count = (size_t)count;
	return true;
}

bool image_symtab(const struct image *image, struct symbols *symbols, struct why *why)
{
	size_t expected = image_word_size(image) == 8 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);

	*symbols = (struct symbols){.entry_size = expected, .strings = ""};
	why->text[0] = '\0';
	for (size_t i = 1; i < image->shnum; i++) {
		GElf_Shdr s, strings;
		if (!gelf_getshdr(elf_getscn(image->elf, i), &s) || s.sh_type != SHT_SYMTAB)
			continue;
		if (s.sh_entsize != expected)
			return why_set(why, "section %zu: sh_entsize is %" PRIu64 ", expected %zu", i, s.sh_entsize,
				       expected);
		if (!gelf_getshdr(elf_getscn(image->elf, s.sh_link), &strings) || strings.sh_type != SHT_STRTAB)
			return why_set(why, "section %zu: sh_link %" PRIu32 " is not a string table", i, s.sh_link);
		if (strings.sh_size == 0 || image->bytes[strings.sh_offset + strings.sh_size - 1] != '\0')
			return why_set(why, "section %" PRIu32 ": the strings do not end with a null byte", s.sh_link);
		symbols->entries = image->bytes + s.sh_offset;
		symbols->count = (size_t)(s.sh_size / expected);
		symbols->strings = (const char *)image->bytes + strings.sh_offset;
		symbols->strings_size = strings.sh_size;
		return true;
	}
	return false;
}

/* Elf64_Sym and Elf32_Sym hold the same fields in another order. */
void symbols_get(const struct image *image, const struct symbols *symbols, size_t i, GElf_Sym *sym, const char **name)
{
	const unsigned char *at = symbols->entries + i * symbols->entry_size;
	bool is_64 = image_word_size(image) == 8;

	sym->st_name = image_get32(image, at);
	sym->st_info = at[is_64 ? 4 : 12];
	sym->st_other = at[is_64 ? 5 : 13];
	sym->st_shndx = image_get16(image, at + (is_64 ? 6 : 14));
	sym->st_value = image_get_word(image, at + (is_64 ? 8 : 4));
	sym->st_size = image_get_word(image, at + (is_64 ? 16 : 8));
	if (name)
		*name = sym->st_name < symbols->strings_size ? symbols->strings + sym->st_name : "";
}

void symbols_put(const struct image *image, const struct symbols *symbols, size_t i, const GElf_Sym *sym)
{
	unsigned char *at = image->bytes + (symbols->entries - image->bytes) + i * symbols->entry_size;
	bool is_64 = image_word_size(image) == 8;

	at[is_64 ? 5 : 13] = sym->st_other;
	image_put16(image, at + (is_64 ? 6 : 14), sym->st_shndx);
	image_put_word(image, at + (is_64 ? 8 : 4), sym->st_value);
	image_put_word(image, at + (is_64 ? 16 : 8), sym->st_size);
}
