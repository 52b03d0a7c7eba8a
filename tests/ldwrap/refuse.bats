#!/usr/bin/env bats
# Bad input: one clear line, the old output untouched, nothing left behind.

# shellcheck disable=SC2154,SC2030,SC2031
load ldwrap

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  objects
  echo old >x.so
}

# refused TEXT ARGUMENT…: ldwrap exits 1 with this line and has changed nothing
refused() {
  local text=$1
  shift
  run -1 --separate-stderr "$ldwrap" "$@"
  [ "$stderr" = "ldwrap: $text" ] || fail "stderr: $stderr"
  [ -z "$output" ]
  [ "$(cat x.so)" = old ]
  no_leftovers
}

@test "--rt0=on without an init function is an error, for objects and sources" {
  refused "no input defines 'rt0_runtime_init' (--rt0=on)" --rt0=on -shared -o x.so plain.o
  refused "no input defines 'rt0_runtime_init' (--rt0=on)" --rt0=on -shared -fPIC -o x.so plain.c
  echo '/* rt0_runtime_init */' >>plain.c
  refused "no input defines 'rt0_runtime_init' (--rt0=on)" --rt0=on -shared -fPIC -o x.so plain.c
  LDWRAP_FLAGS=--rt0=on refused "no input defines 'rt0_runtime_init' (--rt0=on)" -shared -o x.so plain.o
}

@test "an --rt0-init that nothing defines is an error, unless auto is asked for" {
  refused "no input defines 'go' (--rt0-init)" --rt0-init=go -shared -o x.so plain.o
  refused "no input defines 'go' (--rt0=on)" --rt0=on --rt0-init=go -shared -o x.so runtime.o
  run -0 --separate-stderr "$ldwrap" --rt0=auto --rt0-init=go -shared -o x.so plain.o
  is_plain x.so
  LDWRAP_FLAGS=--rt0-init=go run -0 --separate-stderr "$ldwrap" -shared -o x.so plain.o
  is_plain x.so
}

@test "an init symbol that is data is an error, in an object, a source and an archive" {
  echo 'int go = 1; int twice(int x) { return x; }' >data.c
  "$CC" -fPIC -c data.c
  ar rcs libdata.a data.o
  refused "'go' in 'data.o' is data, not a function" --rt0-init=go -shared -o x.so data.o
  refused "'go' is data, not a function" --rt0-init=go -shared -fPIC -o x.so data.c
  refused "'go' is data, not a function" --rt0-init=go -shared -o x.so libdata.a
  "$CC" -fPIC -xc -c -o tls.o - <<<'__thread int go = 1;'
  refused "'go' in 'tls.o' is data, not a function" --rt0-init=go -shared -o x.so tls.o
}

@test "-r and -static make no library with a runtime" {
  refused "-r makes no library (--rt0=on)" --rt0=on -r -o x.so runtime.o
  refused "-static and -shared together make no library that can start a runtime" -static -shared -o x.so runtime.o
}

@test "a truncated object is an error at every length, and never a signal" {
  size=$(stat -c %s runtime.o)
  for cut in 17 40 63 64 65 200 $((size / 2)) $((size - 200)) $((size - 1)); do
    head -c "$cut" runtime.o >cut.o
    run -1 --separate-stderr "$ldwrap" -shared -o x.so cut.o
    has "$stderr" "^ldwrap: cannot read 'cut.o': " || fail "$cut"
    has "$stderr" "file $cut"
    [ "$(wc -l <<<"$stderr")" = 1 ]
    [ "$(cat x.so)" = old ]
  done
  no_leftovers
}

@test "an object with one field poked never ends ldwrap by a signal" {
  for offset in 16 18 40 46 58 60 62 $(seq 700 64 2400); do
    cp runtime.o poked.o
    printf '\377\377\377' | dd of=poked.o bs=1 seek="$offset" conv=notrunc status=none
    run --separate-stderr "$ldwrap" -shared -o y.so poked.o
    [ "$status" -le 1 ] || fail "offset $offset: status $status"
  done
  no_leftovers
}

@test "an archive with a symbol map that lies is no trouble" {
  ar rcs libx.a runtime.o
  for poke in '\377\377\377\377' '\177\377\377\377' '\0\0\377\377'; do
    cp libx.a poked.a
    # shellcheck disable=SC2059
    printf "$poke" | dd of=poked.a bs=1 seek=68 conv=notrunc status=none
    run --separate-stderr "$ldwrap" -shared -o y.so plain.o poked.a
    [ "$status" -le 1 ] || fail "$poke: status $status"
  done
  no_leftovers
}

@test "an output that is a folder, or lies in no folder, is an error" {
  mkdir dir
  refused "cannot write 'dir': Is a directory" -shared -o dir runtime.o
  refused "cannot write 'no/x.so': No such file or directory" -shared -o no/x.so runtime.o
  refused "cannot write 'x.so/y.so': Not a directory" -shared -o x.so/y.so runtime.o
  refused "cannot write 'new/': No such file or directory" -shared -o new/ runtime.o
}

@test "a read-only folder is an error" {
  mkdir locked
  echo old >locked/x.so
  chmod 555 locked
  # Even root obeys without the capability.
  run -1 --separate-stderr setpriv --bounding-set=-dac_override --inh-caps=-dac_override \
    "$ldwrap" -shared -o locked/x.so runtime.o
  has "$stderr" "^ldwrap: cannot write 'locked/x.so': Permission denied$"
  [ "$(cat locked/x.so)" = old ]
  [ "$(ls -A locked)" = x.so ]
}

@test "a full disk leaves the old output and nothing else" {
  # A limit on file size is a disk that is full for the linker and for ldwrap alike.
  run -0 "$ldwrap" -shared -o y.so runtime.o
  size=$(stat -c %s y.so)
  for linker in "${linkers[@]}"; do
    for blocks in 1 4 8 $(((size - 1) / 1024)); do
      # shellcheck disable=SC2016
      run --separate-stderr bash -c 'ulimit -f "$1"; shift; exec "$@"' - "$blocks" \
        "$ldwrap" "-fuse-ld=$linker" -shared -o x.so runtime.o
      [ "$status" -ne 0 ] || { [ "$linker" != bfd ] && "$CC" "-fuse-ld=$linker" -shared -o y.so plain.o; }
      [ "$status" -eq 0 ] || [ "$(cat x.so)" = old ] || fail "$linker $blocks"
      [ -n "$stderr" ] || [ "$status" -eq 0 ] || [ "$status" -gt 128 ] || fail "$linker $blocks: silent"
      [ "$status" -ne 0 ] || echo old >x.so
      no_leftovers
    done
  done
}

@test "so does a file system with too few pages left" {
  mkdir small
  cat >fill.sh <<'END'
# fill.sh PAGES COMMAND...: run it with so much room in small/, and tell what is left there
pages=$1
shift
mount -t tmpfs -o size="$((pages * 4 + 4))k" none small || exit 99
echo old >small/x.so
"$@"
echo "status $?"
cat -v small/x.so | head -c 3
ls -A small
END
  local linker pages sizes='' lost=0
  run -0 "$ldwrap" -shared -o y.so runtime.o
  sizes=$(($(stat -c %s y.so) / 4096))
  for linker in "${linkers[@]}"; do
    for pages in 0 1 3 $((sizes - 1)) $((sizes + 1)); do
      run --separate-stderr unshare -rm bash fill.sh "$pages" "$ldwrap" "-fuse-ld=$linker" -shared -o small/x.so runtime.o
      [ "$status" -ne 99 ] || fail "no tmpfs can be mounted here: $stderr"
      [ "${lines[0]}" = 'status 0' ] || {
        lost=$((lost + 1))
        [ "${lines[1]}" = oldx.so ] || fail "$linker, $pages pages:" "$output" "$stderr"
      }
    done
  done
  [ "$lost" -ge 8 ]
}

@test "a rule that is broken stops the link, is printed by warn, and passes with off" {
  # Text relocations: an object that was not compiled for a library.
  echo 'int value; int *where = &value; int read_it(void) { return value; } ' >text.c
  printf '.text\n.globl bad\n.type bad,@function\nbad: ret\n.quad bad\n.section .note.GNU-stack,"",@progbits\n' >text.s
  "$CC" -c text.s
  run -1 --separate-stderr "$ldwrap" -shared -Wl,-z,notext -o x.so runtime.o text.o
  has "$stderr" '^ldwrap: x.so: no-textrel: '
  [ "$(cat x.so)" = old ]
  no_leftovers
  run -0 --separate-stderr "$ldwrap" --rt0-verify=warn -shared -Wl,-z,notext -o x.so runtime.o text.o
  has "$stderr" '^ldwrap: x.so: no-textrel: '
  is_runtime x.so
  run -0 --separate-stderr "$ldwrap" --rt0-verify=off -shared -Wl,-z,notext -o x.so runtime.o text.o
  [ -z "$output$stderr" ]
}

@test "a machine without rt is named, with the file that is missing" {
  cp -r "$BUILD/bin" .
  run -1 --separate-stderr bin/ldwrap -shared -o x.so runtime.o
  has "$stderr" "^ldwrap: no rt for machine 'x86_64': '.*/lib/rt0/x86_64/rt0.o' not found$"
  [ "$(cat x.so)" = old ]
  # aarch64 by the header alone
  cp runtime.o arm.o
  printf '\267\0' | dd of=arm.o bs=1 seek=18 conv=notrunc status=none
  run -1 --separate-stderr bin/ldwrap -shared -o x.so arm.o
  has "$stderr" "^ldwrap: no rt for machine 'aarch64': '.*/lib/rt0/aarch64/rt0.o' not found$"
}

@test "a machine that rt has no port to is refused: x32 by its flag and by its objects, others by number" {
  run -1 --separate-stderr "$ldwrap" -mx32 -shared -fPIC -o x.so "$root/tests/rt/plug.c"
  [ "$stderr" = 'ldwrap: rt has no port to x32' ]
  printf '.globl rt0_runtime_init\nrt0_runtime_init: ret\n' | as --x32 -o narrow.o
  run -1 --separate-stderr "$ldwrap" -mx32 -shared -o x.so narrow.o
  [ "$stderr" = 'ldwrap: rt has no port to x32' ]
  cp runtime.o odd.o
  printf '\130\0' | dd of=odd.o bs=1 seek=18 conv=notrunc status=none
  run -1 --separate-stderr "$ldwrap" -shared -o x.so odd.o
  [ "$stderr" = 'ldwrap: rt has no port to ELF machine 88, 64-bit, little-endian' ]
  [ "$(cat x.so)" = old ]
}

@test "a link that fails shows the linker's words once and keeps the old output" {
  echo 'int missing(void); int caller(void) { return missing(); }' >undefined.c
  "$CC" -fPIC -c undefined.c
  for linker in "${linkers[@]}"; do
    for driver in gcc clang; do
      for input in runtime.o runtime.c; do
        run -1 --separate-stderr "$ldwrap" "$driver" "-fuse-ld=$linker" -shared -fPIC -I"$BUILD/include" -Wl,-z,defs \
          -o x.so "$input" undefined.o
        has "$stderr" 'missing'
        [ "$(grep -cE 'ld returned|linker command failed' <<<"$stderr")" = 1 ]
        [ "$(cat x.so)" = old ] || fail "$driver $linker $input"
        no_leftovers
      done
    done
  done
}

@test "usage errors are status 2 with the accepted values" {
  run -2 --separate-stderr "$ldwrap" --rt0=maybe -c a.c
  [ "$stderr" = "ldwrap: bad value 'maybe' for --rt0: one of auto|on|off" ]
  run -2 --separate-stderr "$ldwrap" --rt0-x -c a.c
  [ "$stderr" = "ldwrap: unknown option '--rt0-x' (see --rt0-help)" ]
  LDWRAP_FLAGS=-O2 run -2 --separate-stderr "$ldwrap" -c a.c
  [ "$stderr" = "ldwrap: LDWRAP_FLAGS: '-O2' is not an --rt0 option" ]
  LDWRAP_FLAGS=--rt0=x run -2 --separate-stderr "$ldwrap" -c a.c
  [ "$stderr" = "ldwrap: LDWRAP_FLAGS: bad value 'x' for --rt0: one of auto|on|off" ]
  refused "cannot read 'no-such-list': No such file or directory" --rt0-gate-list=no-such-list -shared -o x.so runtime.o
}
