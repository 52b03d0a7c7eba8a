# librt0.so.0, with attached libraries that an ordinary linker made: it fills record, stub and gates as elfpatch would.
load rt

# gate EXPORT: gate_EXPORT.o, the gate of EXPORT, whose function is called EXPORT_code
gate() {
  local edit=() port_flags target=$1_code
  case $machine in
    # A branch goes to the second entry that functions have there; the form for far ones does not.
    powerpc64le) edit=(-e 's/\<b\>\(.*\)rt0_gate_target/mtctr 12/') ;;
    # The gate knows its function by the address of its code, which has no name.
    powerpc64) target=$1_entry ;;
  esac
  sed "${edit[@]}" -e '/\.hidden.*\<rt0_gate$/d' -e "s/rt0_gate_target/$target/g" -e s/rt0_gate_closed/rt0_stub_closed/g \
    -e s/rt0_state_word/attached_state/g -e "s/\<rt0_gate\>/$1/g" "$INCLUDE/arch/$machine/gate.S" >gate.S
  [ "$machine" != powerpc64 ] || cat >>gate.S <<END
	.text
	.globl	$target
$target:
	b	$1_code
	.section .opd, "aw", @progbits
	.balign	8
	.globl	$1
	.type	$1, @function
$1:	.quad	.rt0.gates, .TOC.@tocbase, 0
END
  read -ra port_flags <"$INCLUDE/arch/$machine/flags"
  (cd "$root" && cc "${port_flags[@]}" -I"$INCLUDE" -I"$INCLUDE/arch/$machine" -c "$OLDPWD/gate.S" -o "$OLDPWD/gate_$1.o")
  [ "$machine" = powerpc64 ] || objcopy --add-symbol "$1=.rt0.gates:0,global,function" "gate_$1.o"
}

# sign_extend LIBRARY: the upper halves of its record's words, where no relocation has written them
sign_extend() {
  python3 - "$1" "$(readelf -SW "$1" | sed -n 's/.*\.note\.rt0 *NOTE *[0-9a-f]* \([0-9a-f]*\).*/\1/p')" <<'END'
import struct, sys
with open(sys.argv[1], 'r+b') as file:
    for word in range(11):
        file.seek(int(sys.argv[2], 16) + 32 + 8 * word)
        low, = struct.unpack('<i', file.read(4))
        file.write(struct.pack('<i', low >> 31))
END
}

# attached OUTPUT 'EXPORT...' SOURCE... [-- ARG...]: SOURCEs as a library that is attached, the EXPORTs gated; ARGs go
# to cc. FLAGS, VERSION and STACK_SIZE are the record's.
attached() {
  local output=$1 exports=$2 name source object init=rt0_stub_lib stub=("$OBJECTS/stub.o") renamed=() gates=() objects=()
  shift 2
  while [ $# -gt 0 ] && [ "$1" != -- ]; do
    source=$1
    objects+=("code${#objects[@]}.o")
    cc -c -fPIC -O1 -g -Wall -Wextra -Werror -I"$INCLUDE" "$source" -o "${objects[-1]}"
    shift
  done
  for name in $exports; do
    renamed+=(--redefine-sym "$name=${name}_code")
    gates+=("gate_$name.o")
    [ -e "gate_$name.o" ] || gate "$name"
  done
  for object in "${objects[@]}"; do
    objcopy "${renamed[@]}" "$object"
  done
  cc -c -fPIC -O1 -g -Wall -Wextra -Werror -I"$INCLUDE" "$SOURCES/attached.c" -o attached_c.o
  cc -c -I"$INCLUDE" -DFLAGS="${FLAGS:-0}" -DVERSION="${VERSION:-1}" -DSTACK_SIZE="${STACK_SIZE:-0}" \
    "$SOURCES/attached.S" -o attached_s.o
  # A descriptor has to be in the object of its code, so attached.S includes the stub.
  [ "$machine" != powerpc64 ] || init=attached_lib stub=()
  cc -shared "${objects[@]}" attached_c.o attached_s.o "${gates[@]}" "${stub[@]}" -o "$output" \
    "-Wl,-init,$init" -Wl,-z,nodelete,-z,now,-Bsymbolic-functions,-rpath,"$OBJECTS" "${@:2}" "$OBJECTS/librt0.so.0"
  [ "$machine" != mips64el ] || sign_extend "$output"
}

setup_file() {
  cd "$BATS_FILE_TMPDIR" || return 1
  host host
  attached libplug.so plug_answer "$SOURCES/plug.c"
}

setup() {
  cd "$BATS_FILE_TMPDIR" || return 1
}

bounded() {
  # What runs init in somebody's call has all signals blocked.
  run -0 timeout -s KILL 60 "$@"
}

@test "librt0.so.0 exports one versioned table in read-only memory, needs no other library than libc, and imports what it can do without" {
  run -0 readelf -dW "$OBJECTS/librt0.so.0"
  has "$output" 'Library soname: \[librt0\.so\.0\]'
  has "$output" 'FLAGS_1.* NOW'
  has "$output" 'FLAGS_1.* NODELETE'
  # Where imports have versions, they are libc's.
  [ "$(sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' <<<"$output")" = "$([ ! -e "$INCLUDE/arch/$machine/libc.map" ] || echo libc.so.6)" ]
  has_not "$output" '\((INIT|INIT_ARRAY|FINI|FINI_ARRAY|TEXTREL|RUNPATH|RPATH)\)'
  run -0 readelf --dyn-syms -W "$OBJECTS/librt0.so.0"
  [ "$(awk '$7 != "UND" && $7 != "ABS" && $5 != "LOCAL" && /^ *[0-9]+: / { print $4, $5, $6, $8 }' <<<"$output")" = \
    'OBJECT GLOBAL DEFAULT rt0_attached@@RT0_1' ]
  [ "$(awk '$7 == "UND" && $5 != "LOCAL" && /^ *[0-9]+: / { print $5 }' <<<"$output" | sort -u)" = WEAK ]
  local address size word
  read -r address size < <(awk '$8 ~ /^rt0_attached@@/ { print "0x" $2, $3 }' <<<"$output")
  word=$(echo __SIZEOF_POINTER__ | cc -E -P -)
  [ "$size" -eq $((8 + 3 * word)) ]
  run -0 readelf -lW "$OBJECTS/librt0.so.0"
  local start length
  read -r start length < <(awk '$1 == "GNU_RELRO" { print $3, $6 }' <<<"$output")
  ((address >= start && address + size <= start + length))
  # Its first words: version and size.
  cat >table.c <<'END'
#include <abi.h>
#include <stdint.h>
#include <string.h>
extern const char rt0_attached[];
int main(void)
{
	uint32_t version, size;
	memcpy(&version, rt0_attached + RT0_TABLE_VERSION, sizeof(version));
	memcpy(&size, rt0_attached + RT0_TABLE_SIZE, sizeof(size));
	return version != 1 || size != RT0_TABLE_POINTERS + RT0_TABLE_COUNT * sizeof(void *);
}
END
  cc -fPIC -I"$INCLUDE" table.c -o table "$OBJECTS/librt0.so.0" -Wl,-rpath,"$OBJECTS"
  run -0 ./table
}

# bats test_tags=native
@test "abidiff finds the interface of librt0.so.0 as it was" {
  # Of a machine of 64 bits.
  [ "$(echo __SIZEOF_POINTER__ | cc -E -P -)" -eq 8 ]
  run -0 abidiff --no-architecture "$SOURCES/librt0.abi" "$OBJECTS/librt0.so.0"
  [ -z "$output" ]
  sed s/rt0_attached/rt0_other/ "$SOURCES/librt0.abi" >other.abi
  run abidiff --no-architecture other.abi "$OBJECTS/librt0.so.0"
  [ "$status" -ne 0 ]
}

@test "the stub refers to the record and the slot and to nothing else" {
  run -0 nm -u "$OBJECTS/stub.o"
  [ "$(awk '{ print $2 }' <<<"$output" | sort | xargs)" = 'rt0_attached_record rt0_attached_slot' ]
  run -0 nm "$OBJECTS/stub.o"
  for name in lib twin closed; do
    has "$output" "T rt0_stub_$name"
  done
}

@test "librt0.so.0 and the stub claim the branch protection of the machine, and their ways in begin with its mark" {
  local property mark
  case $machine in
    x86_64 | i386) property='IBT, SHSTK' mark='endbr(64|32)' ;;
    aarch64) property='BTI, PAC' mark='bti|paciasp' ;;
    *) return 0 ;; # has none
  esac
  for file in librt0.so.0 stub.o; do
    run -0 readelf -nW "$OBJECTS/$file"
    has "$output" "feature: $property"
  done
  run -0 objdump -d --no-show-raw-insn "$OBJECTS/librt0.so.0" "$OBJECTS/stub.o"
  for name in lib twin rt0_gate_closed rt0_stub_lib rt0_stub_twin rt0_stub_closed; do
    has "$output" "<$name>:"$'\n'"[^"$'\n'"]*($mark)"
  done
}

@test "its slow path holds no vector or floating-point instruction" {
  no_vector_instructions "$OBJECTS/librt0.so.0"
}

@test "an attached library starts at load, and 2,000 waiting threads pass when its init ends" {
  PLUG="held" bounded ./host many ./libplug.so
}

@test "the DT_INIT and the constructors that it had run once and in order, and init after them" {
  cat >order.c <<'END'
#include "host.h"
#include "plug.h"
int main(void)
{
	void *library = load("./libplug.so", RTLD_NOW);
	int (*answer)(int) = (int (*)(int))symbol(library, "plug_answer");
	int *ran = symbol(library, "attached_ran");
	struct plug_view *(*look)(void) = (struct plug_view * (*)(void)) symbol(library, "plug_look");
	expect_equal(answer(41), 42);
	expect_equal(look()->constructed_before_init, 1);
	expect_equal(look()->init_islibrary, 1);
	expect_equal(look()->runs, 1);
	expect_equal(look()->state, 3);
	/* Where the loader ignores DT_INIT, the twin stands in for it. */
	expect_equal(ran[0], HAS_DT_INIT ? 1 : 2);
	expect_equal(ran[1], HAS_DT_INIT ? 2 : 1);
	expect_equal(ran[2], 3);
	/* A constructor's call of an export of its own library passes. */
	expect_equal(*(int *)symbol(library, "attached_own_call"), -1);
	return 0;
}
END
  local has_dt_init=1
  [ "$machine" != riscv64 ] || has_dt_init=0
  cc -I"$SOURCES" -DHAS_DT_INIT=$has_dt_init order.c -o order
  for _ in $(rounds 50); do
    bounded ./order
  done
}

@test "every calling shape keeps its arguments through a closed gate of an attached library" {
  local shapes files=("$SOURCES/shapes.c")
  [ ! -e "$SOURCES/shapes_$machine.S" ] || files+=("$SOURCES/shapes_$machine.S")
  cc -shared -fPIC -I"$INCLUDE" "${files[@]}" -o ungated.so
  shapes=$(nm -D ungated.so | awk '/ [TD] shape_/ && !/shape_release/ { print $3 }')
  attached libshapes.so "$shapes" "${files[@]}"
  cc -O1 -g -Wall -Wextra -Werror "$SOURCES/shapes_host.c" -o shapes -Wl,-rpath,. ./libshapes.so
  for _ in $(rounds 20); do
    SHAPES_HELD=1 run -0 ./shapes
    [[ $output == *' shapes' ]]
  done
}

@test "the unwind rules hold at each instruction of the gate, closed and open, and of rt0_gate_closed in librt0.so.0" {
  # A CPU that does not sign return addresses: from this emulator gdb does not get to know how to read them.
  [ "$machine" != aarch64 ] || export QEMU_CPU=cortex-a72
  FLAGS=RT0_START_FIRST_CALL attached libstepped.so plug_answer "$SOURCES/plug.c"
  LIBRT0=$OBJECTS/librt0.so.0 step
  has "$output" 'instructions: closed [0-9]{2}'
  has "$output" 'instructions: open [0-9]'
}

@test "floating-point arguments survive a take-over in the middle of the call" {
  attached libdoubles.so eight "$SOURCES/doubles.c"
  cc -shared -fPIC -O1 "$SOURCES/doubles_caller.c" -o libcaller.so -Wl,-rpath,. ./libdoubles.so
  for _ in $(rounds 20); do
    bounded ./host just-open ./libcaller.so
  done
}

@test "100 attached libraries live in one process, in the global scope, without meeting" {
  mkdir hundred
  for n in {0..99}; do
    cp libplug.so "hundred/$n.so"
  done
  bounded ./host hundred ./hundred
}

@test "constructors of other libraries call in before it is started and under the loader's lock" {
  cc -shared -fPIC "$SOURCES/constructor.c" -o libconstructor.so -Wl,-rpath,. ./libplug.so
  cc -shared -fPIC "$SOURCES/early.c" -o libearly.so
  attached liblate.so plug_answer "$SOURCES/plug.c" -- -Wl,--no-as-needed,-rpath,. ./libearly.so
  for _ in $(rounds 20); do
    PLUG="dlopen" bounded ./host just-open ./libconstructor.so
    CONSTRUCTOR_JOINS=1 bounded ./host just-open ./libconstructor.so
    PLUG="dlopen" bounded ./host just-open ./liblate.so
  done
}

@test "init, and threads and callbacks of init, call exports of their own library" {
  PLUG="name" bounded ./host reentry ./libplug.so
  PLUG="thread" bounded ./host reentry ./libplug.so
  PLUG="callback" bounded ./host callback ./libplug.so
  PLUG="callback-thread" bounded ./host callback ./libplug.so
}

@test "init gets argc, argv and envp" {
  for _ in $(rounds 20); do
    RT0_TEST='a b' bounded ./host arguments ./libplug.so one '' 'two words'
  done
}

@test "fork while init runs waits for it, init itself may fork, and exit and dlclose do no harm" {
  PLUG="held" bounded ./host forks ./libplug.so
  PLUG="fork" bounded ./host fork-in-init ./libplug.so
  PLUG="held" bounded ./host exits ./libplug.so
  bounded ./host reopen ./libplug.so
}

@test "fork waits for each of two attached libraries" {
  cp libplug.so libfirst.so
  cp libplug.so libsecond.so
  cat >two.c <<'END'
#include "host.h"
#include <sys/wait.h>
static int (*answers[2])(int);
static int fork_and_call(void *unused)
{
	(void)unused;
	pid_t child = fork();
	if (child == 0)
		_exit(answers[0](1) + answers[1](1));
	int status = -1;
	waitpid(child, &status, 0);
	return status;
}
int main(void)
{
	static const char *const paths[] = {"./libfirst.so", "./libsecond.so"};
	void (*release[2])(void);
	struct thread forker;
	for (int i = 0; i < 2; i++) {
		void *library = load(paths[i], RTLD_NOW);
		answers[i] = (int (*)(int))symbol(library, "plug_answer");
		release[i] = (void (*)(void))symbol(library, "plug_release");
		((void (*)(void))symbol(library, "plug_await_init"))();
	}
	thread_start(&forker, fork_and_call, NULL);
	await_futex(forker.tid);
	release[0]();
	expect_equal(answers[0](41), 42);
	await_futex(forker.tid);
	release[1]();
	expect_equal(thread_join(&forker), 4 << 8);
	return 0;
}
END
  cc -I"$SOURCES" two.c -o two
  PLUG="held" bounded ./two
}

@test "a failed init is met by the call as the record says, under the library's name" {
  PLUG="fail" run -134 --separate-stderr ./host call-now ./libplug.so
  [ "$(own_words "$stderr")" = 'rt0: libplug.so: its init function failed: Input/output error' ]
  FLAGS=RT0_FAILURE_CONTINUE attached libcontinue.so plug_answer "$SOURCES/plug.c"
  PLUG="fail" run -0 --separate-stderr ./host call-now ./libcontinue.so
  [ "$output" = -1 ]
  [ -z "$stderr" ]
  PLUG="vanish" run -134 --separate-stderr timeout --foreground 60 ./host dies ./libplug.so
  has "$stderr" "rt0: libplug\.so: the thread that ran rt0_runtime_init is gone: No such process"
}

@test "a record of another version fails the call" {
  VERSION=2 attached libother.so plug_answer "$SOURCES/plug.c"
  run -134 --separate-stderr ./host call-now ./libother.so
  [ "$(own_words "$stderr")" = 'rt0: libother.so: attached for another version of librt0.so.0: Invalid argument' ]
}

@test "a record may ask for a start at the first call, or for none that waits for the load" {
  FLAGS=RT0_START_FIRST_CALL attached libfirstcall.so plug_answer "$SOURCES/plug.c"
  cat >first.c <<'END'
#include "host.h"
#include "plug.h"
int main(void)
{
	void *library = load("./libfirstcall.so", RTLD_NOW);
	struct plug_view *(*look)(void) = (struct plug_view * (*)(void)) symbol(library, "plug_look");
	expect_equal(look()->state, 0);
	expect_equal(((int (*)(int))symbol(library, "plug_answer"))(41), 42);
	expect_equal(look()->runs, 1);
	return 0;
}
END
  cc -I"$SOURCES" first.c -o first
  bounded ./first
  FLAGS=RT0_NO_TAKE_OVER attached libalone.so plug_answer "$SOURCES/plug.c"
  cc -shared -fPIC "$SOURCES/constructor.c" -o libneeds.so -Wl,-rpath,. ./libalone.so
  bounded ./host just-open ./libneeds.so
}

@test "its init thread has all signals blocked, its library's name and the stack size of the record" {
  local blocked=fffffffe7fffffff
  [ -z "${PORT-}" ] || blocked=3ffffffe7fffffff
  STACK_SIZE=3145728 attached libstack.so plug_answer "$SOURCES/plug.c"
  bounded ./host thread-of-init ./libstack.so
  [ "$output" = "blocked $blocked stack 3145728 name rt0:libstack.so" ]
}

@test "dlmopen gives a second namespace a librt0.so.0 of its own" {
  bounded ./host namespaces ./libplug.so
}

# bats test_tags=musl
@test "the same librt0.so.0 serves a musl host" {
  # The table of ports says why there is no musl.
  [ -z "${PORT-}" ] || [ -e "$BUILD/ports/$PORT/musl-gcc" ] || return 0
  mkdir musl
  cd musl
  cc() {
    musl-gcc "$@"
  }
  host host
  attached libplug.so plug_answer "$SOURCES/plug.c"
  for _ in $(rounds 20); do
    RT0_TEST='a b' bounded ./host arguments ./libplug.so one '' 'two words'
  done
  PLUG="held" bounded ./host many ./libplug.so
  PLUG="held" bounded ./host forks ./libplug.so
  PLUG="thread" bounded ./host reentry ./libplug.so
}
