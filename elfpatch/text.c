#include "text.h"

#include <stdio.h>

static const char *string_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static void print_line(const char *label, const char *text)
{
	/* File names and strings of the file may hold anything; a line stays a line. */
	printf("  %-14s", label);
	for (; *text; text++)
		putchar((unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text);
	putchar('\n');
}

static void print_function(const char *label, const json_t *function)
{
	char line[1024];

	const char *name = string_of(function, "name");

	snprintf(line, sizeof line, "%s%s%s", string_of(function, "address"), *name ? " " : "", name);
	print_line(label, line);
}

static void print_member(const json_t *document, const char *key)
{
	const json_t *value = json_object_get(document, key);

	if (json_is_string(value))
		print_line(key, json_string_value(value));
	else if (json_is_object(value))
		print_function(key, value);
	for (size_t i = 0; i < json_array_size(value); i++) {
		const json_t *item = json_array_get(value, i);
		if (json_is_string(item))
			print_line(key, json_string_value(item));
		else
			print_function(key, item);
	}
}

static void print_tls(const json_t *tls)
{
	char line[128];

	if (!json_is_object(tls))
		return;
	snprintf(line, sizeof line, "%" JSON_INTEGER_FORMAT " bytes aligned to %" JSON_INTEGER_FORMAT ", %s",
		 json_integer_value(json_object_get(tls, "size")), json_integer_value(json_object_get(tls, "align")),
		 json_is_true(json_object_get(tls, "is_static")) ? "static" : "dynamic");
	print_line("tls", line);
}

static void print_rt0(const json_t *rt0)
{
	char line[1024];
	const json_t *gates = json_object_get(rt0, "gates");

	if (!json_is_object(rt0))
		return;
	snprintf(line, sizeof line,
		 "version %" JSON_INTEGER_FORMAT ", entry %s, state %s, config %s, islibrary %" JSON_INTEGER_FORMAT
		 "%s",
		 json_integer_value(json_object_get(rt0, "version")), string_of(rt0, "entry"), string_of(rt0, "state"),
		 string_of(rt0, "config"), json_integer_value(json_object_get(rt0, "islibrary")),
		 json_is_true(json_object_get(rt0, "attached")) ? ", attached" : "");
	print_line("rt0", line);
	snprintf(line, sizeof line,
		 "%s, %" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT " gates used, %" JSON_INTEGER_FORMAT
		 " bytes each",
		 string_of(rt0, "pool"), json_integer_value(json_object_get(rt0, "gates_used")),
		 json_integer_value(json_object_get(rt0, "gate_count")),
		 json_integer_value(json_object_get(rt0, "gate_size")));
	print_line("pool", line);
	print_member(rt0, "policy");
	for (size_t i = 0; i < json_array_size(gates); i++) {
		const json_t *gate = json_array_get(gates, i);
		snprintf(line, sizeof line, "%s %s -> %s", string_of(gate, "gate"), string_of(gate, "function"),
			 string_of(gate, "target"));
		print_line("gate", line);
	}
}

void text_print_image(const json_t *document)
{
	static const char *const members[] = {
		"soname", "needed", "runpath", "rpath", "init", "init_array", "preinit_array", "fini", "fini_array",
	};
	char line[64];

	printf("%s:\n", string_of(document, "file"));
	print_member(document, "type");
	snprintf(line, sizeof line, "%s, %" JSON_INTEGER_FORMAT "-bit, %s-endian", string_of(document, "machine"),
		 json_integer_value(json_object_get(document, "class")), string_of(document, "byte_order"));
	print_line("machine", line);
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
		print_member(document, members[i]);
	print_member(document, "flags");
	print_tls(json_object_get(document, "tls"));
	print_member(document, "build_id");
	print_rt0(json_object_get(document, "rt0"));
}
