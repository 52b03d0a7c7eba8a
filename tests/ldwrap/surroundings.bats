#!/usr/bin/env bats
# Little memory, few descriptors, closed streams, long command lines, other file systems, a job server.

# shellcheck disable=SC2154,SC2030,SC2031
load ldwrap

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  objects
  export CPATH=$BUILD/include
}

# limited OPTION VALUE COMMAND…: under that ulimit
limited() {
  # shellcheck disable=SC2016 # bash's own
  bash -c 'ulimit "$1" "$2"; shift 2; exec "$@"' - "$@"
}

@test "where the driver has memory and descriptors enough, so has ldwrap" {
  local memory=0 files=0 option value linker input
  while read -r option value linker; do
    for input in runtime.o runtime.c plain.c; do
      rm -f x.so
      limited "$option" "$value" "$CC" "-fuse-ld=$linker" -fPIC -shared -o x.so "$input" 2>own || continue
      rm -f x.so
      case $option in -v) memory=$((memory + 1)) ;; -n) files=$((files + 1)) ;; esac
      run -0 --separate-stderr limited "$option" "$value" "$ldwrap" "$CC" "-fuse-ld=$linker" -fPIC -shared -o x.so "$input"
      [ -z "$output$stderr" ] || fail "$option $value $linker $input: $stderr"
      [ "$input" = plain.c ] || is_runtime x.so
    done
  done <<'END'
-v 16000 bfd
-v 32000 gold
-v 64000 bfd
-v 128000 bfd
-n 7 gold
-n 8 gold
-n 8 lld
-n 10 lld
-n 16 bfd
END
  # Else the limits are too low for the driver, and nothing was tried.
  [ "$memory" -ge 5 ] && [ "$files" -ge 5 ] || fail "only $memory and $files"
}

@test "too little memory or too few descriptors are an error, and the old library stays" {
  echo old >x.so
  local option values value seen=''
  for option in -v -n; do
    values='3 4'
    [ "$option" = -n ] || values='1500 2000 3000'
    for value in $values; do
      # What there is too little for is ldwrap itself, or the loader before it.
      status=0
      limited "$option" "$value" "$ldwrap" "$CC" -shared -o x.so runtime.o 2>words || status=$?
      [ "$status" -ne 0 ] || { is_runtime x.so && echo old >x.so && continue; }
      seen=yes
      [ "$(cat x.so)" = old ] || fail "$option $value"
      [ -s words ] || [ "$status" -gt 128 ] || fail "$option $value: silent, status $status"
      no_leftovers
    done
  done
  [ -n "$seen" ]
}

@test "closed streams stay closed for the driver, and no file of ldwrap's takes their place" {
  cp runtime.c warns.c
  echo '#warning look here' >>warns.c
  for input in runtime.o warns.c plain.c; do
    for closed in '<&-' '>&-' '2>&-' '>&- 2>&-' '<&- >&- 2>&-'; do
      rm -f x.so
      eval "\"\$ldwrap\" \"\$CC\" -fPIC -shared -o x.so $input $closed" 2>words || fail "$input $closed: $(cat words)"
      [ "$(host ./x.so)" = 42 ] || fail "$input $closed"
    done
  done
  mkdir bin
  printf '#!/bin/bash\nls -l /proc/$$/fd >fds\nexec gcc "$@"\n' >bin/gcc-seen
  chmod +x bin/gcc-seen
  "$ldwrap" "$PWD/bin/gcc-seen" -shared -o x.so runtime.o 3>&- <&- >/dev/zero 2>&-
  has_not "$(cat fds)" ' 0 -> '
  has "$(cat fds)" ' 1 -> /dev/zero'
  has_not "$(cat fds)" '\.rt0-|memfd'
}

@test "two megabytes of arguments in a response file do for sources, and with options of ldwrap's among them" {
  awk 'BEGIN { print "-fPIC -shared -o x.so"
    for (i = 0; i < 60000; i++) printf "-Wl,-rpath-link,/nowhere/with/a/long/name/%06d\n", i }' >huge
  [ "$(stat -c %s huge)" -gt 2000000 ]
  { echo --rt0-no-gate=none && cat huge; } >ours
  { echo --rt0=off && cat huge; } >off
  for line in "gcc @huge runtime.c" "gcc @ours runtime.c" "clang @ours runtime.o"; do
    # shellcheck disable=SC2086 # words
    run -0 --separate-stderr "$ldwrap" $line
    [ -z "$output$stderr" ] || fail "$line: $stderr"
    is_runtime x.so
    [ "$(host ./x.so)" = 42 ]
    rm x.so
  done
  for line in "@off runtime.o" "@huge plain.c" "@ours plain.o"; do
    # shellcheck disable=SC2086 # words
    run -0 --separate-stderr "$ldwrap" gcc $line
    [ -z "$output$stderr" ] || fail "$line: $stderr"
    is_plain x.so
    rm x.so
  done
  no_leftovers
}

@test "the longest command lines that the system takes reach the driver" {
  "$CC" -o recorder "$root/tests/ldwrap/recorder.c"
  mkdir farm bin
  cp recorder bin/gcc
  ln -s "$ldwrap" farm/gcc
  "$CC" -dumpmachine >bin/machine
  cat >longest.py <<'EOF'
"""longest.py ARGUMENT…: the most of padding that the system takes, through the link to ldwrap, and a little less."""
import os, shutil, subprocess, sys

env = {"PATH": os.getcwd() + "/farm:" + os.getcwd() + "/bin"}


def run(size, program):
    words = ["-I" + "x" * 99990] * (size // 100000) + ["-I" + "x" * (size % 100000)] + sys.argv[1:]
    shutil.rmtree("bin/calls", ignore_errors=True)
    try:
        return words, subprocess.run([program, *words], env=env, stderr=subprocess.PIPE).stderr
    except OSError:
        return words, None


least, most = 0, 8 << 20
while least < most:
    middle = (least + most + 1) // 2
    if run(middle, "/bin/true")[1] is None:
        most = middle - 1
    else:
        least = middle
reached = packed = 0
# The path of the program is among what is counted.
for less in range(0, 200, 8):
    words, err = run(least - less, os.getcwd() + "/farm/gcc")
    if err is None:
        continue
    calls = sorted(os.listdir("bin/calls"), key=int) if os.path.exists("bin/calls") else []
    if err or not calls:
        sys.exit(f"{less} less than the most: {err!r}, {calls}")
    got = open(f"bin/calls/{calls[-1]}/argv").read().split("\0")[1:-1]
    if got[0].startswith("@"):
        got = open(f"bin/calls/{calls[-1]}/response").read().split()
        packed += 1
    if got != words:
        sys.exit(f"{less} less than the most: other arguments: {[w[:20] for w in got]}")
    reached += 1
print(reached, packed)
EOF
  for line in "-c a.c" "-shared plain.o" "-fPIC -shared plain.c"; do
    # shellcheck disable=SC2086 # words
    run python3 longest.py $line
    [ "$status" = 0 ] || fail "$line: $output"
    # Of the longest there was no room for what ldwrap tells the driver in its environment.
    [[ $output =~ ^([0-9]+)\ ([0-9]+)$ ]]
    [ "${BASH_REMATCH[1]}" -gt 5 ]
    [ "${BASH_REMATCH[2]}" -gt 0 ]
  done
}

@test "the output, TMPDIR and the working folder may be on different file systems" {
  local far
  far=$(mktemp -d /dev/shm/rt0-XXXXXX)
  [ "$(stat -c %d "$far")" != "$(stat -c %d .)" ]
  for tmp in "$far" "$PWD"; do
    for out in "$far/x.so" x.so /dev/null; do
      for input in runtime.o runtime.c; do
        rm -f x.so "$far/x.so"
        TMPDIR=$tmp run -0 --separate-stderr "$ldwrap" -fPIC -shared -o "$out" "$input"
        [ -z "$output$stderr" ] || fail "$tmp $out $input: $stderr"
        [ "$out" = /dev/null ] || is_runtime "$out"
        [ "$(find "$far" -mindepth 1 ! -name x.so)" = "" ] || fail "$tmp $out: left in $far"
        no_leftovers
      done
    done
  done
  (cd "$far" && "$ldwrap" -shared -o "$OLDPWD/x.so" "$OLDPWD/runtime.o")
  is_runtime x.so
  rm -r "$far"
}

@test "a TMPDIR that cannot be written is none, as for compilers" {
  mkdir locked
  chmod 555 locked
  for tmp in "$PWD/locked" /nowhere ''; do
    for out in x.so /dev/null; do
      for input in runtime.o runtime.c; do
        rm -f x.so
        run -0 --separate-stderr setpriv --bounding-set=-dac_override --inh-caps=-dac_override \
          env TMPDIR="$tmp" "$ldwrap" -fPIC -shared -o "$out" "$input"
        [ -z "$output$stderr" ] || fail "$tmp $out $input: $stderr"
        [ "$out" = /dev/null ] || is_runtime x.so
      done
    done
  done
  [ -z "$(ls -A locked)" ]
}

# A driver that takes a token of the job server's and gives it back.
token_driver() {
  mkdir bin
  cat >bin/cc <<'EOF'
#!/bin/bash
case $* in *-dumpmachine*) exec gcc -dumpmachine ;; esac
auth=$(sed -n 's/.*--jobserver-auth=\([^ ]*\).*/\1/p' <<<"$MAKEFLAGS")
case $auth in
  fifo:*) exec 8<>"${auth#fifo:}" && in=8 out=8 ;;
  *) in=${auth%,*} out=${auth#*,} ;;
esac
read -r -N 1 -t 60 -u "$in" token && printf %s "$token" >&"$out" && echo "token $auth" >>tokens
exec gcc "$@"
EOF
  chmod +x bin/cc
}

@test "a driver behind ldwrap takes tokens of make's job server, by descriptors and by a fifo" {
  token_driver
  cat >Makefile <<'EOF'
all: a.so b.so c.so d.o
a.so: runtime.o
	+$(LDWRAP) $(CC) -shared -o $@ $<
b.so: runtime.c
	+$(LDWRAP) $(CC) -fPIC -shared -o $@ $<
c.so: plain.o
	+$(LDWRAP) $(CC) -shared -o $@ $<
d.o: plain.c
	+$(LDWRAP) $(CC) -c -o $@ $<
EOF
  # Tokens for all that run and for all that they ask.
  run -0 --separate-stderr make -s -j8 LDWRAP="$ldwrap" CC="$PWD/bin/cc"
  [ -z "$output$stderr" ] || fail "$output$stderr"
  [ "$(grep -c '^token [0-9]' tokens)" -ge 4 ]
  rm tokens
  mkfifo fifo
  exec 7<>fifo
  printf ++ >&7
  for input in runtime.o runtime.c plain.o; do
    MAKEFLAGS=" -j3 --jobserver-auth=fifo:$PWD/fifo" run -0 --separate-stderr "$ldwrap" "$PWD/bin/cc" -fPIC -shared -o x.so "$input"
    [ -z "$output$stderr" ] || fail "$output$stderr"
  done
  [ "$(grep -c '^token fifo' tokens)" -ge 3 ]
  # Both are back.
  read -r -N 2 -t 60 -u 7 tokens
  [ "$tokens" = ++ ]
}

@test "gcc's link-time optimiser finds make's job server" {
  gcc -O2 -flto -fPIC -c runtime.c
  # shellcheck disable=SC2016 # make's
  printf 'x.so: runtime.o\n\t+$(LDWRAP) gcc -O2 -flto=jobserver -fPIC -shared -o $@ $<\n' >Makefile
  run -0 --separate-stderr make -s -j2 LDWRAP="$ldwrap"
  [ -z "$output$stderr" ] || fail "$output$stderr"
  is_runtime x.so
  [ "$(host ./x.so)" = 42 ]
}
