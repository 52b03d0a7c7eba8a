#!/usr/bin/env bats
# The layers of the tree are those of the table in docs/contributing.md.

load support

setup() {
  cd "$root" || return 1
}

@test "what each layer includes is of its own layer or of one below" {
  run -0 python3 tests/layers.py includes
}

@test "what the objects of each layer call is of their own layer or of one below, and rt takes nothing of libc for certain" {
  run -0 python3 tests/layers.py symbols "$BUILD"
}

@test "an include that goes back up is found, and so is a header of somebody else's" {
  git ls-files -z -- '*.[chS]' '*.inc' '*.def' docs/contributing.md | xargs -0 cp --parents -t "$BATS_TEST_TMPDIR"
  cp tests/layers.py "$BATS_TEST_TMPDIR"
  cd "$BATS_TEST_TMPDIR" || return 1
  git init -q . && git add -A
  run -0 python3 layers.py includes || fail "$output"
  sed -i '1i #include "../elfpatch/set.h"' ldwrap/args.c
  sed -i '1i #include "../verify.h"' elfpatch/lib/why.c
  sed -i '1i #include <stdio.h>' rt/gate.c
  sed -i '1i #include <jansson.h>' elfpatch/lib/note.c
  run -1 python3 layers.py includes
  has "$output" 'ldwrap/args.c:1: .*elfpatch/set.h is not for this layer'
  has "$output" 'elfpatch/lib/why.c:1: .*leads nowhere'
  has "$output" 'rt/gate.c:1: .*not for this layer'
  has "$output" 'elfpatch/lib/note.c:1: .*not for this layer'
}
