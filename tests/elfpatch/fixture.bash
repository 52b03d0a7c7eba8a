# Libraries made by hand, see fixture.S.
# shellcheck shell=bash disable=SC2034,SC2154

load ../support

# Build the poke tool once a file: from setup_file.
build_poke() {
  "$CC" -O1 -o "$BATS_FILE_TMPDIR/poke" "$BATS_TEST_DIRNAME/poke.c"
}

poke() {
  "$BATS_FILE_TMPDIR/poke" "$@"
}

# link OUT ARGS…: fixture.S as it leaves the linker, its exports not yet gated
link() {
  local out=$1
  shift
  "$CC" -shared -nostdlib -I"$root/rt" "-Wl,-init=rt0_lib,-z,nodelete,-z,relro,-z,now,--hash-style=both" \
    -o "$out" "$BATS_TEST_DIRNAME/fixture.S" "$@"
}

# gated OUT ARGS…: the same with its exports gated, which verify has nothing to say about
gated() {
  link "$@"
  poke "$1" dynsym twice st_value @gate_twice
  poke "$1" dynsym again st_value @gate_twice
  poke "$1" dynsym seven st_value @gate_seven
}

# findings FILE: verify's errors and warnings, without what to do about them
findings() {
  run --separate-stderr "$elfpatch" verify -q "$1"
  [ "$status" -lt 2 ] || fail "verify ended with $status: $stderr"
  [ -z "$stderr" ] || fail "$stderr"
  lines=("${lines[@]%%; *}")
  output=$(printf '%s\n' "${lines[@]#"$1: "}")
}
