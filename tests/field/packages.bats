#!/usr/bin/env bats
# Packages of the last commit: they are built, checked, and used from where they were unpacked.

load ../support

setup_file() {
  cd "$BATS_FILE_TMPDIR" || return
  make -s -C "$root" dist BUILD="$PWD/dist" >/dev/null 2>&1
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  tarball=$(echo "$BATS_FILE_TMPDIR"/dist/rt0kit-*.tar.gz)
}

# build deb|rpm|apk: in a folder of that name here
build() {
  "$root/docs/packaging/build" "$1" "$tarball" "$PWD/$1" >log 2>&1 || fail "$(tail -n 40 log)"
}

# The same, once for all tests.
built() {
  [ -d "$BATS_FILE_TMPDIR/$1" ] || (cd "$BATS_FILE_TMPDIR" && build "$1")
  ln -s "$BATS_FILE_TMPDIR/$1" "$1"
}

@test "Debian's: lintian finds nothing, and what is in them links, attaches and completes" {
  built deb
  lintian --fail-on error,warning deb/*.changes >findings 2>&1 || fail "$(cat findings)"
  local triple
  triple=$(dpkg-architecture -qDEB_HOST_MULTIARCH)
  for package in librt0-0 librt0-dev rt0kit; do
    dpkg-deb -x deb/${package}_*.deb root
  done
  "$root/tests/smoke" "$PWD/root/usr" "lib/$triple"
  # From another folder as well.
  mv root 'moved root'
  "$root/tests/smoke" "$PWD/moved root/usr" "lib/$triple"
  # Each file is in one of them.
  for package in deb/*_"$(dpkg --print-architecture)".deb; do
    dpkg-deb --fsys-tarfile "$package" | tar -t | grep -v '/$'
  done | sort | uniq -d >twice
  [ ! -s twice ] || fail "$(cat twice)"
  [ "$(dpkg-deb -f deb/rt0kit_*.deb Depends | tr ',' '\n' | sed -n 's/^ *\(librt0-dev.*\)/\1/p')" = \
    "librt0-dev (= $(dpkg-deb -f deb/rt0kit_*.deb Version))" ]
  [ "$(dpkg-deb -f deb/librt0-0_*.deb Multi-Arch)$(dpkg-deb -f deb/librt0-dev_*.deb Multi-Arch)" = samesame ]
  has "$(dpkg-deb -I deb/librt0-0_*.deb symbols)" 'rt0_attached@RT0_1 '
  # What may be installed beside that of another machine has nothing in common with it but what is the same.
  dpkg-deb -c deb/librt0-dev_*.deb | awk '{ print $6 }' | grep -vE "/$|/share/|/include/|/lib/$triple/|/lib/rt0/$(uname -m)/" >common || true
  [ ! -s common ] || fail "$(cat common)"
  run -1 grep -r "$triple" 'moved root/usr/share/aclocal' 'moved root/usr/share/rt0'
}

@test "Debian's: dpkg installs them into an empty root, and leaves nothing there" {
  # shellcheck disable=SC2209 # a word
  local as_root=
  [ "$(id -u)" -eq 0 ] || as_root=fakeroot
  built deb
  mkdir -p root/var/lib/dpkg/info root/var/lib/dpkg/updates root/var/log
  touch root/var/lib/dpkg/status
  # What they need is not there.
  dpkg_() {
    $as_root dpkg --root="$PWD/root" --force-depends --force-not-root --log=/dev/null "$@" >>dpkg.log 2>&1 || fail "$(cat dpkg.log)"
  }
  dpkg_ -i deb/librt0-0_*.deb deb/librt0-dev_*.deb deb/rt0kit_*.deb
  "$root/tests/smoke" "$PWD/root/usr" "lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH)"
  dpkg_ --purge rt0kit librt0-dev librt0-0
  run find root ! -type d ! -path 'root/var/*'
  [ -z "$output" ]
}

@test "Debian's sources give the same packages a second time" {
  built deb
  mv deb first
  # In another folder, too.
  build deb
  for package in first/*.deb; do
    cmp "$package" "deb/${package#first/}"
  done
}

@test "RPM's: rpmbuild makes them, with what is in them it links and attaches, and they need each other's version" {
  built rpm
  local package version
  version=$(sed -n 's/^VERSION := //p' "$root/Makefile")
  mkdir root
  for package in rpm/RPMS/*/*.rpm; do
    (cd root && rpm2cpio "../$package" | cpio -idm --quiet)
  done
  "$root/tests/smoke" "$PWD/root/usr" "$(rpm --eval '%{_lib}')"
  run -0 rpm -qp --requires rpm/RPMS/*/rt0kit-"$version"-*.rpm
  has "$output" "librt0-devel\(.*\) = $version-1"
  run -0 rpm -qp --requires rpm/RPMS/*/librt0-devel-*.rpm
  has "$output" "librt0\(.*\) = $version-1"
}

@test "Alpine's: the functions of APKBUILD split all that is installed, and it links and attaches" {
  shellcheck -s sh "$root/docs/packaging/alpine/APKBUILD"
  built apk
  mkdir root
  for package in rt0kit librt0 librt0-dev; do
    cp -a "apk/pkg/$package/." root
  done
  "$root/tests/smoke" "$PWD/root/usr"
  [ "$(cd apk/pkg/rt0kit && find . ! -type d | sort | xargs)" = './usr/bin/elfpatch ./usr/bin/ldwrap ./usr/bin/rt0-trace ./usr/lib/rt0/bin/patchelf' ]
  # None was left behind or moved twice.
  make -s -C "$root" BUILD="$BUILD" DESTDIR="$PWD/all" PREFIX=/usr install
  # The folder of rt has those of all machines that were built here.
  diff <(cd all && find . ! -type d ! -path '*/lib/rt0/*/*.[ao]*' ! -path '*/lib/rt0/*/librt0.so.0' | sort) \
    <(cd apk/pkg && find . ! -type d ! -path '*/lib/rt0/*/*.[ao]*' ! -path '*/lib/rt0/*/librt0.so.0' | sed 's,^\./[^/]*,./usr,; s,/usr/usr,/usr,' | sort)
}

@test "the tools compile with the headers of musl" {
  mkdir include
  local header file
  for header in libelf.h gelf.h elfutils nettle jansson.h jansson_config.h zlib.h zconf.h linux asm-generic asm; do
    file=$(find /usr/include "/usr/include/$(gcc -dumpmachine)" -maxdepth 1 -name "$header" | head -n 1)
    ln -s "$file" include
  done
  for file in "$root"/elfpatch/*.c "$root"/elfpatch/lib/*.c "$root"/ldwrap/*.c; do
    musl-gcc -std=c11 -D_GNU_SOURCE '-DRT0KIT_VERSION=""' -Wall -Wextra -Werror -fsyntax-only -isystem include "$file"
  done
}
