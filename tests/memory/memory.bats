#!/usr/bin/env bats
# Without memory: each allocation of a command fails once, alone or with all that follow. The command says so in one line
# and leaves every file as it was, or does without.
# shellcheck disable=SC2154

load ../support

setup_file() {
  cd "$BATS_FILE_TMPDIR" || return
  # As malloc it must not call what the compiler takes for malloc.
  "$CC" -std=c11 -D_GNU_SOURCE -O1 -Wall -Wextra -Werror -fno-builtin -shared -fPIC "$root/tests/memory/fail.c" -o fail.so
  # Results are synced, which costs nothing there.
  export folder=$BATS_FILE_TMPDIR
  [ ! -w /dev/shm ] || folder=$(mktemp -d /dev/shm/rt0kit.XXXXXX)
  mkdir "$folder/bin" "$folder/elfpatch"
  ln -s "$BUILD/lib" "$folder/lib"
  # One that is linked statically has an allocator of its own.
  "${counting_cc[@]}" -o "$folder/bin/ldwrap" "$BUILD"/obj/ldwrap/*.o "$BUILD/lib/libelfpatch.a" -lelf -lz -lnettle

  cd "$folder/elfpatch" || return
  cat >lib.c <<'END'
#include <math.h>
int data = 1;
int f(void) { return data; }
int g(void) { return 2; }
int start(void) { return 0; }
double root(double x) { return sqrt(x); }
END
  "$CC" -shared -fPIC -fno-builtin lib.c -o lib.so -Wl,-soname,lib.so,-rpath,/a:/b,--hash-style=both -lm
  cp lib.so attached.so
  "$elfpatch" attach --init=start attached.so
  "$ldwrap" "$CC" -shared -fPIC -I"$BUILD/include" "$root/tests/rt/plug.c" -o linked.so
  echo 'int main(void) { return 0; }' | "$CC" -x c - -o program
  ln -s "$elfpatch" "$folder/bin/patchelf"
  echo lib.so >list
  rm lib.c
}

teardown_file() {
  rm -rf "$folder"
}

setup() {
  cd "$folder/elfpatch" || return
}

# every ARGUMENT…: of every.py, behind its options; more than a few of the allocations are needed
every() {
  local refused
  run --separate-stderr python3 "$BATS_TEST_DIRNAME/every.py" "$@"
  [ "$status" -eq 0 ] || fail "$output" "$stderr"
  read -r _ _ refused _ <<<"$output"
  [ "$refused" -ge 3 ]
}

reason='^((elfpatch|patchelf|ldwrap): )?(.*: )?(out of memory( \([0-9]+ bytes\))?|.*: Cannot allocate memory)( \(.lib\.so.\))?$'

# one COMMAND…: it ends well or is refused, whichever of its allocations fails
one() {
  every "$BATS_FILE_TMPDIR/fail.so" "$reason" "$@"
}

# each COMMAND…: the same, and whichever is the first that fails
each() {
  one "$@"
  every --all "$BATS_FILE_TMPDIR/fail.so" "$reason" "$@"
}

@test "elfpatch shows, verifies and prints all that there is, or nothing" {
  one "$elfpatch" show attached.so
  each "$elfpatch" show --json attached.so
  one "$elfpatch" show @list
  each "$elfpatch" verify --quiet linked.so
  one "$elfpatch" verify --json linked.so
  each "$elfpatch" set --print=needed --print=soname lib.so
  one "$elfpatch" set --print=needed --print=df --json lib.so
  one ../bin/patchelf --print-needed --print-rpath lib.so
}

@test "elfpatch edits a file as a whole or not at all" {
  each "$elfpatch" set --needed-add=libz.so.1 --runpath=/opt/a/very/long/path/that/does/not/fit --nodelete --execstack=on \
    --symbol-rename=f=a_function_with_a_longer_name lib.so
  one "$elfpatch" set --needed-remove=libc.so.6 --needed-replace=libm.so.6=libx.so --runpath-shrink lib.so
  one "$elfpatch" set --init=g --flag=data=7 --in-place lib.so
  each "$elfpatch" set --interpreter=/lib/a/loader/with/a/longer/name.so --output=other program
  each ../bin/patchelf --set-soname other.so --add-needed libz.so.1 lib.so
}

@test "elfpatch attaches, gates and detaches as a whole or not at all" {
  each "$elfpatch" attach --init=start --flag=data --no-gate='f*' --gate='g*' lib.so
  each "$elfpatch" gate attached.so
  each "$elfpatch" detach attached.so
}

# driver COMMAND: a compiler whose output is made once
driver() {
  cat >cc <<END
#!/bin/sh
kept=\${0%/*}/kept
case \$* in *-dumpmachine*) exec $1 -dumpmachine ;; esac
for last; do [ "\$before" = -o ] && out=\$last; before=\$last; done
[ -e "\$kept" ] || { $1 "\$@" && cp "\$out" "\$kept"; exit; }
exec cp "\$kept" "\$out"
END
  chmod +x cc
}

@test "ldwrap links a library with its runtime or not at all, and leaves nothing behind" {
  local kind compiler triple=s390x-linux-gnu
  make -s -C "$root" BUILD="$BUILD" TARGETS=$triple rt
  # Objects of another byte order must be translated.
  for compiler in "$CC" $triple-gcc; do
    cd "$(mktemp -d "$folder/XXXXXX")" || return
    driver "$compiler"
    mkdir work
    cd work || return
    "$compiler" -fPIC -O1 -c -I"$BUILD/include" "$root/tests/rt/plug.c" -o plug.o
    ar rcs libplug.a plug.o
    echo 'plug.o -shared' >args
    for kind in '-shared plug.o' '-shared -L. -lplug --rt0-no-gate=get* --rt0-on-failure=continue' @args; do
      rm -f ../kept
      # shellcheck disable=SC2086 # words
      ../../bin/ldwrap ../cc -o lib.so $kind
      rm lib.so
      # shellcheck disable=SC2086
      each ../../bin/ldwrap ../cc -o lib.so $kind
      # Beyond the objects, there is nothing that is of another machine.
      [ "$compiler" = "$CC" ] || break
    done
  done
  one ../../bin/ldwrap ../cc --rt0-plan -shared -o lib.so plug.o
}
