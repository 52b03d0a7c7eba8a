# What the tests of rt share: building libraries with ldwrap and hosts for them.
# shellcheck shell=bash
load ../support

INCLUDE=$root/rt
SOURCES=$root/tests/rt

# plug OUTPUT [ARG...]: the library of plug.c; ARGs go to ldwrap.
plug() {
  local output=$1
  shift
  "$ldwrap" cc -shared -fPIC -O1 -g -Wall -Wextra -Werror -I"$INCLUDE" "$SOURCES/plug.c" -o "$output" "$@"
}

host() {
  cc -O1 -g -Wall -Wextra -Werror "$SOURCES/host.c" -o "$1"
}

# In the folder of the file's tests: host and libplug.so with the default options.
setup_plug() {
  cd "$BATS_FILE_TMPDIR" || return 1
  host host && plug libplug.so
}
