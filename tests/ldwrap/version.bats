#!/usr/bin/env bats
# Tools and rt of different versions.

# shellcheck disable=SC2154
load ldwrap

# tree NUMBER: the tools with an rt that is of that version
tree() {
  local machine object
  machine=$("$CC" -dumpmachine)
  machine=${machine%%-*}
  mkdir -p bin lib/rt0
  cp "$BUILD/bin/ldwrap" "$BUILD/bin/elfpatch" bin
  cp -R "$BUILD/lib/rt0/$machine" lib/rt0
  for object in gate.o gate_attach.o stub.o; do
    [ ! -e "lib/rt0/$machine/$object" ] ||
      objcopy --strip-symbol=rt0_abi --add-symbol="rt0_abi=$1,local" "lib/rt0/$machine/$object"
  done
}

@test "an rt of another version is refused by name and numbers, at the link and by attach" {
  objects
  tree 2
  run -1 --separate-stderr bin/ldwrap "$CC" -shared -o x.so runtime.o
  has "$stderr" "^ldwrap: .*gate template '.*/lib/rt0/[a-z0-9_]*/gate\.o': made by version 2 of rt, these tools know version 1$"
  [ ! -e x.so ]
  no_leftovers
  "$CC" -shared -o y.so runtime.o
  cp y.so before.so
  run -1 --separate-stderr bin/elfpatch attach --init=rt0_runtime_init y.so
  has "$stderr" "made by version 2 of rt, these tools know version 1$"
  cmp y.so before.so
}

@test "an rt of this version is taken, and what the tools read says which that is" {
  objects
  tree 1
  run -0 --separate-stderr bin/ldwrap "$CC" -shared -o x.so runtime.o
  "$elfpatch" verify -q x.so
  local object
  for object in "$BUILD"/lib/rt0/*/{gate,gate_attach,stub}.o; do
    [ -e "$object" ] || continue
    [ "$(readelf -sW "$object" | awk '$8 == "rt0_abi" { print $2 + 0, $5, $7 }')" = '1 LOCAL ABS' ] || fail "$object"
  done
  # Nothing of that gets into libraries.
  run -1 grep -c rt0_abi x.so
}
