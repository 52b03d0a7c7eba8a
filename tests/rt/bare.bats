# Libraries without libc.
load rt

# bare OUTPUT [ARG...]: the library of bare.c; ARGs go to ldwrap.
bare() {
  local output=$1
  shift
  "$ldwrap" cc -shared -fPIC -O1 -nostdlib -ffreestanding -fno-stack-protector -Wl,--hash-style=both -I"$INCLUDE" \
    -I"$INCLUDE/arch/$machine" "$SOURCES/bare.c" -Wl,-init=bare_user_init -o "$output" "$@"
}

setup_file() {
  cd "$BATS_FILE_TMPDIR" || return 1
  bare libbare.so
  cc -static -O1 -Wall -Wextra -Werror "$SOURCES/tiny_loader.c" -o tiny_loader
}

setup() {
  cd "$BATS_FILE_TMPDIR" || return 1
}

@test "a library linked -nostdlib needs nothing and imports only weak pthread symbols" {
  run -0 readelf -dW libbare.so
  [[ $output != *NEEDED* ]]
  run -0 nm -D --undefined-only libbare.so
  run -1 grep -vE '^ +w pthread_' <<<"$output"
  run -0 "$elfpatch" verify libbare.so
}

@test "it works in a host with libc, on a thread of libc" {
  cc "$SOURCES/bare_host.c" -o host
  run -0 ./host ./libbare.so
  [ "$output" = 42 ]
}

@test "it works in a static host that loads it by itself: clone0 makes the thread, with a TLS block of its own" {
  # On a loaded machine the thread may come so late that the call would run init itself.
  bare libowned.so --rt0-take-over=no
  for _ in $(rounds 50); do
    run -0 timeout 60 ./tiny_loader ./libowned.so
    [ "${lines[0]}" = 'answer 42' ]
    [ "${lines[1]}" = 'init on a thread of its own, own TLS 1' ]
  done
}

@test "it works under a loader that calls DT_INIT and no .init_array" {
  run -0 timeout 60 ./tiny_loader ./libbare.so init-only
  [ "${lines[0]}" = 'answer 42' ]
}

# bats test_tags=native
@test "a clone0 thread whose function comes back exits with status 111" {
  run -0 strace -f -e trace=exit,exit_group ./tiny_loader ./libbare.so
  [[ $output == *'exit(111)'* ]]
}

# bats test_tags=native
@test "a clone0 thread has a guard page below its stack" {
  run -0 strace -f -e trace=mmap,mprotect,clone ./tiny_loader ./libbare.so
  grep -qE 'mprotect\(0x[0-9a-f]+, 65536, PROT_NONE\) += 0' <<<"$output"
  grep -qE 'clone\(child_stack=0x[0-9a-f]+, flags=CLONE_VM\|CLONE_FS\|CLONE_FILES\|CLONE_SIGHAND\|CLONE_THREAD\|CLONE_SYSVSEM\|CLONE_SETTLS' <<<"$output"
}

# bats test_tags=native
@test "no memory for a stack, or no thread, is said by the call that needed them" {
  "$ldwrap" cc -shared -fPIC -O1 -nostdlib -ffreestanding -fno-stack-protector -Wl,--hash-style=both -I"$INCLUDE" -I"$INCLUDE/arch/$machine" \
    "$SOURCES/bare.c" -Wl,-init=bare_user_init --rt0-stack-size=1099511627776 -o libhuge.so
  run -134 --separate-stderr ./tiny_loader ./libhuge.so
  [ "$(own_words "$stderr")" = 'rt0: library: mmap of a stack for the init thread failed: Cannot allocate memory' ]
  run -134 --separate-stderr strace -f -o trace -e inject=clone:error=EAGAIN ./tiny_loader ./libbare.so
  [ "$(own_words "$stderr")" = 'rt0: library: clone of the init thread failed: Resource temporarily unavailable' ]
  [ "$(grep -c INJECTED trace)" -eq 20 ]
}
