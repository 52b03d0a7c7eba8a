/* Lines for people, made on the stack and written at once, with no libc. */
#include "internal.h"

#define STDERR 2

static void rt0_line_text(struct rt0_line *line, const char *text)
{
	/* One byte stays free for the newline. */
	while (*text != 0 && line->length < sizeof(line->text) - 1)
		line->text[line->length++] = *text++;
}

static void rt0_line_number(struct rt0_line *line, uint64_t number)
{
	char digits[21];
	size_t i = sizeof(digits) - 1;
	digits[i] = 0;
	do {
		uint32_t digit;
		number = rt0_divide(number, 10, &digit);
		digits[--i] = (char)('0' + digit);
	} while (number != 0);
	rt0_line_text(line, digits + i);
}

static void rt0_line_quoted(struct rt0_line *line, const char *text)
{
	for (size_t end = line->length + RT0_QUOTED_ROOM; *text != 0 && line->length < end; text++) {
		unsigned char byte = (unsigned char)*text;
		char escape[] = {*text, 0, '0', '0', "0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 15], 0};
		if (byte < ' ' || byte > '~' || byte == '"' || byte == '\\') {
			escape[0] = '\\';
			escape[1] = 'u';
		}
		rt0_line_text(line, escape);
	}
}

/* The errors that starting a runtime meets, each behind its number; the words are glibc's. */
static const char errors[] = "\001Operation not permitted\0"
			     "\002No such file or directory\0"
			     "\003No such process\0"
			     "\005Input/output error\0"
			     "\006No such device or address\0"
			     "\013Resource temporarily unavailable\0"
			     "\014Cannot allocate memory\0"
			     "\015Permission denied\0"
			     "\025Is a directory\0"
			     "\026Invalid argument\0";

static void rt0_line_error(struct rt0_line *line, int error)
{
	for (const char *text = errors; *text != 0; text++) {
		if (*text == error) {
			rt0_line_text(line, text + 1);
			return;
		}
		while (*text != 0)
			text++;
	}
	rt0_line_text(line, "error ");
	if (error < 0)
		rt0_line_text(line, "-");
	rt0_line_number(line, error < 0 ? -(uint64_t)error : (uint64_t)error);
}

static void rt0_line_begin(struct rt0_line *line, struct rt0_library *rt)
{
	line->length = 0;
	rt0_line_text(line, "rt0: ");
	rt0_line_text(line, rt0_library_name(rt));
	rt0_line_text(line, ": ");
}

static void rt0_line_end(struct rt0_line *line)
{
	line->text[line->length++] = '\n';
	rt0_write(STDERR, line->text, line->length);
}

static void rt0_tell(struct rt0_library *rt, const char *what, int error)
{
	struct rt0_line line;
	rt0_line_begin(&line, rt);
	rt0_line_text(&line, what);
	rt0_line_text(&line, ": ");
	rt0_line_error(&line, error);
	rt0_line_end(&line);
}

static const char *read_hex(const char *text, uintptr_t *value)
{
	for (*value = 0;; text++) {
		unsigned digit = (unsigned)(*text - '0');
		if (digit > 9)
			digit = (unsigned)(*text - 'a') + 10;
		if (digit > 15)
			return text;
		*value = *value << 4 | digit;
	}
}

/* The file name behind `address`, from /proc/self/maps: "7f00-7f10 r-xp 00000000 fe:01 42  /usr/lib/libfoo.so". */
static const char *find_mapping(uintptr_t address)
{
	size_t length;
	char *line = rt0_read_block("/proc/self/maps", &length);
	while (line != NULL && *line != 0) {
		uintptr_t low, high;
		const char *rest = read_hex(line, &low);
		read_hex(rest + 1, &high);
		const char *base = NULL;
		for (; *line != '\n' && *line != 0; line++)
			if (*line == '/')
				base = line + 1;
		if (address >= low && address < high) {
			*line = 0;
			return base;
		}
		line += *line == '\n';
	}
	return NULL;
}

/* Without a soname the mapping tells; what was read stays, as what rt0_read_block reads does. */
static const char *rt0_library_name(struct rt0_library *rt)
{
	const char *name = __atomic_load_n(&rt->name, __ATOMIC_ACQUIRE);
	if (name == NULL) {
		name = rt0_soname(rt);
		if (name == NULL)
			name = find_mapping(rt0_image_start(rt));
		if (name == NULL)
			name = "library";
		__atomic_store_n(&rt->name, name, __ATOMIC_RELEASE);
	}
	return name;
}
