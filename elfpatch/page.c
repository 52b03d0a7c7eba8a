#include "page.h"

#include <errno.h>
#include <fcntl.h>
#include <nettle/base64.h>
#include <nettle/sha2.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* page.css and page.js as they are. */
#define EMBED(name, path)                                                                                              \
	__asm__(".pushsection .rodata\n" #name ": .incbin \"" path "\"\n" #name "_end: .byte 0\n.popsection");         \
	extern const char name[], name##_end[]
EMBED(page_css, "elfpatch/page.css");
EMBED(page_js, "elfpatch/page.js");

static bool is_same(const struct stat *a, const char *path)
{
	struct stat b;

	return stat(path, &b) == 0 && a->st_dev == b.st_dev && a->st_ino == b.st_ino;
}

bool page_open(struct page *page, const char *path, const char *input, struct why *why)
{
	struct stat status;

	*page = (struct page){.file = stdout, .path = path};
	if (strcmp(path, "-") == 0)
		return true;
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0666);
	if (fd < 0)
		return why_set(why, "cannot write '%s': %s", path, strerror(errno));
	if (fstat(fd, &status) != 0 || is_same(&status, input)) {
		close(fd);
		return why_set(why, "'%s' would be written over the file itself", path);
	}
	if (S_ISREG(status.st_mode) && ftruncate(fd, 0) != 0) {
		why_set(why, "cannot write '%s': %s", path, strerror(errno));
		close(fd);
		return false;
	}
	page->file = fdopen(fd, "w");
	if (page->file)
		return true;
	close(fd);
	return why_set(why, "out of memory");
}

bool page_close(struct page *page, bool is_good, struct why *why)
{
	struct stat status;
	bool is_written = !ferror(page->file) && fflush(page->file) == 0;
	int error = errno;

	if (page->file == stdout)
		return is_good && (is_written || why_set(why, "cannot write to standard output: %s", strerror(error)));
	if (fclose(page->file) != 0 && is_written) {
		error = errno;
		is_written = false;
	}
	if (is_good && is_written)
		return true;
	if (stat(page->path, &status) == 0 && S_ISREG(status.st_mode))
		unlink(page->path);
	return is_good && why_set(why, "cannot write '%s': %s", page->path, strerror(error));
}

/* What the content security policy calls a script or a style that may be in the page. */
static void put_hash(FILE *file, const char *text, size_t size)
{
	struct sha256_ctx context;
	uint8_t digest[SHA256_DIGEST_SIZE];
	char encoded[BASE64_ENCODE_RAW_LENGTH(SHA256_DIGEST_SIZE) + 1] = "";

	sha256_init(&context);
	sha256_update(&context, size, (const uint8_t *)text);
	sha256_digest(&context, sizeof digest, digest);
	base64_encode_raw(encoded, sizeof digest, digest);
	fprintf(file, "'sha256-%s'", encoded);
}

void page_begin(struct page *page, const char *title, const char *subtitle)
{
	FILE *file = page->file;

	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src ",
	      file);
	put_hash(file, page_css, (size_t)(page_css_end - page_css));
	fputs("; script-src ", file);
	put_hash(file, page_js, (size_t)(page_js_end - page_js));
	fputs("\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>", file);
	page_text(file, title);
	fprintf(file, "</title>\n<style>%s</style>\n</head>\n<body>\n<header><h1>", page_css);
	page_text(file, title);
	fputs("</h1>\n<p class=\"sub\">", file);
	page_text(file, subtitle);
	fputs("</p></header>\n<main>\n", file);
}

void page_end(struct page *page)
{
	fprintf(page->file,
		"</main>\n<footer>elfpatch " RT0KIT_VERSION "</footer>\n<script>%s</script>\n</body>\n</html>\n",
		page_js);
}

void page_style(FILE *file)
{
	fprintf(file, "<style>%s</style>\n", page_css);
}

void page_text(FILE *file, const char *text)
{
	for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
		if (*c == '<')
			fputs("&lt;", file);
		else if (*c == '>')
			fputs("&gt;", file);
		else if (*c == '&')
			fputs("&amp;", file);
		else if (*c == '"')
			fputs("&quot;", file);
		else if (*c == '\'')
			fputs("&#39;", file);
		else if ((*c < 0x20 && *c != '\t' && *c != '\n') || *c == 0x7f)
			fputs("\xef\xbf\xbd", file);
		else if (*c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0)
			fputs("\xef\xbf\xbd", file), c++;
		else if (*c == 0xef && c[1] == 0xbf && c[2] >= 0xbe)
			fputs("\xef\xbf\xbd", file), c += 2;
		else
			putc(*c, file);
	}
}
