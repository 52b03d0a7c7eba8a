#!/usr/bin/env bats
# Everything that is no library with a runtime goes to the driver as it came.

# shellcheck disable=SC2154,SC2030,SC2031
load ldwrap

@test "a compile step reaches the driver with the same arguments" {
  recorder cc
  PATH=$PWD/bin:$PATH run -0 --separate-stderr "$ldwrap" -c 'a b.c' -DX='"y z"' '' -o a.o
  [ -z "$output$stderr" ]
  [ "$(cat cc.log)" = "$(printf '%s\n' -c 'a b.c' '-DX="y z"' '' -o a.o)" ]
}

@test "ldwrap's own options are taken out of a compile step" {
  recorder cc
  PATH=$PWD/bin:$PATH run -0 "$ldwrap" --rt0=on -c a.c --rt0-init=go -O2
  [ "$(cat cc.log)" = "$(printf '%s\n' -c a.c -O2)" ]
}

@test "links of executables, objects, archives and libraries without a runtime are untouched" {
  recorder cc
  objects
  for line in "-o x plain.o" "-shared -o x plain.o" "-static -o x runtime.o" "-pie -o x runtime.o" \
    "-r -o x runtime.o" "-shared -Wl,-pie -o x runtime.o" "-shared -c runtime.c" "-shared -### plain.o" \
    "-shared --version runtime.o" "-shared -Wl,--version runtime.o" "--rt0=off -shared runtime.o"; do
    rm -f cc.log
    # shellcheck disable=SC2086
    PATH=$PWD/bin:$PATH run -0 "$ldwrap" $line
    # shellcheck disable=SC2086
    [ "$(cat cc.log)" = "$(printf '%s\n' $line | grep -v '^--rt0')" ] || fail "$line"
  done
}

@test "a response file is passed on as a file, unless it holds options of ldwrap's" {
  recorder cc
  echo '-c a.c' >args
  PATH=$PWD/bin:$PATH run -0 "$ldwrap" @args
  [ "$(cat cc.log)" = @args ]
  echo '-c --rt0=on a.c' >args
  PATH=$PWD/bin:$PATH run -0 "$ldwrap" @args
  [ "$(cat cc.log)" = "$(printf '%s\n' -c a.c)" ]
}

@test "the driver is an explicit compiler, LDWRAP_CC, the name of the symlink, or cc, in this order" {
  for name in cc gcc clang-99 my-triple-gcc; do recorder "$name"; done
  recorder launcher
  mkdir links
  ln -s "$ldwrap" links/my-triple-gcc
  ran() { [ -e "$1.log" ] && [ "$(ls ./*.log)" = "./$1.log" ] && rm ./*.log; }
  PATH=$PWD/links:$PWD/bin:$PATH

  LDWRAP_CC=clang-99 run -0 "$ldwrap" gcc -c a.c
  ran gcc
  LDWRAP_CC=clang-99 run -0 "$ldwrap" --rt0=on gcc -c a.c
  ran gcc
  LDWRAP_CC=clang-99 run -0 "$ldwrap" -c a.c
  ran clang-99
  LDWRAP_CC=clang-99 run -0 my-triple-gcc -c a.c
  ran clang-99
  run -0 my-triple-gcc -c a.c
  ran my-triple-gcc
  run -0 "$ldwrap" -c a.c
  ran cc
  run -0 "$ldwrap" "$PWD/bin/launcher" -c a.c
  ran launcher
  run -0 "$ldwrap" clang-99 -c gcc
  [ "$(cat clang-99.log)" = "$(printf '%s\n' -c gcc)" ]
  ran clang-99
  LDWRAP_CC="launcher gcc -m64" run -0 "$ldwrap" -c a.c
  [ "$(cat launcher.log)" = "$(printf '%s\n' gcc -m64 -c a.c)" ]
  ran launcher
}

@test "an ldwrap in front of one, by whatever name, is one" {
  recorder gcc
  recorder cc
  mkdir links
  ln -s "$ldwrap" links/gcc
  ln -s "$ldwrap" links/ldwrap
  PATH=$PWD/links:$PWD/bin:$PATH
  for line in "ldwrap ldwrap gcc" "ldwrap $ldwrap gcc" "ldwrap --rt0=on ldwrap ldwrap gcc" "ldwrap $PWD/links/gcc" \
    "gcc" "$PWD/links/gcc"; do
    # shellcheck disable=SC2086
    run -0 $line -c ldwrap
    [ "$(cat gcc.log)" = "$(printf '%s\n' -c ldwrap)" ] || fail "$line"
    rm gcc.log
  done
  run -0 ldwrap ldwrap -c a.c
  [ "$(cat cc.log)" = "$(printf '%s\n' -c a.c)" ]
}

@test "a launcher in front of the compiler stays there" {
  for launcher in ccache recc; do
    recorder "$launcher"
    PATH=$PWD/bin:$PATH run -0 "$ldwrap" "$launcher" gcc -c a.c
    [ "$(cat "$launcher.log")" = "$(printf '%s\n' gcc -c a.c)" ]
  done
}

@test "an input file is no compiler, whatever its name begins with" {
  recorder cc
  touch gcc.o cc.c
  PATH=$PWD/bin:$PATH run -0 "$ldwrap" gcc.o cc.c
  [ "$(cat cc.log)" = "$(printf '%s\n' gcc.o cc.c)" ]
}

@test "ldwrap does not take itself for the driver, under any name on PATH" {
  recorder cc
  mkdir a b
  ln -s "$ldwrap" a/cc
  ln "$ldwrap" b/cc 2>/dev/null || ln -s "$ldwrap" b/cc
  PATH=$PWD/a:$PWD/b:$PWD/bin:$PATH run -0 cc -c a.c
  [ "$(cat cc.log)" = "$(printf '%s\n' -c a.c)" ]
}

@test "a driver that leads back to ldwrap ends with one clear line" {
  mkdir bin
  printf '#!/bin/sh\nexec "%s" "$@"\n' "$ldwrap" >bin/cc
  chmod +x bin/cc
  run -1 --separate-stderr env PATH="$PWD/bin" "$ldwrap" -c a.c
  [ "$stderr" = "ldwrap: 'cc' leads back to ldwrap again and again; name the compiler in LDWRAP_CC" ]
}

@test "a driver that is missing is status 127, one that cannot run 126" {
  touch noexec
  LDWRAP_CC=no-such-cc run -127 --separate-stderr "$ldwrap" -c a.c
  [ "$stderr" = "ldwrap: cannot run 'no-such-cc': not found" ]
  LDWRAP_CC=./noexec run -126 --separate-stderr "$ldwrap" -c a.c
  [ "$stderr" = "ldwrap: cannot run './noexec': not executable" ]
  LDWRAP_CC=$ldwrap run -126 --separate-stderr "$ldwrap" -c a.c
  has "$stderr" 'it is ldwrap itself'
}

@test "the driver's status, stdout and stderr come through" {
  mkdir bin
  printf '#!/bin/sh\necho out; echo err >&2; exit 42\n' >bin/cc
  chmod +x bin/cc
  objects
  for line in "-c a.c" "-shared -o x.so plain.o" "-shared -o x.so runtime.o" "-shared -o x.so runtime.c" \
    "-shared -o x.so plain.c"; do
    # shellcheck disable=SC2086
    PATH=$PWD/bin:$PATH run -42 --separate-stderr "$ldwrap" $line
    [ "$output" = out ] || fail "$line: $output"
    [ "$stderr" = err ] || fail "$line: $stderr"
  done
  no_leftovers
}

@test "ldwrap dies by the signal that killed the driver" {
  mkdir bin
  printf '#!/bin/sh\nkill -TERM $$\n' >bin/cc
  chmod +x bin/cc
  objects
  for input in plain.o runtime.o runtime.c plain.c; do
    run -143 env PATH="$PWD/bin:$PATH" "$ldwrap" -shared -o x.so "$input"
  done
  no_leftovers
}

@test "links without a runtime are byte-identical to the driver's own, with every driver and linker" {
  objects
  for driver in gcc clang; do
    for linker in "${linkers[@]}"; do
      # The same name for both: gold's build-id depends on it.
      "$driver" "-fuse-ld=$linker" -shared -o x.so plain.o
      mv x.so own.so
      run -0 --separate-stderr "$ldwrap" "$driver" "-fuse-ld=$linker" -shared -o x.so plain.o
      [ -z "$output$stderr" ]
      cmp own.so x.so || fail "$driver $linker"
    done
  done
}

@test "a source without a runtime gives the same bytes, too" {
  objects
  "$CC" -shared -fPIC -o own.so plain.c
  run -0 --separate-stderr "$ldwrap" -shared -fPIC -o ours.so plain.c
  [ -z "$output$stderr" ]
  cmp own.so ours.so
  # It is named, but not defined.
  echo '/* no rt0_runtime_init here */' >>plain.c
  "$CC" -shared -fPIC -o own.so plain.c
  run -0 --separate-stderr "$ldwrap" -shared -fPIC -o ours.so plain.c
  [ -z "$output$stderr" ]
  cmp own.so ours.so
  no_leftovers
}

@test "a compile step opens no file but the driver" {
  recorder cc
  run -0 strace -o trace -e trace=open,openat,mmap,brk,execve env PATH="$PWD/bin:/bin" "$ldwrap" -c a.c
  # `make coverage` has one that is not static, and writes down what it does.
  [ -z "${COVERAGE_CC-}" ] || return 0
  # From ldwrap's start to the driver's: at most the heap.
  sed -n '/^execve("[^"]*ldwrap"/,/^execve(".*bin\/cc"/p' trace >part
  has "$(cat part)" 'execve\(".*/bin/cc"'
  has_not "$(cat part)" 'open'
}
