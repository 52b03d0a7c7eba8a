#!/usr/bin/env bats
# A library with one field wrong, for each field of its headers and tables and each of a few wrong values (corrupt.py):
# every command ends, with a reason in one line or a result, and a file that is refused stays as it was.
# shellcheck disable=SC2154

load ../support

setup_file() {
  export folder=$BATS_FILE_TMPDIR
  # Each result is synced, which costs nothing there.
  [ ! -w /dev/shm ] || folder=$(mktemp -d /dev/shm/rt0kit.XXXXXX)
  cd "$folder" || return
  corrupt make tiny.so
  corrupt copies tiny.so tiny
  cp tiny.so attached.so
  "$elfpatch" attach --init=tiny_init --flag=tiny_data attached.so
  corrupt copies attached.so attached
}

teardown_file() {
  rm -rf "$folder"
}

setup() {
  cd "$folder" || return
}

corrupt() {
  python3 "$BATS_TEST_DIRNAME/corrupt.py" "$@"
}

# all NAME COMMAND…: the command on every copy of NAME.so gets that far, and what it said is in NAME.COMMAND.json. Two
# seconds of the processor are more than any of them needs.
all() {
  local name=$1 status=0
  shift
  cp -r "$name" "$name.kept"
  (ulimit -t 2 && timeout 120 "$elfpatch" "$@" --json --jobs=2 "@$name.list") >"$1.json" 2>errors || status=$?
  [ "$status" -eq 1 ] || fail "$* ended with $status"
  [ ! -s errors ] || fail "$(head errors)"
  run -0 corrupt judge "$name.so" "$name" "$1.json"
  [ "$output" -gt 100 ] || fail "$output were refused"
  rm -rf "$name"
  mv "$name.kept" "$name"
}

limited() {
  (ulimit -t 2 && exec timeout 20 "$@")
}

@test "the library is sound" {
  run -0 eu-elflint --gnu-ld tiny.so
  [ "$output" = 'No errors' ]
  cp tiny.so a.so
  "$elfpatch" set --soname=libother.so.2 --symbol-rename=tiny_sub=tiny_less a.so
  python3 -c 'import ctypes; assert ctypes.CDLL("./a.so").tiny_less() == 0'
  run -0 "$elfpatch" show attached.so
  has "$output" '3 of 3 gates used'
}

@test "show, verify, set and attach refuse a library with a wrong field, or do their work, and the manual says which" {
  all tiny show
  all tiny verify
  all tiny set --soname=libother.so.2 --needed-add=libmore.so.1 --symbol-rename=tiny_sub=tiny_less --df=nodelete
  all tiny attach --init=tiny_init --flag=tiny_data
  corrupt table tiny.so tiny show.json verify.json set.json attach.json >corruption.md
  diff "$root/docs/corruption.md" corruption.md
}

@test "show, verify, set, attach, gate and detach refuse an attached library with a wrong field, or do their work" {
  all attached show
  all attached verify
  all attached set --runpath=/opt/a/longer/path --symbol-rename=tiny_sub=tiny_less --nodelete
  all attached attach --init=tiny_init --flag=tiny_data
  all attached gate
  all attached detach
}

@test "many of one thing, and things over one another, take no more than two seconds" {
  local kind edit edits=("--runpath=/opt/$(printf 'a/longer/%.0s' {1..20})" --symbol-rename=tiny_add=tiny_plus --needed-remove=libgone.so)
  for kind in names many_symbols segments allowed_segments notes entries sections; do
    python3 "$BATS_TEST_DIRNAME/huge.py" "$kind" "$kind.so"
    for command in show verify "${edits[@]/#/set }" 'attach --init=tiny_init' gate; do
      cp "$kind.so" a.so
      # shellcheck disable=SC2086 # a command and its option
      run --separate-stderr limited "$elfpatch" $command a.so
      [ "$status" -le 1 ] || fail "$command of $kind.so ended with $status" "$stderr"
      [ "${#stderr_lines[@]}" -le 1 ] || fail "$command of $kind.so" "$stderr"
    done
    rm -f "$kind.so" a.so
  done
}
