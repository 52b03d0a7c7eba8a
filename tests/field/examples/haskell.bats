#!/usr/bin/env bats
# The example: Haskell in a library. Run by `make field-examples`.

folder=haskell
load ../../support
load ../../examples/example

answers="8 threads made 50 calls each, 0 answers were wrong
twelve times one thousand plus three hundred forty-five: twelve thousand three hundred forty-five
exception: no number is called 'many'
threads: 9 attached, 8 detached"

setup_file() {
  build_example
}

setup() {
  use_example
}

@test "dlopen returns while Haskell's start is held, eight threads wait, call while garbage is collected, and get the right answers" {
  held "$built/host" "$built/libhsplug.so"
  [ "$output" = "loaded, the runtime is still starting, and 8 calls wait for it"$'\n'"$answers" ]
  [ -z "$stderr" ]
}

@test "the same from Python" {
  held python3 -B "$example/host.py" "$built/libhsplug.so"
  [ "$output" = "loaded, the runtime is still starting, and 8 threads call it"$'\n'"$answers" ]
  [ -z "$stderr" ]
}

@test "what the host does on an interrupt stays the host's" {
  cat >interrupted.py <<PYTHON
import ctypes, re, signal
signal.signal(signal.SIGINT, signal.SIG_DFL)
plug = ctypes.CDLL("$built/libhsplug.so")
print(plug.hsplug_is_bound())
with open("/proc/self/status") as status:
    caught = int(re.search(r"SigCgt:\\s*([0-9a-f]+)", status.read())[1], 16)
print(caught >> signal.SIGINT - 1 & 1)
PYTHON
  run -0 --separate-stderr timeout 60 python3 interrupted.py
  [ "$output" = $'1\n0' ]
}

@test "the library passes elfpatch verify" {
  is_verified "$built/libhsplug.so"
}

@test "make timeline writes what happened when" {
  has_timeline
}
