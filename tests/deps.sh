#!/bin/sh
# deps.sh FOR…: install the packages that tests/packages lists for each FOR
# (build, check, coverage, field, fuzz, packaging). Does nothing, and needs no network, when they are all there.
# Without the right to install, it prints the command that would, and exits 1.

set -eu

list=$(dirname "$0")/packages

die() {
  echo "deps.sh: $1" >&2
  exit "${2:-1}"
}

[ $# -gt 0 ] || die "usage: deps.sh build|check|coverage|field|fuzz…" 2

wanted=
for purpose; do
  names=$(awk -v purpose="$purpose" '$1 == purpose { print $2 }' "$list")
  [ -n "$names" ] || die "no packages are listed for '$purpose'" 2
  wanted="$wanted $names"
done

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "deps.sh: this is not a Debian system; install what these packages have there:" >&2
  # shellcheck disable=SC2086 # a list of words
  printf '  %s\n' $wanted >&2
  exit 1
fi

installed=$(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' | sed -n 's/^.i. //p')

# is_installed NAME
is_installed() {
  case "
$installed
" in
  *"
$1
"*) return 0 ;;
  esac
  return 1
}

# choose NAME|NAME…: the first that can be installed, or else the first.
choose() {
  for name in $(echo "$1" | tr '|' ' '); do
    if apt-cache show "$name" >/dev/null 2>&1; then
      echo "$name"
      return
    fi
  done
  echo "${1%%|*}"
}

missing=
for names in $wanted; do
  found=
  for name in $(echo "$names" | tr '|' ' '); do
    if is_installed "$name"; then
      found=yes
    fi
  done
  [ -n "$found" ] || missing="$missing $names"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -eq 0 ]; then
  as_root=
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
  as_root=sudo
else
  {
    echo "deps.sh: these packages are missing; install them as root:"
    printf '  apt-get install --no-install-recommends'
    for names in $missing; do
      printf ' %s' "$(choose "$names")"
    done
    echo
  } >&2
  exit 1
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT

# quietly COMMAND…: what it printed is shown only when it fails.
quietly() {
  if ! $as_root env DEBIAN_FRONTEND=noninteractive "$@" >"$log" 2>&1; then
    cat "$log" >&2
    die "failed: $as_root $*"
  fi
}

echo "deps.sh: installing$missing" >&2
quietly apt-get -q update
chosen=
for names in $missing; do
  chosen="$chosen $(choose "$names")"
done
# shellcheck disable=SC2086 # a list of words
quietly apt-get -q -y install --no-install-recommends $chosen
