/* response.c: response files in the dialect of gcc, clang and GNU ld. */
#include "../../ldwrap/response.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

/* Words in brackets, so that empty ones and spaces are seen. */
static char *shown(const struct words *words)
{
	char *text = format_text("%s", "");

	for (size_t i = 0; i < words->count; i++)
		text = format_text("%s[%s]", text, words->items[i]);
	return text;
}

static void words_are_split(void **state)
{
	static const struct {
		const char *text, *words;
	} rows[] = {
		{"", ""},
		{" \t\n", ""},
		{"a b\tc\nd\r\ne", "[a][b][c][d][e]"},
		{"'a b' \"c d\"", "[a b][c d]"},
		{"a'b c'd", "[ab cd]"},
		{"a\\ b", "[a b]"},
		{"'a\\'b'", "[a'b]"},
		{"\"a\\\"b\"", "[a\"b]"},
		{"'a\"b' \"c'd\"", "[a\"b][c'd]"},
		{"a\\\\b", "[a\\b]"},
		{"'' \"\"", "[][]"},
		{"'open end", "[open end]"},
		{"end\\", "[end\\]"},
		{"-DX=\\\"y\\\"", "[-DX=\"y\"]"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct words words = {0};
		response_split(rows[i].text, strlen(rows[i].text), &words);
		assert_string_equal(shown(&words), rows[i].words);
	}
}

static void file_put(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void expect(const char *line, const char *words)
{
	struct words argv = {0}, expanded = {0};
	struct why why;

	response_split(line, strlen(line), &argv);
	assert_true(response_expand(&argv, &expanded, &why));
	assert_string_equal(shown(&expanded), words);
}

static void files_are_expanded(void **state)
{
	(void)state;
	file_put("one", "-shared 'a b.o' @two");
	file_put("two", "-o out");
	file_put("ld", "-o x --shared");
	file_put("empty", "");
	expect("@one z.o", "[-shared][a b.o][-o][out][z.o]");
	expect("@empty", "");
	expect("@missing @. a", "[@missing][@.][a]");
	expect("-Wl,-z,@ld,now", "[-Xlinker][-z][-Xlinker][-o][-Xlinker][x][-Xlinker][--shared][-Xlinker][now]");
	expect("-Wl,@missing", "[-Xlinker][@missing]");
	expect("-Wl,-z,now", "[-Wl,-z,now]");
	expect("-Xlinker -z", "[-Xlinker][-z]");
}

static void refused(const char *arg, const char *expected)
{
	struct words argv = {0}, expanded = {0};
	struct why why;

	response_split(arg, strlen(arg), &argv);
	assert_false(response_expand(&argv, &expanded, &why));
	assert_string_equal(why.text, expected);
}

static void endless_files_are_refused(void **state)
{
	(void)state;
	file_put("self", "a @self");
	refused("@self", "response file 'self' names itself");
	file_put("ping", "a @./pong");
	file_put("pong", "-Wl,@ping");
	refused("@ping", "response file 'ping' names itself");
	file_put("once", "a");
	char *twice = format_text("%s", "@once");
	for (int i = 0; i < 11; i++) {
		char *name = format_text("twice%d", i);
		file_put(name, format_text("%s %s", twice, twice));
		twice = format_text("@%s", name);
	}
	refused(twice, "response files name each other more than 2000 times");
}

static void large_files_are_refused(void **state)
{
	(void)state;
	size_t size = 9 << 20;
	char *text = grab(NULL, size + 1);
	memset(text, ' ', size);
	text[size] = '\0';
	file_put("large", text);
	refused("@large @large @large @large",
		"response file 'large': with its 9437184 bytes they are more than 33554432");
}

static void what_is_written_reads_back(void **state)
{
	struct words words = {0}, argv = {0}, expanded = {0};
	struct why why;

	(void)state;
	words_push(&words, "a b");
	words_push(&words, "");
	words_push(&words, "it's \"so\"");
	words_push(&words, "back\\slash\nline");
	assert_true(response_write(&words, "written", &why));
	words_push(&argv, "@written");
	assert_true(response_expand(&argv, &expanded, &why));
	assert_string_equal(shown(&expanded), shown(&words));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_split),
		cmocka_unit_test(files_are_expanded),
		cmocka_unit_test(endless_files_are_refused),
		cmocka_unit_test(large_files_are_refused),
		cmocka_unit_test(what_is_written_reads_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
