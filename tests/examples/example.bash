# What the tests of the examples share: `load example` behind support, with `folder` set to
# one of examples/.
# shellcheck shell=bash

# build_example [VARIABLE=VALUE…]: into $BATS_FILE_TMPDIR/built
build_example() {
  make -s -C "$root/examples/$folder" RT0KIT="$BUILD" BUILD="$BATS_FILE_TMPDIR/built" "$@"
}

# Its folder, what was built, and an empty folder to work in.
use_example() {
  example=$root/examples/$folder
  built=$BATS_FILE_TMPDIR/built
  cd "$BATS_TEST_TMPDIR" || return
}

# held COMMAND…: run it with a fifo that the runtime's start reads to its end
held() {
  mkfifo hold
  EXAMPLE_HOLD=$PWD/hold run -0 --separate-stderr timeout 120 "$@"
}

# is_verified LIBRARY: nothing that needs attention, starts by itself, stays loaded
is_verified() {
  run -0 "$elfpatch" verify "$1"
  has_not "$output" 'warning|error'
  has "$(readelf -dW "$1")" 'NODELETE'
  has "$(readelf -dW "$1")" '\(INIT\)'
}

# has_timeline: `make timeline` writes Chrome's trace format, whose last bracket may be missing, or says that this rt
# writes none
has_timeline() {
  if grep -aq RT0_TRACE "$BUILD"/lib/rt0/*/rt0.o; then
    run -0 build_example timeline
    has "$output" 'timeline: .*/timeline.json'
    run -0 python3 - "$BATS_FILE_TMPDIR/built/timeline.json" <<'PYTHON'
import json, sys
text = open(sys.argv[1]).read().rstrip().rstrip(",")
events = json.loads(text if text.endswith("]") else text + "]")
names = {event["name"].split()[0] for event in events}
sys.exit(None if {"load", "init", "open"} <= names else f"events: {names}")
PYTHON
  else
    run ! build_example timeline
    has "$output" 'timeline: this rt0kit writes none'
  fi
}
