# For the tests of projects that use an installation: what docs say of them, and what their library must do.
# shellcheck shell=bash disable=SC2154
load ../support

# install_moved: the installation in "moved to here", a folder with spaces, and the host
install_moved() {
  cd "$BATS_FILE_TMPDIR" || return
  make -s -C "$root" BUILD="$BUILD" DESTDIR="$PWD/stage dir" PREFIX=/opt/rt0 install
  mv "stage dir/opt/rt0" "moved to here"
  "$CC" -I"$root/tests/rt" -o host "$root/tests/field/consumers/common/host.c" -pthread
}

# project NAME: copy it here, with the sources that all have
project() {
  cp "$root/tests/field/consumers/common/"*.[ch] .
  [ ! -e "$root/tests/field/consumers/$1" ] || cp -R "$root/tests/field/consumers/$1/". .
}

# blocks PAGE HEADING LANGUAGE: what the page has in that language under that heading
blocks() {
  awk -v heading="## $2" -v fence="\`\`\`$3" '
    /^#/ && !inside { here = $0 == heading }
    /^```/ { inside = here && $0 == fence && !inside; next }
    here && inside' "$root/docs/$1" | grep . || fail "docs/$1 has no $3 under '$2'"
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
