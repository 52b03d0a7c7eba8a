#!/usr/bin/env bats
# Where an edit finds room, in files that leave it little.
# shellcheck disable=SC2154

load ../support

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  mkdir lib
  echo 'int deep(void) { return 40; }' | "$CC" -shared -fPIC -x c - -o lib/libdeep.so -Wl,-soname,libdeep.so
  ln -s "$elfpatch" patchelf
}

# works FILE: it is loaded, and its function has its result
works() {
  [ "$(python3 -c "import ctypes; print(ctypes.CDLL('./$1').top())")" = 42 ] || fail "$1 does not work"
}

@test "program headers that can grow but once: later growth pushes aside what nothing loads" {
  # What a note of an unknown owner says may depend on where it is.
  cat >tight.c <<'END'
__asm__(".pushsection .note.vendor,\"a\",@note\n.long 7,4,1\n.asciz \"vendor\"\n.byte 0\n.long 42\n.popsection");
int top(void) { return 42; }
END
  # Names that a debugger wants are what stands behind the new segment.
  for ((i = 0; i < 2000; i++)); do
    echo "__attribute__((used)) static int local_$i(void) { return $i; }"
  done >>tight.c
  "$CC" -nostartfiles -shared -fPIC -fcf-protection tight.c -o a.so -Wl,--build-id=sha1
  eu-elflint --gnu-ld a.so >before || true
  "$elfpatch" set --runpath="/$(printf %05000d 1)" a.so
  objcopy a.so
  cp a.so once.so
  loads=$(readelf -lW a.so | grep -c ' LOAD ')
  "$elfpatch" set --runpath="/$(printf %012000d 1)" a.so
  [ "$(readelf -lW a.so | grep -c ' LOAD ')" -eq "$loads" ]
  works a.so
  [ "$("$elfpatch" set --print=runpath a.so)" = "/$(printf %012000d 1)" ]
  nm once.so | cmp - <(nm a.so)
  eu-elflint --gnu-ld a.so | diff before - | has_not "$(cat)" '^>'
  strip a.so
  works a.so
  # With the section headers in the way, it is refused.
  cp once.so a.so
  strip a.so
  cp a.so before.so
  run -1 --separate-stderr "$elfpatch" set --runpath="/$(printf %012000d 1)" a.so
  has "$stderr" "^elfpatch: cannot set 'a\.so': section [0-9]+, which stands at offset [0-9]+ where room is needed, cannot move$"
  cmp before.so a.so
}

@test "a section is added behind headers that have something behind them, and not where there are none" {
  local message
  echo 'int deep(void); int top(void) { return deep() + 2; }' >top.c
  "$CC" -shared -fPIC top.c -o a.so -Llib -ldeep -Wl,-rpath,"$PWD/lib"
  cp a.so plain.so
  # Its new segment stands at the end of the file.
  "$elfpatch" set --soname="$(printf %05000d 1)" a.so
  ./patchelf --build-resolution-cache a.so
  run -0 readelf -SW a.so
  [ -z "${stderr-}" ]
  works a.so
  cp a.so kept.so
  strip kept.so
  works kept.so
  eu-elflint --gnu-ld plain.so >before || true
  eu-elflint --gnu-ld a.so | diff before - | has_not "$(cat)" '^>'
  for message in 'no section headers' 'sections have no names'; do
    cp plain.so a.so
    python3 - a.so "$message" <<'END'
import struct, sys
with open(sys.argv[1], "r+b") as file:
    image = bytearray(file.read())
    start, = struct.unpack_from("<Q", image, 40)
    size, count = struct.unpack_from("<HH", image, 58)
    for section in range(count):
        struct.pack_into("<I", image, start + section * size, 0)
    struct.pack_into("<H", image, 62, 0)
    if sys.argv[2] == "no section headers":
        struct.pack_into("<Q", image, 40, 0)
        struct.pack_into("<H", image, 60, 0)
    file.seek(0)
    file.write(image)
END
    cp a.so before.so
    run -1 --separate-stderr ./patchelf --build-resolution-cache a.so
    [ "$stderr" = "patchelf: $message ('a.so')" ] || fail "$stderr"
    cmp before.so a.so
  done
}
