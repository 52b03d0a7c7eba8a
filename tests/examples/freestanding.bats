#!/usr/bin/env bats
# The example: a runtime without libc, in programs that have one and in a program that has none.

folder=freestanding
load ../support
load example

answers="8 threads made 50 calls each, 0 answers were wrong
primes-found -> 33860
10000 prime -> 104729
1071 462 gcd -> 21
0 100 2 do i prime? if 1 + then loop -> 25
1 0 / -> number out of range
: many ; -> the dictionary is read-only"

setup_file() {
  build_example
}

setup() {
  use_example
}

@test "dlopen returns while the start is held, eight threads wait, and get the right answers" {
  held "$built/host" "$built/libforth.so"
  [ "$output" = "loaded, the runtime is still starting, and 8 calls wait for it"$'\n'"$answers" ]
  [ -z "$stderr" ]
}

@test "the same from Python" {
  held python3 -B "$example/host.py" "$built/libforth.so"
  [ "$output" = "loaded, the runtime is still starting, and 8 threads call it"$'\n'"$answers" ]
  [ -z "$stderr" ]
}

@test "a program without libc: the thread is made by clone, and the call waits for it" {
  run -0 readelf -dW "$built/host-bare"
  [ "$(grep -c NEEDED <<<"$output")" -eq 1 ]
  has_not "$(readelf -dW "$built/libforth.so")" NEEDED
  # Where no processor was idle for 100 ms, the call has run the start itself.
  for _ in {1..20}; do
    run -0 --separate-stderr timeout 60 strace -f -o trace -e trace=clone,clone3 "$built/host-bare"
    [ -z "$stderr" ]
    grep -q 'clone(child_stack=0x[0-9a-f]*, flags=CLONE_VM|.*CLONE_SETTLS' trace
    [ "$output" = "10000 prime -> 104729, started on this thread" ] || break
  done
  [ "$output" = "10000 prime -> 104729, started on a thread of its own" ]
}

@test "programs that are wrong are refused, each for its reason, and leave the result alone" {
  cat >wrong.py <<PYTHON
import ctypes
forth = ctypes.CDLL("$built/libforth.so")
for text in ("+", "dup", "many", "1 if", "then", "1 0 mod", "-1 @", "8388608 c@", "8388601 @", "1 2 !", "1 allot", "create x",
             "0 begin dup 1 + 0 until", "9 0 do 9 0 do loop loop", "1 " * 100, "dup " * 300, "while", "repeat", "loop", ";"):
    result = ctypes.c_long(7)
    print(forth.forth_eval(text.encode(), ctypes.byref(result)), end=" " if result.value == 7 else " changed ")
PYTHON
  run -0 --separate-stderr timeout 60 python3 wrong.py
  [ "$output" = "2 2 1 6 6 3 4 4 4 5 5 5 2 6 2 7 6 6 6 6 " ]
}

@test "a start.fs that fails does not stop the load, and is told by the first call" {
  cp -R "$example" "$root/examples/common" .
  echo 'many' >>freestanding/start.fs
  make -s -C freestanding RT0KIT="$BUILD" BUILD="$PWD/failing"
  run -134 --separate-stderr timeout --foreground 60 failing/host-bare
  [ "$stderr" = "rt0: libforth.so: unknown word: Invalid argument" ]
}

@test "clang makes it too, without a call of anything" {
  make -s -C "$example" RT0KIT="$BUILD" BUILD="$PWD/clang" CC=clang
  run -0 --separate-stderr timeout 60 clang/host clang/libforth.so
  [ "$output" = "$answers" ]
}

@test "the library passes elfpatch verify" {
  is_verified "$built/libforth.so"
}

@test "make timeline writes what happened when" {
  has_timeline
}
