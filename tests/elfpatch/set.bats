#!/usr/bin/env bats
# elfpatch set: each option seen by readelf, patchelf and eu-elflint, then by the loader.
# shellcheck disable=SC2154,SC2016 # $ORIGIN is meant

load fixture

setup_file() {
  build_poke
  cd "$BATS_FILE_TMPDIR" || return
  cat >lib.c <<'END'
int data = 5, *pointer = &data;
unsigned char flag;
unsigned char set_flag = 1;
int one(void) { return 1; }
int two(void) { return 2; }
static int runs;
void start(void) { runs += 40; }
void stop(void) { }
int get_flag(void) { return set_flag; }
int started(void) { return runs; }
int (*table[])(void) = {one, two};
int sum(void) { return table[0]() + table[1]() + one() + *pointer; }
END
  cat >main.c <<'END'
#include <stdio.h>
int sum(void), two(void);
int main(void) { printf("%d\n", sum() * two()); return 0; }
END
  cat >load.c <<'END'
#include <dlfcn.h>
#include <stdio.h>
/* load LIBRARY FUNCTION...: what each returns */
int main(int argc, char **argv)
{
	void *library = dlopen(argv[1], RTLD_NOW);
	for (int i = 2; library && i < argc; i++) {
		int (*function)(void) = (int (*)(void))dlsym(library, argv[i]);
		if (!function)
			library = NULL;
		else
			printf("%d ", function());
	}
	puts(library ? "" : dlerror());
	return !library;
}
END
  "$CC" -shared -fPIC lib.c -o lib.so -Wl,-soname,lib.so,--no-as-needed
  "$CC" main.c ./lib.so -o main -Wl,-rpath,"$BATS_FILE_TMPDIR"
  "$CC" load.c -o load
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  cp "$BATS_FILE_TMPDIR"/{lib.c,main.c,lib.so,main,load} .
}

# dynamic FILE TAG: the values of the entries with that tag, by readelf
dynamic() {
  readelf -dW "$1" | sed -n "s/.*($2) *//p" | sed 's/^[^[]*\[\(.*\)\]$/\1/'
}

# lint FILE: what eu-elflint says of it, without numbers
lint() {
  eu-elflint --gnu "$1" | sed -E 's/0x[0-9a-f]+|[0-9]+/N/g' | grep -vx 'No errors' | sort || true
}

# edit FILE OPTION…: no worse for eu-elflint, and a second run writes nothing
edit() {
  local file=$1 before after
  shift
  before=$(lint "$file")
  run --separate-stderr "$elfpatch" set "$@" "$file"
  [ "$status" -eq 0 ] || fail "set $*: $stderr"
  after=$(comm -13 <(echo "$before") <(lint "$file"))
  [ -z "$after" ] || fail "set $*:" "$after"
  before=$(stat -c '%i %y' "$file")
  run -0 --separate-stderr "$elfpatch" set -v "$@" "$file"
  [ "$output" = "$file: nothing to write" ] || fail "set $* again: $output"
  [ "$(stat -c '%i %y' "$file")" = "$before" ]
}

# works FILE: the library is loaded, and its functions do what they did
works() {
  run ./load "./$1" one two sum
  [ "$output" = '1 2 9 ' ] || fail "$1: $output"
}

@test "soname: shorter, equal and longer" {
  local name
  for name in l.so lib.so libfoobar.so "$(printf 'lib%0500d.so' 1)" "$(printf 'lib%05000d.so' 1)" l.so; do
    edit lib.so --soname "$name"
    [ "$(dynamic lib.so SONAME)" = "$name" ]
    [ "$(patchelf --print-soname lib.so)" = "$name" ]
    [ "$("$elfpatch" set --print soname lib.so)" = "$name" ]
    works lib.so
  done
  run -1 --separate-stderr "$elfpatch" set --soname x "$BATS_FILE_TMPDIR/main.c"
  "$CC" -no-pie main.c ./lib.so -o exec
  run -1 --separate-stderr "$elfpatch" set --soname x exec
  [ "$stderr" = "elfpatch: cannot set 'exec': only a shared library has a soname (e_type 2, expected 3)" ]
}

@test "needed: added once and behind the others, removed, replaced with the versions that are needed of it" {
  edit lib.so --needed-add libm.so.6 --needed-add libdl.so.2 --needed-add libm.so.6
  [ "$(dynamic lib.so NEEDED | xargs)" = 'libc.so.6 libm.so.6 libdl.so.2' ]
  [ "$("$elfpatch" set --print needed lib.so | xargs)" = 'libc.so.6 libm.so.6 libdl.so.2' ]
  works lib.so
  edit lib.so --needed-remove libm.so.6
  [ "$(dynamic lib.so NEEDED | xargs)" = 'libc.so.6 libdl.so.2' ]
  edit lib.so --needed-replace libdl.so.2=libc.so.6
  [ "$(dynamic lib.so NEEDED | xargs)" = libc.so.6 ]
  works lib.so
  edit main --needed-replace libc.so.6=libc.so.6.renamed
  has "$(readelf -VW main)" 'File: libc.so.6.renamed'
  has_not "$(readelf -VW main)" 'File: libc.so.6 '
  cp "$BATS_FILE_TMPDIR/main" .
  run -0 --separate-stderr "$elfpatch" set --needed-remove libc.so.6 main
  [ "$stderr" = "elfpatch: 'main': versions of libc.so.6 are still needed, which is not any more" ]
}

@test "more needed libraries than there are spare entries" {
  local names=(libm.so.6 libdl.so.2 libpthread.so.0 librt.so.1 libutil.so.1 libresolv.so.2 libanl.so.1 libnsl.so.1)
  edit lib.so "${names[@]/#/--needed-add=}" --nodelete --runpath "/$(printf %0300d 1)"
  [ "$(dynamic lib.so NEEDED | xargs)" = "libc.so.6 ${names[*]}" ]
  works lib.so
  # _DYNAMIC follows, and the program headers stay in front.
  [ "$(readelf -sW lib.so | awk '$8 == "_DYNAMIC" { print $2 }')" = "$(readelf -SW lib.so | sed -n 's/.* \.dynamic *DYNAMIC *\([0-9a-f]*\) .*/\1/p')" ]
  has "$(readelf -hW lib.so)" 'Start of program headers: *64 '
}

@test "run path: set, add, remove, as either tag, and never both" {
  edit lib.so --runpath '$ORIGIN/../lib:/opt/a'
  [ "$(dynamic lib.so RUNPATH)" = '$ORIGIN/../lib:/opt/a' ]
  [ "$(patchelf --print-rpath lib.so)" = '$ORIGIN/../lib:/opt/a' ]
  edit lib.so --runpath-add /opt/b --runpath-add /opt/a:/opt/b
  [ "$(dynamic lib.so RUNPATH)" = '$ORIGIN/../lib:/opt/a:/opt/b' ]
  edit lib.so --runpath-remove /opt/a
  [ "$(dynamic lib.so RUNPATH)" = '$ORIGIN/../lib:/opt/b' ]
  edit lib.so --rpath /opt/c
  [ "$(dynamic lib.so RPATH) $(dynamic lib.so RUNPATH)" = '/opt/c ' ]
  [ "$("$elfpatch" set --print rpath --print runpath lib.so)" = /opt/c ]
  edit lib.so --runpath /opt/c
  [ "$(dynamic lib.so RPATH) $(dynamic lib.so RUNPATH)" = ' /opt/c' ]
  edit lib.so --runpath-remove /opt/c
  has_not "$(readelf -dW lib.so)" 'PATH'
  edit lib.so --runpath /opt/d
  edit lib.so --no-runpath
  has_not "$(readelf -dW lib.so)" 'PATH'
  works lib.so
}

@test "run path: folders without a needed library go" {
  local at=$PWD
  mkdir has late wrong
  cp lib.so has/
  cp lib.so late/
  "$CC" -m32 -c -x c - -o wrong/lib.so <<<'' 2>/dev/null || printf '\177ELF\1\1\1' >wrong/lib.so
  "$CC" main.c -L. -l:lib.so -o m
  edit m --runpath "\$ORIGIN:$at/wrong:$at/none:$at/has:$at/late" --runpath-shrink
  [ "$(dynamic m RUNPATH)" = "\$ORIGIN:$at/has" ]
  edit m --runpath "$at/late:$at/has" --runpath-shrink --allowed-prefix "$at/h" --allowed-prefix /opt
  [ "$(dynamic m RUNPATH)" = "$at/has" ]
  run -0 ./m
  [ "$output" = 18 ]
  edit m --runpath-shrink --allowed-prefix /opt
  [ -z "$(dynamic m RUNPATH)" ]
}

@test "flags of DT_FLAGS and DT_FLAGS_1 by name" {
  edit lib.so --nodelete --no-default-lib --df initfirst
  has "$(dynamic lib.so FLAGS_1)" '^Flags: NODELETE INITFIRST NODEFLIB$|^Flags: .*NODELETE.*'
  [ "$("$elfpatch" set --print df lib.so | sort | xargs)" = 'initfirst nodeflib nodelete' ]
  edit lib.so --df now --df origin
  [ "$(dynamic lib.so FLAGS)" = 'ORIGIN BIND_NOW' ]
  edit lib.so --no-df now --no-df origin --no-df initfirst --no-df nodelete --no-df nodeflib
  [ -z "$("$elfpatch" set --print df lib.so)" ]
  has_not "$(readelf -dW lib.so)" 'NOW|NODELETE'
  "$CC" -shared -fPIC lib.c -o old.so -Wl,-Bsymbolic,-z,now
  edit old.so --no-df symbolic --no-df now
  has_not "$(readelf -dW old.so)" 'SYMBOLIC|NOW'
  # Each name that --help has is one that can be set.
  while read -r name; do
    "$elfpatch" set --df "$name" lib.so
    [ "$("$elfpatch" set --print df lib.so | grep -cx "$name")" -eq 1 ] || fail "$name"
  done < <("$elfpatch" set --help | sed -n '/^flags:/,/^$/s/^  //p' | tr ' ' '\n')
  [ "$("$elfpatch" set --print df lib.so | wc -l)" -eq 31 ]
}

@test "init and fini: by the symbol's name, and what is displaced is told" {
  run -0 --separate-stderr "$elfpatch" set --init start --fini stop lib.so
  [ "$stderr" = "elfpatch: 'lib.so': the init function at 0x1000, _init is not called any more
elfpatch: 'lib.so': the fini function at 0x$(nm lib.so | sed -n 's/^0*\(.*\) t _fini$/\1/p'), _fini is not called any more" ] || fail "$stderr"
  [ "$(dynamic lib.so INIT)" = "0x$(nm lib.so | sed -n 's/^0*\(.*\) T start$/\1/p')" ]
  run ./load ./lib.so started
  [ "$output" = '40 ' ]
  edit lib.so --init start --fini stop
  run -1 --separate-stderr "$elfpatch" set --init data lib.so
  [ "$stderr" = "elfpatch: cannot set 'lib.so': 'data' is no function (symbol type 1)" ]
  run -1 --separate-stderr "$elfpatch" set --init none lib.so
  [ "$stderr" = "elfpatch: cannot set 'lib.so': no symbol 'none' is defined" ]
  gated a.so
  run -0 "$elfpatch" set --init rt0_runtime_init a.so
  findings a.so
  has "$output" 'error: init-entry: DT_INIT: is 0x'
}

@test "a flag byte changes by its symbol, in the file only" {
  edit lib.so --flag set_flag=200
  run ./load ./lib.so get_flag sum
  [ "$output" = '200 9 ' ] || fail "$output"
  run -1 --separate-stderr "$elfpatch" set --flag flag=1 lib.so
  has "$stderr" "^elfpatch: cannot set 'lib.so': 'flag' at 0x[0-9a-f]+ has no byte in the file$"
  strip lib.so
  poke lib.so dynsym set_flag st_value 1
  run -1 --separate-stderr "$elfpatch" set --flag set_flag=2 lib.so
  [ "$stderr" = "elfpatch: cannot set 'lib.so': 'set_flag' at 0x1 is in the ELF header" ]
}

@test "interpreter, executable stack and operating system of an executable" {
  local long=$PWD/a_long_name_of_a_folder
  mkdir "$long"
  ln -s "$(patchelf --print-interpreter main)" "$long/ld.so"
  edit main --interpreter "$long/ld.so"
  [ "$(patchelf --print-interpreter main)" = "$long/ld.so" ]
  [ "$(./main)" = 18 ]
  edit main --interpreter /ld
  [ "$("$elfpatch" set --print interpreter main)" = /ld ]
  edit main --interpreter "$long/ld.so" --execstack on --os-abi freebsd
  has "$(readelf -hlW main)" 'UNIX - FreeBSD'
  has "$(readelf -lW main)" 'GNU_STACK.* RWE '
  [ "$("$elfpatch" set --print execstack --print os-abi main | xargs)" = 'on 9' ]
  edit main --execstack off --os-abi sysv
  has "$(readelf -lW main)" 'GNU_STACK.* RW '
  [ "$(./main)" = 18 ]
  run -1 --separate-stderr "$elfpatch" set --interpreter /x lib.so
  [ "$stderr" = "elfpatch: cannot set 'lib.so': no interpreter: not a dynamic executable" ]
}

@test "a library without PT_GNU_STACK gets one" {
  poke lib.so phdr GNU_STACK p_type 0x6474e554
  has_not "$(readelf -lW lib.so)" GNU_STACK
  edit lib.so --execstack off
  has "$(readelf -lW lib.so)" 'GNU_STACK.* RW '
  works lib.so
}

@test "dynamic symbols are renamed and found, whatever hash table there is" {
  local style
  for style in gnu sysv both; do
    "$CC" -shared -fPIC lib.c -o "$style.so" "-Wl,--hash-style=$style"
    edit "$style.so" --symbol-rename one=a_rather_long_name --symbol-rename two=b --symbol-rename data=datum
    run ./load "./$style.so" a_rather_long_name b sum started
    [ "$output" = '1 2 9 0 ' ] || fail "$style: $output"
    run -1 ./load "./$style.so" one
    # readelf reads the chains by itself.
    run -0 --separate-stderr readelf --histogram --use-dynamic -W "$style.so"
    [ -z "$stderr" ]
  done
  run -1 --separate-stderr "$elfpatch" set --symbol-rename one=two lib.so
  [ "$stderr" = "elfpatch: cannot set 'lib.so': there is a dynamic symbol 'two' already" ]
  run -1 --separate-stderr "$elfpatch" set --symbol-rename none=other lib.so
  [ "$stderr" = "elfpatch: cannot set 'lib.so': no dynamic symbol 'none'" ]
}

@test "two hundred symbols are renamed in one call" {
  local i options=() names=()
  for ((i = 0; i < 200; i++)); do
    echo "int f$i(void) { return $i; }"
    options+=(--symbol-rename "f$i=other_$((i * 7919 % 1000))_$i")
    names+=("other_$((i * 7919 % 1000))_$i")
  done >many.c
  "$CC" -shared -fPIC many.c -o many.so
  edit many.so "${options[@]}"
  run ./load ./many.so "${names[@]}"
  [ "$output" = "$(seq -s ' ' 0 199) " ]
}

@test "a version is taken off" {
  echo 'V1 { sum; }; V2 { two; };' >map
  "$CC" -shared -fPIC lib.c -o v.so -Wl,--version-script,map
  has "$(readelf --dyn-syms -W v.so)" 'sum@@V1'
  edit v.so --symbol-unversion sum
  has_not "$(readelf --dyn-syms -W v.so)" 'sum@@V1'
  has "$(readelf --dyn-syms -W v.so)" 'two@@V2'
  works v.so
}

@test "strings that share their ends keep them" {
  echo 'int so_1(void) { return 4; }' | "$CC" -shared -fPIC -x c - -o s.so -Wl,-soname,lib_so_1,-rpath,x_lib_so_1
  edit s.so --soname zz
  edit s.so --runpath q
  run ./load ./s.so so_1
  [ "$output" = '4 ' ]
  edit s.so --soname q
  [ "$(dynamic s.so SONAME) $(dynamic s.so RUNPATH)" = 'q q' ]
  edit s.so --soname other
  [ "$(dynamic s.so SONAME) $(dynamic s.so RUNPATH)" = 'other q' ]
  edit s.so --runpath other --soname q
  [ "$(dynamic s.so SONAME) $(dynamic s.so RUNPATH)" = 'q other' ]
}

@test "a hundred different runs take the room of one" {
  local i size
  edit lib.so --soname "$(printf %0900d 1)" --runpath "/$(printf %0900d 2)"
  size=$(stat -c %s lib.so)
  for ((i = 0; i < 100; i++)); do
    "$elfpatch" set --soname "$(printf "%0$((i * 9))d%d" 1 $i)" --runpath "/$(printf "%0$((900 - i * 9))d" $i)" lib.so
  done
  [ "$(stat -c %s lib.so)" -eq "$size" ]
  works lib.so
}

@test "what fits costs no byte, and equal input gives equal output" {
  local file size
  for file in /usr/lib/*/libz.so.1 /usr/lib/*/libelf.so.1 /usr/lib/*/libm.so.6; do
    cp -L "$file" a.so
    size=$(stat -c %s a.so)
    "$elfpatch" set --soname x.so --nodelete --needed-add libdl.so.2 --runpath '$ORIGIN' a.so
    [ "$(stat -c %s a.so)" -eq "$size" ] || fail "$file grew by $(($(stat -c %s a.so) - size))"
    cp -L "$file" b.so
    "$elfpatch" set --soname x.so --nodelete --needed-add libdl.so.2 --runpath '$ORIGIN' b.so
    cmp a.so b.so
  done
}

@test "strip, objcopy, llvm-strip, eu-strip and patchelf take the result, and what they make works" {
  local linker options
  for linker in bfd gold lld mold; do
    "$CC" -shared -fPIC "-fuse-ld=$linker" lib.c -o a.so
    cp "$BATS_FILE_TMPDIR/main" .
    edit a.so --soname "$(printf %01000d 1)" --runpath "/$(printf %03000d 1)" --symbol-rename data=d \
      --needed-add={libm.so.6,libdl.so.2,libpthread.so.0,librt.so.1,libutil.so.1,libresolv.so.2,libanl.so.1}
    works a.so
    strip -o strip.so a.so
    objcopy a.so objcopy.so
    llvm-strip -o llvm-strip.so a.so
    llvm-objcopy a.so llvm-objcopy.so
    eu-strip -o eu-strip.so a.so
    cp a.so patchelf.so
    patchelf --set-soname "$(printf %02000d 2)" patchelf.so
    llvm-strip -o strip-llvm-strip.so strip.so
    for made in strip-llvm-strip strip objcopy llvm-strip llvm-objcopy eu-strip patchelf; do
      works "$made.so"
      [ "$("$elfpatch" set --print needed "$made.so" | wc -l)" -ge 7 ] || fail "$linker $made"
    done
  done
}

@test "executables of every linker, at fixed addresses and not, run after everything moved" {
  local linker kind
  mkdir folder
  ln -s "$(patchelf --print-interpreter main)" "folder/$(printf %0200d 1)"
  for linker in bfd gold lld mold; do
    for kind in -pie -no-pie; do
      "$CC" -fPIE "$kind" "-fuse-ld=$linker" main.c ./lib.so -o m
      edit m --interpreter "$PWD/folder/$(printf %0200d 1)" --runpath "/$(printf %03000d 1):$PWD" \
        --needed-add={libm.so.6,libdl.so.2,libpthread.so.0,librt.so.1,libutil.so.1,libresolv.so.2,libanl.so.1}
      [ "$(./m)" = 18 ] || fail "$linker $kind"
      strip m
      [ "$(./m)" = 18 ] || fail "$linker $kind, stripped"
    done
  done
}

@test "libraries and executables of every port are edited and run" {
  local triple qemu
  while read -r triple _ qemu _; do
    "$triple-gcc" -shared -fPIC lib.c -o p.so
    "$triple-gcc" "$BATS_FILE_TMPDIR/load.c" -o p
    edit p.so --symbol-rename one=a_rather_long_name --soname "$(printf %0300d 1)" \
      --needed-add={libm.so.6,libdl.so.2,libpthread.so.0,librt.so.1,libutil.so.1,libresolv.so.2,libanl.so.1}
    edit p --runpath "/$(printf %0300d 1)" \
      --needed-add={libm.so.6,libdl.so.2,libpthread.so.0,librt.so.1,libutil.so.1,libresolv.so.2,libanl.so.1}
    run "qemu-$qemu-static" -L "/usr/$triple" ./p ./p.so a_rather_long_name two sum
    [ "$output" = '1 2 9 ' ] || fail "$triple: $output"
    "$triple-strip" p.so
    run "qemu-$qemu-static" -L "/usr/$triple" ./p ./p.so a_rather_long_name two sum
    [ "$output" = '1 2 9 ' ] || fail "$triple, stripped: $output"
    # Every segment agrees with its offset for the largest page of the machine.
    while read -r _ offset address _ _ _ rest; do
      (((offset - address) % ${rest##* } == 0)) || fail "$triple: $offset $address $rest"
    done < <(readelf -lW p.so | grep ' LOAD ')
  done < <(grep -v '^#' "$root/tests/ports/table")
}

@test "without section headers what fits is edited, and what does not is refused" {
  poke lib.so ehdr e_shnum 0
  poke lib.so ehdr e_shstrndx 0
  poke lib.so ehdr e_shoff 0
  edit lib.so --soname l.s --nodelete
  works lib.so
  cp lib.so before
  run -1 --separate-stderr "$elfpatch" set --soname "$(printf %0300d 1)" lib.so
  has "$stderr" "^elfpatch: cannot set 'lib.so': [0-9]+ bytes of new strings do not fit the [0-9]+ of DT_STRTAB, and no section headers tell what stands behind it$"
  cmp before lib.so
}

@test "several files: in order, one bad one does not stop the rest, lists and jobs" {
  local i
  for ((i = 0; i < 40; i++)); do
    cp lib.so "f$i.so"
  done
  echo text >f7.so
  printf 'f%d.so\n' $(seq 0 39) >list
  run -1 --separate-stderr "$elfpatch" set -j4 --soname n.so --print soname @list
  [ "$output" = "$(grep -v f7 list | sed 's/$/: n.so/')" ] || fail "$output"
  [ "$stderr" = "elfpatch: cannot set 'f7.so': not an ELF file (5 bytes)" ]
  run -1 --separate-stderr "$elfpatch" set -j3 --json --soname m.so @- <list
  [ "$(jq -r .file <<<"$output")" = "$(cat list)" ]
  [ "$(jq -r '.error // empty' <<<"$output")" = 'not an ELF file (5 bytes)' ]
  run -1 --separate-stderr "$elfpatch" verify -j4 @list
  [ "$(grep -c 'error: version' <<<"$output")" -eq 39 ]
  run -1 --separate-stderr "$elfpatch" set --soname x @none
  [ "$stderr" = "elfpatch: cannot read the list 'none': No such file or directory" ]
}

@test "a dry run says what would be written, and writes nothing" {
  cp lib.so before
  run -0 --separate-stderr "$elfpatch" set -n --soname l.so --nodelete lib.so
  has "$output" '^lib.so: soname: lib.so -> l.so
lib.so: df: \+ nodelete
lib.so: would write [0-9]+ bytes in [0-9]+ places, growth 0$'
  cmp before lib.so
  run -0 --separate-stderr "$elfpatch" set -n --json --soname l.so lib.so
  [ "$(jq -c '[.changes, .growth, .written]' <<<"$output")" = '[["soname: lib.so -> l.so"],0,5]' ] || fail "$output"
}
