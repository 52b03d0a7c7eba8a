# What only arm has: two instruction sets, and one rt for all versions of the architecture.
# bats file_tags=machine,arm
load rt

setup_file() {
  cd "$BATS_FILE_TMPDIR" || return 1
  host host
}

setup() {
  cd "$BATS_FILE_TMPDIR" || return 1
}

# cpus: those that the compiler's default serves; arm-linux-gnueabi's is for ARMv5
cpus() {
  [ "$(cc -dumpmachine)" != arm-linux-gnueabi ] || echo arm926 arm1176
  echo cortex-a9 max
}

# mode arm|thumb: flags for a library of that code; left to itself, bfd puts A32 code in front of Thumb functions for ARMv5
mode() {
  echo "-m$1"
  [ "$1-$(cc -dumpmachine)" != thumb-arm-linux-gnueabi ] || echo -Wl,--use-blx
}

@test "A32 and Thumb code call each other through gates, closed and open" {
  for mode in arm thumb; do
    # shellcheck disable=SC2046 # words
    plug lib$mode.so $(mode $mode)
    cc -O1 -m$mode "$SOURCES/host.c" -o host-$mode
  done
  for cpu in $(cpus); do
    for mode in arm thumb; do
      for other in arm thumb; do
        QEMU_CPU=$cpu PLUG=held timeout -s KILL 60 ./host-$mode held ./lib$other.so
        QEMU_CPU=$cpu PLUG=callback-thread timeout -s KILL 60 ./host-$mode callback ./lib$other.so
      done
    done
  done
}

@test "a gate reaches functions that no branch reaches" {
  cat >far.S <<'END'
	.arm
	.globl	far_arm
	.type	far_arm, %function
far_arm:
	mov	r0, #41
	bx	lr
	.thumb
	.globl	far_thumb
	.type	far_thumb, %function
far_thumb:
	movs	r0, #1
	bx	lr
	.balign	4
	.space	0x2800000
	.section .note.GNU-stack, "", %progbits
END
  cat >far.c <<'END'
int far_arm(void), far_thumb(void);
int main(void)
{
	for (int i = 0; i < 2; i++)
		if (far_arm() + far_thumb() != 42)
			return 1;
	return 0;
}
END
  "$ldwrap" cc -shared far.S -fPIC -I"$INCLUDE" "$SOURCES/plug.c" -o libfar.so
  run -0 "$elfpatch" verify libfar.so
  run -0 objdump -d --disassemble='far_arm@gate' libfar.so
  [ "$(grep -cE 'ldr[[:space:]]+ip, \[pc, #(28|20)\]' <<<"$output")" -eq 2 ]
  cc far.c -o far -Wl,-rpath,. ./libfar.so
  for cpu in $(cpus); do
    QEMU_CPU=$cpu run -0 timeout -s KILL 60 ./far
  done
  rm libfar.so
}

# The gate's own instructions; those of rt would be many more.
@test "an open gate has a barrier where the CPU has one, and needs none on ARMv5" {
  local open
  for cpu in $(cpus); do
    for mode in arm thumb; do
      case $cpu-$mode in
        arm1176-*) open='[0-9]{2}' ;; # its barrier is unknown to the gate
        *-arm) open=6 ;;
        arm926-thumb) open=8 ;;
        *) open=7 ;;
      esac
      export QEMU_CPU=$cpu
      # shellcheck disable=SC2046
      step_through_gate $(mode $mode)
      has "$output" "instructions: open $open"$'(\n|$)'
    done
  done
}

@test "the library asks for no later version of the architecture than its author's code, nor for VFP" {
  cc -c -fPIC -x c /dev/null -o plain.o
  plug libattributes.so
  for tag in CPU_arch ABI_VFP_args; do
    [ "$(readelf -A libattributes.so | grep "Tag_$tag:")" = "$(readelf -A plain.o | grep "Tag_$tag:")" ]
  done
}
