#!/usr/bin/env bats
# Projects of every build system that rt0kit has a file for, built from an installation in a folder with spaces that has
# been moved since. Each makes libplug.so, whose first call must wait, and an executable of the same objects. The commands
# are those of docs/building.md, and its excerpts of files are of these projects' own.

# shellcheck disable=SC2154,SC2030,SC2031
load consumers

setup_file() {
  install_moved
}

# Each test works in its own folder.
unset PKG_CONFIG_PATH ACLOCAL_PATH CMAKE_PREFIX_PATH CMAKE_GENERATOR

setup() {
  prefix="$BATS_FILE_TMPDIR/moved to here"
  cd "$BATS_TEST_TMPDIR" || return
}

# documented HEADING: run its commands
documented() {
  local commands
  commands=$(blocks building.md "$1" sh)
  PREFIX=$prefix run -0 bash -eu -c "$commands"
}

# excerpt HEADING LANGUAGE FILE: each line of it is in the project's file
excerpt() {
  local line
  while IFS= read -r line; do
    grep -qxF -- "$line" "$3" || fail "$3 has no line '$line'"
  done <<<"$(blocks building.md "$1" "$2")"
}

@test "pkg-config" {
  project pkg-config
  documented pkg-config
  works ./libplug.so ./program
}

@test "GNU Make" {
  project make
  excerpt 'GNU Make' make Makefile
  documented 'GNU Make'
  works ./libplug.so ./program
}

@test "CMake, through make and through ninja" {
  project cmake
  excerpt CMake cmake CMakeLists.txt
  for generator in 'Unix Makefiles' Ninja; do
    CMAKE_GENERATOR=$generator documented CMake
    works out/libplug.so out/program
    run -0 "$prefix/bin/elfpatch" verify out/libcxx.so
    # A target that rt0_library was not told of.
    has_not "$(readelf -SW out/libother.so)" 'rt0'
    rm -rf out
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
  documented "CMake's toolchain file"
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
  excerpt Meson meson meson.build
  documented Meson
  works out/libplug.so out/program
}

@test "autoconf, automake and libtool" {
  project autotools
  mkdir m4
  excerpt 'autoconf, automake and libtool' m4 configure.ac
  excerpt 'autoconf, automake and libtool' automake Makefile.am
  documented 'autoconf, automake and libtool'
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

@test "setuptools" {
  # Debian's Python, which has Debian's setuptools.
  PATH=/usr/bin:$PATH
  project setuptools
  excerpt setuptools python setup.py
  documented setuptools
  for module in early late; do
    run -0 "$prefix/bin/elfpatch" verify "$module".*.so
    run -0 "$prefix/bin/elfpatch" show "$module".*.so
    has "$output" 'gates'
  done
  run -0 timeout 60 python3 host.py
  [ "$output" = 'done' ] || fail "$output"
}
