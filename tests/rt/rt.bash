# What the tests of rt share: building libraries with ldwrap and hosts for them.
# shellcheck shell=bash
load ../support

# machine_of TRIPLE: the folder under rt/arch, as the Makefile has it
machine_of() {
  case ${1%%-*} in
    i?86) echo i386 ;;
    *) echo "${1%%-*}" ;;
  esac
}

# With PORT=TRIPLE the tests run for that machine: cc is its cross compiler, programs run under qemu-user
# (tests/ports/prepare). Tests that look into the process from outside are tagged `native`.
if [ -n "${PORT-}" ]; then
  PATH=$BUILD/ports/$PORT:$PATH
  machine=$(<"$BUILD/ports/$PORT/machine")
else
  machine=$(machine_of "$(cc -dumpmachine)")
fi

INCLUDE=$root/rt
SOURCES=$root/tests/rt
OBJECTS=$BUILD/lib/rt0/$machine

# plug OUTPUT [ARG...]: the library of plug.c; ARGs go to ldwrap.
plug() {
  local output=$1
  shift
  "$ldwrap" cc -shared -fPIC -O1 -g -Wall -Wextra -Werror -I"$INCLUDE" "$SOURCES/plug.c" -o "$output" "$@"
}

host() {
  cc -O1 -g -Wall -Wextra -Werror "$SOURCES/host.c" -o "$1"
}

# In the folder of the file's tests: host and libplug.so with the default options.
setup_plug() {
  cd "$BATS_FILE_TMPDIR" || return 1
  host host && plug libplug.so
}

# step_through_gate [FLAG...]: gdb steps through a closed and an open gate; FLAGs go to the compiler
step_through_gate() {
  plug libstepped.so --rt0-start=first-call "$@"
  step
}

# step: gdb steps through the gate of libstepped.so (step.py), which init waits to be called through
step() {
  cat >stepped.c <<'END'
int plug_answer(int);
int (*volatile gate)(int) = plug_answer;
__attribute__((noinline)) int the_caller(int a)
{
	return gate(a) + 1;
}
int main(void)
{
	return the_caller(1) + the_caller(2) != 7;
}
END
  cc -g -O1 stepped.c -o stepped -Wl,-rpath,. ./libstepped.so
  if [ -n "${PORT-}" ]; then
    timeout 120 "$(<"$BUILD/ports/$PORT/qemu")" -L "$BUILD/ports/$PORT/root" -g "$PWD/socket" ./stepped.elf 3>&- &
    until [ -S socket ]; do
      read -r -t 0.1 <> <(:) || true
    done
    run -0 timeout 120 gdb-multiarch -batch -nx ./stepped.elf -ex "target remote $PWD/socket" -x "$SOURCES/step.py"
    wait || true
    rm -f socket
  else
    run -0 gdb -batch -nx ./stepped -ex starti -x "$SOURCES/step.py"
  fi
}

# rounds N: how often a test repeats what might fail once in a while: N times, few under an emulator (see `make soak`)
rounds() {
  if [ -n "${PORT-}" ]; then
    seq 3
  else
    seq "$1"
  fi
}

# own_words TEXT: without what qemu-user adds when a signal ends the program
own_words() {
  grep -v '^qemu: uncaught target signal' <<<"$1" || true
}

# linkers_of_machine: the linkers that can make its libraries
linkers_of_machine() {
  if [ -n "${PORT-}" ]; then
    awk -v triple="$PORT" '$1 == triple { gsub(",", " ", $4); print $4 }' "$root/tests/ports/table"
  else
    echo bfd gold lld mold
  fi
}

# no_vector_instructions FILE...: rt's code in them leaves vector and floating-point registers alone; the first has all of rt
no_vector_instructions() {
  # rt0_call_preserving is there to save them.
  local code pattern
  code=$(objdump -d --no-show-raw-insn "$@" |
    awk '/^[0-9a-f]+ </ { preserving = /rt0_call_preserving/ }
      !preserving && sub(/^ *[0-9a-f]+:/, "") { sub(/[0-9a-f]+ <[^>]*>/, ""); print }')
  [[ $code == *syscall* || $code == *'int '*0x80* || $code == *svc* || $code == *ecall* || $code == *sc* ]]
  case $machine in
    x86_64 | i386) pattern='%([xyz]mm|mm|st)|\bf(ld|st|add|mul)' ;;
    arm) pattern='\b[sdq][0-9]+\b' ;;
    aarch64) pattern='\b[bhsdqvz][0-9]+\b' ;;
    riscv64) pattern='\bf[ast][0-9]+\b|\bv[0-9]+\b' ;;
    mips64el) pattern='\$[fw][0-9]+\b' ;;
    s390x) pattern='%f[0-9]+|%v[0-9]+' ;;
    # Registers have no names here: by instruction, and loads and stores of no other.
    powerpc64*) pattern='\b(f[a-z.]+|[lst]t?fd[ux]*|[lst]t?fs[ux]*|v[a-z]+|x[sv][a-z]+|[ls]t?v[a-z]+|lx[a-z]+|stx[a-z]+|m[ft]vs[a-z]+)[[:space:]]' ;;
    *) fail "what do vector instructions look like on $machine?" ;;
  esac
  objdump -d --no-show-raw-insn --disassemble=rt0_call_preserving "$1" | grep -qE "$pattern|xsave"
  run -1 grep -E "$pattern" <<<"$code"
}
