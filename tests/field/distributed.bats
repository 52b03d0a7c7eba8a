#!/usr/bin/env bats
# Compilers on other machines and in caches, with ldwrap in front of them and behind: their daemons run here, on the
# loopback of a network of their own, where they end together, and their logs say what was compiled by them. Every command is a line of
# docs/distributed.md. Needs root, which iceccd takes jobs of others with.

# shellcheck disable=SC2154,SC2030,SC2031
load consumers

setup_file() {
  [ "$(id -u)" = 0 ] || fail 'iceccd takes jobs of others only as root'
  # The daemons' own users come in here.
  export PUBLIC NAMESPACES FIRST
  PUBLIC=$(mktemp -d)
  chmod 755 "$PUBLIC"
  make -s -C "$root" BUILD="$BUILD" DESTDIR= PREFIX="$PUBLIC/rt0" install
  "$CC" -I"$root/tests/rt" -o "$BATS_FILE_TMPDIR/host" "$root/tests/field/consumers/common/host.c" -pthread
  mkfifo "$BATS_FILE_TMPDIR/up"
  unshare --net --pid --fork --kill-child \
    sh -c "ip link set lo up && echo up >'$BATS_FILE_TMPDIR/up'; exec sleep infinity" 3>&- &
  NAMESPACES=$!
  [ "$(timeout 60 cat "$BATS_FILE_TMPDIR/up")" = up ] || fail 'no network of our own'
  # The first process of these: with it all that it holds ends.
  FIRST=$(tr -d " " <"/proc/$NAMESPACES/task/$NAMESPACES/children")
}

teardown_file() {
  kill -KILL "$FIRST"
  # Until it has ended, somebody may write there.
  while kill -0 "$NAMESPACES" 2>/dev/null; do sleep 0.1; done
  rm -rf "$PUBLIC"
}

setup() {
  prefix=$PUBLIC/rt0
  export PREFIX=$prefix PATH=$prefix/bin:$PATH
  cd "$BATS_TEST_TMPDIR" || return
  export FARM=$PUBLIC/farm
  triple=$("$CC" -dumpmachine)
  mkdir -p "$FARM"
  for name in cc gcc "$triple-gcc"; do ln -sf "$prefix/bin/ldwrap" "$FARM/$name"; done
  project distributed
}

# commands HEADING: the lines of the document, one command each
commands() {
  blocks distributed.md "$1" sh
}

# inside COMMAND…: on the network of the daemons
inside() {
  nsenter --net --pid --target "$FIRST" -- "$@"
}

# serve COMMAND…: a daemon
serve() {
  inside "$@" >>daemon.output 2>&1 3>&- &
}

# logs: the ends of what the daemons said
logs() {
  tail -n 20 daemon.output "$PUBLIC"/*.log "$PUBLIC"/*/*.log 2>&1 | cut -c 1-200 || true
}

# eventually COMMAND…: it is true within five minutes
eventually() {
  local end=$((SECONDS + ${WITHIN:-300}))
  until "$@"; do
    [ "$SECONDS" -lt "$end" ] || fail "never: $*" "$(logs)"
    sleep 0.2
  done
}

# has_lines COUNT PATTERN FILE
has_lines() {
  [ "$(grep -cE "$2" "$3")" -ge "$1" ]
}

# builds COMMAND: the project, from nothing; what comes out is right
builds() {
  make -s clean
  inside timeout 590 bash -eu -c "$1" >make.output 2>&1 || fail "$1" "$(tail -n 20 make.output)" "$(logs)"
  works ./libplug.so ./program || fail "$1"
}

@test "distcc: its server compiles, with ldwrap in front, behind, and among links by the compiler's name" {
  export COMMANDS=$PUBLIC/commands LOG=$PUBLIC/distccd.log DISTCC_FALLBACK=0 DISTCC_BACKOFF_PERIOD=0 DISTCC_DIR=$PWD/state
  mkdir "$DISTCC_DIR"
  printf '%s\n' "$prefix/bin/ldwrap" /usr/bin/cc /usr/bin/gcc "/usr/bin/$triple-gcc" >"$COMMANDS"
  touch "$LOG"
  chmod 666 "$LOG"
  serve bash -c "exec env $(commands 'distcc: the servers')"
  sent=0
  count=0
  while IFS= read -r line; do
    case $line in export*) eval "$line" && continue ;; esac
    eventually inside bash -c 'exec 2>&-; : >/dev/tcp/127.0.0.1/3632'
    CCACHE_DIR=$PWD/ccache.$count builds "$line"
    sent=$((sent + 2))
    count=$((count + 1))
    eventually has_lines "$sent" 'COMPILE_OK.* (plug|program)\.c' "$LOG"
  done <<<"$(commands 'distcc: the client')"
  [ "$count" = 6 ]
  # ldwrap itself was there when it stood behind.
  has_lines 4 "COMPILE_OK.*/ldwrap (plug|program)\.c" "$LOG"
  # Nothing was linked there.
  run -1 grep libplug "$LOG"
}

@test "icecc: another machine's daemon compiles, with ldwrap in front, behind, and among links by the compiler's name" {
  base=$PUBLIC/icecc
  mkdir -p "$base/one" "$base/two"
  chown -R icecc "$base"
  serve icecc-scheduler -n rt0 -l "$base/scheduler.log" -vvv -u icecc
  ICECC_TEST_SOCKET=$base/socket serve iceccd -n rt0 -s 127.0.0.1 -p 10250 -N one -b "$base/one" -m 0 --no-remote \
    -l "$base/one.log" -vvv -u icecc
  ICECC_TEST_SOCKET=$base/other serve iceccd -n rt0 -s 127.0.0.1 -p 10251 -N two -b "$base/two" -m 2 \
    -l "$base/two.log" -vvv -u icecc
  eventually has_lines 2 'login (one|two)' "$base/scheduler.log"
  # Our daemon is `one`, as if `two` were elsewhere; what fails there is not to be done again here.
  export ICECC_TEST_SOCKET=$base/socket ICECC_TEST_REMOTEBUILD=1 ICECC_PREFERRED_HOST=two ICECC_IGNORE_UNVERIFIED=0
  sent=0
  count=0
  while IFS= read -r line; do
    builds "$line"
    count=$((count + 1))
    case $line in
    # A compiler of a name that it does not know is not sent away, but works.
    *'icecc ldwrap'*) ;;
    *)
      sent=$((sent + 2))
      eventually has_lines "$sent" 'Remote compilation completed with exit code 0' "$base/two.log"
      ;;
    esac
    has_lines "$sent" 'BEGIN.*server=two' "$base/scheduler.log" || fail "$line"
  done <<<"$(commands icecc)"
  [ "$count" = 5 ]
  [ "$(grep -c 'Remote compilation completed' "$base/two.log")" = 8 ]
}

@test "sccache and ccache: a second build is taken from the cache, with ldwrap in front and behind" {
  export SCCACHE_DIR=$PWD/sccache SCCACHE_IDLE_TIMEOUT=0 CCACHE_DIR=$PWD/ccache
  SCCACHE_START_SERVER=1 SCCACHE_NO_DAEMON=1 serve sccache
  eventually inside bash -c 'exec 2>&-; : >/dev/tcp/127.0.0.1/4226'
  count=0
  while IFS= read -r line; do
    rm -rf "$CCACHE_DIR"
    for hits in 0 2; do
      inside sccache -z >zero
      ccache -z >zero
      builds "$line"
      run -0 inside sccache -s --stats-format json
      hit="$(jq '.stats.cache_hits.counts["C/C++"] // 0' <<<"$output") $(ccache --print-stats | awk '/^(direct|preprocessed)_cache_hit/ { n += $2 } END { print +n }')"
      case $line in
      *sccache*) [ "$hit" = "$hits 0" ] || fail "$line: $hit" ;;
      *) [ "$hit" = "0 $hits" ] || fail "$line: $hit" ;;
      esac
    done
    count=$((count + 1))
  done <<<"$(commands 'ccache and sccache')"
  [ "$count" = 4 ]

  # Another compiler behind ldwrap: ccache in front of it has to be told.
  line=$(sed -n 's/^ *export CCACHE_COMPILERCHECK/CCACHE_COMPILERCHECK/p' "$root/docs/distributed.md")
  has "$line" '^CCACHE_COMPILERCHECK=.%compiler%'
  rm -rf "$CCACHE_DIR"
  for compiler in gcc clang gcc; do
    env "CCACHE_COMPILERCHECK=$(eval "$line" && echo "$CCACHE_COMPILERCHECK")" LDWRAP_CC=$compiler \
      ccache ldwrap -O2 -fPIC "-I$PREFIX/include" -c plug.c
    has "$(readelf -p .comment plug.o)" "$([ "$compiler" = gcc ] && echo GCC || echo clang)"
  done
}
