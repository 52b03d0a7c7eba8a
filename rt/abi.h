/*
 * The contract between rt and the two tools.
 *
 * Everything here is shared by code that runs in the user's process (rt/) and
 * code that reads or writes ELF files of any machine (ldwrap/, elfpatch/), so
 * it holds only macros, and layouts are given as byte offsets that are the same
 * for ELF32 and ELF64 unless a word size is named.
 */
#ifndef RT0_ABI_H
#define RT0_ABI_H

/* Raised when a tool of this version cannot serve a library of another one. */
#define RT0_ABI_VERSION 1

/*
 * States of the 32-bit futex word `rt0_state_word`, in the only order they take.
 * Bit 7 is set in RT0_OPEN alone, so that a gate may test the word, its low byte,
 * the bit, or the byte's sign, whichever its machine does in fewer instructions;
 * the seven bits below are the numbers of enum rt0_state. In the bits above the low
 * byte a port may tell its gates more when it opens them (RT0_ARCH_OPEN).
 */
#define RT0_UNSTARTED  0
#define RT0_STARTING   1
#define RT0_RUNNING    2
#define RT0_OPEN       131 /* 0x83 */
#define RT0_FAILED     4
#define RT0_STATE_MASK 0x7f

/*
 * Instead of RT0_OPEN in a library whose threads are attached: a gate that only
 * looks at the state sends every call through rt, which attaches its thread first.
 */
#define RT0_OPEN_ATTACHING 3

/* Symbols. All are hidden in the output. */
#define RT0_SYM_ENTRY       "rt0_lib"           /* DT_INIT */
#define RT0_SYM_TWIN        "rt0_lib_twin"      /* last entry of .init_array */
#define RT0_SYM_STATE       "rt0_state_word"    /* the futex word */
#define RT0_SYM_CLOSED      "rt0_gate_closed"   /* slow path, entered by a closed gate */
#define RT0_SYM_CONFIG      "rt0_config"        /* struct below */
#define RT0_SYM_ISLIBRARY   "rt0_islibrary"     /* one byte, 0 until a tool sets it */
#define RT0_SYM_TARGET      "rt0_gate_target"   /* what a gate template jumps to */
#define RT0_SYM_GATE        "rt0_gate"          /* the gate that is made of it */
#define RT0_SYM_INIT        "rt0_runtime_init"  /* the author's, default name */
#define RT0_SYM_MAIN        "rt0_runtime_main"  /* the author's, optional */
#define RT0_SYM_ATTACH      "rt0_thread_attach" /* the author's, optional */
#define RT0_SYM_DETACH      "rt0_thread_detach" /* the author's, optional */
#define RT0_SYM_THREADS     "rt0_thread_slots"  /* thread pointers of attached threads */
#define RT0_SYM_ABI         "rt0_abi"           /* local, in gate.o, gate_attach.o and stub.o: RT0_ABI_VERSION */
#define RT0_SYM_GATE_SUFFIX "@gate"             /* foo -> foo@gate in .symtab */

/* Sections. */
#define RT0_SEC_GATES   ".rt0.gates"       /* SHF_ALLOC|SHF_EXECINSTR: the pool */
#define RT0_SEC_NOGATE  ".rt0.nogate"      /* code of exports marked RT0_NO_GATE */
#define RT0_SEC_NOTE    ".note.rt0"        /* SHT_NOTE, allocated */
#define RT0_SEC_CONFIG  ".data.rel.ro.rt0" /* rt0_config, relocated then read-only */
#define RT0_SEC_OPD     ".opd"             /* function descriptors, on machines that have them */
#define RT0_SEC_OWN_OPD ".rt0.opd"         /* those of gates and the stub, in a library that was attached */

/* Notes in RT0_SEC_NOTE (gABI, Note Section). */
#define RT0_NOTE_NAME "rt0"

/*
 * RT0_NT_LIBRARY: 32-bit words in the file's byte order. A "self-relative" word
 * holds target - address of the word, so no dynamic relocation is needed.
 */
#define RT0_NT_LIBRARY      1
#define RT0_NOTE_VERSION    0  /* RT0_ABI_VERSION */
#define RT0_NOTE_GATE_SIZE  1  /* bytes a gate, a multiple of 4 */
#define RT0_NOTE_GATE_COUNT 2  /* gates in the pool, used or not */
#define RT0_NOTE_POOL       3  /* self-relative: first gate */
#define RT0_NOTE_STATE      4  /* self-relative: rt0_state_word */
#define RT0_NOTE_ISLIBRARY  5  /* self-relative: rt0_islibrary */
#define RT0_NOTE_CONFIG     6  /* self-relative: rt0_config */
#define RT0_NOTE_ENTRY      7  /* self-relative: rt0_lib */
#define RT0_NOTE_CLOSED     8  /* self-relative: rt0_gate_closed */
#define RT0_NOTE_TWIN       9  /* self-relative: rt0_lib_twin */
#define RT0_NOTE_FIXUPS     10 /* how many fixups follow */
#define RT0_NOTE_WORDS      11

/*
 * A fixup is one relocation of the gate template, which the tools apply to each
 * gate that they fill. Behind the fixups stand the template's bytes; behind those,
 * on a machine with function descriptors, a self-relative word: the descriptor of
 * the first gate, behind which those of the others follow.
 */
#define RT0_FIXUP_PLACE  0 /* offset inside the gate, bytes, and what it refers to << 16 */
#define RT0_FIXUP_TYPE   1 /* relocation type of the machine */
#define RT0_FIXUP_ADDEND 2 /* signed */
#define RT0_FIXUP_WORDS  3
#define RT0_FIXUPS_MAX   16
#define RT0_FIXUP_TARGET 0 /* the exported function */
#define RT0_FIXUP_STATE  1 /* rt0_state_word */
#define RT0_FIXUP_CLOSED 2 /* rt0_gate_closed */
#define RT0_FIXUP_CONFIG 3 /* rt0_config */
#define RT0_FIXUP_GATE   4 /* the gate, as .dynsym has it: the address of its descriptor, if it has one */
#define RT0_FIXUP_KINDS  5

/*
 * RT0_NT_POLICY: the gate policy of the link, NUL-terminated strings one after
 * the other: '+' GLOB for --rt0-gate, '-' GLOB for --rt0-no-gate. Absent when
 * neither was given.
 */
#define RT0_NT_POLICY 2

/*
 * rt0_config: two 32-bit words, one 64-bit word, then pointers of the file's
 * class. Written by ldwrap; read-only after relocation.
 */
#define RT0_CONFIG_VERSION    0  /* u32: RT0_ABI_VERSION */
#define RT0_CONFIG_FLAGS      4  /* u32: below */
#define RT0_CONFIG_STACK_SIZE 8  /* u64: bytes, 0 for the system's default */
#define RT0_CONFIG_POINTERS   16 /* then these, in this order: */
#define RT0_POINTER_INIT      0  /* int (*)(int, char **, char **), never null */
#define RT0_POINTER_MAIN      1  /* void (*)(void), or null */
#define RT0_POINTER_FAILURE   2  /* void (*)(int, const char *), or null */
#define RT0_POINTER_CHAIN     3  /* the DT_INIT that was there, or null */
#define RT0_POINTER_FLAG      4  /* the author's own islibrary byte, or null */
#define RT0_POINTER_ATTACH    5  /* void (*)(void), or null */
#define RT0_POINTER_DETACH    6  /* void (*)(void), or null */
#define RT0_POINTER_THREADS   7  /* rt0_thread_slots, or null */
#define RT0_POINTER_COUNT     8

/* RT0_CONFIG_FLAGS */
#define RT0_START_MASK       0x3
#define RT0_START_AFTER_LOAD 0x0
#define RT0_START_CONCURRENT 0x1
#define RT0_START_FIRST_CALL 0x2
#define RT0_NO_TAKE_OVER     0x4
#define RT0_FAILURE_MASK     0x30
#define RT0_FAILURE_ABORT    0x00
#define RT0_FAILURE_CONTINUE 0x10
#define RT0_FAILURE_CALL     0x20

/*
 * A library that elfpatch attached has no rt of its own: the rt of RT0_SONAME serves
 * it. What it has is a record, a state block, a slot, gates, whose rt0_gate_closed is
 * RT0_SYM_STUB_CLOSED and whose rt0_state_word is the state block, and a stub, which
 * enters that rt through the table to which the slot points.
 */
#define RT0_SONAME         "librt0.so.0"
#define RT0_SYMBOL_VERSION "RT0_1"
#define RT0_SYM_TABLE      "rt0_attached" /* all that RT0_SONAME exports: the table */

/*
 * The table: two 32-bit words, then pointers of the file's class. lib and twin are
 * C functions: void (int argc, char **argv, char **envp, const void *record); closed
 * is code (no descriptor), entered by a jump from the stub as the port's entry.S says.
 * A later one may be longer, never otherwise.
 */
#define RT0_TABLE_VERSION  0 /* u32: RT0_ABI_VERSION */
#define RT0_TABLE_SIZE     4 /* u32: bytes */
#define RT0_TABLE_POINTERS 8 /* then these, in this order: */
#define RT0_TABLE_LIB      0
#define RT0_TABLE_TWIN     1
#define RT0_TABLE_CLOSED   2
#define RT0_TABLE_COUNT    3

/*
 * The stub: section RT0_SEC_STUB of the port's stub.o, code that runs anywhere. Its
 * relocations refer to two hidden undefined symbols, the record and the slot, and are
 * of types that the tools apply as fixups of the gate.
 */
#define RT0_SEC_STUB        ".rt0.stub"
#define RT0_SYM_STUB_LIB    "rt0_stub_lib"    /* DT_INIT */
#define RT0_SYM_STUB_TWIN   "rt0_stub_twin"   /* last entry of .init_array */
#define RT0_SYM_STUB_CLOSED "rt0_stub_closed" /* where a closed gate goes */
#define RT0_SYM_RECORD      "rt0_attached_record"
#define RT0_SYM_SLOT        "rt0_attached_slot"

/*
 * RT0_NT_ATTACHED: the record, a note's descriptor, aligned to 8 and never written
 * to. Numbers in the file's byte order; the i64 words are self-relative, 0 for none.
 * Functions are meant as symbols have them: the descriptor where there are some, bit
 * 0 set for Thumb.
 */
#define RT0_NT_ATTACHED         3
#define RT0_ATTACHED_VERSION    0   /* u32: RT0_ABI_VERSION */
#define RT0_ATTACHED_FLAGS      4   /* u32: as RT0_CONFIG_FLAGS, but for RT0_FAILURE_CALL */
#define RT0_ATTACHED_STACK_SIZE 8   /* u64: bytes, 0 for the system's default */
#define RT0_ATTACHED_INIT       16  /* i64: int (*)(int, char **, char **), never none */
#define RT0_ATTACHED_CHAIN      24  /* i64: the DT_INIT that was there */
#define RT0_ATTACHED_TWIN_CHAIN 32  /* i64: the .init_array entry whose place the twin took */
#define RT0_ATTACHED_FLAG       40  /* i64: the author's own islibrary byte */
#define RT0_ATTACHED_START      48  /* i64: lowest address of the image, that of its ELF header */
#define RT0_ATTACHED_END        56  /* i64: behind its last segment */
#define RT0_ATTACHED_DYNAMIC    64  /* i64: _DYNAMIC */
#define RT0_ATTACHED_STATE      72  /* i64: the state block */
#define RT0_ATTACHED_SLOT       80  /* i64: the slot, a pointer that the loader sets to RT0_SYM_TABLE */
#define RT0_ATTACHED_STUB       88  /* i64: first byte of the stub */
#define RT0_ATTACHED_GATES      96  /* i64: first gate, or its descriptor */
#define RT0_ATTACHED_GATE_SIZE  104 /* u32: bytes */
#define RT0_ATTACHED_GATE_COUNT 108 /* u32 */
#define RT0_ATTACHED_SIZE       112

/* The state block: writable, zero in the file; the futex word is alone in its first 64 bytes. */
#define RT0_ATTACHED_STATE_SIZE  2048
#define RT0_ATTACHED_STATE_ALIGN 4096

#endif
