/* Rules that hold for every shared library. */
#include "verify_rules.h"

#include "../../rt/abi.h"
#include "machine.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* What glibc keeps free for the static TLS of libraries loaded later (rtld.optional_static_tls and its own use). */
#define STATIC_TLS_SURPLUS 1664

static bool find_segment(const struct image *image, uint32_t type, GElf_Phdr *phdr)
{
	for (size_t i = 0; i < image->phnum; i++)
		if (gelf_getphdr(image->elf, (int)i, phdr) && phdr->p_type == type)
			return true;
	return false;
}

void verify_no_textrel(struct check *check)
{
	uint64_t ignored;

	if (image_dynamic(check->image, DT_TEXTREL, &ignored) || check_flags(check, DT_FLAGS) & DF_TEXTREL)
		check_add(check, SEVERITY_ERROR, "DT_TEXTREL",
			  "compile every object with -fPIC; `readelf -r` shows the relocations",
			  "the loader must write into read-only code");
}

void verify_no_execstack(struct check *check)
{
	GElf_Phdr stack;

	if (!find_segment(check->image, PT_GNU_STACK, &stack))
		check_add(check, SEVERITY_ERROR, "PT_GNU_STACK", "link with -z noexecstack",
			  "there is none, so loaders make every stack of the process executable");
	else if (stack.p_flags & PF_X)
		check_add(check, check->image->machine->is_stack_executable ? SEVERITY_WARNING : SEVERITY_ERROR,
			  "PT_GNU_STACK", "link with -z noexecstack; give assembly sources a .note.GNU-stack section",
			  "flags 0x%" PRIx32 " make every stack of the process executable", stack.p_flags);
}

void verify_no_wx(struct check *check)
{
	for (size_t i = 0; i < check->image->phnum; i++) {
		GElf_Phdr p;
		char where[40];
		if (!gelf_getphdr(check->image->elf, (int)i, &p) || p.p_type != PT_LOAD)
			continue;
		if ((p.p_flags & (PF_W | PF_X)) != (PF_W | PF_X))
			continue;
		snprintf(where, sizeof where, "offset 0x%" PRIx64, p.p_offset);
		check_add(check, SEVERITY_ERROR, where, "link without -N and without a writable code section",
			  "segment of %" PRIu64 " bytes at 0x%" PRIx64 " is writable and executable", p.p_memsz,
			  p.p_vaddr);
	}
}

void verify_relro(struct check *check)
{
	GElf_Phdr relro;
	uint64_t ignored;

	if (!find_segment(check->image, PT_GNU_RELRO, &relro)) {
		check_add(check, SEVERITY_WARNING, "PT_GNU_RELRO", "link with -z relro -z now",
			  "relocated tables stay writable");
		return;
	}
	bool is_now = image_dynamic(check->image, DT_BIND_NOW, &ignored) ||
		      check_flags(check, DT_FLAGS) & DF_BIND_NOW || check_flags(check, DT_FLAGS_1) & DF_1_NOW;
	if (!is_now && image_dynamic(check->image, DT_JMPREL, &ignored))
		check_add(check, SEVERITY_WARNING, "DT_JMPREL", "link with -z now",
			  "binding is lazy, so the PLT's table stays writable");
}

void verify_static_tls(struct check *check)
{
	GElf_Phdr tls;

	if (!(check_flags(check, DT_FLAGS) & DF_STATIC_TLS) || !find_segment(check->image, PT_TLS, &tls))
		return;
	if (tls.p_memsz > STATIC_TLS_SURPLUS)
		check_add(check, SEVERITY_ERROR, "PT_TLS",
			  "compile without -ftls-model=initial-exec, or with -mtls-dialect=gnu2",
			  "%" PRIu64 " bytes of static TLS, but dlopen has at most %d to give", tls.p_memsz,
			  STATIC_TLS_SURPLUS);
	else
		check_add(check, SEVERITY_WARNING, "PT_TLS",
			  "compile without -ftls-model=initial-exec, or with -mtls-dialect=gnu2",
			  "%" PRIu64
			  " bytes of static TLS: glibc's dlopen shares %d among all libraries, musl's refuses",
			  tls.p_memsz, STATIC_TLS_SURPLUS);
}

/* The bits of the property in an NT_GNU_PROPERTY_TYPE_0 note (Linux Extensions to gABI). */
static uint32_t protection_of_note(const struct image *image, const struct note *note)
{
	size_t pad = image_word_size(image) - 1, at = 0;

	while (note->size - at >= 8) {
		uint32_t type = image_get32(image, note->desc + at);
		size_t size = image_get32(image, note->desc + at + 4), left = note->size - at - 8;
		if (size > left)
			break;
		if (type == image->machine->protection && size >= 4)
			return image_get32(image, note->desc + at + 8);
		size_t padded = (size + pad) & ~pad;
		at += 8 + (padded < left ? padded : left);
	}
	return 0;
}

static uint32_t protection_of(const struct image *image)
{
	struct note_cursor cursor = {0};
	struct note note;
	struct why unused;
	uint32_t bits = 0;

	while (image_note_next(image, &cursor, &note, &unused))
		if (note_is(&note, "GNU", NT_GNU_PROPERTY_TYPE_0))
			bits |= protection_of_note(image, &note);
	return bits;
}

/* Does the exported function, behind its gate if it has one, begin as protected code does? */
static bool is_protected(const struct check *check, uint64_t address)
{
	const struct machine *machine = check->image->machine;

	if (address - check->image->gates < check->image->gates_size && machine->gate_target) {
		const void *gate = image_at(check->image, address, check->note.gate_size);
		address = gate ? machine->gate_target(gate, check->note.gate_size, address) : 0;
	}
	const void *code = image_at(check->image, address, sizeof machine->landings[0]);
	for (int i = 0; code && i < 2; i++)
		if (memcmp(code, machine->landings[i], sizeof machine->landings[i]) == 0)
			return true;
	return false;
}

/* So many exports are asked: enough to tell. */
#define PROTECTION_SAMPLE 256

/*
 * A linker drops the property when one input lacks it, and says nothing. That
 * the other inputs had it shows in their code: most exports begin with a landing
 * pad. Where they do not, nobody asked for protection.
 */
void verify_cet_bti(struct check *check)
{
	const struct machine *machine = check->image->machine;
	size_t functions = 0, protected = 0;
	uint32_t bits;

	if (!machine->protection)
		return;
	bits = protection_of(check->image);
	if ((bits & 3) == 3)
		return;
	for (size_t i = 0; i < check->dynsym.count && functions < PROTECTION_SAMPLE; i++) {
		GElf_Sym sym;
		symbols_get(check->image, &check->dynsym, i, &sym, NULL);
		if (GELF_ST_TYPE(sym.st_info) != STT_FUNC || sym.st_shndx == SHN_UNDEF)
			continue;
		functions++;
		protected += is_protected(check, sym.st_value);
	}
	if (protected == 0 || protected < functions - protected)
		return;
	if (!(bits & 1))
		check_add(
			check, SEVERITY_WARNING, ".note.gnu.property",
			"give every assembly object a .note.gnu.property; `-Wl,-z,cet-report=warning` or "
			"`-Wl,-z,bti-report=warning` names it",
			"%s is not claimed although %zu of %zu exported functions seen were compiled for it: one input "
			"stripped it from the whole library",
			machine->protection_names[0], protected, functions);
	else
		check_add(check, SEVERITY_INFO, ".note.gnu.property", "compile every object with it, or leave it off",
			  "%s is claimed but not %s: one input lacks it, or none asked for it",
			  machine->protection_names[0], machine->protection_names[1]);
}

/* Without a note nobody can tell what else was to be expected, so this is all that is said of rt0. */
void verify_version(struct check *check)
{
	if (!check->has_note) {
		if (check->note_why[0])
			check_add(check, SEVERITY_ERROR, RT0_SEC_NOTE, "link it again with ldwrap of this version",
				  "%s", check->note_why);
		else
			check_add(check, SEVERITY_ERROR, RT0_SEC_NOTE, "link it with `ldwrap -shared`",
				  "no rt0 note: not linked by ldwrap");
		return;
	}
	const void *config = image_at(check->image, check->note.config, RT0_CONFIG_POINTERS);
	uint32_t version = config ? image_get32(check->image, (const char *)config + RT0_CONFIG_VERSION) : 0;
	if (version != RT0_ABI_VERSION)
		check_add(check, SEVERITY_ERROR, RT0_SYM_CONFIG, "link it again with ldwrap of this version",
			  "made for version %" PRIu32 " of rt, the note says %" PRIu32, version, check->note.version);
}
