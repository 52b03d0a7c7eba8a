#!/usr/bin/env bats
# Links of libraries with a runtime.

# shellcheck disable=SC2154,SC2030,SC2031
load ldwrap

@test "every driver and linker makes a library that starts itself, silently and the same twice" {
  objects
  for driver in gcc clang; do
    for linker in "${linkers[@]}"; do
      run -0 --separate-stderr "$ldwrap" "$driver" "-fuse-ld=$linker" -shared -o x.so runtime.o
      [ -z "$output$stderr" ] || fail "$driver $linker: $output$stderr"
      is_runtime x.so
      [ "$(host ./x.so)" = 42 ] || fail "$driver $linker"
      mv x.so first.so
      "$ldwrap" "$driver" "-fuse-ld=$linker" -shared -o x.so runtime.o
      cmp first.so x.so || fail "$driver $linker"
    done
  done
  no_leftovers
}

@test "the temporary name is nowhere in the output, nor in its versions" {
  objects
  mkdir out
  echo 'V1 { global: twice; local: *; };' >map
  for linker in "${linkers[@]}"; do
    for file in x.so out/x.so "$PWD/out/x.so"; do
      run -0 --separate-stderr "$ldwrap" "-fuse-ld=$linker" -Wl,--version-script=map -shared -o "$file" runtime.o
      [ -z "$output$stderr" ] || fail "$linker: $stderr"
      has_not "$(strings -a "$file")" '\.rt0-'
    done
    "$CC" "-fuse-ld=$linker" -Wl,--version-script=map -shared -o out/x.so runtime.o
    own=$(readelf -VW out/x.so | grep BASE -A2 | grep Name:)
    "$ldwrap" "-fuse-ld=$linker" -Wl,--version-script=map -shared -o out/x.so runtime.o
    [ "$own" = "$(readelf -VW out/x.so | grep BASE -A2 | grep Name:)" ] || fail "$linker: $own"
    [ "$(host out/x.so)" = 42 ]
  done
}

@test "every spelling of the output and of -shared delivers to the name the user gave" {
  objects
  mkdir out
  echo '-shared -o out/x.so' >args
  echo '-o out/x.so -shared' >ldargs
  for line in "-shared -o out/x.so" "-shared -oout/x.so" "--shared --output out/x.so" "-shared --output=out/x.so" \
    "-shared -o a -o out/x.so" "-shared -Wl,-o,out/x.so" "-shared -o a -Wl,-oout/x.so" \
    "-shared -Wl,--output=out/x.so -o a" "-shared -Xlinker -o -Xlinker out/x.so" "@args" \
    "-nostartfiles -no-pie -Wl,-shared -o out/x.so" "-nostartfiles -no-pie -Xlinker -shared -o out/x.so" \
    "-nostartfiles -no-pie -Wl,-Bshareable -o out/x.so" "-nostartfiles -no-pie -Wl,@ldargs"; do
    for driver in gcc clang; do
      # shellcheck disable=SC2086
      run -0 --separate-stderr "$ldwrap" "$driver" $line runtime.o
      [ -z "$output$stderr" ] || fail "$driver $line: $output$stderr"
      is_runtime out/x.so || fail "$driver $line"
      rm out/x.so
      [ "$(ls -A out)" = "" ]
      [ ! -e a ]
    done
  done
  "$ldwrap" -shared runtime.o
  is_runtime a.out
}

@test "-v still links, and the driver's words come through once" {
  objects
  run -0 --separate-stderr "$ldwrap" gcc -v -shared -o x.so runtime.o
  has "$stderr" '-lgcc_s'
  [ "$(grep -c '^gcc version' <<<"$stderr")" = 1 ]
  is_runtime x.so
  rm x.so
  run -0 --separate-stderr "$ldwrap" gcc -v -shared -fPIC -I"$BUILD/include" -o x.so runtime.c
  [ "$(grep -c 'collect2 version' <<<"$stderr")" -le 1 ]
  is_runtime x.so
}

@test "the runtime is found in an archive by path, by -l, by -l: and as a whole" {
  objects
  mkdir lib
  ar rcs lib/libthing.a runtime.o
  for linker in "${linkers[@]}"; do
    for line in "-Wl,-u,twice lib/libthing.a" "-Wl,-u,twice -Llib -lthing" "-Wl,-u,twice -L lib -l:libthing.a" \
      "-Wl,--whole-archive lib/libthing.a -Wl,--no-whole-archive" "-Wl,-Bstatic -Llib -lthing -Wl,-Bdynamic -Wl,-u,twice"; do
      # shellcheck disable=SC2086
      run -0 --separate-stderr "$ldwrap" "-fuse-ld=$linker" -shared -o x.so $line
      [ -z "$output$stderr" ]
      [ "$(host ./x.so)" = 42 ] || fail "$linker $line"
      is_runtime x.so
    done
  done
  # The shared library is preferred, so the archive is no input.
  "$CC" -shared -o lib/libthing.so plain.o
  run -0 "$ldwrap" -shared -o x.so plain.o -Llib -lthing
  is_plain x.so
}

@test "a thin archive is read, too" {
  objects
  ar rcsT libthin.a runtime.o
  run -0 "$ldwrap" -shared -o x.so -Wl,-u,twice libthin.a
  [ "$(host ./x.so)" = 42 ]
  is_runtime x.so
}

@test "the runtime is found in LTO objects of gcc and clang" {
  objects
  gcc -O2 -flto -fPIC -I"$BUILD/include" -c -o slim.o runtime.c
  gcc -O2 -flto -ffat-lto-objects -fPIC -I"$BUILD/include" -c -o fat.o runtime.c
  clang -O2 -flto -fPIC -I"$BUILD/include" -c -o bitcode.o runtime.c
  clang -O2 -flto=thin -fPIC -I"$BUILD/include" -c -o thin.o runtime.c
  for linker in bfd gold mold; do
    for object in slim.o fat.o; do
      run -0 --separate-stderr "$ldwrap" gcc "-fuse-ld=$linker" -flto -O2 -shared -o x.so "$object"
      [ -z "$stderr" ]
      [ "$(host ./x.so)" = 42 ] || fail "gcc $linker $object"
      is_runtime x.so
    done
  done
  for linker in "${linkers[@]}"; do
    for object in bitcode.o thin.o; do
      run -0 --separate-stderr "$ldwrap" clang "-fuse-ld=$linker" -flto -O2 -shared -o x.so "$object"
      [ -z "$stderr" ]
      [ "$(host ./x.so)" = 42 ] || fail "clang $linker $object"
      is_runtime x.so
    done
  done
}

@test "the runtime is found in sources, named there or only in what they include" {
  runtime_source >runtime.c
  echo '#include "runtime.c"' >outer.c
  for source in runtime.c outer.c; do
    for linker in "${linkers[@]}"; do
      run -0 --separate-stderr "$ldwrap" "-fuse-ld=$linker" -fPIC -I"$BUILD/include" -shared -o x.so "$source"
      [ -z "$output$stderr" ]
      is_runtime x.so
      [ "$(host ./x.so)" = 42 ] || fail "$linker $source"
      # Stripped, the init function is known by rt0_config only.
      run -0 --separate-stderr "$ldwrap" "-fuse-ld=$linker" -s -fPIC -I"$BUILD/include" -shared -o x.so runtime.c
      [ "$(host ./x.so)" = 42 ] || fail "$linker $source, stripped"
    done
  done
  no_leftovers
}

@test "what the driver prints for a source with a runtime comes through once" {
  runtime_source >runtime.c
  echo '#warning look here' >>runtime.c
  echo '#include "runtime.c"' >outer.c
  for source in runtime.c outer.c; do
    run -0 --separate-stderr "$ldwrap" -fPIC -I"$BUILD/include" -shared -o x.so "$source"
    [ "$(grep -c 'warning: #warning' <<<"$stderr")" = 1 ] || fail "$source: $stderr"
    is_runtime x.so
  done
}

@test "a source that only names the symbol is linked as if it did not" {
  plain_source >plain.c
  echo 'extern int rt0_runtime_init(int, char **, char **) __attribute__((weak)); void *use(void) { return (void *)rt0_runtime_init; }' >>plain.c
  echo '#warning look here' >>plain.c
  run -0 --separate-stderr "$ldwrap" -fPIC -shared -o x.so plain.c
  is_plain x.so
  [ "$(grep -c 'warning: #warning' <<<"$stderr")" = 1 ]
  no_leftovers
}

@test "a source from standard input is linked once, as it is" {
  run -0 "$ldwrap" -shared -fPIC -o x.so -x c - < <(plain_source)
  is_plain x.so
  [ "$(host ./x.so)" = 42 ]
}

@test "GHC's code, which is found by the table in front of it, is not gated" {
  objects
  printf '%s\n' 'int code_info(void) { return 1; }' >code.c
  "$CC" -O2 -fPIC -c code.c
  "$CC" -shared -Wl,-soname,libHSbase.so -o libHSbase.so plain.o
  for linker in "${linkers[@]}"; do
    "$ldwrap" "-fuse-ld=$linker" -shared -Wl,--no-as-needed -o x.so runtime.o code.o -L. -lHSbase
    is_runtime x.so
    run -0 "$elfpatch" verify x.so
    has "$output" "info: gates: code_info: GHC's code"
    has_not "$output" 'twice'
    "$ldwrap" "-fuse-ld=$linker" -shared -o y.so runtime.o code.o
    has_not "$("$elfpatch" verify y.so)" 'code_info'
  done
}

@test "data is bound inside the library where -Bsymbolic asks for it" {
  objects
  printf '%s\n' 'int number = 1;' 'int *place(void) { return &number; }' >data.c
  "$CC" -O2 -fPIC -c data.c
  for linker in "${linkers[@]}"; do
    run -0 --separate-stderr "$ldwrap" "-fuse-ld=$linker" -shared -Wl,-Bsymbolic -o x.so runtime.o data.o
    is_runtime x.so
    has_not "$(readelf -rW x.so)" ' number' || fail "$linker"
    [ "$(host ./x.so)" = 42 ]
  done
}

@test "the user's own -init still runs" {
  objects
  cat >mine.c <<'EOF'
int mine_ran;
void mine(void) { mine_ran++; }
int ran(void) { return mine_ran; }
EOF
  "$CC" -fPIC -c mine.c
  cat >user.c <<'EOF'
#include <dlfcn.h>
#include <stdio.h>
int main(int argc, char **argv)
{
	int (*ran)(void) = (int (*)(void))dlsym(dlopen(argv[argc - 1], RTLD_NOW), "ran");
	return printf("%d\n", ran()) < 0;
}
EOF
  "$CC" -o user user.c
  for linker in "${linkers[@]}"; do
    for init in -Wl,-init=mine -Wl,-init,mine -Wl,--init=mine "-Xlinker -init -Xlinker mine"; do
      # shellcheck disable=SC2086
      run -0 --separate-stderr "$ldwrap" "-fuse-ld=$linker" -shared -o x.so runtime.o $init mine.o
      [ -z "$output$stderr" ]
      is_runtime x.so
      [ "$(./user ./x.so)" = 1 ] || fail "$linker $init"
    done
  done
}

@test "an init function of another name, and a flag of the runtime's own" {
  cat >other.c <<'EOF'
int ready;
const volatile unsigned char am_i_a_library = 0;
int go(int argc, char **argv, char **envp) { (void)argc, (void)argv, (void)envp; ready = am_i_a_library; return 0; }
int twice(int x) { return ready ? 2 * x : -1; }
EOF
  "$CC" -fPIC -c other.c
  run -0 --separate-stderr "$ldwrap" -shared -o x.so other.o --rt0-init=go --rt0-flag=am_i_a_library
  [ -z "$output$stderr" ]
  [ "$(host ./x.so)" = 42 ]
  LDWRAP_FLAGS='--rt0-init=go --rt0-flag=am_i_a_library' run -0 "$ldwrap" -shared -fPIC -o x.so other.c
  is_runtime x.so
  [ "$(host ./x.so)" = 42 ]
}

@test "gate patterns come from the command line, the environment and a file" {
  cat >many.c <<'EOF'
#include "rt0.h"
int rt0_runtime_init(int argc, char **argv, char **envp) { (void)argc, (void)argv, (void)envp; return 0; }
int api_one(void) { return 1; }
int api_two(void) { return 2; }
int other(void) { return 3; }
EOF
  "$CC" -fPIC -I"$BUILD/include" -c many.c
  gates() { nm x.so | sed -n 's/.* [tT] \(.*\)@gate$/\1/p' | sort | tr '\n' ' '; }
  "$ldwrap" -shared -o x.so many.o
  [ "$(gates)" = "api_one api_two other " ]
  "$ldwrap" -shared -o x.so many.o --rt0-gate='api_*'
  [ "$(gates)" = "api_one api_two " ]
  LDWRAP_FLAGS='--rt0-gate=api_*' "$ldwrap" -shared -o x.so many.o --rt0-no-gate='*two'
  [ "$(gates)" = "api_one " ]
  printf '# the API\napi_*  # all of it\n\n  !*one\n' >list
  "$ldwrap" -shared -o x.so many.o --rt0-gate-list=list
  [ "$(gates)" = "api_two " ]
}

@test "a pool that is far too large or too small is made anew, silently" {
  runtime_source >runtime.c
  # Sources: the number of exports is a guess.
  seq -f 'int export%g(void) { return 1; }' 400 >>runtime.c
  run -0 --separate-stderr "$ldwrap" -fPIC -I"$BUILD/include" -shared -o x.so runtime.c
  [ -z "$output$stderr" ]
  [ "$(nm x.so | grep -c '@gate$')" = 401 ]
  [ "$(host ./x.so)" = 42 ]
  # Objects: a version script hides nearly all of them.
  "$CC" -fPIC -I"$BUILD/include" -c runtime.c
  echo '{ global: twice; local: *; };' >map
  run -0 --separate-stderr "$ldwrap" -Wl,--version-script=map -shared -o x.so runtime.o
  [ -z "$output$stderr" ]
  [ "$(nm x.so | grep -c '@gate$')" = 1 ]
  [ $((16#$(readelf -SW x.so | sed -n 's/.*\.rt0\.gates *PROGBITS *[0-9a-f]* [0-9a-f]* \([0-9a-f]*\).*/\1/p'))) -le 64 ]
}

@test "names with spaces, commas, leading dashes and a long response file work" {
  objects
  mkdir 'a, b'
  cp runtime.o 'a, b/run time.o'
  run -0 --separate-stderr "$ldwrap" -shared -o 'a, b/x,y z.so' 'a, b/run time.o'
  [ "$(host './a, b/x,y z.so')" = 42 ]
  [ "$(ls -A 'a, b')" = "$(printf '%s\n' 'run time.o' 'x,y z.so')" ]
  run -0 "$ldwrap" -shared -o-x.so runtime.o
  [ "$(host ./-x.so)" = 42 ]
  # 60,000 words: far more than the system takes.
  { echo '-shared -o x.so'; echo "'a, b/run time.o'"; seq -f '-Wl,-rpath-link,/nowhere/with/a/long/name/%06g' 60000; } >args
  run -0 --separate-stderr "$ldwrap" @args
  [ -z "$output$stderr" ]
  [ "$(host ./x.so)" = 42 ]
  no_leftovers
}

@test "the make rule that -MMD writes is the driver's own, and beside the output" {
  runtime_source >runtime.c
  mkdir out
  for driver in gcc clang; do
    "$driver" -fPIC -I"$BUILD/include" -MMD -shared -o out/x.so runtime.c
    mv out/x.d own.d
    run -0 --separate-stderr "$ldwrap" "$driver" -fPIC -I"$BUILD/include" -MMD -shared -o out/x.so runtime.c
    [ -z "$output$stderr" ]
    is_runtime out/x.so
    cmp own.d out/x.d
    rm out/*
  done
}

@test "gcc's names of files beside the output are the driver's own, in the library and in the folder" {
  runtime_source >runtime.c
  mkdir out
  options=(-fPIC "-I$BUILD/include" -g -gsplit-dwarf --coverage -frandom-seed=1 -shared)
  for file in out/x.so a.out; do
    gcc "${options[@]}" -o "$file" runtime.c -Wl,--unresolved-symbols=ignore-all
    own=$(strings -a "$file" | grep -E '\.(dwo|gcda)$' | sort)
    has "$own" '\.dwo' && has "$own" '\.gcda'
    mkdir own
    case $file in a.out) mv a-runtime.* own ;; *) mv "$file"-runtime.* own ;; esac
    run -0 --separate-stderr "$ldwrap" gcc "${options[@]}" -o "$file" runtime.c
    [ -z "$output$stderr" ]
    is_runtime "$file"
    [ "$(strings -a "$file" | grep -E '\.(dwo|gcda)$' | sort)" = "$own" ] || fail "$own"
    for name in own/*; do
      cmp "$name" "$(dirname "$file")/${name#own/}"
    done
    rm -rf own a-*
  done
  no_leftovers
}

@test "the linker's own make rule is for the output, and names only files that are there" {
  objects
  mkdir 'o #t'
  for linker in bfd lld mold; do
    for option in -Wl,--dependency-file=rule -Wl,--dependency-file,rule '-Xlinker --dependency-file=rule'; do
      read -ra words <<<"$option"
      for file in x.so 'o #t/x.so'; do
        rm -f rule
        run -0 --separate-stderr "$ldwrap" "-fuse-ld=$linker" "${words[@]}" -shared -o "$file" runtime.o
        [ -z "$output$stderr" ]
        # Some quote what make would take apart, some do not.
        line=$(head -n 1 rule)
        [[ ${line//\\/} = "$file:"* ]] || fail "$linker $option: $line"
        has_not "$(<rule)" '\.rt0-' || return
      done
    done
    rm x.so
    # make takes it, and sees a newer part of rt.
    "$ldwrap" "-fuse-ld=$linker" -Wl,--dependency-file=rule -shared -o x.so runtime.o
    printf '%s\n' 'x.so:; touch x.so' 'include rule' >Makefile
    run -0 make -q x.so
    run -1 make -q -W "$(grep -o '[^ ]*/rt0\.o' rule | head -n 1)" x.so
  done
}

@test "a device takes the library's bytes in place" {
  objects
  run -0 "$ldwrap" -shared -o /dev/null runtime.o
  [ -c /dev/null ]
  mkfifo pipe
  cat pipe >got &
  run -0 "$ldwrap" -shared -o pipe runtime.o
  wait "$!"
  [ -p pipe ]
  "$ldwrap" -shared -o x.so runtime.o
  cmp got x.so
}

@test "an existing output is replaced, through a symlink's name as the linker does" {
  objects
  echo old >x.so
  ln x.so other-link
  "$ldwrap" -shared -o x.so runtime.o
  is_runtime x.so
  [ "$(cat other-link)" = old ]
}

@test "a library with a runtime of its own keeps a build-id that was asked for, and renews a computed one" {
  objects
  id() { readelf -n x.so | sed -n 's/.*Build ID: //p'; }
  for linker in "${linkers[@]}"; do
    "$ldwrap" "-fuse-ld=$linker" -shared -o x.so runtime.o -Wl,--build-id=0x0123456789abcdef
    [ "$(id)" = 0123456789abcdef ]
    "$ldwrap" "-fuse-ld=$linker" -shared -o x.so runtime.o -Wl,--build-id=sha1
    first=$(id)
    "$ldwrap" "-fuse-ld=$linker" -shared -o x.so runtime.o -Wl,--build-id=sha1 --rt0-no-gate='*'
    [ "$first" != "$(id)" ]
  done
}

@test "an ldwrap that a driver of ldwrap's starts only passes through" {
  objects
  mkdir bin
  printf '#!/bin/sh\nexec "%s" gcc "$@"\n' "$ldwrap" >bin/wrapped
  chmod +x bin/wrapped
  run -0 --separate-stderr env LDWRAP_CC="$PWD/bin/wrapped" "$ldwrap" -shared -o x.so runtime.o
  [ -z "$output$stderr" ]
  [ "$(host ./x.so)" = 42 ]
}

@test "compilers called through symlinks of ldwrap link libraries with a runtime" {
  objects
  mkdir links
  ln -s "$ldwrap" links/gcc
  ln -s "$ldwrap" links/clang
  for name in gcc clang; do
    PATH=$PWD/links:$PATH run -0 --separate-stderr "$name" -shared -o x.so runtime.o
    [ -z "$output$stderr" ]
    is_runtime x.so
  done
}
