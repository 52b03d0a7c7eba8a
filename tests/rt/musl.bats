# The same under musl, whose loader passes no arguments, runs constructors outside its lock, and on some machines
# (aarch64, arm) looks at .init_array alone.
# bats file_tags=musl
load rt

setup_file() {
  cd "$BATS_FILE_TMPDIR" || return 1
  musl-gcc -O1 -g -Wall -Wextra -Werror "$SOURCES/host.c" -o host
  "$ldwrap" musl-gcc -shared -fPIC -O1 -g -Wall -Wextra -Werror -I"$INCLUDE" "$SOURCES/plug.c" -o libplug.so
}

setup() {
  cd "$BATS_FILE_TMPDIR" || return 1
}

bounded() {
  # What runs init in somebody's call has all signals blocked.
  run -0 timeout -s KILL 60 "$@"
}

@test "a library and its host are musl's, and the library verifies" {
  run -0 readelf -lW "host${PORT:+.elf}"
  [[ $output == *'/lib/ld-musl-'* ]]
  run -0 readelf -dW libplug.so
  [ "$(grep NEEDED <<<"$output" | sed 's/.*\[//')" = 'libc.so]' ]
  run -0 "$elfpatch" verify libplug.so
}

@test "init gets argc, argv and envp under musl, which passes none" {
  for _ in $(rounds 20); do
    RT0_TEST='a b' bounded ./host arguments ./libplug.so one '' 'two words'
  done
}

@test "under musl calls wait, fork is guarded and threads pass as under glibc" {
  PLUG="held" bounded ./host held ./libplug.so
  PLUG="held" bounded ./host forks ./libplug.so
  PLUG="callback-thread" bounded ./host callback ./libplug.so
  PLUG="thread" bounded ./host reentry ./libplug.so
  PLUG="timed" bounded ./host timed-in-init ./libplug.so
  PLUG="exit" bounded ./host dies-polled ./libplug.so
  PLUG="held" bounded ./host many ./libplug.so
  bounded ./host reopen ./libplug.so
}

@test "under musl a failed init, and one whose thread ends, are said by the call" {
  PLUG="fail" run -134 --separate-stderr ./host call-now ./libplug.so
  [ "$(own_words "$stderr")" = 'rt0: libplug.so: rt0_runtime_init failed: Input/output error' ]
  PLUG="vanish" run -134 --separate-stderr timeout --foreground 60 ./host dies ./libplug.so
  has "$stderr" "rt0: libplug\.so: the thread that ran rt0_runtime_init is gone: No such process"
}

@test "under musl constructors of other libraries call in before and after this one is initialised" {
  musl-gcc -shared -fPIC "$SOURCES/constructor.c" -o libconstructor.so -Wl,-rpath,. ./libplug.so
  musl-gcc -shared -fPIC "$SOURCES/early.c" -o libearly.so
  "$ldwrap" musl-gcc -shared -fPIC -I"$INCLUDE" "$SOURCES/plug.c" -o liblate.so -Wl,-rpath,. -Wl,--no-as-needed ./libearly.so
  for _ in $(rounds 20); do
    PLUG="dlopen" bounded ./host taken-over ./libconstructor.so
    CONSTRUCTOR_JOINS=1 bounded ./host taken-over ./libconstructor.so
    PLUG="dlopen" bounded ./host just-open ./liblate.so
  done
}

@test "under musl each foreign thread is attached and detached once" {
  "$ldwrap" musl-gcc -shared -fPIC -O1 -I"$INCLUDE" "$SOURCES/attach.c" -o libattach.so
  musl-gcc -O1 -Wall -Wextra -Werror "$SOURCES/attach_host.c" -o attach_host
  bounded ./attach_host threads ./libattach.so
  bounded ./attach_host destructors ./libattach.so
  bounded ./attach_host fork ./libattach.so
}

@test "a library without libc works in a host of musl's, on a thread of musl's, and on one of clone0's" {
  "$ldwrap" cc -shared -fPIC -O1 -nostdlib -ffreestanding -fno-stack-protector -Wl,--hash-style=both -I"$INCLUDE" \
    -I"$INCLUDE/arch/$machine" "$SOURCES/bare.c" -Wl,-init=bare_user_init -o libbare.so
  musl-gcc -O1 -Wall -Wextra -Werror "$SOURCES/bare_host.c" -o bare_host
  bounded ./bare_host ./libbare.so
  [ "$output" = 42 ]
  musl-gcc -O1 -Wall -Wextra -Werror "$SOURCES/tiny_loader.c" -o tiny_loader
  for _ in $(rounds 20); do
    bounded ./tiny_loader ./libbare.so
    [ "${lines[0]}" = 'answer 42' ]
    [ "${lines[1]}" = 'init on a thread of its own, own TLS 1' ]
  done
}
