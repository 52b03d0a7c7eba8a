#!/usr/bin/env bats
# Libraries whose functions are known by descriptors: powerpc64, from the linkers that make it.
# shellcheck disable=SC2030,SC2031,SC2154 # what bats sets

load fixture

triple=powerpc64-linux-gnu

setup_file() {
  cd "$BATS_FILE_TMPDIR" || return
  # With -mcmodel=small a table of contents holds 8,192 addresses: each file needs one of its own. gold makes but one.
  for name in a b; do
    awk -v name=$name 'BEGIN {
      for (i = 0; i < 5000; i++) printf "int %s%d = %d;\n", name, i, i
      printf "extern volatile int ready;\nint sum_%s(int s)\n{\n", name
      for (i = 0; i < 5000; i++) printf "s += %s%d;\n", name, i
      print "return ready ? s : -1;\n}"
    }' >$name.c
  done
  cat >init.c <<'END'
#include <rt0.h>
#include <unistd.h>
volatile int ready __attribute__((visibility("hidden")));
int rt0_runtime_init(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	usleep(50000);
	ready = 1;
	return 0;
}
int sum_a(int);
int first(int) __attribute__((alias("again")));
int again(int a)
{
	return ready ? a + 1 : -1;
}
int (*table[])(int) = {again, first, sum_a};
RT0_NO_GATE int early(void)
{
	return 5;
}
END
  cat >host.h <<'END'
#include <stdio.h>
int first(int), again(int), sum_a(int), sum_b(int), far(int) __attribute__((weak)), early(void);
extern int (*table[])(int);
int main(void)
{
	printf("%d %d %d %d %d", early(), first(1), again(2), sum_a(3), sum_b(4));
	printf(" %d%d%d", table[0] == first, table[1] == first, table[2] == sum_a);
	if (far != 0)
		printf(" %d", far(5));
	printf("\n");
	return 0;
}
END
  mkdir bfd gold
  (cd bfd && $triple-gcc -O0 -fPIC -mcmodel=small -I"$root/rt" -c ../*.c)
  (cd gold && $triple-gcc -O0 -fPIC -mcmodel=medium -I"$root/rt" -c ../*.c)
  for linker in bfd gold; do
    library $linker
    cp lib.so $linker.so
  done
  cp bfd.so libtried.so
  $triple-gcc -x c host.h -x none -o host ./libtried.so -Wl,-rpath,.
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  cp -R "$BATS_FILE_TMPDIR"/{bfd,gold}{,.so} .
  cp "$BATS_FILE_TMPDIR/host" .
}

# library LINKER [ARG...]: lib.so
library() {
  "$ldwrap" $triple-gcc -fuse-ld="$1" -shared -o lib.so "$1"/{a,b,init}.o "${@:2}"
}

# says LIBRARY OUTPUT: what the host says with it
says() {
  cp "$1" libtried.so
  run -0 qemu-ppc64-static -L /usr/$triple ./host
  [ "$output" = "$2" ] || fail "$output"
}

words() {
  python3 "$BATS_TEST_DIRNAME/descriptors.py" "$@"
}

# code FILE SYMBOL: the address of a function's code, by the tools of the machine
code() {
  $triple-objdump -d "$1" | sed -n "s/^0*\([0-9a-f]*\) <\.$2>:/\1/p"
}

right='5 2 3 12497503 12497504 111'

@test "descriptors of exports lead to gates, and gates to functions, with the functions' own TOC pointers" {
  for linker in bfd gold; do
    run -0 "$elfpatch" verify -q $linker.so
    has_not "$output" error
    pool=$("$elfpatch" show --json $linker.so | jq -r .rt0.pool)
    tocs=
    for name in first sum_a sum_b; do
      read -r gate toc <<<"$(words $linker.so show $name)"
      ((0x$gate >= pool && (0x$gate - pool) % 64 == 0))
      tocs+=" $toc"
      target=$("$elfpatch" show --json $linker.so | jq -r ".rt0.gates[] | select(.function == \"$name\").target")
      function=$(code $linker.so $name)
      ((target == 0x$function))
      $triple-nm $linker.so | grep -E "^0*$gate T ($name|again)@gate$"
    done
    # shellcheck disable=SC2086 # words
    [ $linker = gold ] || [ "$(printf '%s\n' $tocs | sort -u | wc -l)" -ge 2 ] # or nothing is tested
    says $linker.so "$right"
  done
}

@test "it runs stripped, bound early and made of relocations that are kept" {
  for linker in bfd gold; do
    library $linker -Wl,-z,now,-z,relro,--emit-relocs
    says lib.so "$right"
    $triple-strip lib.so
    run -0 "$elfpatch" verify -q lib.so
    says lib.so "$right"
    library $linker -s
    says lib.so "$right"
  done
}

@test "a function that no branch reaches is reached" {
  cat >far.S <<'END'
	.section .text.far, "ax", @progbits
	.globl	far
	.type	far, @function
	.section .opd, "aw", @progbits
far:	.quad	.L.far, .TOC.@tocbase, 0
	.previous
.L.far:
	addi	3, 3, 37
	blr
	.size	far, . - .L.far
	.skip	40 << 20
	.section .note.GNU-stack, "", @progbits
END
  library bfd far.S
  run -0 "$elfpatch" verify -q lib.so
  has_not "$output" error
  $triple-objdump -d --section=.rt0.gates lib.so | awk '/<far@gate>:/ { n = 7 } n-- > 0' >gate
  grep -w nop gate
  says lib.so "$right 42"
}

@test "names of code, with a dot, are left alone" {
  for file in a b init; do
    $triple-gcc -O0 -fPIC -mcall-aixdesc -I"$root/rt" -c "$BATS_FILE_TMPDIR/$file.c" -o bfd/$file.o
  done
  library bfd
  run -0 "$elfpatch" verify -q lib.so
  has_not "$output" error
  code=$($triple-nm lib.so | sed -n 's/^0*\([0-9a-f]*\) T \.sum_a$/\1/p')
  $triple-nm -D lib.so | grep -E "^0*$code T \.sum_a$"
  target=$("$elfpatch" show --json lib.so | jq -r '.rt0.gates[] | select(.function == "sum_a").target')
  ((target == 0x$code))
  has_not "$($triple-nm lib.so)" '\.sum_a@gate'
  says lib.so "$right"
}

@test "functions that gold folds into one keep gates of their own, as they keep descriptors" {
  cat >same.c <<'END'
int one(int a) { return a * 7; }
int two(int a) { return a * 7; }
END
  library gold same.c -ffunction-sections -Wl,--icf=all
  run -0 "$elfpatch" show --json lib.so
  run -0 jq -r '[.rt0.gates[] | select(.function == ("one", "two"))] | (map(.gate) | unique | length), (map(.target) | unique | length)' <<<"$output"
  [ "$output" = $'2\n1' ]
}

@test "a TOC pointer that equals the address of an export's descriptor stays a TOC pointer" {
  # gold puts .opd behind .got, and the TOC pointer is 32 KiB behind the beginning of .got.
  awk 'BEGIN {
    print "extern volatile int ready;"
    for (i = 0; i < 3000; i++) printf "int f%d(void) { return ready ? %d : -1; }\n", i, i
  }' >many.c
  cat >call.c <<'END'
#include <dlfcn.h>
#include <stdio.h>
int main(void)
{
	void *library = dlopen("./lib.so", RTLD_NOW);
	char name[16];
	int right = 0;
	for (int i = 0; library != NULL && i < 3000; i++) {
		snprintf(name, sizeof name, "f%d", i);
		right += ((int (*)(void))dlsym(library, name))() == i;
	}
	printf("%d\n", right);
	return 0;
}
END
  $triple-gcc call.c -o call
  local entries='int sum_a(int a) { return a; }' equal=0
  for more in 0 1 2; do
    # One more entry of .got, 8 bytes; descriptors have 24.
    entries+=$'\n'"extern int more$more; int *get$more(void) { return &more$more; } int more$more;"
    echo "$entries" >more.c
    "$ldwrap" $triple-gcc -fuse-ld=gold -shared -fPIC -o lib.so many.c more.c gold/init.o
    run -0 qemu-ppc64-static -L /usr/$triple ./call
    [ "$output" = 3000 ]
    read -r _ toc <<<"$(words lib.so show f0)"
    # The function's own, which .dynsym does not have any more.
    ! $triple-nm lib.so | grep "^0*$toc D f[0-9]*$" || equal=$((equal + 1))
  done
  [ $equal -ge 1 ] # or nothing is tested
}

# finds PATTERN ARG...: with that one change of a good library verify finds this error
finds() {
  local pattern=$1
  shift
  cp bfd.so bad.so
  words bad.so "$@"
  run --separate-stderr "$elfpatch" verify -q bad.so
  [ "$status $stderr" = '1 ' ] || fail "$*: $status" "$output" "$stderr"
  [[ $output =~ (^|$'\n')"bad.so: error: "$pattern ]] || fail "$*: expected $pattern" "$output"
  run --separate-stderr "$elfpatch" show bad.so
  [ "$status" -le 1 ] || fail "$*: show ended with $status" "$stderr"
}

@test "a descriptor that leads elsewhere, or has another TOC pointer, is found" {
  finds 'gates: sum_b: its descriptor at 0x[0-9a-f]+ leads to 0x4711, not to its gate at 0x[0-9a-f]+;' addend sum_b 0 0x4711
  finds 'gates: sum_b: its descriptor at 0x[0-9a-f]+ holds 0x4711, 0x[0-9a-f]+, but its relocations say 0x[0-9a-f]+, 0x[0-9a-f]+;' place sum_b 0 0x4711
  finds 'gates: sum_b: its descriptor at 0x[0-9a-f]+ holds 0x[0-9a-f]+, 0x4711, but its relocations say 0x[0-9a-f]+, 0x[0-9a-f]+;' place sum_b 1 0x4711
  finds 'gates: sum_b: its descriptor at 0x[0-9a-f]+ holds 0x[0-9a-f]+, 0x[0-9a-f]+, but its relocations say 0x[0-9a-f]+, 0x4711;' addend sum_b 1 0x4711
  finds 'gates: sum_b: 0x[0-9a-f]+ is inside the gate at 0x[0-9a-f]+, not at its start;' symbol sum_b 8
  finds 'gates: sum_b: not gated: hosts reach 0x[0-9a-f]+' symbol sum_b 0x10000000
  finds 'version: .note.rt0: rt0 note: rt0_lib at 0x40000000 is in no loaded segment;' place rt0_lib 0 0x40000000
  finds 'version: .note.rt0: rt0 note: the segment of rt0_lib_twin at 0x[0-9a-f]+ is not executable;' \
    place rt0_lib_twin 0 "$("$elfpatch" show --json bfd.so | jq -r .rt0.config)"
  cp bfd.so bad.so
  words bad.so place sum_b 1 0x4711
  words bad.so addend sum_b 1 0x4711
  run -1 "$elfpatch" verify -q bad.so
  has "$output" 'sum_b: the gate at 0x[0-9a-f]+ differs from the template of the rt0 note'
}

@test "of plain libraries verify says that ldwrap did not link them, and show shows no gates" {
  for library in libc.so.6 libm.so.6 libgcc_s.so.1 libstdc++.so.6; do
    run --separate-stderr "$elfpatch" verify -q "/usr/$triple/lib/$library"
    [ "$status $stderr" = '1 ' ]
    run -0 grep -c ': error: ' <<<"$output"
    [ "$output" = 1 ]
    run -0 "$elfpatch" show "/usr/$triple/lib/$library"
    has "$output" 'powerpc64, 64-bit, big-endian'
    has_not "$output" ' gate '
  done
}
