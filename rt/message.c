/* Lines for people, made on the stack and written at once, with no libc. */
#include "internal.h"

#define STDERR 2

void rt0_line_text(struct rt0_line *line, const char *text)
{
	/* One byte stays free for the newline. */
	while (*text != 0 && line->length < sizeof(line->text) - 1)
		line->text[line->length++] = *text++;
}

void rt0_line_number(struct rt0_line *line, uint64_t number)
{
	char digits[21];
	size_t i = sizeof(digits) - 1;
	digits[i] = 0;
	do
		digits[--i] = (char)('0' + number % 10);
	while ((number /= 10) != 0);
	rt0_line_text(line, digits + i);
}

/* The errors that starting a runtime meets; the words are glibc's. */
void rt0_line_error(struct rt0_line *line, int error)
{
	const char *text;
	switch (error) {
	case 1:
		text = "Operation not permitted";
		break;
	case 2:
		text = "No such file or directory";
		break;
	case RT0_ESRCH:
		text = "No such process";
		break;
	case 5:
		text = "Input/output error";
		break;
	case RT0_EAGAIN:
		text = "Resource temporarily unavailable";
		break;
	case 12:
		text = "Cannot allocate memory";
		break;
	case 13:
		text = "Permission denied";
		break;
	case RT0_EINVAL:
		text = "Invalid argument";
		break;
	case RT0_ENOSYS:
		text = "Function not implemented";
		break;
	default:
		rt0_line_text(line, "error ");
		rt0_line_number(line, error < 0 ? -(uint64_t)(int64_t)error : (uint64_t)error);
		return;
	}
	rt0_line_text(line, text);
}

void rt0_line_begin(struct rt0_line *line)
{
	line->length = 0;
	rt0_line_text(line, "rt0: ");
	rt0_line_text(line, rt0_library_name());
	rt0_line_text(line, ": ");
}

void rt0_line_end(struct rt0_line *line)
{
	line->text[line->length++] = '\n';
	rt0_write(STDERR, line->text, line->length);
}

/* Address at the start of a line of /proc/self/maps: "7f0000000000-7f0000001000 r-xp ...". */
static const char *hex(const char *text, uintptr_t *value)
{
	*value = 0;
	for (;; text++) {
		unsigned digit;
		if (*text >= '0' && *text <= '9')
			digit = (unsigned)(*text - '0');
		else if (*text >= 'a' && *text <= 'f')
			digit = (unsigned)(*text - 'a') + 10;
		else
			return text;
		*value = *value << 4 | digit;
	}
}

/* The file behind `address`, by /proc/self/maps. */
static bool find_mapping(uintptr_t address, char *name, size_t size)
{
	long fd = rt0_open_read("/proc/self/maps");
	if (fd < 0)
		return false;
	char line[512], block[512];
	size_t length = 0;
	bool is_found = false;
	for (long n; !is_found && (n = rt0_read((int)fd, block, sizeof(block))) > 0;)
		for (long i = 0; i < n && !is_found; i++) {
			if (block[i] != '\n') {
				/* Keep the head of a long line, and then its tail, which has the file's name. */
				if (length == sizeof(line) - 1) {
					for (size_t k = 64; k < sizeof(line) - 64; k++)
						line[k] = line[k + 63];
					length -= 63;
				}
				line[length++] = block[i];
				continue;
			}
			line[length] = 0;
			length = 0;
			uintptr_t low, high;
			const char *rest = hex(line, &low);
			hex(rest + 1, &high);
			if (address < low || address >= high)
				continue;
			const char *base = NULL;
			for (const char *c = line; *c != 0; c++)
				if (*c == '/')
					base = c + 1;
			if (base == NULL)
				break;
			size_t k = 0;
			for (; k < size - 1 && base[k] != 0; k++)
				name[k] = base[k];
			name[k] = 0;
			is_found = k > 0;
		}
	rt0_close((int)fd);
	return is_found;
}

const char *rt0_library_name(void)
{
	static char name[64];
	static uint32_t progress; /* 0 not asked, 1 one thread looks, 2 known */
	const char *soname = rt0_soname();
	if (soname != NULL)
		return soname;
	uint32_t seen = 0;
	if (__atomic_compare_exchange_n(&progress, &seen, 1, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
		if (!find_mapping((uintptr_t)&rt0_library_name, name, sizeof(name)))
			name[0] = 0;
		__atomic_store_n(&progress, 2, __ATOMIC_RELEASE);
		seen = 2;
	}
	return seen == 2 && name[0] != 0 ? name : "library";
}
