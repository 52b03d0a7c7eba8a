# What ldwrap makes with every linker, compiler and the options that move symbols about: verified, run, stripped, run again.
load rt

setup_file() {
  cd "$BATS_FILE_TMPDIR" || return 1
  host host
  printf '{ global: plug_*; local: *; };\n' >plain.map
  printf 'V1 { global: plug_*; local: *; };\n' >versions.map
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  cp "$BATS_FILE_TMPDIR"/* .
}

# works NAME COMPILER [ARG...]: compile and link plug.c so; then look at it and run it.
works() {
  local library=lib$1.so object=$1.o
  shift
  echo "# $library: $*" # shown when the test fails
  "$ldwrap" "$@" -c -fPIC -O1 -I"$root/rt" "$root/tests/rt/plug.c" -o "$object" 2>errors
  set -- "$1" -shared -fPIC -O1 "$object" -o "$library" "${@:2}"
  "$ldwrap" "$@" 2>errors
  [ ! -s errors ] || fail "$(cat errors)"
  "$elfpatch" verify "$library" >findings || fail "$(cat findings)"
  PLUG=held timeout 60 ./host held "./$library"
  timeout 60 ./host aliases "./$library"
  PLUG=callback-thread timeout 60 ./host callback "./$library"
  # GNU strip finds no room for program headers in what lld makes for riscv64, gated or not.
  local strip=strip
  [[ "$*" != *-fuse-ld=lld* ]] || strip=llvm-strip
  "$strip" -o "stripped-$library" "$library"
  "$elfpatch" verify "stripped-$library" >findings || fail "$(cat findings)"
  PLUG=held timeout 60 ./host held "./stripped-$library"
  cp "$library" first.so
  "$ldwrap" "$@"
  cmp first.so "$library"
}

# matrix LINKER COMPILER
matrix() {
  local name=$1-$2 link=("$2" "-fuse-ld=$1")
  works "$name-plain" "${link[@]}"
  works "$name-symbolic" "${link[@]}" -Wl,-Bsymbolic
  works "$name-gc" "${link[@]}" -ffunction-sections -fdata-sections -Wl,--gc-sections,-z,defs,-z,now
  works "$name-map" "${link[@]}" -Wl,--version-script=plain.map
  works "$name-versions" "${link[@]}" -Wl,--version-script=versions.map
  local lto=(-flto)
  [ "$1-$2" != lld-gcc ] || lto+=(-ffat-lto-objects) # lld reads no gcc bytecode
  works "$name-lto" "${link[@]}" "${lto[@]}"
  works "$name-bound" "${link[@]}" -Wl,-z,relro,-z,now -Wl,--hash-style=gnu -Wl,-s
}

# bats test_tags=native
@test "gcc with bfd: plain, symbolic, gc-sections, version scripts, LTO, stripped" {
  matrix bfd gcc
}

# bats test_tags=native
@test "clang with bfd: plain, symbolic, gc-sections, version scripts, LTO, stripped" {
  matrix bfd clang
}

# bats test_tags=native
@test "gcc with gold: plain, symbolic, gc-sections, version scripts, LTO, stripped" {
  matrix gold gcc
}

# bats test_tags=native
@test "clang with gold: plain, symbolic, gc-sections, version scripts, LTO, stripped" {
  matrix gold clang
}

# bats test_tags=native
@test "gcc with lld: plain, symbolic, gc-sections, version scripts, LTO, stripped" {
  matrix lld gcc
}

# bats test_tags=native
@test "clang with lld: plain, symbolic, gc-sections, version scripts, LTO, stripped" {
  matrix lld clang
}

# bats test_tags=native
@test "gcc with mold: plain, symbolic, gc-sections, version scripts, LTO, stripped" {
  matrix mold gcc
}

# bats test_tags=native
@test "clang with mold: plain, symbolic, gc-sections, version scripts, LTO, stripped" {
  matrix mold clang
}

@test "gcc with every linker that makes libraries for this machine" {
  local linkers
  read -ra linkers <<<"$(linkers_of_machine)"
  for linker in "${linkers[@]}"; do
    works "$linker" gcc "-fuse-ld=$linker"
    works "$linker-gc" gcc "-fuse-ld=$linker" -ffunction-sections -fdata-sections -Wl,--gc-sections,-z,defs,-z,now
    works "$linker-versions" gcc "-fuse-ld=$linker" -Wl,--version-script=versions.map
  done
}

@test "clang --target with every linker that makes libraries for this machine" {
  local linkers target
  target=$(cc -dumpmachine)
  read -ra linkers <<<"$(linkers_of_machine)"
  for linker in "${linkers[@]}"; do
    works "$linker" clang "--target=$target" "-fuse-ld=$linker"
  done
}

# An object tells its machine; a source does not, and -dumpmachine names what the compiler was built for.
# bats test_tags=native
@test "-m32 and -m64 choose between the machines of one compiler" {
  # shellcheck disable=SC2054 # a linker option
  local bare=(-shared -fPIC -O1 -nostdlib -ffreestanding -fno-stack-protector -Wl,--hash-style=both -I"$INCLUDE"
    "$SOURCES/bare.c" -Wl,-init=bare_user_init)
  i686-linux-gnu-gcc -static -O1 "$SOURCES/tiny_loader.c" -o tiny_loader
  for driver in gcc clang i686-linux-gnu-gcc; do
    "$ldwrap" "$driver" -m32 "${bare[@]}" -I"$INCLUDE/arch/i386" -o libbare.so
    "$elfpatch" verify libbare.so >findings || fail "$(cat findings)"
    run -0 timeout 60 qemu-i386-static ./tiny_loader ./libbare.so
    [ "${lines[0]}" = 'answer 42' ]
    mv libbare.so named.so
    LDWRAP_CC="$driver -m32" "$ldwrap" "${bare[@]}" -I"$INCLUDE/arch/i386" -o libbare.so
    cmp named.so libbare.so
    LDWRAP_CC="$driver -m64" "$ldwrap" -m32 "${bare[@]}" -I"$INCLUDE/arch/i386" -o libbare.so
    cmp named.so libbare.so
  done
  cc -static -O1 "$SOURCES/tiny_loader.c" -o tiny_loader
  for driver in gcc "clang --target=i686-linux-gnu" i686-linux-gnu-gcc; do
    # shellcheck disable=SC2086 # words
    "$ldwrap" $driver -m64 "${bare[@]}" -I"$INCLUDE/arch/x86_64" -o libbare.so
    "$elfpatch" verify libbare.so >findings || fail "$(cat findings)"
    run -0 timeout 60 ./tiny_loader ./libbare.so
    [ "${lines[0]}" = 'answer 42' ]
  done
}
