# elfpatch attach: a library that knows nothing of rt starts by itself, and detach gives its bytes back.
# bats file_tags=machine
load rt

# vendor OUTPUT [ARG...]: the library of plug.c as its vendor links it; ARGs go to cc.
vendor() {
  local output=$1
  shift
  cc -shared -fPIC -O1 -g -Wall -Wextra -Werror -I"$INCLUDE" "$SOURCES/plug.c" "$OBJECTS/librt0.a" -o "$output" "$@"
}

# retrofit FILE [OPTION...]: attach it, have verify find nothing wrong, and see that detach takes it back
retrofit() {
  local file=$1
  shift
  cp "$file" pristine
  "$elfpatch" attach --init=rt0_runtime_init --gate=plug_answer "$@" "$file"
  run -0 "$elfpatch" verify -q "$file"
  has_not "$output" ': error:'
  "$elfpatch" detach -o detached "$file"
  cmp pristine detached
}

setup_file() {
  cd "$BATS_FILE_TMPDIR" || return 1
  host host
  vendor libplug.so
  retrofit libplug.so
}

setup() {
  cd "$BATS_FILE_TMPDIR" || return 1
  export LD_LIBRARY_PATH=$OBJECTS
}

bounded() {
  run -0 timeout -s KILL 60 "$@"
}

# bats test_tags=aarch64,arm,i386,mips64el,powerpc64,powerpc64le,riscv64,s390x,x86_64
@test "an attached library starts at load, and 2,000 waiting threads pass when its init ends" {
  PLUG="held" bounded ./host many ./libplug.so
}

# bats test_tags=aarch64,arm,i386,mips64el,powerpc64,powerpc64le,riscv64,s390x,x86_64
@test "init gets argc, argv and envp, and may call exports of its own library" {
  RT0_TEST='a b' bounded ./host arguments ./libplug.so one '' 'two words'
  PLUG="name" bounded ./host reentry ./libplug.so
  PLUG="thread" bounded ./host reentry ./libplug.so
}

# bats test_tags=aarch64,arm,i386,mips64el,powerpc64,powerpc64le,riscv64,s390x,x86_64
@test "a failed init is met by the call, fork waits for init" {
  PLUG="fail" run -134 --separate-stderr ./host call-now ./libplug.so
  [ "$(own_words "$stderr")" = 'rt0: libplug.so: its init function failed: Input/output error' ]
  PLUG="held" bounded ./host forks ./libplug.so
  vendor libcontinue.so
  retrofit libcontinue.so --on-failure=continue
  PLUG="fail" run -0 --separate-stderr ./host call-now ./libcontinue.so
  [ "$output" = -1 ]
  [ -z "$stderr" ]
}

# bats test_tags=aarch64,arm,i386,mips64el,powerpc64,powerpc64le,riscv64,s390x,x86_64
@test "what every linker makes can be attached, with either hash table, lazy binding or not, and stripped afterwards" {
  local linker style
  for linker in $(linkers_of_machine); do
    for style in sysv,-z,now both,-z,lazy; do
      [ "$machine,$style" != mips64el,both,-z,lazy ] || style=sysv,-z,lazy
      # mold 1.10 makes .hash with words of 32 bits, where s390x has 64.
      [ "$machine,$linker" != s390x,mold ] || style=gnu,${style#*,}
      vendor libother.so -fuse-ld="$linker" "-Wl,--hash-style=$style"
      retrofit libother.so
      PLUG="held" bounded ./host many ./libother.so
      # Not for riscv64 and what lld makes, attached or not.
      objcopy --strip-all pristine stripped || continue
      objcopy --strip-all libother.so
      PLUG="held" bounded ./host many ./libother.so
    done
  done
}

# bats test_tags=aarch64,arm,i386,mips64el,powerpc64,powerpc64le,riscv64,s390x,x86_64
@test "every calling shape keeps its arguments through a closed gate of an attached library" {
  local files=("$SOURCES/shapes.c")
  [ ! -e "$SOURCES/shapes_$machine.S" ] || files+=("$SOURCES/shapes_$machine.S")
  cc -shared -fPIC -O1 -g -I"$INCLUDE" "${files[@]}" "$OBJECTS/librt0.a" -o libshapes.so
  cc -O1 -g -Wall -Wextra -Werror "$SOURCES/shapes_host.c" -o shapes -Wl,-rpath,. ./libshapes.so
  "$elfpatch" attach --init=rt0_runtime_init --no-gate='shape_release*' libshapes.so
  SHAPES_HELD=1 run -0 ./shapes
  [[ $output == *' shapes' ]]
}

# bats test_tags=aarch64,arm,i386,mips64el,powerpc64,powerpc64le,riscv64,s390x,x86_64
@test "a library of musl's can be attached" {
  [ -z "${PORT-}" ] || [ -e "$BUILD/ports/$PORT/musl-gcc" ] || return 0
  mkdir musl
  cd musl
  cc() {
    musl-gcc "$@"
  }
  host host
  vendor libplug.so
  retrofit libplug.so
  PLUG="held" bounded ./host many ./libplug.so
}

# bats test_tags=aarch64,arm,i386,mips64el,powerpc64,powerpc64le,riscv64,s390x,x86_64
@test "a library without relocations, constructors and an init function of its own gets what it needs" {
  local i
  {
    echo 'static int ready; int bare_init(int c, char **v, char **e) { (void)c, (void)v, (void)e; ready = 42; return 0; }'
    echo 'int bare_answer(void) { return ready; }'
    # The tables in front of its code are what makes way for program headers.
    for i in {1..16}; do
      echo "int bare_function_$i(void) { return $i; }"
    done
  } >bare.c
  cat >call.c <<'END'
#include <dlfcn.h>
int main(void)
{
	void *library = dlopen("./libbare.so", RTLD_NOW);
	int (*answer)(void) = library ? (int (*)(void))dlsym(library, "bare_answer") : 0;
	return answer ? answer() : 1;
}
END
  cc -shared -fPIC -O1 -nostartfiles -nodefaultlibs bare.c -o libbare.so
  cc call.c -o call
  run -0 ./call
  cp libbare.so pristine
  "$elfpatch" attach --init=bare_init libbare.so
  run -0 "$elfpatch" verify -q libbare.so
  has_not "$output" ': error:'
  run -42 timeout -s KILL 60 ./call
  "$elfpatch" detach -o detached libbare.so
  cmp pristine detached
}

# bats test_tags=mips64el
@test "a stub that does not load its symbol's number is refused" {
  local offset size
  read -r offset size < <(objdump -h libplug.so | awk '$2 == ".MIPS.stubs" { print $6, $3 }')
  "$elfpatch" detach -o damaged.so libplug.so
  # Each stub's last instruction loads it.
  head -c $((16#$size)) /dev/zero | dd of=damaged.so bs=1 seek=$((16#$offset)) conv=notrunc status=none
  cp damaged.so before
  run -1 --separate-stderr "$elfpatch" attach --init=rt0_runtime_init damaged.so
  has "$stderr" "^elfpatch: cannot attach 'damaged\.so': symbol [0-9]+: the stub at 0x[0-9a-f]+ does not load its number$"
  cmp before damaged.so
}
