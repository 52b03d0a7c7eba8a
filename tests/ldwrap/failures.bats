#!/usr/bin/env bats
# Drivers, inputs and systems that misbehave: one line, the old output as it was, nothing left behind.

# shellcheck disable=SC2016,SC2154,SC2030,SC2031
load ldwrap

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  objects
  echo old >x.so
}

# unchanged: x.so is the old one and nothing is beside it
unchanged() {
  [ "$(cat x.so)" = old ]
  no_leftovers
}

# injected WHAT ARGUMENT…: ldwrap with that failure
injected() {
  local what=$1
  shift
  run --separate-stderr strace -qq -o /dev/null -e trace=all -e "inject=$what" "$ldwrap" "$@"
}

# says STATUS TEXT
says() {
  [ "$status $stderr" = "$1 ldwrap: $2" ] || fail "$status" "$stderr"
}

@test "a driver that is no program is named, for a link with a runtime and without" {
  mkdir bin
  printf 'no program\n\0' >bin/gcc
  chmod +x bin/gcc
  for line in '-shared -o x.so runtime.o' '-c plain.c'; do
    # shellcheck disable=SC2086
    run -126 --separate-stderr "$ldwrap" bin/gcc $line
    has "$stderr" "^ldwrap: cannot run 'bin/gcc': Exec format error$"
    unchanged
  done
  # Found on PATH, but not to be run.
  chmod -x bin/gcc
  run -126 --separate-stderr env PATH="$PWD/bin" LDWRAP_CC=gcc "$ldwrap" -c plain.c
  [ "$stderr" = "ldwrap: cannot run 'gcc': not executable" ]
  run -127 --separate-stderr env LDWRAP_CC=bin/none "$ldwrap" -c plain.c
  says 127 "cannot run 'bin/none': not found"
}

@test "an output without a name, and a device that is full, are errors" {
  run -1 --separate-stderr "$ldwrap" -shared -o '' runtime.o
  has "$stderr" "^ldwrap: cannot write '': No such file or directory$"
  TMPDIR=$PWD run -1 --separate-stderr "$ldwrap" -shared -o /dev/full runtime.o
  has "$stderr" "^ldwrap: cannot write '/dev/full': No space left on device$"
  unchanged
}

@test "a system that refuses is told" {
  injected rename:error=EACCES -shared -o x.so runtime.o
  says 1 "cannot write 'x.so': Permission denied"
  unchanged
  injected memfd_create:error=EMFILE -shared -fPIC -I"$BUILD/include" -o x.so runtime.c
  says 1 "cannot keep the driver's output: Too many open files"
  unchanged
}

@test "a file that is cut short under it ends in one line" {
  # The driver has made its library.
  injected rt_sigtimedwait:signal=BUS:when=2 -shared -o x.so runtime.o
  says 1 'a file was cut short, or the disk filled, while it was in use'
  unchanged
}

@test "folders that a driver leaves in the temporary one go with it" {
  mkdir bin
  cat >bin/cc <<'END'
#!/bin/bash
case $* in *-dumpmachine*) exec gcc -dumpmachine ;; esac
for last; do case $last in .rt0-*/x.so) mkdir -p "${last%/*}/one/two"; touch "${last%/*}/one/two/three" ;; esac; done
exit 5
END
  chmod +x bin/cc
  run -5 --separate-stderr "$ldwrap" bin/cc -shared -o x.so runtime.o
  unchanged
}

@test "what a driver makes instead of a library is its own affair" {
  mkdir bin
  cat >bin/cc <<'END'
#!/bin/bash
case $* in *-dumpmachine*) exec gcc -dumpmachine ;; esac
while [ "$1" != -o ]; do shift; done
cp plain.o "$2"
END
  chmod +x bin/cc
  run -0 --separate-stderr "$ldwrap" bin/cc -shared -o x.so runtime.o
  [ -z "$output$stderr" ]
  cmp x.so plain.o
  no_leftovers
}

@test "an option of ours in a response file is held to its values" {
  echo '-shared --rt0=perhaps -o x.so runtime.o' >args
  run -2 --separate-stderr "$ldwrap" @args
  [ "$stderr" = "ldwrap: bad value 'perhaps' for --rt0: one of auto|on|off" ]
  unchanged
}

@test "a library that the linker is told where to look for is searched" {
  mkdir d
  ar rcs d/libr.a runtime.o
  for options in -Wl,-L,d '-Xlinker -L -Xlinker d' -Wl,-Ld -Wl,--library-path=d; do
    # shellcheck disable=SC2086
    run -0 --separate-stderr "$ldwrap" -shared -o y.so $options -lr
    is_runtime y.so
    [ "$(host ./y.so)" = 42 ]
  done
}

@test "an archive with a map of 64 bits is searched, and its failure handler linked" {
  cat >handler.c <<'END'
#include "rt0.h"
void explain(const char *function, int error, const char *why) { (void)function, (void)error, (void)why; }
END
  "$CC" -fPIC -I"$BUILD/include" -c handler.c
  SYM64_THRESHOLD=1 llvm-ar rcs libwide.a runtime.o handler.o
  [ "$(dd if=libwide.a bs=1 skip=8 count=7 status=none)" = /SYM64/ ]
  run -0 --separate-stderr "$ldwrap" --rt0=on --rt0-on-failure=call:explain -shared -o y.so libwide.a
  is_runtime y.so
  [ "$(host ./y.so)" = 42 ]
  has "$(nm y.so)" ' [tT] explain'
}

@test "what comes through a pipe cannot be linked twice" {
  {
    runtime_source
    for ((i = 0; i < 1100; i++)); do echo "int f$i(void) { return $i; }"; done
  } >many.c
  run -1 --separate-stderr bash -c '"$0" -shared -fPIC "-I$1" --rt0=on -o x.so -x c - < <(cat many.c)' "$ldwrap" "$BUILD/include"
  has "$stderr" '^ldwrap: x\.so: 1101 gates are needed, [0-9]+ were made, and an input cannot be read twice$'
  unchanged
  {
    runtime_source
    echo 'void rt0_thread_attach(void) {} void rt0_thread_detach(void) {}'
  } >hooks.c
  run -1 --separate-stderr bash -c '"$0" -shared -fPIC "-I$1" --rt0=on -o x.so -x c - < <(cat hooks.c)' "$ldwrap" "$BUILD/include"
  has "$stderr" "^ldwrap: x\\.so: 'rt0_thread_attach' or 'rt0_thread_detach' was found too late, and an input cannot be read twice$"
  unchanged
}

@test "a source that names the symbol, beside one that comes through a pipe, is linked plainly" {
  echo '/* rt0_runtime_init */ int once(void) { return 1; }' >named.c
  run -0 --separate-stderr bash -c '"$0" -shared -fPIC -o y.so named.c -x c - < <(echo "int piped(void) { return 2; }")' "$ldwrap"
  [ -z "$output$stderr" ]
  is_plain y.so
  has "$(nm -D y.so)" ' T once.* T piped'
  no_leftovers
}

@test "a plan says what is set, and what comes of it when the symbol is not there" {
  run -0 "$ldwrap" --rt0-plan --rt0-flag=ready -shared -o x.so runtime.o
  has "$output" ', ready=1, build-id renewed'
  run -0 "$ldwrap" --rt0-plan --rt0=on -shared -o x.so runtime.c
  has "$output" "# if 'rt0_runtime_init' then is not defined: an error"
  run -0 "$ldwrap" --rt0-plan -shared -o x.so runtime.c
  has "$output" "# if 'rt0_runtime_init' then is not defined: the plain link instead"
  unchanged
}
