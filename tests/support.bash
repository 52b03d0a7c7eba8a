# What every test file starts with: `load ../support`.
# shellcheck shell=bash

bats_require_minimum_version 1.8.0

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
BUILD=${BUILD:-$root/build}
case $BUILD in /*) ;; *) BUILD=$root/$BUILD ;; esac
ldwrap=$BUILD/bin/ldwrap
elfpatch=$BUILD/bin/elfpatch
CC=${CC:-cc}
# What compiles and links the tools' own sources in a test: with the sanitizers, or counting for `make coverage`.
read -ra counting_cc <<<"${COVERAGE_CC:-$CC}"
read -ra checking_cc <<<"${COVERAGE_CC:-$CC -fsanitize=address,undefined -fno-sanitize-recover=all}"

# Settings of the caller's must not reach what is tested.
unset LDWRAP_CC LDWRAP_DEPTH LDWRAP_DRIVER LDWRAP_FLAGS RT0_TRACE
export LC_ALL=C

# fail MESSAGE…: end the test with that message
fail() {
  printf '%s\n' "$@" >&2
  return 1
}

# has TEXT PATTERN: an extended regular expression matches somewhere in the text
has() {
  [[ $1 =~ $2 ]] || fail "no match for: $2" "in:" "$1"
}

# has_not TEXT PATTERN
has_not() {
  [[ ! $1 =~ $2 ]] || fail "unwanted match for: $2" "in:" "$1"
}
