# What the tests of rt share: building libraries with ldwrap and hosts for them.
# shellcheck shell=bash
load ../support

# machine_of TRIPLE: the folder under rt/arch, as the Makefile has it
machine_of() {
  case ${1%%-*} in
    i?86) echo i386 ;;
    *) echo "${1%%-*}" ;;
  esac
}

# With PORT=TRIPLE the tests run for that machine: cc is its cross compiler, programs run under qemu-user
# (tests/ports/prepare). Tests that look into the process from outside are tagged `native`.
if [ -n "${PORT-}" ]; then
  PATH=$BUILD/ports/$PORT:$PATH
  machine=$(<"$BUILD/ports/$PORT/machine")
else
  machine=$(machine_of "$(cc -dumpmachine)")
fi

INCLUDE=$root/rt
SOURCES=$root/tests/rt
OBJECTS=$BUILD/lib/rt0/$machine

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

# rounds N: how often a test repeats what might fail once in a while: N times, few under an emulator (see `make soak`)
rounds() {
  if [ -n "${PORT-}" ]; then
    seq 3
  else
    seq "$1"
  fi
}

# own_words TEXT: without what qemu-user adds when a signal ends the program
own_words() {
  grep -v '^qemu: uncaught target signal' <<<"$1" || true
}

# linkers_of_machine: the linkers that can make its libraries
linkers_of_machine() {
  if [ -n "${PORT-}" ]; then
    awk -v triple="$PORT" '$1 == triple { gsub(",", " ", $4); print $4 }' "$root/tests/ports/table"
  else
    echo bfd gold lld mold
  fi
}
