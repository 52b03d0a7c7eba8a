#!/usr/bin/env bats
# Libraries in languages with a runtime of their own, each linked with ldwrap and loaded by C and by Python. Run by
# `make field-languages`; see languages/README.md.

# shellcheck disable=SC2154
load ../support

setup_file() {
  "$CC" -I"$root/tests/rt" -o "$BATS_FILE_TMPDIR/host" "$root/tests/field/languages/host.c" -pthread
}

# Each test works in its own folder, where ldwrap is on PATH and rt0 known to pkg-config, as when they are installed.
setup() {
  cd "$BATS_TEST_TMPDIR" || return
  export PATH=$BUILD/bin:$PATH PKG_CONFIG_PATH=$BUILD/lib/pkgconfig
  unset CC
}

build() {
  cp -R "$root/tests/field/languages/common/"* "$root/tests/field/languages/$1/"* .
  run -0 ./build.sh
}

# loads LIBRARY: both hosts find it right; the first call of C's is one that waits in a gate, if it has any
loads() {
  run -0 timeout 60 "$BATS_FILE_TMPDIR/host" "$1"
  run -0 timeout 60 python3 "$root/tests/field/languages/host.py" "$1"
}

# works LANGUAGE
works() {
  build "$1"
  run -0 elfpatch verify libplug.so
  loads ./libplug.so
}

@test "Ada" {
  works ada
}

@test "D" {
  works d
}

@test "Fortran" {
  works fortran
}

@test "Go, with a start of rt0's beside its own and without" {
  works go
  loads ./libplain.so
  has_not "$(readelf -SW libplain.so)" 'rt0'
}

@test "Haskell" {
  works haskell
}

@test "Nim" {
  works nim
}

@test "OCaml" {
  works ocaml
}

@test "Rust" {
  works rust
}
