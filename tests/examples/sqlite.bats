#!/usr/bin/env bats
# The example: SQLite in a library, with a connection for each thread that calls.

folder=sqlite
load ../support
load example

answers="8 threads made 50 calls each, 0 answers were wrong
find: 12345
find: -1
query: 4|four
error: attempt to write a readonly database
threads: 9 attached, 8 detached"

setup_file() {
  build_example
}

setup() {
  use_example
}

@test "dlopen returns while the start is held, eight threads wait, get a connection each, and the right answers" {
  held "$built/host" "$built/libstore.so"
  [ "$output" = "loaded, the runtime is still starting, and 8 calls wait for it"$'\n'"$answers" ]
  [ -z "$stderr" ]
}

@test "the same from Python" {
  held python3 -B "$example/host.py" "$built/libstore.so"
  [ "$output" = "loaded, the runtime is still starting, and 8 threads call it"$'\n'"$answers" ]
  [ -z "$stderr" ]
}

@test "a start.sql that fails does not stop the load, and is told by the first call" {
  cp -R "$example" "$root/examples/common" .
  echo 'INSERT INTO numbers VALUES (1, NULL, 0);' >>sqlite/start.sql
  make -s -C sqlite RT0KIT="$BUILD" BUILD="$PWD/failing"
  run -134 --separate-stderr timeout --foreground 60 failing/host failing/libstore.so
  [ "${stderr_lines[0]}" = "rt0: libstore.so: NOT NULL constraint failed: numbers.name: Input/output error" ]
}

@test "the library passes elfpatch verify" {
  is_verified "$built/libstore.so"
}

@test "make timeline writes what happened when" {
  has_timeline
}
