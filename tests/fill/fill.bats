#!/usr/bin/env bats
# shellcheck disable=SC1091,SC2030,SC2031,SC2034,SC2154 # variables that bats and setup.bash set or read
# Filling the pool of a linked library, with every linker.

setup_file() {
  source "$BATS_TEST_DIRNAME/setup.bash"
  build_tools
}

setup() {
  source "$BATS_TEST_DIRNAME/setup.bash"
  cd "$BATS_TEST_TMPDIR" || return
}

# build OUT LINKER [CC-OPTION...]: link, patch, run.
build() {
  link "$@"
  patch "$1"
  runs "./$1"
}

build_with() { # CC-OPTION... LINKER
  build "lib-${*: -1}.so" "${*: -1}" "${@:1:$#-1}"
}

@test "a library links and runs with each linker" {
  each_linker build_with
}

@test "a library links and runs with --gc-sections, -z defs and -z now" {
  each_linker build_with -ffunction-sections -fdata-sections -Wl,--gc-sections -Wl,-z,defs -Wl,-z,now
}

@test "a library links and runs with -Bsymbolic" {
  each_linker build_with -Wl,-Bsymbolic
}

@test "a library links and runs with a version script" {
  echo 'V1 { global: *; local: zzz*; };' >v.map
  each_linker build_with -Wl,--version-script=v.map
  readelf --dyn-syms -W lib-bfd.so | grep 'add@@V1'
}

@test "a library links and runs without symbol tables" {
  each_linker build_with -s
}

@test "a library links and runs without libc" {
  hosted='' each_linker build_with -nostdlib
  run ! grep NEEDED <(readelf -dW lib-bfd.so)
}

@test "a library links and runs with gcc's LTO" {
  for linker in bfd gold mold; do
    CC=gcc build "lib-$linker.so" "$linker" -flto
  done
}

@test "a library links and runs with clang and with clang's LTO" {
  CC=clang build plain.so lld
  for linker in bfd gold lld mold; do
    CC=clang build "lib-$linker.so" "$linker" -flto
  done
}

@test "packed relative relocations are re-pointed" {
  build bfd.so bfd -Wl,-z,pack-relative-relocs
  build lld.so lld -Wl,--pack-dyn-relocs=relr
  build mold.so mold -Wl,--pack-dyn-relocs=relr
  for library in bfd.so lld.so mold.so; do
    readelf -dW "$library" | grep -w RELR
  done
}

keep_relocations() {
  link "lib-$1.so" "$1" -Wl,--emit-relocs
  readelf -rW "lib-$1.so" | sed -n "/'.rela.text'/,/^$/p" | awk '{ print $1, $3, $4, $5, $6, $7 }' >before
  patch "lib-$1.so"
  readelf -rW "lib-$1.so" | sed -n "/'.rela.text'/,/^$/p" | awk '{ print $1, $3, $4, $5, $6, $7 }' >after
  [ "$(wc -l <before)" -gt 10 ]
  diff <(tail -n +2 before) <(tail -n +2 after)
  runs "./lib-$1.so"
}

@test "relocations kept by --emit-relocs still name their symbols" {
  each_linker keep_relocations
}

keep_dynsym() {
  link "lib-$1.so" "$1"
  readelf --dyn-syms -W "lib-$1.so" | awk '{ print $1, $4, $5, $6, $8 }' >before
  patch "lib-$1.so"
  readelf --dyn-syms -W "lib-$1.so" | awk '{ print $1, $4, $5, $6, $8 }' >after
  diff before after
  read -r number address size <<<"$(section "lib-$1.so" .rt0.gates)"
  ((0x$address % 32 == 0))
  for name in own_init add sum lenient call_table; do
    read -r value gate_size _ _ _ index <<<"$(symbol "lib-$1.so" .dynsym "$name")"
    ((0x$value >= 0x$address && 0x$value < 0x$address + 0x$size))
    [ "$gate_size $index" = "32 $number" ]
  done
  [ "$(symbol "lib-$1.so" .dynsym add)" = "$(symbol "lib-$1.so" .dynsym add_alias)" ]
}

@test "exports point at gates, keep their names and kinds, and aliases share one" {
  each_linker keep_dynsym
}

@test "IFUNC, data, TLS, vague C++ and RT0_NO_GATE exports are not re-pointed" {
  link lib.so bfd
  for name in indirect data thread_data table _Z6inlinei times_chained; do
    symbol lib.so .dynsym "$name"
  done >before
  patch lib.so
  for name in indirect data thread_data table _Z6inlinei times_chained; do
    symbol lib.so .dynsym "$name"
  done >after
  [ "$(grep -c . before)" -eq 6 ]
  diff before after
}

@test "a pattern gates what it names, and nothing else" {
  object_options='+su* +_Z6* -sum_not'
  link lib.so bfd
  run -0 "$BATS_FILE_TMPDIR/driver" fill lib.so
  [ "$output" = "2 2 16" ]
  read -r number _ <<<"$(section lib.so .rt0.gates)"
  [[ "$(symbol lib.so .dynsym sum)" == *" $number" ]]
  [[ "$(symbol lib.so .dynsym _Z6inlinei)" == *" $number" ]]
  [[ "$(symbol lib.so .dynsym add)" != *" $number" ]]
}

branches_land() {
  link "lib-$1.so" "$1"
  patch "lib-$1.so"
  for name in own_init add sum lenient call_table; do
    read -r gate _ <<<"$(symbol "lib-$1.so" .dynsym "$name")"
    read -r function _ <<<"$(symbol "lib-$1.so" .symtab "$name")"
    objdump -d --start-address="0x$gate" --stop-address="$((0x$gate + 32))" "lib-$1.so" >code
    target=$(sed -n 's/.*jmp  *\([0-9a-f]*\) <.*/\1/p' code | head -n 1)
    ((0x$target == 0x$function))
  done
}

@test "each gate's branch lands on its function" {
  each_linker branches_land
}

traps() {
  link "lib-$1.so" "$1"
  patch "lib-$1.so"
  run timeout 20 "$BATS_FILE_TMPDIR/host" "./lib-$1.so" trap
  [ "$status" -eq 133 ] # SIGTRAP
}

@test "an unused gate traps" {
  each_linker traps
}

got_is_direct() {
  link "lib-$1.so" "$1"
  read -r function _ <<<"$(symbol "lib-$1.so" .symtab rt0_lib_twin)"
  patch "lib-$1.so"
  read -r _ address size <<<"$(section "lib-$1.so" .init_array)"
  # No relocation of the array or of rt0_config leads to a gate.
  read -r _ pool pool_size <<<"$(section "lib-$1.so" .rt0.gates)"
  read -r config config_size _ <<<"$(symbol "lib-$1.so" .symtab rt0_config)"
  readelf -rW "lib-$1.so" | awk '$3 == "R_X86_64_RELATIVE" { print $1, $4 }' >relative
  [ -s relative ]
  found=0
  while read -r place value; do
    if ((0x$place >= 0x$address && 0x$place < 0x$address + 0x$size ||
      0x$place >= 0x$config && 0x$place < 0x$config + config_size)); then
      found=$((found + 1))
      ((0x$value < 0x$pool || 0x$value >= 0x$pool + 0x$pool_size))
    fi
    ((0x$value != 0x$function)) || twin=seen
  done <relative
  [ "$found" -ge 3 ] && [ "${twin-}" = seen ]
}

@test "init_array and rt0_config keep the functions themselves" {
  each_linker got_is_direct
}

chains() {
  link "lib-$1.so" "$1"
  patch "lib-$1.so"
  run -0 timeout 20 "$BATS_FILE_TMPDIR/host" "./lib-$1.so" chain
  [ "${lines[2]}" = "chained 1" ]
  read -r function _ <<<"$(symbol "lib-$1.so" .symtab own_init)"
  readelf -rW "lib-$1.so" | grep "R_X86_64_RELATIVE *$(printf %x "0x$function")$"
}

@test "a chained init function that is exported is called past its gate" {
  object_options=chain=own_init
  each_linker chains
}

@test "a pool that is too small is left alone, and says what it needs" {
  gates=2 link lib.so bfd
  cp lib.so before.so
  run -1 --separate-stderr "$BATS_FILE_TMPDIR/driver" fill lib.so
  [ "$output" = "5 0 2" ]
  [ "$stderr" = "driver:" ]
  cmp lib.so before.so
}

@test "a pool that is just large enough is used up" {
  gates=5 link lib.so bfd
  run -0 "$BATS_FILE_TMPDIR/driver" fill lib.so
  [ "$output" = "5 5 5" ]
  runs ./lib.so
}

@test "a second time changes nothing" {
  link lib.so bfd
  patch lib.so
  cp lib.so once.so
  patch lib.so
  cmp lib.so once.so
}

twice() {
  local folder
  for folder in a b; do
    mkdir "$1-$folder"
    (cd "$1-$folder" && link lib.so "$1" && patch lib.so)
  done
  cmp "$1-a/lib.so" "$1-b/lib.so"
}

@test "the same library twice gives the same bytes" {
  each_linker twice
}

lint() {
  link "lib-$1.so" "$1" -g
  eu-elflint --gnu-ld "lib-$1.so" >before || true
  patch "lib-$1.so"
  eu-elflint --gnu-ld "lib-$1.so" >after || true
  diff before after
}

@test "eu-elflint complains of nothing new" {
  each_linker lint
}

survives() {
  local tool
  link "lib-$1.so" "$1" -g
  patch "lib-$1.so"
  for tool in strip "strip --strip-debug" objcopy "objcopy --strip-unneeded" llvm-strip llvm-objcopy eu-strip; do
    echo "$tool"
    cp "lib-$1.so" stripped.so
    $tool stripped.so
    runs ./stripped.so
  done
}

@test "the library runs after strip, objcopy and their LLVM and elfutils kin" {
  each_linker survives
}

unlisted() {
  link "lib-$1.so" "$1"
  cp "lib-$1.so" bare.so
  # As sstrip does: no section header table.
  printf '\0\0\0\0\0\0\0\0' | dd of=bare.so bs=1 seek=40 conv=notrunc status=none
  printf '\0\0\0\0\0\0' | dd of=bare.so bs=1 seek=58 conv=notrunc status=none
  run -0 "$BATS_FILE_TMPDIR/driver" fill bare.so
  runs ./bare.so
}

@test "a library without section headers is filled too" {
  object_options=-times_chained
  gates=20
  each_linker unlisted
}

@test "the flag of the runtime is set, and islibrary is 1" {
  cat "$BATS_TEST_DIRNAME/lib.c" - >flag.c <<'END'
volatile char my_flag __attribute__((section(".data"))) = 0;
volatile char in_bss;
EXPORT int get_flags(void) { return my_flag * 10 + rt0_islibrary + in_bss; }
END
  source=flag.c link lib.so bfd
  patch lib.so
  driver flag lib.so my_flag 1
  run -0 python3 -c 'import ctypes; print(ctypes.CDLL("./lib.so").get_flags())'
  [ "$output" = 11 ]
  # rt sets these at load.
  driver flag lib.so in_bss 1
  driver flag lib.so no_such_flag 1
  run -1 --separate-stderr "$BATS_FILE_TMPDIR/driver" flag lib.so add 1
  [ "$stderr" = "driver: flag 'add' is no variable (symbol type 2)" ]
}

unbinds() {
  link "lib-$1.so" "$1"
  patch "lib-$1.so"
  # The author has no rt0_runtime_main: no relocation may fill its pointer.
  read -r config _ <<<"$(symbol "lib-$1.so" .symtab rt0_config)"
  place=$(printf %016x $((0x$config + 24)))
  run ! grep "^$place .* R_X86_64_\(64\|RELATIVE\) " <(readelf -rW "lib-$1.so")
}

@test "a pointer to an optional function that is not there is null" {
  each_linker unbinds
}

@test "100,000 exports are gated and named in a second" {
  awk 'BEGIN {
    for (i = 0; i < 100000; i++)
      printf ".globl f%d\n.type f%d, @function\nf%d: mov $%d, %%eax\nret\n.size f%d, .-f%d\n", i, i, i, i, i, i
    print ".section .note.GNU-stack, \"\", @progbits"
  }' >many.s
  "${CC:-cc}" -c many.s
  gates=100005 link lib.so bfd -Wl,"$PWD/many.o"
  run -0 bash -c "ulimit -t 1; '$BATS_FILE_TMPDIR/driver' fill lib.so && '$BATS_FILE_TMPDIR/driver' name lib.so"
  [ "$output" = "100005 100005 100005" ]
  [ "$(nm lib.so | grep -c '@gate$')" -eq 100005 ]
  run -0 python3 -c 'import ctypes; print(ctypes.CDLL("./lib.so").f99999())'
  [ "$output" = 99999 ]
}

damage() { # OFFSET BYTES: poke the rt0 note's description of lib.so
  cp lib.so damaged.so
  # shellcheck disable=SC2059 # octal escapes
  printf "$2" | dd of=damaged.so bs=1 seek="$(($1 + note))" conv=notrunc status=none
}

@test "a note with wrong numbers is refused" {
  link lib.so bfd
  read -r _ address _ <<<"$(section lib.so .note.rt0)"
  note=$((0x$address + 16)) # the first segment: offset and address are the same
  damage 4 '\0\0\0\0'
  run -1 --separate-stderr "$BATS_FILE_TMPDIR/driver" fill damaged.so
  [ "$stderr" = "driver: rt0 note: a gate of 0 bytes" ]
  damage 8 '\377\377\377\177'
  run -1 --separate-stderr "$BATS_FILE_TMPDIR/driver" fill damaged.so
  [[ "$stderr" == "driver: rt0 note: 2147483647 gates of 32 bytes at 0x"*" end past their segment" ]]
  damage 40 '\021\0\0\0'
  run -1 --separate-stderr "$BATS_FILE_TMPDIR/driver" fill damaged.so
  [ "$stderr" = "driver: rt0 note: 17 fixups, at most 16" ]
  for fixup in 0 1 2; do
    damage $((44 + 12 * fixup)) '\040'
    run -1 --separate-stderr "$BATS_FILE_TMPDIR/driver" fill damaged.so
    [[ "$stderr" == "driver: rt0 note: fixup $fixup of symbol "[0-2]" at 32 in gates of 32 bytes" ]]
    damage $((48 + 12 * fixup)) '\377\0\0\0'
    run -1 --separate-stderr "$BATS_FILE_TMPDIR/driver" fill damaged.so
    [[ "$stderr" == "driver: the gate at 0x"*" cannot reach "*" at 0x"*" (relocation 255)" ]]
  done
}

@test "a library without a note is refused" {
  echo 'int f(void) { return 1; }' >f.c
  "${CC:-cc}" -shared -fPIC -o f.so f.c
  run -1 --separate-stderr "$BATS_FILE_TMPDIR/driver" fill f.so
  [ "$stderr" = "driver: no rt0 note" ]
}
