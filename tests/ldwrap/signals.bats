#!/usr/bin/env bats
# A signal in the middle of the link.

# shellcheck disable=SC2154,SC2030,SC2031
load ldwrap

# A driver that says that it runs, then waits for a word that never comes.
setup() {
  cd "$BATS_TEST_TMPDIR" || return
  objects
  echo old >x.so
  mkdir bin
  mkfifo running latch
  cat >bin/cc <<'EOF'
#!/bin/bash
case $* in *-dumpmachine*) exec gcc -dumpmachine ;; esac
for last; do case $last in .rt0-*/x.so) echo half >"$last" ;; esac; done
cat latch &
for name in INT TERM HUP QUIT PIPE; do trap "echo $name >got; kill -TERM \$!; trap - $name; kill -$name \$\$" "$name"; done
echo $$ >running
wait $!
EOF
  chmod +x bin/cc
}

# ends_by NAME NUMBER INPUT: the signal reaches the driver, then ends ldwrap
ends_by() {
  rm -f got
  # Background jobs of a shell ignore SIGINT; env gives it back.
  env --default-signal PATH="$PWD/bin:$PATH" "$ldwrap" -shared -o x.so "$3" 3>&- &
  local job=$! driver
  read -r driver <running
  kill "-$1" "$job"
  local status=0
  wait "$job" || status=$?
  [ "$status" = $((128 + $2)) ] || fail "$1: status $status"
  [ "$(cat got)" = "$1" ] || fail "$1: the driver got $(cat got)"
  [ "$(cat x.so)" = old ]
  ! kill -0 "$driver" 2>/dev/null
  no_leftovers
}

@test "SIGINT, SIGTERM, SIGHUP, SIGQUIT and SIGPIPE reach the driver and then end ldwrap, nothing is left" {
  ends_by INT 2 runtime.o
  ends_by TERM 15 runtime.o
  ends_by HUP 1 runtime.o
  ends_by QUIT 3 runtime.o
  ends_by PIPE 13 runtime.o
}

@test "the same while a source with a runtime is compiled and linked" {
  ends_by INT 2 runtime.c
  ends_by TERM 15 runtime.c
}

@test "a signal that ldwrap was started to ignore stays ignored" {
  (
    trap '' HUP
    PATH=$PWD/bin:$PATH exec "$ldwrap" -shared -o x.so runtime.o 3>&-
  ) &
  job=$!
  read -r driver <running
  kill -HUP "$job"
  kill -TERM "$job"
  status=0
  wait "$job" || status=$?
  [ "$status" = 143 ]
  [ "$(cat got)" = TERM ]
  no_leftovers
}
