#!/usr/bin/env bats
# The example: OCaml in a library. Run by `make field-examples`.

folder=ocaml
load ../../support
load ../../examples/example

answers="8 threads made 50 calls each, 0 answers were wrong
twelve times one thousand plus three hundred forty-five: twelve thousand three hundred forty-five
exception: Start.Unknown(\"many\")
threads: 9 attached, 8 detached"

setup_file() {
  build_example
}

setup() {
  use_example
}

@test "dlopen returns while OCaml's start is held, eight threads wait, call while garbage is collected, and get the right answers" {
  held "$built/host" "$built/libmlplug.so"
  [ "$output" = "loaded, the runtime is still starting, and 8 calls wait for it"$'\n'"$answers" ]
  [ -z "$stderr" ]
}

@test "the same from Python" {
  held python3 -B "$example/host.py" "$built/libmlplug.so"
  [ "$output" = "loaded, the runtime is still starting, and 8 threads call it"$'\n'"$answers" ]
  [ -z "$stderr" ]
}

@test "a start.ml that fails does not stop the load, and is told by the first call" {
  cp -R "$example" "$root/examples/common" .
  echo 'let () = failwith "no tables"' >>ocaml/start.ml
  make -s -C ocaml RT0KIT="$BUILD" BUILD="$PWD/failing"
  run -134 --separate-stderr timeout --foreground 60 failing/host failing/libmlplug.so
  [ "${stderr_lines[0]}" = 'rt0: libmlplug.so: Failure("no tables"): Invalid argument' ]
}

@test "the library passes elfpatch verify" {
  is_verified "$built/libmlplug.so"
}

@test "make timeline writes what happened when" {
  has_timeline
}
