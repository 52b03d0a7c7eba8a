#!/usr/bin/env bats
# The unit tests of libelfpatch.a (cmocka).
# shellcheck disable=SC2154

load ../support

# unit NAME: build and run tests/unit/NAME.c
unit() {
  "${checking_cc[@]}" -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -g -o "$BATS_TEST_TMPDIR/$1" \
    "$root/tests/unit/$1.c" "$BUILD/lib/libelfpatch.a" -lelf -lz -lnettle -lcmocka
  "$BATS_TEST_TMPDIR/$1"
}

@test "machines: rows, triples, branches of gates" {
  unit machine
}

@test "policy: which exports are gated" {
  unit policy
}

@test "machine-dependent code stands in machine.c only" {
  run -1 grep -nE 'EM_(X86_64|386|ARM|AARCH64|PPC|RISCV|S390|MIPS)|R_(X86_64|386|ARM|AARCH64|PPC64|RISCV|390|MIPS)_' \
    "$root"/elfpatch/*.[ch] "$root"/elfpatch/lib/[!m]*.[ch]
}
