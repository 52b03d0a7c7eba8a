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

# started INPUT: ldwrap is the first of a process group of its own, `job`, and its driver runs, `driver`
started() {
  setsid env --default-signal PATH="$PWD/bin:$PATH" "$ldwrap" -fPIC -I"$BUILD/include" -shared -o x.so "$1" 3>&- &
  job=$!
  read -r driver <running
}

# A driver that does its work when it is let.
slow_driver() {
  cat >bin/cc <<'EOF'
#!/bin/bash
case $* in *-dumpmachine*) exec gcc -dumpmachine ;; esac
echo $$ >running
cat latch
exec gcc "$@"
EOF
}

# has_state PID LETTER: the process comes into that state
has_state() {
  local _
  for _ in $(seq 600); do
    [[ $(sed 's/.*) //' "/proc/$1/stat") == "$2"* ]] && return
    sleep 0.1
  done
  fail "$1 is not in state $2: $(cat "/proc/$1/stat")"
}

@test "signals to the process group, as a terminal sends them, end ldwrap, the driver and what it runs" {
  for name in INT QUIT HUP TERM; do
    for input in runtime.o runtime.c; do
      rm -f got
      started "$input"
      kill "-$name" -- "-$job"
      status=0
      wait "$job" || status=$?
      [ "$status" = $((128 + $(kill -l "$name"))) ] || fail "$name $input: status $status"
      [ "$(cat got)" = "$name" ]
      [ "$(cat x.so)" = old ]
      no_leftovers
      # Nobody of the group is left, once the last has died.
      for _ in $(seq 600); do
        kill -0 -- "-$job" 2>errors || break
        sleep 0.1
      done
      run ! kill -0 -- "-$job"
    done
  done
}

@test "a stopped job goes on where it was, stopped as a group or ldwrap alone" {
  slow_driver
  for input in runtime.o runtime.c; do
    for target in "-" ""; do
      echo old >x.so
      started "$input"
      kill -STOP -- "$target$job"
      has_state "$job" T
      if [ -n "$target" ]; then
        has_state "$driver" T
        kill -CONT -- "-$job"
        echo go >latch
      else
        # The driver ends meanwhile.
        echo go >latch
        has_state "$driver" Z
        [ "$(cat x.so)" = old ]
        kill -CONT "$job"
      fi
      wait "$job"
      is_runtime x.so
      no_leftovers
    done
  done
}

@test "words that nobody reads end ldwrap by SIGPIPE, and nothing is changed" {
  echo '#warning look here' >>runtime.c
  mkfifo pipe
  # The reader is gone when there is one no more.
  exec 8<>pipe
  exec 9>pipe
  exec 8<&-
  rm bin/cc
  status=0
  env --default-signal "$ldwrap" gcc -fPIC -I"$BUILD/include" -shared -o x.so runtime.c 2>&9 3>&- || status=$?
  [ "$status" = 141 ] || fail "status $status"
  [ "$(cat x.so)" = old ]
  no_leftovers
  # A driver that meets it itself tells so.
  for line in "-E runtime.c" "--version"; do
    status=0
    # shellcheck disable=SC2086 # words
    env --default-signal gcc -I"$BUILD/include" $line 1>&9 2>own 3>&- || status=$?
    own=$status
    status=0
    # shellcheck disable=SC2086 # words
    env --default-signal "$ldwrap" gcc -I"$BUILD/include" $line 1>&9 2>words 3>&- || status=$?
    [ "$status" = "$own" ]
    diff own words
  done
}
