#!/usr/bin/env bats
# Projects of every build system that rt0kit has a file for, built from an installation in a folder with spaces that has
# been moved since. Each makes libplug.so, whose first call must wait, and an executable of the same objects.

# shellcheck disable=SC2154,SC2030,SC2031
load ../support

setup_file() {
  cd "$BATS_FILE_TMPDIR" || return
  make -s -C "$root" BUILD="$BUILD" DESTDIR="$PWD/stage dir" PREFIX=/opt/rt0 install
  mv "stage dir/opt/rt0" "moved to here"
  "$CC" -I"$root/tests/rt" -o host "$root/tests/field/consumers/common/host.c" -pthread
}

# Each test works in its own folder.
setup() {
  prefix="$BATS_FILE_TMPDIR/moved to here"
  # No other one, whatever is installed on this machine.
  export PKG_CONFIG_PATH="$prefix/lib/pkgconfig"
  cd "$BATS_TEST_TMPDIR" || return
}

# project NAME: copy it here, with the sources that all have
project() {
  cp "$root/tests/field/consumers/common/"*.[ch] "$root/tests/field/consumers/$1/"* .
}

# works LIBRARY [PROGRAM]: it is right, its first call waits, and the executable does not
works() {
  run -0 timeout 60 "$BATS_FILE_TMPDIR/host" "$1"
  [ "$output" = 84 ] || fail "$output"
  run -0 "$prefix/bin/elfpatch" verify "$1"
  run -0 "$prefix/bin/elfpatch" show "$1"
  has "$output" 'gates' || return
  [ $# -eq 1 ] || [ "$("$2")" = 42 ] || fail "the program said $("$2")"
}

@test "pkg-config" {
  project pkg-config
  run -0 ./build.sh
  works ./libplug.so ./program
}

@test "GNU Make" {
  project make
  run -0 make RT0_MK="$prefix/share/rt0/rt0.mk"
  works ./libplug.so ./program
}

@test "CMake, through make and through ninja" {
  project cmake
  for generator in 'Unix Makefiles' Ninja; do
    run -0 cmake -G "$generator" -S . -B "$generator" -DCMAKE_PREFIX_PATH="$prefix"
    run -0 cmake --build "$generator"
    works "$generator/libplug.so" "$generator/program"
    run -0 "$prefix/bin/elfpatch" verify "$generator/libcxx.so"
    run -1 "$prefix/bin/elfpatch" verify "$generator/libother.so"
  done
}

@test "CMake older than the linker launcher" {
  project cmake
  echo 'set(CMAKE_VERSION 3.20.0)' >old.cmake
  for generator in 'Unix Makefiles' Ninja; do
    run -0 cmake -G "$generator" -S . -B "$generator" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_PROJECT_INCLUDE="$PWD/old.cmake"
    run -0 cmake --build "$generator"
    works "$generator/libplug.so" "$generator/program"
  done
}

@test "CMake's toolchain file, with a project that does not know of rt0" {
  project cmake-toolchain
  run -0 cmake -G Ninja -S . -B out -DCMAKE_TOOLCHAIN_FILE="$prefix/lib/cmake/rt0/toolchain.cmake" \
    -DCMAKE_SHARED_LINKER_FLAGS='--rt0-init=plug_start --rt0-no-gate="plug_re*"'
  run -0 cmake --build out
  works out/libplug.so
}

@test "rt0_library says what is wrong with its arguments" {
  project cmake
  # refuses LINE MESSAGE
  refuses() {
    printf '%s\n' 'cmake_minimum_required(VERSION 3.13)' 'project(x C)' 'find_package(rt0 REQUIRED)' \
      'add_library(archive STATIC other.c)' "$1" >CMakeLists.txt
    run -1 cmake -G Ninja -S . -B out -DCMAKE_PREFIX_PATH="$prefix"
    has "$output" "$2"
  }
  refuses 'rt0_library(archive)' "'archive' is no shared library or module"
  refuses 'rt0_library(nothing)' "'nothing' is not a target"
  refuses 'rt0_library(archive EXPORT x)' 'unknown arguments: EXPORT;x'
  refuses 'find_package(rt0 99 REQUIRED)' 'version.* "99"'
}

@test "Meson" {
  project meson
  export PATH="$prefix/bin:$PATH"
  run -0 meson setup --native-file "$prefix/share/rt0/meson.ini" out
  run -0 meson compile -C out
  works out/libplug.so out/program
}

@test "autoconf, automake and libtool" {
  project autotools
  mkdir m4
  export ACLOCAL_PATH="$prefix/share/aclocal"
  run -0 autoreconf -i
  PATH="$prefix/bin:$PATH" run -0 ./configure
  PATH="$prefix/bin:$PATH" run -0 make
  works .libs/libplug.so ./program
}

@test "RT0_PROG_LDWRAP finds ldwrap by LDWRAP, --with-rt0 and PATH, and says when it cannot" {
  # ldwrap's path must go into CC, a list of words.
  ln -s "$prefix" plain
  printf '%s\n' 'AC_INIT([x], [1])' 'AC_PROG_CC' 'RT0_PROG_LDWRAP' 'AC_CONFIG_FILES([out])' 'AC_OUTPUT' >configure.ac
  echo '@CC@|@LDWRAP@' >out.in
  ACLOCAL_PATH="$prefix/share/aclocal" run -0 autoreconf -i
  export CC=cc
  run -0 ./configure --with-rt0="$PWD/plain"
  [ "$(<out)" = "$PWD/plain/bin/ldwrap cc|$PWD/plain/bin/ldwrap" ] || fail "$(<out)"
  run -0 ./configure LDWRAP="$PWD/plain/bin/ldwrap"
  [ "$(<out)" = "$PWD/plain/bin/ldwrap cc|$PWD/plain/bin/ldwrap" ] || fail "$(<out)"
  PATH="$prefix/bin:$PATH" run -0 ./configure
  [ "$(<out)" = "ldwrap cc|$prefix/bin/ldwrap" ] || fail "$(<out)"
  run -1 ./configure --with-rt0="$prefix"
  has "$output" "the path '$prefix/bin/ldwrap' has a space in it: put its folder on PATH"
  run -1 ./configure --with-rt0=/nowhere
  has "$output" 'ldwrap was not found: use --with-rt0=PREFIX'
}
