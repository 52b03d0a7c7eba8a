# Other people's libraries behind gates, with their own programs: Debian's sources of zlib and Lua.
load rt

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  cc -O1 -fPIC -I"$INCLUDE" -c "$root/tests/field/init.c" -o init.o
  driver=${PORT:+$PORT-}gcc
}

# gated LIBRARY COUNT: it verifies, and so many gates at least are in use
gated() {
  "$elfpatch" verify "$1" >findings || fail "$(cat findings)"
  [ "$("$elfpatch" show "$1" | grep -cE '^  gate ')" -ge "$2" ] || fail "$("$elfpatch" show "$1")"
}

@test "zlib, built by its own configure and make with CC=ldwrap, passes its own tests" {
  cp -R "$BUILD/sources/zlib" zlib
  cd zlib
  # Its configure asks the compiler's name for what the machine is.
  CC="$ldwrap $driver" CHOST=$PORT CFLAGS=-O0 ./configure >configure.out
  run -0 make testshared LDSHAREDLIBC="-lc $BATS_TEST_TMPDIR/init.o"
  [[ $output == *'zlib shared test OK'* ]]
  gated libz.so.1 60
}

@test "Lua, its interpreter linked against a gated liblua, runs scripts" {
  cp -R "$BUILD/sources/lua5.4" lua
  cd lua/src
  local sources=()
  for file in *.c; do
    [[ $file == lua.c || $file == luac.c ]] || sources+=("$file")
  done
  echo '#define DEB_HOST_MULTIARCH "none"' >lua5.4-deb-multiarch.h # as debian/rules makes it
  "$driver" -std=gnu99 -O0 -fPIC -DLUA_USE_LINUX -c "${sources[@]}"
  "$ldwrap" "$driver" -shared -o liblua5.4.so "${sources[@]/%.c/.o}" "$BATS_TEST_TMPDIR/init.o" \
    -Wl,--version-script=../debian/version-script,-soname,liblua5.4.so -lm -ldl
  "$ldwrap" "$driver" -std=gnu99 -O0 -DLUA_USE_LINUX lua.c -o lua ./liblua5.4.so -Wl,-rpath,. -Wl,-E -lm -ldl
  gated liblua5.4.so 140
  run -0 ./lua -v
  [[ $output == 'Lua 5.4.'* ]]
  run -0 ./lua "$root/tests/field/check.lua"
  [ "$output" = 'all right' ]
}
