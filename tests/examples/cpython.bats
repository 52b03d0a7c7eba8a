#!/usr/bin/env bats
# The example: Python in a library, in a program without Python and in one that is Python.

folder=cpython
load ../support
load example

answers="8 threads made 50 calls each, 0 answers were wrong
spell: twelve thousand three hundred forty-five
starting_with: 2112
third: 3.3333333333333333333
exception: KeyError: 'many'
threads: 9 attached, 8 detached"

setup_file() {
  build_example
}

setup() {
  use_example
}

@test "dlopen returns while Python's start is held, eight threads wait, are attached once each, and get their answers" {
  held "$built/host" "$built/libpyplug.so"
  [ "$output" = "loaded, the runtime is still starting, and 8 calls wait for it"$'\n'"$answers" ]
  [ -z "$stderr" ]
}

@test "a Python program is the interpreter of the library that it loads" {
  held python3 -B "$example/host.py" "$built/libpyplug.so"
  [ "$output" = "loaded, the runtime is still starting, and 8 threads call it"$'\n'"$answers" ]
  [ -z "$stderr" ]
}

@test "a start.py that fails does not stop the load, and is told by the first call" {
  cp -R "$example" "$root/examples/common" .
  echo 'raise ValueError("no tables")' >>cpython/start.py
  make -s -C cpython RT0KIT="$BUILD" BUILD="$PWD/failing"
  run -134 --separate-stderr timeout --foreground 60 failing/host failing/libpyplug.so
  [ "${stderr_lines[0]}" = "rt0: libpyplug.so: ValueError: no tables: Invalid argument" ]
}

@test "the library passes elfpatch verify" {
  is_verified "$built/libpyplug.so"
}

@test "make timeline writes what happened when" {
  has_timeline
}
