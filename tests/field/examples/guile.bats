#!/usr/bin/env bats
# The example: Scheme in a library. Run by `make field-examples`.

folder=guile
load ../../support
load ../../examples/example

answers="8 threads made 50 calls each, 0 answers were wrong
(spell 12345) -> twelve thousand three hundred forty-five
(factorial 25) -> 15511210043330985984000000
(number \"many\") -> no number is called \"many\"
( -> #<unknown port>:1:2: unexpected end of input while searching for: )
(begin (gc) 'collected) -> collected
threads: 9 attached, 8 detached"

setup_file() {
  build_example
}

setup() {
  use_example
}

@test "dlopen returns while Guile's start is held, eight threads wait, call while garbage is collected, and get the right answers" {
  held "$built/host" "$built/libscmplug.so"
  [ "$output" = "loaded, the runtime is still starting, and 8 calls wait for it"$'\n'"$answers" ]
  [ -z "$stderr" ]
}

@test "the same from Python" {
  held python3 -B "$example/host.py" "$built/libscmplug.so"
  [ "$output" = "loaded, the runtime is still starting, and 8 threads call it"$'\n'"$answers" ]
  [ -z "$stderr" ]
}

@test "a start.scm that fails does not stop the load, and is told by the first call" {
  cp -R "$example" "$root/examples/common" .
  echo '(car 1)' >>guile/start.scm
  make -s -C guile RT0KIT="$BUILD" BUILD="$PWD/failing"
  run -134 --separate-stderr timeout --foreground 60 failing/host failing/libscmplug.so
  has "${stderr_lines[0]}" '^rt0: libscmplug.so: wrong-type-arg .*: Invalid argument$'
}

@test "the library passes elfpatch verify" {
  is_verified "$built/libscmplug.so"
}

@test "make timeline writes what happened when" {
  has_timeline
}
