#!/usr/bin/env bats
# What `make dist` packs, and that the files of packages agree with the sources. Building packages is tests/field/packages.bats.

load ../support

version() {
  sed -n 's/^VERSION := //p' "$root/Makefile"
}

@test "make dist packs the last commit, with the same bytes from two folders, umasks and settings" {
  cd "$BATS_TEST_TMPDIR" || return
  git clone -q "$root" one
  git clone -q "$root" 'the other'
  local name
  name=rt0kit-$(version)
  (umask 022 && make -s -C one dist BUILD=build >/dev/null)
  # Later, with what git takes from the user's settings, and something that is not committed.
  git -C 'the other' config tar.umask 0
  git -C 'the other' config core.autocrlf true
  touch 'the other/README.md'
  (umask 077 && GZIP=-1 make -s -C 'the other' dist BUILD="$PWD/elsewhere" >/dev/null 2>&1)
  cmp "one/build/$name.tar.gz" "elsewhere/$name.tar.gz"
  run -0 make -s -C one dist BUILD=build
  cmp "one/build/$name.tar.gz" "elsewhere/$name.tar.gz"
  # Nothing but the sources, below one folder, owned by nobody in particular.
  diff <(tar -tzf "elsewhere/$name.tar.gz" | grep -v '/$' | sort) <(git -C one ls-files | sed "s,^,$name/," | LC_ALL=C sort)
  [ "$(tar --numeric-owner -tvzf "elsewhere/$name.tar.gz" | awk '{ print $2 }' | sort -u)" = 0/0 ]
  # No time of packing.
  [ "$(od -An -tx1 -j4 -N4 "elsewhere/$name.tar.gz")" = ' 00 00 00 00' ]
  echo changed >>one/README.md
  run -0 make -s -C one dist BUILD=build
  has "$output" 'what is not committed is left out'
  cmp "one/build/$name.tar.gz" "elsewhere/$name.tar.gz"
}

@test "all packages have the version of the Makefile, and ship librt0's symbols" {
  local version folder=$root/docs/packaging
  version=$(version)
  [[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]]
  [ "$(sed -n '1s/^rt0kit (\(.*\)-[0-9]*) .*/\1/p' "$folder/debian/changelog")" = "$version" ]
  [ "$(sed -n 's/^pkgver=//p' "$folder/alpine/APKBUILD")" = "$version" ]
  [ "$(sed -n 's/^Version: *//p' "$folder/rpm/rt0kit.spec")" = "$version" ]
  # Each name of the map, no other.
  diff <(sed -n '3,$s/^ \(.*\)@.*/\1/p' "$folder/debian/librt0-0.symbols" | sort) \
    <(sed -n 's/^\(RT0_[0-9]*\) {/\1/p; /^global:/,/^local:/s/^	\(.*\);/\1/p' "$root/rt/librt0.map" | sort)
}

@test "the names and numbers of the ABI move together" {
  local abi soname
  abi=$(sed -n 's/^#define RT0_ABI_VERSION *//p' "$root/rt/abi.h")
  soname=librt0.so.$((abi - 1))
  grep -q "^#define RT0_SONAME *\"$soname\"$" "$root/rt/abi.h"
  grep -q "^#define RT0_SYMBOL_VERSION *\"RT0_$abi\"$" "$root/rt/abi.h"
  grep -q "^RT0_$abi {" "$root/rt/librt0.map"
  grep -q "^$soname librt0-$((abi - 1)) " "$root/docs/packaging/debian/librt0-$((abi - 1)).symbols"
  [ "$(readelf -dW "$BUILD/lib/$soname" | sed -n 's/.*soname: \[\(.*\)\]/\1/p')" = "$soname" ]
}

@test "an installation with another folder for libraries has them there, and what build systems read names it" {
  local folder
  cd "$BATS_TEST_TMPDIR" || return
  for folder in lib64 lib/x86_64-linux-gnu; do
    make -s -C "$root" BUILD="$BUILD" DESTDIR="$PWD/stage" PREFIX=/usr LIBDIR=$folder install
    tree=$PWD/stage/usr
    "$root/tests/smoke" "$tree" $folder >/dev/null
    run -0 env PKG_CONFIG_PATH="$tree/$folder/pkgconfig" pkg-config --cflags --libs rt0
    # shellcheck disable=SC2086 # words
    "$CC" "$root/tests/rt/exe.c" -o exe -pthread $output
    ./exe >/dev/null
    mkdir cmake
    printf '%s\n' 'cmake_minimum_required(VERSION 3.13)' 'project(one C)' 'find_package(rt0 REQUIRED)' \
      "add_library(plug SHARED \"$root/tests/rt/plug.c\")" "target_include_directories(plug PRIVATE \"$root/tests/rt\")" \
      'rt0_library(plug)' "add_executable(exe \"$root/tests/rt/exe.c\")" 'target_link_libraries(exe rt0::rt0)' >cmake/CMakeLists.txt
    cmake -S cmake -B cmake/out -Drt0_DIR="$tree/$folder/cmake/rt0" >log
    cmake --build cmake/out >>log || fail "$(cat log)"
    "$elfpatch" verify -q cmake/out/libplug.so
    make -s -C "$root" BUILD="$BUILD" DESTDIR="$PWD/stage" PREFIX=/usr LIBDIR=$folder uninstall
    run find stage ! -type d
    [ -z "$output" ]
    rm -r stage cmake
  done
}
