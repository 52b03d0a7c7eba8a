# What only i386 has.
# bats file_tags=machine,i386
load rt

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
}

@test "clone0 gives threads a thread pointer where the process has none, as often as one likes" {
  # More than a thread has segments; where qemu-user 7 is the kernel, all that there are: its threads share them.
  local threads=8
  [ -z "${PORT-}" ] || threads=3
  cc -DTHREADS=$threads -O1 -Wall -Wextra -Werror -nostdlib -static -ffreestanding -fno-stack-protector -I"$INCLUDE/arch/$machine" \
    "$SOURCES/no_thread_pointer.c" "$INCLUDE/arch/$machine"/{entry,clone0}.S -o no_thread_pointer
  run -0 timeout 60 ./no_thread_pointer
}
