# shellcheck shell=sh
# apt for the tests, with lists and a cache of its own in the folder $state: the machine's need not have what is
# fetched, its packages are not touched, nor is root needed. Sourced.

# apt_lists FORMAT: the machine's Debian archives in $state/sources.list, each as FORMAT of `apt-get indextargets`
apt_lists() {
  mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
  apt-get indextargets --format "$1" 'Created-By: Packages' 'Origin: Debian' | sort -u >"$state/sources.list"
  [ -s "$state/sources.list" ] || { echo "${0##*/}: apt knows no Debian archive; run apt-get update" >&2; exit 1; }
}

# apt COMMAND…: what it printed is shown only when it fails.
apt() {
  apt-get -q -o Dir::Etc::sourcelist="$state/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::State::lists="$state/lists" -o Dir::Cache="$state/cache" -o Acquire::Languages=none \
    -o APT::Sandbox::User= "$@" >"$state/log" 2>&1 || { cat "$state/log" >&2; exit 1; }
}

signed="signed-by=/usr/share/keyrings/debian-archive-keyring.gpg"
