# The tree itself: form, layers, builds, installation.
load support

setup() {
  cd "$root" || return 1
}

sources() {
  git ls-files -- "$@"
}

@test "every C and C++ file has the form of .clang-format" {
  sources '*.c' '*.h' '*.cc' '*.def' | grep -v '\.def$' | xargs clang-format --dry-run -Werror
}

@test "every shell script and test passes shellcheck" {
  { sources '*.sh' '*.bash' '*.bats'; git grep -lE '^#!.*\b(ba)?sh$' -- . ':!*.sh'; } | sort -u | xargs shellcheck -x
}

@test "every man page passes mandoc" {
  sources 'docs/*.[137]' | xargs mandoc -T lint -W warning
}

@test "nothing of x86-64 stands outside its port and the machine table" {
  run -1 git grep -nE '\b(rip|r11|endbr64|EM_X86_64|R_X86_64_[A-Z0-9]+)\b' -- rt ldwrap elfpatch ':!rt/arch' ':!elfpatch/lib/machine.c'
}

@test "gcc and clang build everything without a warning" {
  for compiler in gcc clang; do
    make -s CC=$compiler BUILD="$BATS_TEST_TMPDIR/$compiler"
    # No loop of rt became a call of libc.
    run nm -u "$BATS_TEST_TMPDIR/$compiler/lib/rt0/x86_64/rt0.o"
    has_not "$output" ' mem(set|cpy|move|cmp)'
  done
}

@test "tools built with ASan and UBSan, and with TSan, link and verify without a report" {
  for kind in address,undefined thread; do
    make -s BUILD="$BATS_TEST_TMPDIR/$kind" STATIC= CFLAGS="-O1 -g -fsanitize=$kind -fno-sanitize-recover=all" \
      LDFLAGS="-fsanitize=$kind"
    # ldwrap ends after one link and frees nothing before.
    ASAN_OPTIONS=detect_leaks=0 "$BATS_TEST_TMPDIR/$kind/bin/ldwrap" cc -shared -fPIC -Irt tests/rt/plug.c -o "$BATS_TEST_TMPDIR/libplug.so" 2>"$BATS_TEST_TMPDIR/errors"
    "$BATS_TEST_TMPDIR/$kind/bin/elfpatch" verify "$BATS_TEST_TMPDIR/libplug.so" >"$BATS_TEST_TMPDIR/findings" 2>>"$BATS_TEST_TMPDIR/errors"
    "$BATS_TEST_TMPDIR/$kind/bin/elfpatch" show --json "$BATS_TEST_TMPDIR/libplug.so" >"$BATS_TEST_TMPDIR/shown" 2>>"$BATS_TEST_TMPDIR/errors"
    [ ! -s "$BATS_TEST_TMPDIR/errors" ] || fail "$(cat "$BATS_TEST_TMPDIR/errors")"
  done
}

@test "a host under TSan may wait in gates with 2,000 threads" {
  "$ldwrap" cc -shared -fPIC -Irt tests/rt/plug.c -o "$BATS_TEST_TMPDIR/libplug.so"
  cc -O1 -g -fsanitize=thread tests/rt/host.c -o "$BATS_TEST_TMPDIR/host"
  PLUG=held run -0 "$BATS_TEST_TMPDIR/host" many "$BATS_TEST_TMPDIR/libplug.so"
  has_not "$output" 'WARNING: ThreadSanitizer'
}

@test "an installed tree works from a folder with a space, moved, and is gone after uninstall" {
  make -s BUILD="$BUILD" DESTDIR="$BATS_TEST_TMPDIR/stage dir" PREFIX=/opt/rt0 install
  mv "$BATS_TEST_TMPDIR/stage dir/opt/rt0" "$BATS_TEST_TMPDIR/moved here"
  cd "$BATS_TEST_TMPDIR" || return 1
  "moved here/bin/ldwrap" cc -shared -fPIC -I"moved here/include" "$root/tests/rt/plug.c" -o libplug.so
  "moved here/bin/elfpatch" verify libplug.so >findings || fail "$(cat findings)"
  # Not where it would come before another program of that name.
  [ ! -e "moved here/bin/patchelf" ]
  "moved here/lib/rt0/bin/patchelf" --set-soname libplug.so.1 libplug.so
  cc -O1 "$root/tests/rt/host.c" -o host
  ./host plain ./libplug.so
  cc "-Imoved here/include" "$root/tests/rt/exe.c" "-Lmoved here/lib" -lrt0 -o exe
  ./exe
  mandoc "moved here/share/man/man1/ldwrap.1" >page
  [ -s page ]
  # A host finds it where -lrt0 is librt0.a for an executable.
  has "$(readelf -dW "moved here/lib/librt0.so.0")" 'soname: \[librt0\.so\.0\]'
  [ ! -e "moved here/lib/librt0.so" ]
  mkdir -p stage/opt
  mv "moved here" stage/opt/rt0
  make -s -C "$root" BUILD="$BUILD" DESTDIR="$PWD/stage" PREFIX=/opt/rt0 uninstall
  run find stage ! -type d
  [ -z "$output" ]
}

@test "TARGETS builds rt for other triples, and one without a port is refused by name" {
  make -s BUILD="$BATS_TEST_TMPDIR/t" TARGETS=x86_64-linux-gnu rt
  [ -f "$BATS_TEST_TMPDIR/t/lib/rt0/x86_64/gate.o" ]
  run -2 make -s BUILD="$BATS_TEST_TMPDIR/t" TARGETS=sh4-linux-gnu rt
  has "$output" "rt has no port for 'sh4-linux-gnu'"
}

@test "rt0.h is valid C11 and C++11" {
  echo '#include "rt0.h"' >"$BATS_TEST_TMPDIR/c.c"
  cp "$BATS_TEST_TMPDIR/c.c" "$BATS_TEST_TMPDIR/cc.cc"
  for compiler in gcc clang; do
    $compiler -std=c11 -Wall -Wextra -Wpedantic -Werror -Irt -c "$BATS_TEST_TMPDIR/c.c" -o /dev/null
    $compiler -std=c++11 -Wall -Wextra -Wpedantic -Werror -Irt -c "$BATS_TEST_TMPDIR/cc.cc" -o /dev/null
  done
}
