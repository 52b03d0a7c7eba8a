#!/usr/bin/env bats
# Command lines in the tables under golden/: what the driver is called with, and what comes out of the real ones.

# shellcheck disable=SC2154
load ldwrap

setup_file() {
  cd "$BATS_FILE_TMPDIR" || return
  mkdir inputs
  cd inputs || return
  objects
  echo 'int main(void) { return 0; }' >main.c
  echo 'int bad(void) { return "one' >bad.c
  # The header is not where the tables' folders are.
  "$CC" -E -P -I"$BUILD/include" runtime.c >text
  cp text runtime.c
  "$CC" -fPIC -c main.c
  ar rcs libruntime.a runtime.o
  "$CC" -shared -o libruntime.so plain.o
  cp runtime.o twin.o
  echo 'int missing(void); int caller(void) { return missing(); }' | "$CC" -fPIC -x c -c -o undefined.o -
  echo 'this is no script' >bad.o
  host ./libruntime.so
  mv host ..
  "$CC" -Wall -Wextra -Werror -o ../recorder "$root/tests/ldwrap/recorder.c"
}

# golden recorded|linked TABLE
golden() {
  cp -r "$BATS_FILE_TMPDIR/." .
  BUILD=$BUILD run python3 "$root/tests/ldwrap/golden.py" "$1" "$root/tests/ldwrap/golden/$2" "$root/tests/ldwrap/golden/words" .
  [ "$status" = 0 ] || fail "$output"
}

@test "every table is run" {
  for table in "$root"/tests/ldwrap/golden/*; do
    case $table in */words) continue ;; esac
    for kind in recorded linked; do
      grep -qx "  golden $kind ${table##*/}" "$BATS_TEST_FILENAME" || fail "$kind $table"
    done
  done
}

@test "golden, by a recording driver: what makes a library" {
  golden recorded shared
}

@test "golden, by real links: what makes a library" {
  golden linked shared
}

@test "golden, by a recording driver: where the output goes" {
  golden recorded output
}

@test "golden, by real links: where the output goes" {
  golden linked output
}

@test "golden, by a recording driver: what does not link" {
  golden recorded no-link
}

@test "golden, by real links: what does not link" {
  golden linked no-link
}

@test "golden, by a recording driver: response files" {
  golden recorded response
}

@test "golden, by real links: response files" {
  golden linked response
}

@test "golden, by a recording driver: sources" {
  golden recorded sources
}

@test "golden, by real links: sources" {
  golden linked sources
}

@test "golden, by a recording driver: ldwrap's own options" {
  golden recorded own-options
}

@test "golden, by real links: ldwrap's own options" {
  golden linked own-options
}

@test "golden, by a recording driver: links that fail" {
  golden recorded failure
}

@test "golden, by real links: links that fail" {
  golden linked failure
}
