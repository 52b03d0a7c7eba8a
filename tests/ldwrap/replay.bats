#!/usr/bin/env bats
# What build systems and other languages' compilers asked of a compiler when they were recorded (see ./record), asked of
# the compiler and of ldwrap.

# shellcheck disable=SC2154
load ldwrap

# replayed NAME COMMANDS LIBRARIES: at least so many of them
replayed() {
  echo 'int rt0_runtime_init(int argc, char **argv, char **envp) { return argc < 0 || !argv || !envp; }' >init.c
  "$CC" -O2 -fPIC -c init.c
  BUILD=$BUILD run python3 "$root/tests/ldwrap/probes.py" replay "$root/tests/ldwrap/recorded/$1" .
  [ "$status" = 0 ] || fail "$output"
  [[ $output =~ ^([0-9]+)\ commands,\ ([0-9]+)\ libraries,\ 0\ differences$ ]] || fail "$output"
  [ "${BASH_REMATCH[1]}" -ge "$2" ]
  [ "${BASH_REMATCH[2]}" -ge "$3" ]
}

@test "autoconf's and libtool's commands do the same through ldwrap" {
  replayed autotools 50 1
}

@test "CMake's commands do the same through ldwrap" {
  replayed cmake 15 2
}

@test "Meson's commands do the same through ldwrap" {
  replayed meson 15 1
}

@test "rustc's commands do the same through ldwrap" {
  replayed rustc 5 2
}

@test "cgo's commands do the same through ldwrap" {
  replayed cgo 30 1
}

@test "GHC's commands do the same through ldwrap" {
  replayed ghc 5 1
}
