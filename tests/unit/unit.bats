#!/usr/bin/env bats
# The pure modules of ldwrap, by cmocka.

# shellcheck disable=SC2154
load ../support

# unit NAME SOURCE…: build tests/unit/NAME.c with these and run it in a folder of its own
unit() {
  local name=$1
  shift
  cd "$root" || return
  "${checking_cc[@]}" -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -g -o "$BATS_TEST_TMPDIR/unit" "tests/unit/$name.c" "$@" -lcmocka
  cd "$BATS_TEST_TMPDIR" || return
  # What ldwrap allocates lives as long as it does.
  ASAN_OPTIONS=detect_leaks=0 ./unit
}

@test "every spelling of a driver's command line is understood" {
  unit args ldwrap/{args,options,response,words,message}.c elfpatch/lib/{columns,why}.c
}

@test "the planned command line is the user's with rt's arguments" {
  unit plan ldwrap/{plan,args,options,response,words,message}.c elfpatch/lib/{columns,why}.c
}

@test "response files are read as the drivers read them" {
  unit response ldwrap/{response,words,message}.c elfpatch/lib/{columns,why}.c
}
