# For the tests of this folder: the driver and a library linked step by step.
# shellcheck shell=bash disable=SC1091,SC2154 # what bats and the tests set
source "$BATS_TEST_DIRNAME/../support.bash"

machine=$(uname -m)
rt=$BUILD/lib/rt0/$machine

# The driver and the host, once a file of tests.
build_tools() {
  "${counting_cc[@]}" -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -I"$root" -o "$BATS_FILE_TMPDIR/driver" \
    "$BATS_TEST_DIRNAME/driver.c" "$BUILD/obj/ldwrap/linkobj.o" "$BUILD/lib/libelfpatch.a" -lelf -lz -lnettle
  "${CC:-cc}" -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -o "$BATS_FILE_TMPDIR/host" \
    "$BATS_TEST_DIRNAME/host.c" -ldl
}

driver() {
  "$BATS_FILE_TMPDIR/driver" "$@"
}

# link OUT LINKER [CC-OPTION...]: lib.c with rt and a pool of $gates; what ldwrap adds to a link.
link() {
  local out=$1 linker=$2
  shift 2
  # shellcheck disable=SC2086 # options, or none
  driver object "$rt/gate.o" pool.o "${gates:-16}" $object_options
  # shellcheck disable=SC2086 # hosted may be nothing
  "${CC:-cc}" -O2 -fPIC -fvisibility=hidden -I"$BUILD/include" -shared "-fuse-ld=$linker" -o "$out" \
    "${source:-$BATS_TEST_DIRNAME/lib.c}" "$@" "-Wl,$rt/rt0.o" ${hosted--Wl,$rt/hosted.o} \
    "-Wl,$PWD/pool.o" -Wl,-init=rt0_lib -Wl,-z,nodelete -Wl,-Bsymbolic-functions
}

# patch FILE: the steps after the link.
patch() {
  driver fill "$1" && driver name "$1" && driver renew "$1"
}

# runs FILE: the host gets from every export what lib.c says.
runs() {
  run -0 timeout 20 "$BATS_FILE_TMPDIR/host" "$1"
  [ "${lines[0]}" = "add 2 3, sum 6.5, lenient 4, vague 10, indirect 9, data 42 7" ]
  [ "${lines[1]}" = "same 1 1 1 1 1, table 8 7" ]
}

# symbol FILE TABLE NAME: value, size, type, binding, visibility, section.
symbol() {
  readelf --syms -W "$1" | awk -v table="'$2'" -v name="$3" '
    /^Symbol table/ { inside = $3 == table }
    inside && ($8 == name || index($8, name "@") == 1) { print $2, $3, $4, $5, $6, $7; exit }'
}

# section FILE NAME: number, address, size.
section() {
  readelf -SW "$1" | sed 's/\[ */[/' | awk -v name="$2" '
    $2 == name { gsub(/[][]/, "", $1); print $1, $4, $6; exit }'
}

each_linker() {
  local linker
  for linker in bfd gold lld mold; do
    echo "linker $linker"
    "$@" "$linker"
  done
}
