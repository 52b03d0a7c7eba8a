#!/usr/bin/env bats
# Each rule of `elfpatch verify`: what passes, what fails, what it says.
# shellcheck disable=SC2154

load fixture

setup_file() {
  build_poke
  gated "$BATS_FILE_TMPDIR/good.so"
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  cp "$BATS_FILE_TMPDIR/good.so" a.so
}

# expect LINE…: errors and warnings of a.so are exactly these
expect() {
  findings a.so
  [ "$output" = "$(printf '%s\n' "$@")" ] || fail "found:" "$output" "expected:" "$@"
}

address() {
  printf '0x%x' "0x$(nm a.so | sed -n "s/^\([0-9a-f]*\) . $1\$/\1/p")"
}

@test "a library that ldwrap would make has neither errors nor warnings, and runs through its gates" {
  run -0 --separate-stderr "$elfpatch" verify -q a.so
  [ -z "$output$stderr" ]
  run -0 python3 -c 'import ctypes; a = ctypes.CDLL("./a.so"); print(a.twice(21), a.again(4), a.seven(), a.ready())'
  [ "$output" = "42 8 7 1" ]
}

@test "init-entry: DT_INIT is not the library entry" {
  poke a.so dyn INIT @twice
  expect "error: init-entry: DT_INIT: is $(address twice), expected rt0_lib at $(address rt0_lib)"
}

@test "init-entry: there is no DT_INIT" {
  poke a.so dyntag INIT 0x6ffffef0
  expect "error: init-entry: DT_INIT: there is none, expected rt0_lib at $(address rt0_lib)"
}

@test "init-entry: the twin is not in .init_array" {
  gated a.so -DNO_TWIN
  expect "error: init-entry: DT_INIT_ARRAY: there is none, expected rt0_lib_twin in it"
}

@test "init-entry: the twin is not last in .init_array" {
  gated a.so -DTWIN_FIRST
  expect "error: init-entry: DT_INIT_ARRAY: the last entry is $(address rt0_runtime_init), expected rt0_lib_twin at $(address rt0_lib_twin)"
}

@test "init-entry: a stripped file is judged by its note" {
  strip a.so
  findings a.so
  [ -z "$output" ]
  gated a.so -DTWIN_FIRST
  init=$(address rt0_runtime_init) twin=$(address rt0_lib_twin)
  strip a.so
  expect "error: init-entry: DT_INIT_ARRAY: the last entry is $init, expected rt0_lib_twin at $twin"
}

@test "init-entry: rt0_config names no init function" {
  gated a.so -DNO_INIT
  expect "error: init-entry: rt0_config: the init function, 0x0, is not code"
}

@test "init-entry: pointers of packed relative relocations are read too" {
  command -v ld.lld >/dev/null
  gated a.so -fuse-ld=lld -Wl,--pack-dyn-relocs=relr
  readelf -dW a.so | grep -q RELR
  findings a.so
  [ -z "$output" ]
  gated a.so -fuse-ld=lld -Wl,--pack-dyn-relocs=relr -DTWIN_FIRST
  findings a.so
  has "$output" "^error: init-entry: DT_INIT_ARRAY: the last entry is $(address rt0_runtime_init), expected"
}

@test "islibrary: the flag is 0" {
  poke a.so at @rt0_islibrary 1 0
  expect "error: islibrary: rt0_islibrary: is 0, expected 1: the runtime takes itself for an executable"
}

@test "nodelete: the library could be unloaded" {
  poke a.so dyn FLAGS_1 1
  expect "error: nodelete: DT_FLAGS_1: 0x1 lacks NODELETE: dlclose would unmap code that the runtime's threads run"
}

@test "gates: an export is not gated" {
  poke a.so dynsym seven st_value @seven
  expect "error: gates: seven: not gated: hosts reach $(address seven) before the runtime is ready"
}

@test "gates: a gate goes to another function" {
  poke a.so dynsym seven st_value @gate_twice
  expect "error: gates: seven: the gate at $(address gate_twice) goes to $(address twice), but the function is at $(address seven)"
}

@test "gates: a symbol points into the middle of a gate" {
  poke a.so dynsym seven st_value @gate_seven+8
  expect "error: gates: seven: $(printf '0x%x' $(($(address gate_seven) + 8))) is inside the gate at $(address gate_seven), not at its start"
}

@test "gates: an export has an unused gate" {
  poke a.so dynsym seven st_value @gate_unused
  expect "error: gates: seven: the gate at $(address gate_unused) is unused or overwritten"
}

@test "gates: a gate goes to a gate" {
  poke a.so at @gate_seven+14 4 14
  expect "error: gates: seven: the gate at $(address gate_seven) goes to $(address gate_twice_2), which is another gate"
}

@test "gates: a gate goes to where no code is" {
  poke a.so at @gate_seven+14 4 0x100000
  findings a.so
  has "$output" "^error: gates: seven: the gate at $(address gate_seven) goes to 0x[0-9a-f]+, which is not code$"
}

@test "gates: two names of one function have two gates" {
  poke a.so dynsym again st_value @gate_twice_2
  findings a.so
  has "$output" "^error: gates: again: is the same function as twice, $(address twice), but has a gate of its own \($(address gate_twice), $(address gate_twice_2)\): pointers to it would differ$"
}

@test "gates: versioned functions of one name each have their own" {
  cat >two.S <<'END'
	.symver old_nine, nine@V1
	.symver new_nine, nine@@V2
	.globl old_nine, new_nine
	.section .rt0.nogate, "ax", @progbits
	.type old_nine, @function
old_nine: endbr64
	ret
	.type new_nine, @function
new_nine: endbr64
	nop
	ret
	.section .note.GNU-stack, "", @progbits
	.section .note.gnu.property, "a", @note
	.balign 8
	.long 4, 16, 5
	.asciz "GNU"
	.long 0xc0000002, 4, 3, 0
END
  echo 'V1 { nine; }; V2 { nine; };' >map
  gated a.so two.S -Wl,--version-script,map
  findings a.so
  [ -z "$output" ]
  # The first of the two is given a gate that goes to twice.
  poke a.so dynsym nine st_value @gate_twice
  findings a.so
  has "$output" "^error: gates: nine: the gate at $(address gate_twice) goes to $(address twice), but the function is at 0x"
}

@test "gates: what cannot or need not be gated is named, and is no error" {
  gated a.so -DDATA -DUNTYPED -DVAGUE -DIFUNC
  run -0 --separate-stderr "$elfpatch" verify a.so
  output=$(printf '%s\n' "${lines[@]%%; *}" | sort)
  [ "$output" = "a.so: info: gates: _Z5vaguev: not gated: a weak C++ symbol that hosts may have a copy of
a.so: info: gates: chosen: an IFUNC, whose address is its resolver's result, cannot be gated
a.so: info: gates: counter: data cannot be gated: hosts may read it before init is done
a.so: info: gates: ready: exempt: works before init is done
a.so: info: gates: untyped: not gated: a symbol without type may be data" ] || fail "$output"
}

@test "gates: what the link excluded by name may be ungated" {
  gated a.so '-DPOLICY="-sev*"'
  poke a.so dynsym seven st_value @seven
  findings a.so
  [ -z "$output" ]
  poke a.so dynsym twice st_value @twice
  expect "error: gates: twice: not gated: hosts reach $(address twice) before the runtime is ready"
}

@test "gates: what the link named must be gated, and nothing else" {
  gated a.so '-DPOLICY="+twice"'
  poke a.so dynsym seven st_value @seven
  poke a.so dynsym again st_value @again
  findings a.so
  [ -z "$output" ]
  poke a.so dynsym twice st_value @twice
  expect "error: gates: twice: not gated: hosts reach $(address twice) before the runtime is ready"
}

@test "gates: without section headers an ungated export is not called wrong" {
  poke a.so ehdr e_shnum 0
  poke a.so ehdr e_shstrndx 0
  poke a.so ehdr e_shoff 0
  run -0 --separate-stderr "$elfpatch" verify a.so
  has "$output" "^a.so: info: gates: ready: not gated: without section headers nobody can tell"
  [ "${#lines[@]}" -eq 1 ]
}

@test "no-leak: a symbol of rt is exported" {
  gated a.so -DLEAK
  expect "error: no-leak: rt0_state_word: exported: another library with a runtime would bind to it"
}

@test "no-leak: a symbol of rt is imported" {
  echo '.globl rt0_state; .data; .quad rt0_state; .section .note.GNU-stack, "", @progbits' >import.s
  gated a.so import.s
  findings a.so
  has "$output" "error: no-leak: rt0_state: imported: another library's runtime would be used"
}

@test "no-leak: a name of libc is exported" {
  gated a.so -DMALLOC
  poke a.so dynsym malloc st_value @gate_seven
  expect "warning: no-leak: malloc: exported: the whole process may bind to it instead of libc's"
  run -0 "$elfpatch" verify a.so
}

@test "no-textrel: code is relocated" {
  gated a.so -DTEXTREL -Wl,-z,notext
  readelf -dW a.so | grep -q TEXTREL
  expect "error: no-textrel: DT_TEXTREL: the loader must write into read-only code"
}

@test "no-execstack: an executable stack is asked for" {
  gated a.so -Wl,-z,execstack
  expect "error: no-execstack: PT_GNU_STACK: flags 0x7 make every stack of the process executable"
}

@test "no-execstack: nothing is said about the stack" {
  poke a.so phdr GNU_STACK p_type 0
  expect "error: no-execstack: PT_GNU_STACK: there is none, so loaders make every stack of the process executable"
}

@test "no-wx: a segment is writable and executable" {
  poke a.so phdr LOAD p_flags 7
  findings a.so
  has "$output" "^error: no-wx: offset 0x0: segment of [0-9]+ bytes at 0x0 is writable and executable$"
}

@test "relro: there is none" {
  gated a.so -Wl,-z,norelro
  expect "warning: relro: PT_GNU_RELRO: relocated tables stay writable"
}

@test "relro: lazy binding keeps the PLT's table writable" {
  gated a.so -DLAZY -Wl,-z,lazy
  expect "warning: relro: DT_JMPREL: binding is lazy, so the PLT's table stays writable"
  gated a.so -DLAZY
  findings a.so
  [ -z "$output" ]
}

@test "static-tls: a little is a warning, more than dlopen has to give is an error, dynamic TLS is neither" {
  gated a.so -DTLS=1664
  expect "warning: static-tls: PT_TLS: 1664 bytes of static TLS: glibc's dlopen shares 1664 among all libraries, musl's refuses"
  gated a.so -DTLS=1665
  expect "error: static-tls: PT_TLS: 1665 bytes of static TLS, but dlopen has at most 1664 to give"
  gated a.so -DTLS=1665 -DTLS_DYNAMIC
  findings a.so
  [ -z "$output" ]
}

@test "cet-bti: one input strips the property from the whole library" {
  echo '.section .note.GNU-stack, "", @progbits' >plain.s
  gated a.so plain.s
  has_not "$(readelf -n a.so)" IBT
  expect "warning: cet-bti: .note.gnu.property: IBT is not claimed although 4 of 4 exported functions seen were compiled for it: one input stripped it from the whole library"
}

@test "cet-bti: objects that were compiled without it are no finding" {
  gated a.so -DNO_ENDBR -DNO_PROPERTY
  findings a.so
  [ -z "$output" ]
}

@test "cet-bti: IBT alone is worth a word, not a warning" {
  gated a.so -DPROPERTY=1
  findings a.so
  [ -z "$output" ]
  run -0 "$elfpatch" verify a.so
  has "$output" "info: cet-bti: .note.gnu.property: IBT is claimed but not SHSTK"
}

# stub SONAME VERSION: a library that defines pthread_create in that version, none when empty
stub() {
  echo 'void pthread_create(void) {}' >stub.c
  echo "$2 { pthread_create; };" >stub.map
  "$CC" -shared -nostdlib -Wl,-soname,"$1" ${2:+-Wl,--version-script,stub.map} -o "$1" stub.c
}

@test "needed: pthread_create of an old libpthread that the library does not need" {
  stub libc.so.6 GLIBC_2.2.5
  gated a.so -DPTHREAD -Wl,--no-as-needed ./libc.so.6
  expect "warning: needed: pthread_create: GLIBC_2.2.5 is in libpthread.so.0, which is not needed: in a host without threads the runtime starts on a raw clone"
}

@test "needed: pthread_create without a version beside a libc that has none" {
  echo 'void puts(void) {}' >stub.c
  "$CC" -shared -nostdlib -Wl,-soname,libc.so.6 -o libc.so.6 stub.c
  gated a.so -DPTHREAD -Wl,--no-as-needed ./libc.so.6
  expect "warning: needed: pthread_create: without a version it is in libpthread.so.0, which is not needed: in a host without threads the runtime starts on a raw clone"
}

@test "needed: what the spawn needs is there" {
  stub libpthread.so.0 GLIBC_2.2.5
  gated a.so -DPTHREAD -Wl,--no-as-needed ./libpthread.so.0
  findings a.so
  [ -z "$output" ]
  stub libc.so.6 GLIBC_2.34
  gated a.so -DPTHREAD -Wl,--no-as-needed ./libc.so.6
  findings a.so
  [ -z "$output" ]
  # musl's libc, and no libc at all
  stub libc.so ''
  gated a.so -DPTHREAD -Wl,--no-as-needed ./libc.so
  findings a.so
  [ -z "$output" ]
  gated a.so -DPTHREAD
  findings a.so
  [ -z "$output" ]
}

@test "version: a library that ldwrap did not link gets that error, and the rules that hold for all" {
  echo 'int free(void) { return 0; }' >a.c
  "$CC" -shared -nostdlib -Wl,-z,execstack,-z,norelro -o a.so a.c
  expect "error: no-execstack: PT_GNU_STACK: flags 0x7 make every stack of the process executable" \
    "warning: relro: PT_GNU_RELRO: relocated tables stay writable" \
    "error: version: .note.rt0: no rt0 note: not linked by ldwrap"
}

@test "version: the note is of another version" {
  poke a.so note 0 9
  expect "error: version: .note.rt0: rt0 note: made by version 9 of rt, these tools know version 1"
}

@test "version: rt0_config is of another version than the note" {
  poke a.so at @rt0_config 4 7
  expect "error: version: rt0_config: made for version 7 of rt, the note says 1"
}

@test "every rule has a test here and a place in the manual page" {
  run -0 "$elfpatch" help verify
  rules=$(sed -n '/^rules:$/,$s/^  //p' <<<"$output" | tr ' ' '\n')
  [ "$(wc -l <<<"$rules")" -eq 13 ]
  for rule in $rules; do
    grep -q "^@test \"$rule: " "$BATS_TEST_FILENAME" || fail "no test of $rule"
    grep -qx "\.It Cm $rule" "$root/docs/elfpatch.1" || fail "$rule is not in elfpatch(1)"
  done
}
