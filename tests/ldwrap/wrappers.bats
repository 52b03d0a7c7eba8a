#!/usr/bin/env bats
# ldwrap among other wrappers, and by the names of compilers.

# shellcheck disable=SC2154,SC2030,SC2031
load ldwrap

# farm FOLDER PROGRAM NAME…: links to the program by these names
farm() {
  local folder=$1 program=$2 name
  mkdir -p "$folder"
  for name in "${@:3}"; do ln -s "$program" "$folder/$name"; done
}

# cached LINE: ccache counts one such as "Hits: 1"
cached() {
  has "$(ccache -s)" "$1 +1 /" && ccache -z >stats
}

@test "the commands of docs/building.md for wrappers work" {
  runtime_source >runtime.c
  export CCACHE_DIR=$PWD/cache
  mkdir farm
  # shellcheck disable=SC2016 # the backquotes are markdown's
  sed -n '/^## Behind and in front/,$p' "$root/docs/building.md" | sed -n '/^```sh$/,/^```$/{/^```/!p}' >commands
  grep -q ccache commands
  grep -q farm commands
  CPATH=$BUILD/include PATH=$BUILD/bin:$PATH PREFIX=$BUILD run -0 bash -eu commands
  for library in behind.so before.so; do
    is_runtime "$library"
    [ "$(host "./$library")" = 42 ]
  done
  objects
  for name in cc gcc c++ g++ clang; do
    PATH=$PWD/farm:$PATH run -0 --separate-stderr "$name" -shared -o x.so runtime.o
    [ -z "$output$stderr" ]
    is_runtime x.so
  done
}

@test "ccache in front of ldwrap and behind it caches what is compiled" {
  export CCACHE_DIR=$PWD/cache PATH=$BUILD/bin:$PATH
  objects
  for line in "ccache ldwrap gcc" "ldwrap ccache gcc"; do
    ccache -Cz >stats
    for kind in Misses Hits; do
      # shellcheck disable=SC2086 # words
      run -0 --separate-stderr $line -O2 -fPIC -I"$BUILD/include" -c runtime.c
      [ -z "$output$stderr" ]
      cached "$kind:"
    done
    # shellcheck disable=SC2086 # words
    run -0 --separate-stderr $line -shared -o x.so runtime.o
    [ -z "$output$stderr" ]
    is_runtime x.so
  done
}

@test "links by the compiler's name to ldwrap and to ccache stand on PATH in any order" {
  local names
  names=(cc "$("$CC" -dumpmachine)-gcc")
  objects
  farm ours "$ldwrap" "${names[@]}"
  farm theirs "$(command -v ccache)" "${names[@]}"
  export CCACHE_DIR=$PWD/cache
  for folders in ours:theirs theirs:ours; do
    for name in "${names[@]}"; do
      ccache -Cz >stats
      PATH=$PWD/${folders/:/:$PWD/}:$PATH run -0 --separate-stderr "$name" -O2 -fPIC -I"$BUILD/include" -c runtime.c
      [ -z "$output$stderr" ] || fail "$folders $name: $output$stderr"
      cached Misses:
      PATH=$PWD/${folders/:/:$PWD/}:$PATH run -0 --separate-stderr "$name" -shared -o x.so runtime.o
      [ -z "$output$stderr" ] || fail "$folders $name: $output$stderr"
      is_runtime x.so
    done
  done
}

@test "the next compiler is taken, not the first, when one leads back" {
  mkdir first
  printf '#!/bin/sh\necho first >>log\nexec gcc "$@"\n' >first/gcc
  chmod +x first/gcc
  recorder gcc
  farm ours "$ldwrap" gcc
  # It finds ours again, which goes on behind it.
  PATH=$PWD/ours:$PWD/first:$PWD/bin:$PATH run -0 gcc -c a.c
  [ "$(cat log)" = first ]
  [ "$(cat gcc.log)" = "$(printf '%s\n' -c a.c)" ]
  # Where there is none behind, one in front will do.
  rm gcc.log
  PATH=$PWD/bin:/bin:$PWD/ours run -0 "$PWD/ours/gcc" -c a.c
  [ -e gcc.log ]
}

@test "ldwrap needs neither PATH nor a path of its own" {
  objects
  run -0 --separate-stderr env -i "$ldwrap" clang -shared -o x.so runtime.o
  [ -z "$output$stderr" ]
  is_runtime x.so
  # gcc finds its linker by PATH, and says so.
  run -1 --separate-stderr env -i "$(command -v gcc)" -shared -o y.so runtime.o
  own=$stderr
  run -1 --separate-stderr env -i "$ldwrap" gcc -shared -o y.so runtime.o
  [ "$stderr" = "$own" ]
  [ ! -e y.so ]
  for name in gcc ldwrap "" cc; do
    rm x.so
    (exec -a "$name" "$ldwrap" -shared -o x.so runtime.o)
    is_runtime x.so
  done
  run -127 --separate-stderr env -i PATH=/nowhere "$ldwrap" -c runtime.c
  [ "$stderr" = "ldwrap: cannot run 'cc': not found" ]
}

@test "response files hold response files, and two megabytes of arguments" {
  objects
  # Nested ones are read from the folder that the driver is in.
  mkdir sub
  echo '-shared @sub/inner' >outer
  printf '%s\n' '-o' '"a library.so"' 'runtime.o' '@sub/huge' '-Wl,--no-undefined' >sub/inner
  awk 'BEGIN { for (i = 0; i < 40000; i++) printf "-Wl,--defsym=a_symbol_of_its_own_with_a_long_name_%d=0\n", i }' >sub/huge
  [ "$(stat -c %s sub/huge)" -gt 2000000 ]
  run -0 --separate-stderr "$ldwrap" @outer
  [ -z "$output$stderr" ]
  is_runtime 'a library.so'
  [ "$(host './a library.so')" = 42 ]
  no_leftovers
}
