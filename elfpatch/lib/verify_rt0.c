/* Rules of libraries with a runtime. */
#include "gates.h"
#include "verify_rules.h"

#include "../../rt/abi.h"
#include "machine.h"
#include "policy.h"
#include "reloc.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_executable(const struct image *image, uint64_t address)
{
	GElf_Phdr p;

	return image_segment(image, address, &p) && p.p_flags & PF_X;
}

/* Is that code a gate's? */
static bool is_in_pool(const struct image *image, uint64_t address)
{
	return address - image->pool < image->pool_size;
}

/*
 * init-entry
 */

static void check_dt_init(struct check *check)
{
	const char *todo = "link without a -init or -e of your own behind ldwrap's, and do not edit DT_INIT";
	uint64_t init;

	if (!check->image->machine->glibc_runs_dt_init) {
		check_add(check, SEVERITY_INFO, "DT_INIT", "nothing: musl runs both",
			  "glibc does not run it on %s: %s in .init_array starts the library",
			  check->image->machine->arch, RT0_SYM_TWIN);
		return;
	}
	if (!image_dynamic(check->image, DT_INIT, &init))
		check_add(check, SEVERITY_ERROR, "DT_INIT", todo, "there is none, expected %s at 0x%" PRIx64,
			  RT0_SYM_ENTRY, check->note.entry);
	else if (init != check->note.entry)
		check_add(check, SEVERITY_ERROR, "DT_INIT", todo, "is 0x%" PRIx64 ", expected %s at 0x%" PRIx64, init,
			  RT0_SYM_ENTRY, check->note.entry);
}

/* The twin starts the library where DT_INIT is ignored and tells everywhere that its constructors are done. */
static void check_twin(struct check *check)
{
	const struct image *image = check->image;
	const char *todo = "link rt0.o last and without --gc-sections dropping .init_array";
	size_t word = image_word_size(image);
	uint64_t array, size, last;
	struct why why;

	if (!image_dynamic(image, DT_INIT_ARRAY, &array) || !image_dynamic(image, DT_INIT_ARRAYSZ, &size) ||
	    size < word) {
		/* attach adds no constructor to a library that has none. */
		if (!check->note.record || !image->machine->glibc_runs_dt_init)
			check_add(check, SEVERITY_ERROR, "DT_INIT_ARRAY", todo, "there is none, expected %s in it",
				  RT0_SYM_TWIN);
		return;
	}
	if (size % word || !image_at(image, array, size)) {
		check_add(check, SEVERITY_ERROR, "DT_INIT_ARRAY", todo,
			  "0x%" PRIx64 ", size %" PRIu64 ": not an array inside a loaded segment", array, size);
		return;
	}
	if (!reloc_pointers(image, &check->dynsym, array + size - word, &last, 1, &why)) {
		check_add(check, SEVERITY_ERROR, "DT_INIT_ARRAY", todo, "last entry: %s", why.text);
		return;
	}
	if (last != check->note.twin)
		check_add(check, SEVERITY_ERROR, "DT_INIT_ARRAY", todo,
			  "the last entry is 0x%" PRIx64 ", expected %s at 0x%" PRIx64, last, RT0_SYM_TWIN,
			  check->note.twin);
}

static void check_init_function(struct check *check)
{
	size_t word = image_word_size(check->image);
	uint64_t at = check->note.config + RT0_CONFIG_POINTERS + RT0_POINTER_INIT * word, init;
	const char *todo = "define the init function, or name it with --rt0-init";
	struct why why;

	if (check->note.record)
		init = image_record_address(check->image, &check->note, RT0_ATTACHED_INIT);
	else if (!reloc_pointers(check->image, &check->dynsym, at, &init, 1, &why)) {
		check_add(check, SEVERITY_ERROR, RT0_SYM_CONFIG, todo, "init function: %s", why.text);
		return;
	}
	if (!is_executable(check->image, image_function(check->image, init).code))
		check_add(check, SEVERITY_ERROR, RT0_SYM_CONFIG, todo, "the init function, 0x%" PRIx64 ", is not code",
			  init);
}

void verify_init_entry(struct check *check)
{
	check_dt_init(check);
	check_twin(check);
	check_init_function(check);
}

void verify_islibrary(struct check *check)
{
	const unsigned char *flag = image_at(check->image, check->note.islibrary, 1);

	/* image_rt0_note saw that the byte is there. */
	if (*flag != 1)
		check_add(check, SEVERITY_ERROR, RT0_SYM_ISLIBRARY, "link it with ldwrap, which sets the flag",
			  "is %d, expected 1: the runtime takes itself for an executable", *flag);
}

void verify_nodelete(struct check *check)
{
	uint64_t flags = check_flags(check, DT_FLAGS_1);

	if (!(flags & DF_1_NODELETE))
		check_add(check, SEVERITY_ERROR, "DT_FLAGS_1", "link with -z nodelete",
			  "0x%" PRIx64 " lacks NODELETE: dlclose would unmap code that the runtime's threads run",
			  flags);
}

/*
 * gates
 */

/* The global functions of .symtab by the address of their code: a hash table of its indices, open addressing, 0 empty.
 */
struct functions {
	const struct image *image;
	struct symbols symtab;
	uint32_t *slots;
	size_t mask;
};

/*
 * Mixed, since functions can be shorter than any step of addresses that would keep
 * neighbours together: many in a row on one slot make the walk quadratic.
 */
static size_t address_slot(const struct functions *functions, uint64_t address)
{
	return (size_t)((address * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & functions->mask;
}

/* Of a name without its version: linkers write foo@V1 and foo@@V2 into .symtab. */
static bool is_name(const char *full, const char *wanted, size_t length)
{
	return strncmp(full, wanted, length) == 0 && (full[length] == '\0' || full[length] == '@');
}

/* One outside the pool, whose gates have names in .symtab too. */
static bool is_global_function(const struct image *image, const GElf_Sym *sym)
{
	return GELF_ST_TYPE(sym->st_info) == STT_FUNC && GELF_ST_BIND(sym->st_info) != STB_LOCAL &&
	       sym->st_shndx != SHN_UNDEF && !is_in_pool(image, image_function(image, sym->st_value).code);
}

static bool functions_build(const struct image *image, struct functions *functions)
{
	struct why unused;
	GElf_Sym sym;
	size_t count = 0, size = 64;

	*functions = (struct functions){.image = image};
	if (!image_symtab(image, &functions->symtab, &unused) || functions->symtab.count > UINT32_MAX / 4)
		return true;
	for (size_t i = 1; i < functions->symtab.count; i++) {
		symbols_get(image, &functions->symtab, i, &sym, NULL);
		count += is_global_function(image, &sym);
	}
	while (size < count + count / 2)
		size *= 2;
	functions->slots = calloc(size, sizeof *functions->slots);
	if (!functions->slots)
		return false;
	functions->mask = size - 1;
	for (size_t i = 1; i < functions->symtab.count; i++) {
		symbols_get(image, &functions->symtab, i, &sym, NULL);
		if (!is_global_function(image, &sym))
			continue;
		size_t slot = address_slot(functions, image_function(image, sym.st_value).code);
		while (functions->slots[slot])
			slot = (slot + 1) & functions->mask;
		functions->slots[slot] = (uint32_t)i;
	}
	return true;
}

/* Is there a function `wanted` at `address`? */
static bool functions_have(const struct functions *functions, const char *wanted, uint64_t address)
{
	size_t length = strlen(wanted);

	for (size_t slot = address_slot(functions, address); functions->slots[slot];
	     slot = (slot + 1) & functions->mask) {
		GElf_Sym sym;
		const char *name;
		symbols_get(functions->image, &functions->symtab, functions->slots[slot], &sym, &name);
		if (image_function(functions->image, sym.st_value).code == address && is_name(name, wanted, length))
			return true;
	}
	return false;
}

/* True as well when .symtab knows no function of that name; else *other is where one is. */
static bool functions_agree(const struct functions *functions, const char *wanted, uint64_t address, uint64_t *other)
{
	size_t length = strlen(wanted);

	if (!functions->slots || functions_have(functions, wanted, address))
		return true;
	for (size_t i = 1; i < functions->symtab.count; i++) {
		GElf_Sym sym;
		const char *name;
		symbols_get(functions->image, &functions->symtab, i, &sym, &name);
		if (is_name(name, wanted, length) && is_global_function(functions->image, &sym)) {
			*other = image_function(functions->image, sym.st_value).code;
			return false;
		}
	}
	return true;
}

/*
 * What verify_gates works on. The two arrays list the exports of each gate; they
 * are small because a page that is touched first costs more than all else here.
 */
struct gates {
	const unsigned char *pool;
	uint64_t *descriptors; /* the words that the loader leaves in the gates' own; null on a machine without */
	struct judge judge;
	struct functions functions;
	GElf_Phdr code;  /* the executable segment that the last gate went to */
	uint32_t *first; /* of each gate, the dynamic symbol of an export; 0 for none */
	uint32_t *next;  /* of each dynamic symbol, another one with the same gate; 0 for none */
};

static void check_ungated(struct check *check, const char *name, const GElf_Sym *sym)
{
	if (check->image->shnum == 0)
		check_add(check, SEVERITY_INFO, name, "verify the library before its section headers are removed",
			  "not gated: without section headers nobody can tell whether it is marked RT0_NO_GATE");
	else
		check_add(check, SEVERITY_ERROR, name, "link it with ldwrap, or mark it RT0_NO_GATE",
			  "not gated: hosts reach 0x%" PRIx64 " before the runtime is ready", sym->st_value);
}

static bool is_code(const struct image *image, struct gates *gates, uint64_t address)
{
	GElf_Phdr p;

	if (address - gates->code.p_vaddr < gates->code.p_memsz)
		return true;
	if (!image_segment(image, address, &p) || !(p.p_flags & PF_X))
		return false;
	gates->code = p;
	return true;
}

/* Does the descriptor of gate number i lead there, for every loader? */
static bool check_descriptor(struct check *check, const struct gates *gates, const char *name, size_t i)
{
	const char *todo = "link it again with ldwrap";
	const uint64_t *words = gates->descriptors + i * DESCRIPTOR_WORDS;
	uint64_t descriptor = check->note.gates + i * check->note.gates_step;
	uint64_t gate = check->note.pool + i * check->note.gate_size;
	struct function function = image_function(check->image, descriptor);

	if (words[DESCRIPTOR_CODE] != gate)
		check_add(check, SEVERITY_ERROR, name, todo,
			  "its descriptor at 0x%" PRIx64 " leads to 0x%" PRIx64 ", not to its gate at 0x%" PRIx64,
			  descriptor, words[DESCRIPTOR_CODE], gate);
	else if (function.code != gate || function.toc != words[DESCRIPTOR_TOC])
		check_add(check, SEVERITY_ERROR, name, todo,
			  "its descriptor at 0x%" PRIx64 " holds 0x%" PRIx64 ", 0x%" PRIx64
			  ", but its relocations say 0x%" PRIx64 ", 0x%" PRIx64,
			  descriptor, function.code, function.toc, gate, words[DESCRIPTOR_TOC]);
	else
		return true;
	return false;
}

static uint64_t gate_target(const struct check *check, const struct gates *gates, size_t i)
{
	const struct rt0_note *note = &check->note;

	return check->image->machine->gate_target(gates->pool + i * note->gate_size, note->gate_size,
						  note->gates + i * note->gates_step);
}

/* Does the export lead to a gate that goes to code? */
static bool check_gate(struct check *check, struct gates *gates, const char *name, uint64_t gate)
{
	const char *todo = "link it again with ldwrap";
	uint64_t skip = gate - check->note.gates, target;
	size_t i = (size_t)(skip / check->note.gates_step);
	unsigned char expected[GATE_MAX + FIXUP_ROOM];
	struct why why;

	if (skip % check->note.gates_step) {
		check_add(check, SEVERITY_ERROR, name, todo,
			  "0x%" PRIx64 " is inside the gate at 0x%" PRIx64 ", not at its start", gate,
			  gate - skip % check->note.gates_step);
		return false;
	}
	if (gates->descriptors && !check_descriptor(check, gates, name, i))
		return false;
	target = gate_target(check, gates, i);
	struct function function = {.code = target, .toc = image_function(check->image, gate).toc};
	if (target == 0)
		check_add(check, SEVERITY_ERROR, name, todo, "the gate at 0x%" PRIx64 " is unused or overwritten",
			  gate);
	else if (is_in_pool(check->image, target))
		check_add(check, SEVERITY_ERROR, name, todo,
			  "the gate at 0x%" PRIx64 " goes to 0x%" PRIx64 ", which is another gate", gate, target);
	else if (!is_code(check->image, gates, target))
		check_add(check, SEVERITY_ERROR, name, todo,
			  "the gate at 0x%" PRIx64 " goes to 0x%" PRIx64 ", which is not code", gate, target);
	else if (!gate_make(check->image->machine, &check->note, i, &function, expected, &why))
		check_add(check, SEVERITY_ERROR, name, todo, "%s", why.text);
	else if (memcmp(gates->pool + i * check->note.gate_size, expected, check->note.gate_size))
		check_add(check, SEVERITY_ERROR, name, todo,
			  "the gate at 0x%" PRIx64 " differs from the template of the rt0 note", gate);
	else
		return true;
	return false;
}

static void check_export(struct check *check, struct gates *gates, size_t i)
{
	GElf_Sym sym;
	const char *name;

	symbols_get(check->image, &check->dynsym, i, &sym, &name);
	switch (judge_export(&gates->judge, check->image, &sym, name)) {
	case EXPORT_NONE:
		break;
	case EXPORT_GATE:
		if (sym.st_value - check->image->gates >= check->image->gates_size) {
			check_ungated(check, name, &sym);
			break;
		}
		if (check_gate(check, gates, name, sym.st_value)) {
			uint32_t *first = &gates->first[(sym.st_value - check->note.gates) / check->note.gates_step];
			gates->next[i] = *first;
			*first = (uint32_t)i;
		}
		break;
	case EXPORT_EXEMPT:
		check_add(check, SEVERITY_INFO, name, "nothing, if that is meant", "exempt: works before init is done");
		break;
	case EXPORT_VAGUE:
		check_add(check, SEVERITY_INFO, name, "name it with --rt0-gate if it needs the runtime",
			  "not gated: a weak C++ symbol that hosts may have a copy of");
		break;
	case EXPORT_IFUNC:
		check_add(check, SEVERITY_INFO, name, "export a plain function that calls it if it needs the runtime",
			  "an IFUNC, whose address is its resolver's result, cannot be gated");
		break;
	case EXPORT_VARIANT:
		check_add(check, SEVERITY_INFO, name, "export a plain function that calls it if it needs the runtime",
			  "its calling convention (st_other 0x%x) keeps arguments where a closed gate would not: "
			  "cannot be gated",
			  sym.st_other);
		break;
	case EXPORT_TABLED:
		check_add(check, SEVERITY_INFO, name, "nothing: hosts call what `foreign export` names",
			  "GHC's code, found by the table in front of it, cannot be gated");
		break;
	case EXPORT_DATA:
		if (GELF_ST_TYPE(sym.st_info) == STT_NOTYPE)
			check_add(check, SEVERITY_INFO, name, "give it a .type in the assembly source",
				  "not gated: a symbol without type may be data");
		else
			check_add(check, SEVERITY_INFO, name, "export a function that returns it if init sets it",
				  "data cannot be gated: hosts may read it before init is done");
		break;
	}
}

/* The exports of one gate must all be names of the function that it goes to. */
static void check_names(struct check *check, const struct gates *gates, uint32_t gate, uint64_t target)
{
	for (uint32_t i = gates->first[gate]; i; i = gates->next[i]) {
		GElf_Sym sym;
		const char *name;
		uint64_t other;
		symbols_get(check->image, &check->dynsym, i, &sym, &name);
		if (!functions_agree(&gates->functions, name, target, &other))
			check_add(check, SEVERITY_ERROR, name, "link it again with ldwrap",
				  "the gate at 0x%" PRIx64 " goes to 0x%" PRIx64 ", but the function is at 0x%" PRIx64,
				  sym.st_value, target, other);
	}
}

struct gated {
	uint64_t target;
	uint32_t gate;
};

static int by_target(const void *a, const void *b)
{
	const struct gated *l = a, *r = b;

	if (l->target != r->target)
		return l->target < r->target ? -1 : 1;
	return l->gate < r->gate ? -1 : l->gate > r->gate;
}

/* Find functions with two gates, in a pool that is not in the order of targets. */
static void check_twice_gated(struct check *check, const struct gates *gates)
{
	struct gated *gated = malloc(((size_t)check->note.gate_count + 1) * sizeof *gated);
	size_t count = 0;

	if (!gated) {
		check->is_out_of_memory = true;
		return;
	}
	for (uint32_t i = 0; i < check->note.gate_count; i++)
		if (gates->first[i])
			gated[count++] = (struct gated){gate_target(check, gates, i), i};
	qsort(gated, count, sizeof *gated, by_target);
	for (size_t i = 1; i < count; i++) {
		GElf_Sym sym, other;
		const char *name, *other_name;
		if (gated[i].target != gated[i - 1].target)
			continue;
		symbols_get(check->image, &check->dynsym, gates->first[gated[i].gate], &sym, &name);
		symbols_get(check->image, &check->dynsym, gates->first[gated[i - 1].gate], &other, &other_name);
		check_add(check, SEVERITY_ERROR, name, "link it again with ldwrap",
			  "is the same function as %s, 0x%" PRIx64 ", but has a gate of its own (0x%" PRIx64
			  ", 0x%" PRIx64 "): pointers to it would differ",
			  other_name, gated[i].target, other.st_value, sym.st_value);
	}
	free(gated);
}

static void check_pool(struct check *check, struct gates *gates)
{
	uint64_t last = 0;
	bool is_ascending = true;

	for (size_t i = 1; i < check->dynsym.count; i++)
		check_export(check, gates, i);
	for (uint32_t i = 0; i < check->note.gate_count; i++) {
		if (!gates->first[i])
			continue;
		uint64_t target = gate_target(check, gates, i);
		check_names(check, gates, i, target);
		is_ascending = is_ascending && target > last;
		last = target;
	}
	/* Functions that a linker has folded into one keep descriptors, and so pointers, of their own. */
	if (!is_ascending && !check->image->machine->has_descriptors)
		check_twice_gated(check, gates);
}

static bool read_descriptors(struct check *check, struct gates *gates)
{
	size_t count = (size_t)check->note.gate_count * DESCRIPTOR_WORDS;
	struct why why;

	if (!check->image->machine->has_descriptors)
		return true;
	gates->descriptors = calloc(count + 1, sizeof *gates->descriptors);
	if (!gates->descriptors)
		return false;
	if (!reloc_pointers(check->image, &check->dynsym, check->note.gates, gates->descriptors, count, &why))
		check_add(check, SEVERITY_ERROR, RT0_SEC_OPD, "link it again with ldwrap", "%s", why.text);
	return true;
}

void verify_gates(struct check *check)
{
	const struct policy policy = {check->note.policy, check->note.policy_size};
	struct gates gates = {0};
	struct why why;

	if (!check->image->machine->gate_target) {
		check_add(check, SEVERITY_ERROR, RT0_SEC_GATES,
			  "use the elfpatch that came with the ldwrap of the link",
			  "gates of %s are unknown to this version", check->image->machine->arch);
		return;
	}
	if (!judge_open(&gates.judge, &policy, &why)) {
		check->is_out_of_memory |= !gates.judge.strings;
		check_add(check, SEVERITY_ERROR, RT0_SEC_NOTE, "link it again with fewer patterns", "%s", why.text);
		judge_close(&gates.judge);
		return;
	}
	/* image_rt0_note saw that the whole pool is there. */
	gates.pool = image_at(check->image, check->note.pool, check->image->pool_size);
	gates.first = calloc((size_t)check->note.gate_count + 1, sizeof *gates.first);
	gates.next = malloc((check->dynsym.count + 1) * sizeof *gates.next);
	if (gates.first && gates.next && functions_build(check->image, &gates.functions) &&
	    read_descriptors(check, &gates))
		check_pool(check, &gates);
	else
		check->is_out_of_memory = true;
	judge_close(&gates.judge);
	free(gates.descriptors);
	free(gates.functions.slots);
	free(gates.next);
	free(gates.first);
}

/*
 * no-leak
 */

/* Names of libc that other libraries of a process would bind to; sorted. */
static const char *const libc_names[] = {
	"abort",
	"accept",
	"aligned_alloc",
	"atexit",
	"atoi",
	"bind",
	"brk",
	"calloc",
	"cfree",
	"clock_gettime",
	"clone",
	"close",
	"connect",
	"dladdr",
	"dlclose",
	"dlerror",
	"dlopen",
	"dlsym",
	"dup",
	"dup2",
	"environ",
	"epoll_wait",
	"execve",
	"exit",
	"fclose",
	"fcntl",
	"fopen",
	"fork",
	"fprintf",
	"fputs",
	"fread",
	"free",
	"fscanf",
	"fstat",
	"fwrite",
	"getenv",
	"getpid",
	"gettimeofday",
	"index",
	"ioctl",
	"kill",
	"listen",
	"localtime",
	"longjmp",
	"lseek",
	"main",
	"malloc",
	"malloc_usable_size",
	"memalign",
	"memchr",
	"memcmp",
	"memcpy",
	"memmove",
	"memset",
	"mmap",
	"mprotect",
	"munmap",
	"nanosleep",
	"open",
	"perror",
	"pipe",
	"poll",
	"posix_memalign",
	"printf",
	"pthread_create",
	"pthread_detach",
	"pthread_exit",
	"pthread_join",
	"pthread_key_create",
	"pthread_mutex_lock",
	"pthread_mutex_unlock",
	"pthread_self",
	"putenv",
	"puts",
	"pvalloc",
	"qsort",
	"raise",
	"rand",
	"random",
	"read",
	"realloc",
	"reallocarray",
	"recv",
	"recvfrom",
	"rename",
	"sbrk",
	"scanf",
	"select",
	"send",
	"sendto",
	"setenv",
	"setjmp",
	"sigaction",
	"sigemptyset",
	"signal",
	"sigprocmask",
	"sleep",
	"snprintf",
	"socket",
	"sprintf",
	"srand",
	"srandom",
	"sscanf",
	"stat",
	"stderr",
	"stdin",
	"stdout",
	"strcat",
	"strchr",
	"strcmp",
	"strcpy",
	"strdup",
	"strlen",
	"strncat",
	"strncmp",
	"strncpy",
	"strndup",
	"strrchr",
	"strstr",
	"strtod",
	"strtok",
	"strtol",
	"syscall",
	"system",
	"tempnam",
	"time",
	"unlink",
	"usleep",
	"valloc",
	"vfprintf",
	"vprintf",
	"vsnprintf",
	"vsprintf",
	"wait",
	"waitpid",
	"write",
};

static int by_name(const void *name, const void *entry)
{
	return strcmp(name, *(const char *const *)entry);
}

void verify_no_leak(struct check *check)
{
	for (size_t i = 1; i < check->dynsym.count; i++) {
		GElf_Sym sym;
		const char *name;
		symbols_get(check->image, &check->dynsym, i, &sym, &name);
		bool is_defined = sym.st_shndx != SHN_UNDEF;
		/* gold keeps the name of a hidden weak symbol that nothing defines; nothing can bind to it. */
		bool is_remnant = !is_defined && GELF_ST_VISIBILITY(sym.st_other) == STV_HIDDEN;
		bool is_table = check->note.record && !is_defined && strcmp(name, RT0_SYM_TABLE) == 0;
		if (strncmp(name, "rt0_", 4) == 0 && !is_remnant && !is_table)
			check_add(check, SEVERITY_ERROR, name,
				  is_defined ? "include rt0.h, or declare it with hidden visibility"
					     : "link it with ldwrap, which adds rt",
				  is_defined ? "exported: another library with a runtime would bind to it"
					     : "imported: another library's runtime would be used");
		else if (is_defined && bsearch(name, libc_names, sizeof libc_names / sizeof libc_names[0],
					       sizeof libc_names[0], by_name))
			check_add(check, SEVERITY_WARNING, name,
				  "hide it with -fvisibility=hidden or a version script, unless it is meant",
				  "exported: the whole process may bind to it instead of libc's");
	}
}

/*
 * needed
 */

/* Version name of dynamic symbol i by DT_VERSYM and DT_VERNEED (gABI symbol versioning), or null. */
static const char *needed_version(const struct check *check, size_t i)
{
	const struct image *image = check->image;
	uint64_t versym, need, count;

	if (!image_dynamic(image, DT_VERSYM, &versym) || !image_dynamic(image, DT_VERNEED, &need) ||
	    !image_dynamic(image, DT_VERNEEDNUM, &count))
		return NULL;
	const unsigned char *at = image_at(image, versym + 2 * i, 2);
	if (!at)
		return NULL;
	uint16_t wanted = image_get16(image, at) & 0x7fff;
	/* Indices have 15 bits: more steps than that only go round in a damaged file. */
	unsigned steps = 0;
	for (; count > 0 && steps < 0x8000; count--, steps++) {
		const unsigned char *file = image_at(image, need, sizeof(Elf64_Verneed));
		if (!file)
			return NULL;
		uint64_t version = need + image_get32(image, file + 8);
		for (uint16_t left = image_get16(image, file + 2); left > 0 && steps < 0x8000; left--, steps++) {
			const unsigned char *aux = image_at(image, version, sizeof(Elf64_Vernaux));
			if (!aux)
				return NULL;
			if (image_get16(image, aux + 6) == wanted)
				return check_string(check, image_get32(image, aux + 8));
			if (image_get32(image, aux + 12) == 0)
				break;
			version += image_get32(image, aux + 12);
		}
		if (image_get32(image, file + 12) == 0)
			return NULL;
		need += image_get32(image, file + 12);
	}
	return NULL;
}

static bool is_needed(const struct check *check, const char *soname)
{
	int64_t tag;
	uint64_t value;

	for (size_t i = 0; image_dynamic_entry(check->image, i, &tag, &value); i++) {
		const char *name = tag == DT_NEEDED ? check_string(check, value) : NULL;
		if (name && strcmp(name, soname) == 0)
			return true;
	}
	return false;
}

/* From 2.34 on pthread_create is in libc.so.6 itself. */
static bool is_before_merge(const char *version)
{
	unsigned major, minor;

	return sscanf(version, "GLIBC_%u.%u", &major, &minor) == 2 && (major < 2 || (major == 2 && minor < 34));
}

void verify_needed(struct check *check)
{
	if (check->note.record) {
		if (!is_needed(check, RT0_SONAME))
			check_add(check, SEVERITY_ERROR, RT0_SONAME, "attach it again",
				  "is not needed, though the library was attached: its gates would lead nowhere");
		return;
	}
	if (is_needed(check, "libpthread.so.0"))
		return;
	for (size_t i = 1; i < check->dynsym.count; i++) {
		GElf_Sym sym;
		const char *name;
		symbols_get(check->image, &check->dynsym, i, &sym, &name);
		if (sym.st_shndx != SHN_UNDEF || strcmp(name, "pthread_create") != 0)
			continue;
		const char *version = needed_version(check, i);
		if (version ? is_before_merge(version) : is_needed(check, "libc.so.6"))
			check_add(check, SEVERITY_WARNING, name, "link with -pthread",
				  "%s is in libpthread.so.0, which is not needed: in a host without threads the "
				  "runtime starts on a raw clone",
				  version ? version : "without a version it");
		return;
	}
}
