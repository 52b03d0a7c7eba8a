#!/usr/bin/env bats
# shellcheck disable=SC1091,SC2030,SC2031,SC2034,SC2154 # variables that bats and setup.bash set or read
# Names of gates in .symtab, and the build-id, after the pool is filled.

setup_file() {
  source "$BATS_TEST_DIRNAME/setup.bash"
  build_tools
}

setup() {
  source "$BATS_TEST_DIRNAME/setup.bash"
  cd "$BATS_TEST_TMPDIR" || return
}

names() {
  link "lib-$1.so" "$1"
  nm "lib-$1.so" | awk '{ print $2, $3, $1 }' >before
  patch "lib-$1.so"
  nm "lib-$1.so" | awk '{ print $2, $3, $1 }' >after
  # Nothing went, one name a gate came.
  [ "$(comm -23 <(sort before) <(sort after))" = "" ]
  [ "$(comm -13 <(sort before) <(sort after) | grep -c '^T .*@gate ')" -eq 5 ]
  [ "$(wc -l <after)" -eq "$(($(wc -l <before) + 5))" ]
  read -r value size type _ _ index <<<"$(symbol "lib-$1.so" .symtab sum@gate)"
  [ "$value 32 FUNC $index" = "$(symbol "lib-$1.so" .dynsym sum | awk '{ print $1, $2, $3, $6 }')" ]
  [ "$size $type" = "32 FUNC" ]
}

@test "each used gate has one name, and the functions keep theirs" {
  each_linker names
}

tail_is_tight() {
  link "lib-$1.so" "$1" -g
  before=$(stat -c %s "lib-$1.so")
  driver fill "lib-$1.so"
  [ "$(stat -c %s "lib-$1.so")" -eq "$before" ]
  driver name "lib-$1.so"
  # 5 symbols of 24 bytes, their names, and what alignment asks.
  after=$(stat -c %s "lib-$1.so")
  ((after - before <= 5 * 24 + 70 + 32))
  readelf --debug-dump=info "lib-$1.so" >info
  grep -q DW_TAG_subprogram info
  run -0 readelf -aW "lib-$1.so"
  [[ "$output" != *"Warning"* && "$output" != *"Error"* ]]
}

@test "the file grows by the names alone, and keeps its debug information" {
  each_linker tail_is_tight
}

loaded_stays() {
  link "lib-$1.so" "$1" -g
  driver fill "lib-$1.so"
  readelf -lW "lib-$1.so" >before
  end=$(awk '$1 == "LOAD" { print $2, $5 }' before | while read -r at size; do echo $((at + size)); done |
    sort -n | tail -n 1)
  cp "lib-$1.so" filled.so
  driver name "lib-$1.so"
  readelf -lW "lib-$1.so" >after
  diff before after
  # All loaded bytes but e_shoff are the same.
  cmp -n 40 filled.so "lib-$1.so"
  cmp -n $((end - 48)) -i 48 filled.so "lib-$1.so"
}

@test "no loaded byte moves" {
  each_linker loaded_stays
}

@test "a file without a symbol table is left alone" {
  link lib.so bfd -s
  driver fill lib.so
  cp lib.so before.so
  driver name lib.so
  cmp lib.so before.so
}

@test "a string table shared with the section names grows" {
  link lib.so bfd
  driver fill lib.so
  python3 "$BATS_TEST_DIRNAME/share-strings.py" lib.so
  readelf -SW lib.so >/dev/null
  driver name lib.so
  [ -n "$(symbol lib.so .symtab add@gate)$(symbol lib.so .symtab add_alias@gate)" ]
  readelf -SW lib.so | grep -q '\.rt0\.gates'
  runs ./lib.so
}

@test "a symbol table in front of other sections, and bytes behind the last one, are kept" {
  link lib.so mold -g
  driver fill lib.so
  echo "a payload behind the file" >>lib.so
  driver name lib.so
  [ "$(tail -n 1 lib.so | tail -c 26)" = "a payload behind the file" ]
  readelf --debug-dump=info lib.so | grep -q DW_TAG_subprogram
  [ "$(nm lib.so | grep -c '@gate$')" -eq 5 ]
  runs ./lib.so
}

@test "gdb shows both the gate, under its own name, and the function" {
  for linker in bfd gold lld mold; do
    link lib.so "$linker" -g
    patch lib.so
    gate=$(nm lib.so | sed -n 's/.* \(add.*@gate\)$/\1/p')
    run -0 gdb -nx -batch -iex 'set debuginfod enabled off' -ex 'set breakpoint pending on' -ex 'break lib.c:add' \
      -ex 'run ./lib.so' -ex 'frame' -ex "info symbol '$gate'" -ex "x/i '$gate'" "$BATS_FILE_TMPDIR/host"
    grep -E '^#0  add \(x=[^)]*\) at .*lib\.c:' <<<"$output"
    [[ "$output" == *" in section .rt0.gates of "* ]]
    [[ "$output" == *"<$gate>:"*endbr64* ]]
  done
}

build_id() {
  readelf -n "$1" | sed -n 's/.*Build ID: //p'
}

# The id as the linkers define it: the hash of the file with the id's bytes zero.
expected_id() { # FILE HASH BYTES
  python3 - "$@" <<'END'
import hashlib, sys
data = bytearray(open(sys.argv[1], "rb").read())
size = int(sys.argv[3])
at = data.index(b"\4\0\0\0" + bytes([size, 0, 0, 0]) + b"\3\0\0\0GNU\0") + 16
data[at:at + size] = bytes(size)
print(hashlib.new(sys.argv[2], data).hexdigest()[:2 * size])
END
}

renews() {
  link "lib-$1.so" "$1" -Wl,--build-id=sha1
  before=$(build_id "lib-$1.so")
  patch "lib-$1.so"
  after=$(build_id "lib-$1.so")
  [ "$before" != "$after" ]
  [ "$after" = "$(expected_id "lib-$1.so" sha1 20)" ]
}

@test "the build-id is the hash of the final file" {
  each_linker renews
  for linker in bfd gold lld mold; do
    link lib.so "$linker" -Wl,--build-id=md5
    patch lib.so
    [ "$(build_id lib.so)" = "$(expected_id lib.so md5 16)" ]
  done
  link lib.so mold -Wl,--build-id=sha256
  patch lib.so
  [ "$(build_id lib.so)" = "$(expected_id lib.so sha256 32)" ]
}

@test "a short build-id that the user chose, and none, are left alone" {
  link lib.so bfd -Wl,--build-id=0xdeadbeef
  patch lib.so
  [ "$(build_id lib.so)" = deadbeef ]
  link lib.so bfd -Wl,--build-id=none
  patch lib.so
  [ "$(build_id lib.so)" = "" ]
}

@test "a damaged file is refused or patched, and never a signal" {
  link lib.so bfd
  python3 "$BATS_TEST_DIRNAME/damage.py" "$BATS_FILE_TMPDIR/driver" lib.so
}
