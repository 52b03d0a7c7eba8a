# RT0_TRACE=FILE: a timeline of what rt does.
load rt

setup_file() {
  setup_plug
  cd "$BATS_FILE_TMPDIR" || return 1
  cc -O1 -g -Wall -Wextra -Werror "$SOURCES/trace_host.c" -o trace_host
  "$ldwrap" cc -shared -fPIC -O1 -nostdlib -ffreestanding -fno-stack-protector -Wl,--hash-style=both -I"$INCLUDE" \
    -I"$INCLUDE/arch/$machine" "$SOURCES/bare.c" -Wl,-init=bare_user_init -o libbare.so
}

setup() {
  cd "$BATS_FILE_TMPDIR" || return 1
  rm -f trace.json
}

# events PROGRAM: those of trace.json in $output (trace.py)
events() {
  run -0 python3 "$SOURCES/trace.py" trace.json "$1"
}

# traced COMMAND...: run it and leave its events in $output
traced() {
  RT0_TRACE=trace.json run -0 --separate-stderr timeout -s KILL 60 "$@"
  [ -z "$stderr" ] || fail "$stderr"
  events "${1##*/}"
}

# saw EVENT...: each is a line of the events, anywhere
saw() {
  local event
  for event; do
    grep -qxF -e "$event" <<<"$output" || fail "no event: $event" "in:" "$output"
  done
}

# in_order THREAD EVENT...: what happened on that thread, no more and no less
in_order() {
  [ "$(sed -n "s/^1 $1 //p" <<<"$output")" = "$(printf '%s\n' "${@:2}")" ] || fail "not so on $1:" "$output"
}

# opened PROCESS LIBRARY: told once, on whichever thread ran init: a call that comes 100 ms before that takes it over
opened() {
  [ "$(grep -cE "^$1 [^ ]+ i open $2$" <<<"$output")" -eq 1 ] || fail "$2 is not opened once in $1:" "$output"
}

@test "load, spawn, the wait for the loader's lock, init, open and main are told, each on its thread" {
  PLUG=held traced ./trace_host ./libplug.so
  [ "$(grep -v ' wait ' <<<"$output" | sed -n 's/^1 trace_host\* //p')" = "B load libplug.so
B spawn libplug.so
E spawn libplug.so
E load libplug.so" ]
  # The host may end before main does.
  output=$(grep -v 'E main' <<<"$output")
  in_order 'rt0:libplug\.so' 'B loader-lock libplug.so' 'E loader-lock libplug.so' 'B init libplug.so' 'E init libplug.so' \
    'i open libplug.so' 'B main libplug.so'
}

@test "each wait is told by function and library, on the thread that waits" {
  PLUG=held traced ./trace_host ./libplug.so
  in_order 'trace_host2' 'B wait plug_answer' 'E wait plug_answer'
  # A function of rt0.h has no gate.
  saw '1 trace_host* B wait libplug.so' '1 trace_host* E wait libplug.so'
}

@test "a wait that no end comes to is told, and so is a main function that stays" {
  PLUG=held traced ./trace_host ./libplug.so exits
  in_order 'trace_host2' 'B wait plug_answer'
  rm trace.json
  PLUG=held PLUG_MAIN_STAYS=1 traced ./trace_host ./libplug.so
  saw '1 rt0:libplug.so B main libplug.so'
  has_not "$output" 'E main'
}

@test "a take-over is told on the thread that runs init, and a second thread where there must be one" {
  cc -shared -fPIC "$SOURCES/constructor.c" -o libconstructor.so -Wl,-rpath,. ./libplug.so
  PLUG=dlopen traced ./host taken-over ./libconstructor.so
  # It need not wait before.
  output=$(grep -v ' wait plug_answer' <<<"$output")
  in_order 'host\*' 'B load libplug.so' 'B spawn libplug.so' 'E spawn libplug.so' 'E load libplug.so' \
    'B take-over plug_answer' 'B init libplug.so' 'E init libplug.so' 'i open libplug.so' 'E take-over plug_answer'
  rm trace.json
  plug libplug-own.so --rt0-take-over=no -Wl,-soname,libplug-own.so
  cc -shared -fPIC "$SOURCES/constructor.c" -o libconstructor-own.so -Wl,-rpath,. ./libplug-own.so
  LD_LIBRARY_PATH=. traced ./host taken-over ./libconstructor-own.so
  [ "$(grep -c ' B spawn ' <<<"$output")" -eq 2 ]
  saw '1 host* E take-over plug_answer' '1 rt0:libplug-own2 B init libplug-own.so'
}

@test "a failure is told with its reason" {
  RT0_TRACE=trace.json PLUG="fail" run -134 ./host call-now ./libplug.so
  events host
  saw '1 rt0:libplug.so i failure rt0_runtime_init failed'
  grep -qF '"args":{"name":"rt0_runtime_init failed: Input/output error","library":"libplug.so"}' trace.json
}

@test "a child of fork writes under its own number, as does the call that starts a library in it" {
  plug libplug-first.so --rt0-start=first-call
  cat >forks.c <<'END'
#include "host.h"
#include <sys/wait.h>
int main(void)
{
	void *library = load("./libplug-first.so", RTLD_NOW);
	int (*answer)(int) = (int (*)(int))symbol(library, "plug_answer");
	int status = -1;
	pid_t child = fork();
	if (child == 0)
		_exit(answer(41));
	expect_equal(waitpid(child, &status, 0), child);
	expect_equal(status, 42 << 8);
	expect_equal(answer(41), 42);
	return 0;
}
END
  cc -O1 -Wall -Wextra -Werror -I"$SOURCES" forks.c -o forks
  traced ./forks
  for process in 1 2; do
    saw "$process forks* B spawn libplug-first.so"
    opened "$process" libplug-first.so
  done
  [ "$(grep -c ' B load ' <<<"$output")" -eq 1 ]
}

@test "many libraries and processes write into one file, empty or not there, from the first moment on" {
  mkdir many
  for n in {0..9}; do
    cp libplug.so "many/lib$n.so"
  done
  cat >ten.c <<'END'
#include "host.h"
int main(void)
{
	char path[32];
	for (int i = 0; i < 10; i++) {
		snprintf(path, sizeof(path), "./many/lib%d.so", i);
		void *library = load(path, RTLD_NOW);
		expect_equal(((int (*)(int))symbol(library, "plug_answer"))(41), 42);
	}
	return 0;
}
END
  cc -O1 -Wall -Wextra -Werror -I"$SOURCES" ten.c -o ten
  for empty in '' yes; do
    rm -f trace.json
    [ -z "$empty" ] || : >trace.json
    # All wait for one lock.
    exec 9>start
    flock 9
    for _ in {1..4}; do
      RT0_TRACE=trace.json flock -s start ./ten 3>&- 9>&- &
    done
    exec 9>&-
    wait
    events ten
    for process in 1 2 3 4; do
      for n in {0..9}; do
        saw "$process ten* B load lib$n.so" "$process ten* E load lib$n.so"
        opened "$process" "lib$n.so"
      done
    done
  done
}

@test "events reach the file of a host that changes its folder, closes descriptors and writes over its environment" {
  mkdir elsewhere
  PLUG=held traced ./trace_host ./libplug.so moves elsewhere
  in_order 'trace_host2' 'B wait plug_answer' 'E wait plug_answer'
  [ -e elsewhere/other ]
  [ ! -s elsewhere/other ]
  [ ! -e elsewhere/trace.json ]
}

@test "the file is made as the umask says, and the trace of another run is kept" {
  (umask 007 && traced ./host plain ./libplug.so)
  [ "$(stat -c %a trace.json)" = 660 ]
  traced ./host plain ./libplug.so
  [ "$(grep -c '^2 host\* B load' <<<"$output")" -eq 1 ]
}

@test "names of all kinds leave the file JSON" {
  local name
  name=$(printf 'we"ird \\ \001 \303\244 \377.so')
  plug libweird.so "-Wl,-soname,$name"
  traced ./host plain ./libweird.so
  saw "$(printf '1 host* B load we"ird \\ \001 \303\203\302\244 \303\277.so')"
  rm trace.json
  name=$(printf 'n%.0s' {1..2000})
  plug libname.so "-Wl,-soname,$name"
  traced ./host plain ./libname.so
  grep -qE '^1 host\* B load n{200,270}$' <<<"$output"
}

@test "without a file that it can write to, rt says so in a line and the library works" {
  mkdir folder
  mkfifo pipe
  while IFS='|' read -r file error; do
    RT0_TRACE=$file run -0 --separate-stderr timeout -s KILL 60 ./host plain ./libplug.so
    [ "$stderr" = "rt0: libplug.so: RT0_TRACE cannot be written: $error" ]
  done <<END
folder|Is a directory
pipe|No such device or address
missing/trace.json|No such file or directory
/dev/full|error 28
$(printf 'n%.0s' {1..5000})|error $(echo ENAMETOOLONG | cc -E -P -include errno.h - | tail -n 1)
END
  RT0_TRACE='' run -0 --separate-stderr ./host plain ./libplug.so
  [ -z "$stderr" ]
}

@test "a library without libc is traced in a host with libc and in one that loads it by itself" {
  cc "$SOURCES/bare_host.c" -o bare_host
  traced ./bare_host ./libbare.so
  saw '1 bare_host* B load libbare.so'
  opened 1 libbare.so
  rm trace.json
  cc -static -O1 -Wall -Wextra -Werror "$SOURCES/tiny_loader.c" -o tiny_loader
  traced ./tiny_loader ./libbare.so
  # It maps no file, so the library has no name.
  saw '1 tiny_loader* B load library'
  opened 1 library
}

# bats test_tags=musl
@test "a library of musl's is traced" {
  [ -z "${PORT-}" ] || [ -e "$BUILD/ports/$PORT/musl-gcc" ] || return 0
  mkdir musl
  musl-gcc -O1 "$SOURCES/trace_host.c" -o musl/trace_host
  "$ldwrap" musl-gcc -shared -fPIC -O1 -I"$INCLUDE" "$SOURCES/plug.c" -o musl/libplug.so
  PLUG=held traced musl/trace_host musl/libplug.so
  saw '1 trace_host* B load libplug.so' '1 trace_host2 E wait plug_answer' '1 rt0:libplug.so i open libplug.so'
}

@test "attached libraries are traced by librt0.so.0, all into one file" {
  for name in one two; do
    cc -shared -fPIC -O1 -I"$INCLUDE" "$SOURCES/plug.c" "$OBJECTS/librt0.a" -o "lib$name.so"
    "$elfpatch" attach --init=rt0_runtime_init --gate=plug_answer "lib$name.so"
  done
  cat >two.c <<'END'
#include "host.h"
int main(void)
{
	int (*one)(int) = (int (*)(int))symbol(load("./libone.so", RTLD_NOW), "plug_answer");
	int (*two)(int) = (int (*)(int))symbol(load("./libtwo.so", RTLD_NOW), "plug_answer");
	expect_equal(one(1), 2);
	expect_equal(two(2), 3);
	return 0;
}
END
  cc -O1 -Wall -Wextra -Werror -I"$SOURCES" two.c -o two
  LD_LIBRARY_PATH=$OBJECTS traced ./two
  for name in one two; do
    saw "1 two* B load lib$name.so" "1 two* E load lib$name.so"
    opened 1 "lib$name.so"
  done
}

# bats test_tags=native
@test "a process with more rights than its caller has traces nothing" {
  cat >secure.c <<'END'
#include <sys/auxv.h>
#include "host.h"
int main(void)
{
	void *library = load("./libplug.so", RTLD_NOW);
	expect_equal(getauxval(AT_SECURE), 1);
	expect_equal(((int (*)(int))symbol(library, "plug_answer"))(41), 42);
	return 0;
}
END
  cc -O1 -I"$SOURCES" secure.c -o secure
  # Who is not root has the rights of another group to give.
  if [ "$(id -u)" -eq 0 ]; then
    chown 65534 secure
    chmod u+s secure
  else
    chgrp "$(id -G | tr ' ' '\n' | grep -vxm 1 "$(id -g)")" secure
    chmod g+s secure
  fi
  mkdir -m 777 open
  RT0_TRACE=$PWD/open/trace.json run -0 --separate-stderr ./secure
  [ -z "$stderr" ]
  [ ! -e open/trace.json ]
}

# bats test_tags=native
@test "without RT0_TRACE no file is opened for it" {
  run -0 strace -f -o calls -e trace=openat,lseek ./host plain ./libplug.so
  run -1 grep -E 'lseek|auxv|environ|comm' calls
  grep -q cmdline calls
}
