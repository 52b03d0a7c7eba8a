/*
 * The Forth: text is compiled to cells, which a loop runs. Words of start.fs are compiled into the dictionary; the text
 * of a call, like what stands outside of definitions in start.fs, into cells of the call's own. Addresses are offsets
 * into the dictionary's memory, so that no program reaches beyond it.
 */
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include <rt0.h>

#include "forth.h"
#include "sys.h"

#define NAME_MAX_SIZE 16
#define WORDS         64
#define CODE          1024 /* cells of the dictionary */
#define OWN_CODE      256  /* and of a call */
#define MEMORY        (8 << 20)
#define STACK         64
#define CONTROL       16
#define EINVAL        22

#define PROT_READ_WRITE   3
#define MAP_PRIVATE_EMPTY 0x22

enum op {
	/* These are followed by a cell. */
	LITERAL,
	CALL,
	BRANCH,
	BRANCH_IF_ZERO,
	LOOP,
	/* These are words. */
	ADD,
	SUBTRACT,
	MULTIPLY,
	DIVIDE,
	MODULO,
	EQUAL,
	LESS,
	GREATER,
	NOT,
	AND,
	OR,
	DUP,
	DROP,
	SWAP,
	OVER,
	FETCH,
	STORE,
	FETCH_BYTE,
	STORE_BYTE,
	COMMA,
	HERE,
	ALLOT,
	CELLS,
	DO,
	INDEX,
	EXIT
};

static const struct {
	char name[NAME_MAX_SIZE];
	enum op op;
} primitives[] = {
	{"+", ADD},     {"-", SUBTRACT},  {"*", MULTIPLY},    {"/", DIVIDE},      {"mod", MODULO},
	{"=", EQUAL},   {"<", LESS},      {">", GREATER},     {"0=", NOT},        {"and", AND},
	{"or", OR},     {"dup", DUP},     {"drop", DROP},     {"swap", SWAP},     {"over", OVER},
	{"@", FETCH},   {"!", STORE},     {"c@", FETCH_BYTE}, {"c!", STORE_BYTE}, {",", COMMA},
	{"here", HERE}, {"allot", ALLOT}, {"cells", CELLS},   {"i", INDEX},       {"exit", EXIT},
};

static const char start_fs[] = {
#include "start.fs.inc"
	0};

/* The dictionary. */
static struct {
	struct {
		char name[NAME_MAX_SIZE];
		long at;
	} words[WORDS];
	size_t word_count;
	long code[CODE];
	long code_count;
	unsigned char *memory;
	long here;
	bool is_ready;
} shared;

static int start_thread;

/* One call. */
struct machine {
	const char *at; /* the next character of the text */
	long data[STACK];
	long depth;
	struct {
		long back, index, limit; /* a word's return and its loop */
	} frames[STACK];
	long frame;
	long code[OWN_CODE]; /* its addresses are CODE and up */
	long code_count;
	bool is_defining;
	struct {
		char kind; /* the first letter of the word that began it */
		long at;
	} control[CONTROL];
	int control_depth;
};

static bool names_equal(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

/* The inner loop. */

static long cell_at(const struct machine *machine, long at)
{
	return at < CODE ? shared.code[at] : machine->code[at - CODE];
}

static bool in_memory(long address, long size)
{
	return address >= 0 && address <= MEMORY - size;
}

static enum forth_error store(long address, long value, long size)
{
	if (shared.is_ready)
		return FORTH_READ_ONLY;
	if (!in_memory(address, size))
		return FORTH_ADDRESS;
	for (long i = 0; i < size; i++)
		shared.memory[address + i] = (unsigned char)((unsigned long)value >> 8 * i);
	return FORTH_OK;
}

static long fetch(long address, long size)
{
	unsigned long value = 0;

	for (long i = 0; i < size; i++)
		value |= (unsigned long)shared.memory[address + i] << 8 * i;
	return (long)value;
}

static enum forth_error allot(long size)
{
	if (shared.is_ready)
		return FORTH_READ_ONLY;
	if (size < 0 || size > MEMORY - shared.here)
		return FORTH_FULL;
	shared.here += size;
	return FORTH_OK;
}

/* How many values an operation takes from the stack, and whether it may put one more there than it took. */
static int taken_by(long op)
{
	switch (op) {
	case STORE:
	case STORE_BYTE:
	case DO:
	case SWAP:
	case OVER:
		return 2;
	case BRANCH_IF_ZERO:
	case NOT:
	case DUP:
	case DROP:
	case FETCH:
	case FETCH_BYTE:
	case COMMA:
	case ALLOT:
	case CELLS:
		return 1;
	default:
		return op >= ADD && op <= OR ? 2 : 0;
	}
}

/* An operation of two values. Arithmetic wraps around. */
static enum forth_error combine(long op, long a, long b, long *result)
{
	switch (op) {
	case ADD:
		*result = (long)((unsigned long)a + (unsigned long)b);
		break;
	case SUBTRACT:
		*result = (long)((unsigned long)a - (unsigned long)b);
		break;
	case MULTIPLY:
		*result = (long)((unsigned long)a * (unsigned long)b);
		break;
	case DIVIDE:
	case MODULO:
		if (b == 0 || (a == LONG_MIN && b == -1))
			return FORTH_NUMBER;
		*result = op == DIVIDE ? a / b : a % b;
		break;
	case EQUAL:
		*result = -(a == b);
		break;
	case LESS:
		*result = -(a < b);
		break;
	case GREATER:
		*result = -(a > b);
		break;
	case AND:
		*result = a & b;
		break;
	default:
		*result = a | b;
	}
	return FORTH_OK;
}

/* Run the cells from `at` on, until the word that begins there ends. */
static enum forth_error run(struct machine *machine, long at)
{
	const long bottom = machine->frame;

	for (;;) {
		long op = cell_at(machine, at++), *top;
		enum forth_error error = FORTH_OK;

		if (machine->depth < taken_by(op) || machine->depth >= STACK - 1)
			return FORTH_STACK;
		top = &machine->data[machine->depth];
		if (op >= ADD && op <= OR && op != NOT) {
			error = combine(op, top[-2], top[-1], &top[-2]);
			machine->depth--;
		} else {
			switch (op) {
			case LITERAL:
				*top = cell_at(machine, at++);
				machine->depth++;
				break;
			case CALL:
				if (machine->frame == STACK - 1)
					return FORTH_STACK;
				machine->frames[++machine->frame].back = at + 1;
				at = cell_at(machine, at);
				break;
			case BRANCH:
				at = cell_at(machine, at);
				break;
			case BRANCH_IF_ZERO:
				machine->depth--;
				at = top[-1] == 0 ? cell_at(machine, at) : at + 1;
				break;
			case DO:
				machine->depth -= 2;
				machine->frames[machine->frame].limit = top[-2];
				machine->frames[machine->frame].index = top[-1];
				break;
			case LOOP:
				at = ++machine->frames[machine->frame].index < machine->frames[machine->frame].limit
					     ? cell_at(machine, at)
					     : at + 1;
				break;
			case INDEX:
				*top = machine->frames[machine->frame].index;
				machine->depth++;
				break;
			case EXIT:
				if (machine->frame == bottom)
					return FORTH_OK;
				at = machine->frames[machine->frame--].back;
				break;
			case NOT:
				top[-1] = -(top[-1] == 0);
				break;
			case DUP:
				*top = top[-1];
				machine->depth++;
				break;
			case DROP:
				machine->depth--;
				break;
			case SWAP:
				*top = top[-1];
				top[-1] = top[-2];
				top[-2] = *top;
				break;
			case OVER:
				*top = top[-2];
				machine->depth++;
				break;
			case FETCH:
			case FETCH_BYTE:
				if (!in_memory(top[-1], op == FETCH ? (long)sizeof(long) : 1))
					return FORTH_ADDRESS;
				top[-1] = fetch(top[-1], op == FETCH ? (long)sizeof(long) : 1);
				break;
			case STORE:
			case STORE_BYTE:
				machine->depth -= 2;
				error = store(top[-1], top[-2], op == STORE ? (long)sizeof(long) : 1);
				break;
			case COMMA:
				machine->depth--;
				error = store(shared.here, top[-1], (long)sizeof(long));
				if (error == FORTH_OK)
					error = allot((long)sizeof(long));
				break;
			case HERE:
				*top = shared.here;
				machine->depth++;
				break;
			case ALLOT:
				machine->depth--;
				error = allot(top[-1]);
				break;
			case CELLS:
				top[-1] = (long)((unsigned long)top[-1] * sizeof(long));
				break;
			default:
				return FORTH_STRUCTURE;
			}
		}
		if (error != FORTH_OK)
			return error;
	}
}

/* The compiler. */

static long *code_count(struct machine *machine)
{
	return machine->is_defining ? &shared.code_count : &machine->code_count;
}

/* The address of the next cell. */
static long next(struct machine *machine)
{
	return *code_count(machine) + (machine->is_defining ? 0 : CODE);
}

/* A last cell is kept free, for the EXIT behind a call's text. */
static enum forth_error emit(struct machine *machine, long cell)
{
	long *count = code_count(machine);

	if (*count >= (machine->is_defining ? CODE : OWN_CODE) - 1)
		return FORTH_FULL;
	(machine->is_defining ? shared.code : machine->code)[(*count)++] = cell;
	return FORTH_OK;
}

static enum forth_error emit_pair(struct machine *machine, long op, long operand)
{
	enum forth_error error = emit(machine, op);

	return error == FORTH_OK ? emit(machine, operand) : error;
}

static void set_cell(struct machine *machine, long at, long cell)
{
	(at < CODE ? shared.code : machine->code)[at < CODE ? at : at - CODE] = cell;
}

/* Begin a structure at `at`; end one of that kind. */
static enum forth_error begin(struct machine *machine, char kind, long at)
{
	if (machine->control_depth == CONTROL)
		return FORTH_FULL;
	machine->control[machine->control_depth].kind = kind;
	machine->control[machine->control_depth++].at = at;
	return FORTH_OK;
}

static enum forth_error end(struct machine *machine, char kind, long *at)
{
	if (machine->control_depth == 0 || machine->control[machine->control_depth - 1].kind != kind)
		return FORTH_STRUCTURE;
	*at = machine->control[--machine->control_depth].at;
	return FORTH_OK;
}

/* The next word of the text, without comments; false at its end. Too long a word is cut, and so unknown. */
static bool next_word(struct machine *machine, char *word)
{
	size_t length;
	bool is_comment;

	do {
		while (*machine->at != '\0' && *machine->at <= ' ')
			machine->at++;
		for (length = 0; (unsigned char)*machine->at > ' '; machine->at++) {
			if (length < NAME_MAX_SIZE - 1)
				word[length++] = *machine->at;
		}
		word[length] = '\0';
		is_comment = names_equal(word, "(");
		while (is_comment && *machine->at != '\0' && *machine->at++ != ')')
			continue;
	} while (is_comment);
	return length > 0;
}

/* Run what has been compiled outside of definitions. */
static enum forth_error flush(struct machine *machine)
{
	if (machine->control_depth != 0)
		return FORTH_STRUCTURE;
	machine->code[machine->code_count] = EXIT;
	machine->code_count = 0;
	return run(machine, CODE);
}

/* The next word becomes the name of what is compiled next. */
static enum forth_error name_next(struct machine *machine)
{
	enum forth_error error = shared.is_ready ? FORTH_READ_ONLY : flush(machine);

	if (error != FORTH_OK)
		return error;
	if (shared.word_count == WORDS)
		return FORTH_FULL;
	if (machine->is_defining || !next_word(machine, shared.words[shared.word_count].name))
		return FORTH_STRUCTURE;
	shared.words[shared.word_count++].at = shared.code_count;
	machine->is_defining = true;
	return FORTH_OK;
}

static enum forth_error end_definition(struct machine *machine)
{
	enum forth_error error = FORTH_STRUCTURE;

	if (machine->is_defining && machine->control_depth == 0)
		error = emit(machine, EXIT);
	machine->is_defining = false;
	return error;
}

/* Words that the compiler obeys; FORTH_UNKNOWN_WORD where this is none. */
static enum forth_error obey(struct machine *machine, const char *word)
{
	enum forth_error error;
	long at, condition;

	if (names_equal(word, ":"))
		return name_next(machine);
	if (names_equal(word, ";"))
		return end_definition(machine);
	if (names_equal(word, "create")) {
		error = name_next(machine);
		if (error == FORTH_OK)
			error = emit_pair(machine, LITERAL, shared.here);
		return error == FORTH_OK ? end_definition(machine) : error;
	}
	if (names_equal(word, "if")) {
		error = emit_pair(machine, BRANCH_IF_ZERO, 0);
		return error == FORTH_OK ? begin(machine, 'i', next(machine) - 1) : error;
	}
	if (names_equal(word, "else")) {
		error = end(machine, 'i', &at);
		if (error == FORTH_OK)
			error = emit_pair(machine, BRANCH, 0);
		if (error != FORTH_OK)
			return error;
		set_cell(machine, at, next(machine));
		return begin(machine, 'i', next(machine) - 1);
	}
	if (names_equal(word, "then")) {
		error = end(machine, 'i', &at);
		if (error == FORTH_OK)
			set_cell(machine, at, next(machine));
		return error;
	}
	if (names_equal(word, "begin"))
		return begin(machine, 'b', next(machine));
	if (names_equal(word, "until")) {
		error = end(machine, 'b', &at);
		return error == FORTH_OK ? emit_pair(machine, BRANCH_IF_ZERO, at) : error;
	}
	if (names_equal(word, "while")) {
		error = emit_pair(machine, BRANCH_IF_ZERO, 0);
		return error == FORTH_OK ? begin(machine, 'w', next(machine) - 1) : error;
	}
	if (names_equal(word, "repeat")) {
		error = end(machine, 'w', &condition);
		if (error == FORTH_OK)
			error = end(machine, 'b', &at);
		if (error == FORTH_OK)
			error = emit_pair(machine, BRANCH, at);
		if (error == FORTH_OK)
			set_cell(machine, condition, next(machine));
		return error;
	}
	if (names_equal(word, "do")) {
		/* A word has room for one loop; another goes into a word of its own. */
		for (int i = 0; i < machine->control_depth; i++) {
			if (machine->control[i].kind == 'd')
				return FORTH_STRUCTURE;
		}
		error = emit(machine, DO);
		return error == FORTH_OK ? begin(machine, 'd', next(machine)) : error;
	}
	if (names_equal(word, "loop")) {
		error = end(machine, 'd', &at);
		return error == FORTH_OK ? emit_pair(machine, LOOP, at) : error;
	}
	return FORTH_UNKNOWN_WORD;
}

static bool to_number(const char *word, long *number)
{
	bool is_negative = *word == '-' && word[1] != '\0';
	unsigned long value = 0;

	for (word += is_negative; *word >= '0' && *word <= '9'; word++)
		value = value * 10 + (unsigned long)(*word - '0');
	*number = (long)(is_negative ? -value : value);
	return *word == '\0';
}

static enum forth_error compile_word(struct machine *machine, const char *word)
{
	enum forth_error error = obey(machine, word);
	long number;

	if (error != FORTH_UNKNOWN_WORD)
		return error;
	for (size_t i = shared.word_count; i-- > 0;) {
		if (names_equal(word, shared.words[i].name))
			return emit_pair(machine, CALL, shared.words[i].at);
	}
	for (size_t i = 0; i < sizeof(primitives) / sizeof(primitives[0]); i++) {
		if (names_equal(word, primitives[i].name))
			return emit(machine, primitives[i].op);
	}
	return to_number(word, &number) ? emit_pair(machine, LITERAL, number) : FORTH_UNKNOWN_WORD;
}

static enum forth_error evaluate(struct machine *machine, const char *text)
{
	enum forth_error error = FORTH_OK;
	char word[NAME_MAX_SIZE];

	machine->at = text;
	machine->depth = 0;
	machine->frame = 0;
	machine->code_count = 0;
	machine->is_defining = false;
	machine->control_depth = 0;
	while (error == FORTH_OK && next_word(machine, word))
		error = compile_word(machine, word);
	if (error == FORTH_OK)
		error = machine->is_defining ? FORTH_STRUCTURE : flush(machine);
	return error;
}

/* The tests stop the start here, by a fifo that EXAMPLE_HOLD names, until the host closes the other end. */
static void hold(char **envp)
{
	static const char name[] = "EXAMPLE_HOLD=";
	char bytes[64];
	long fd, got;
	size_t i;

	for (; *envp != NULL; envp++) {
		for (i = 0; name[i] != '\0' && (*envp)[i] == name[i]; i++)
			continue;
		if (name[i] != '\0')
			continue;
		fd = sys6(__NR_openat, SYS_AT_FDCWD, (long)(*envp + i), SYS_O_CLOEXEC, 0, 0, 0);
		if (fd < 0)
			return;
		do
			got = sys3(__NR_read, fd, (long)bytes, sizeof(bytes));
		while (got > 0 || got == -SYS_EINTR);
		sys3(__NR_close, fd, 0, 0);
		return;
	}
}

int rt0_runtime_init(int argc, char **argv, char **envp)
{
	static struct machine machine;
	enum forth_error error;
	long memory;

	(void)argc, (void)argv;
	start_thread = (int)sys3(__NR_gettid, 0, 0, 0);
	hold(envp);
	memory = sys6(__NR_mmap, 0, MEMORY, PROT_READ_WRITE, MAP_PRIVATE_EMPTY, -1, 0);
	if (memory < 0 && memory > -4096)
		return (int)-memory;
	shared.memory = (unsigned char *)memory;
	error = evaluate(&machine, start_fs);
	shared.is_ready = true;
	if (error == FORTH_OK)
		return 0;
	rt0_notify_runtime_init_failed(EINVAL, forth_describe(error));
	return EINVAL;
}

enum forth_error forth_eval(const char *text, long *result)
{
	struct machine machine;
	enum forth_error error = evaluate(&machine, text);

	if (error == FORTH_OK && machine.depth > 0)
		*result = machine.data[machine.depth - 1];
	return error;
}

RT0_NO_GATE const char *forth_describe(enum forth_error error)
{
	switch (error) {
	case FORTH_OK:
		return "no error";
	case FORTH_UNKNOWN_WORD:
		return "unknown word";
	case FORTH_STACK:
		return "too few values on the stack, or too many";
	case FORTH_NUMBER:
		return "number out of range";
	case FORTH_ADDRESS:
		return "address out of range";
	case FORTH_READ_ONLY:
		return "the dictionary is read-only";
	case FORTH_STRUCTURE:
		return "a structure that does not end, or does not begin";
	case FORTH_FULL:
		return "no room";
	}
	return "unknown error";
}

RT0_NO_GATE int forth_is_ready(void)
{
	return rt0_state() == RT0_STATE_OPEN;
}

RT0_NO_GATE int forth_start_thread(void)
{
	return start_thread;
}
