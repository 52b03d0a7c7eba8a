#!/usr/bin/env bats
# elfpatch by the name of patchelf: beside Debian's patchelf where that knows the option, then by readelf and the loader.
# shellcheck disable=SC2154,SC2016 # $ORIGIN is meant

load fixture

setup_file() {
  build_poke
  cd "$BATS_FILE_TMPDIR" || return
  cat >lib.c <<'END'
int one(void) { return 1; }
int two(void) { return 2; }
int sum(void) { return one() + two(); }
END
  cat >main.c <<'END'
#include <stdio.h>
int one(void), two(void), sum(void);
int main(void) { printf("%d %d %d\n", one(), two(), sum()); return 0; }
END
  "$CC" -shared -fPIC lib.c -o libx.so -Wl,-soname,libx.so,-z,noexecstack,--no-as-needed
  "$CC" main.c ./libx.so -o main -Wl,-rpath,"$BATS_FILE_TMPDIR",-z,noexecstack
  "$CC" -shared -fPIC lib.c -o bare.so -Wl,-z,execstack
  "$CC" -no-pie main.c ./libx.so -o exec -Wl,--disable-new-dtags,-rpath,/old/path:/older
  "$CC" -static -x c - -o static <<<'int main(void) { return 0; }'
  ln -s "$elfpatch" patchelf
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  cp -P "$BATS_FILE_TMPDIR"/{libx.so,main,bare.so,exec,static,patchelf} .
  theirs=$(command -v patchelf)
  unset PATCHELF_DEBUG
}

# ours ARG…: its output, status and errors in $output, $status and $stderr
ours() {
  run --separate-stderr ./patchelf "$@"
}

# edit ARG… FILE: done, with nothing to say, and a second time nothing is written
edit() {
  local before
  ours "$@"
  [ "$status $output$stderr" = '0 ' ] || fail "$*: status $status: $output$stderr"
  before=$(stat -c '%i %y' "${!#}")
  ours "$@"
  [ "$status $(stat -c '%i %y' "${!#}")" = "0 $before" ] || fail "$* again: status $status: $stderr"
}

# refused TEXT ARG…: one line on standard error that begins so, and status 1
refused() {
  local text=$1
  shift
  ours "$@"
  [[ "$status $output${#stderr_lines[@]} $stderr" == "1 1 patchelf: $text"* ]] ||
    fail "$*: status $status: $output$stderr" "expected: $text"
}

# dynamic FILE TAG: the values of the entries with that tag, by readelf
dynamic() {
  readelf -dW "$1" | sed -n "s/.*($2) *//p" | sed 's/^[^[]*\[\(.*\)\]$/\1/'
}

# works: main and its library do what they did
works() {
  run -0 ./main
  [ "$output" = '1 2 3' ]
}

@test "the name alone makes it patchelf, as the last part of another name too" {
  ln -s "$elfpatch" x86_64-linux-gnu-patchelf
  ln -s "$elfpatch" mypatchelf
  for name in ./patchelf ./x86_64-linux-gnu-patchelf; do
    run -0 "$name" --version
    has "$output" '^patchelf [0-9]+\.[0-9]+\.[0-9]+$'
  done
  run -0 ./mypatchelf --version
  has "$output" '^elfpatch '
  run -2 --separate-stderr "$elfpatch" --print-soname libx.so
}

@test "help goes to standard error, with status 1 where it was not asked for" {
  for option in --help -h; do
    ours "$option"
    [ "$status" -eq 0 ] && [ -z "$output" ]
    has "$stderr" '^syntax: ./patchelf'
  done
  # Each option of Debian's is known here.
  while read -r option; do
    has "$stderr" "\\[${option}[] ]"
  done < <("$theirs" --help 2>&1 | sed -n 's/^ *\[\(--[a-z-]*\).*/\1/p')
  ours
  [ "$status" -eq 1 ] && [ -z "$output" ]
  has "$stderr" '^syntax: '
}

@test "what is printed is what patchelf prints, with the same status" {
  local file option known
  known=$("$theirs" --help 2>&1)
  for file in main libx.so bare.so exec static; do
    for option in --print-interpreter --print-soname --print-rpath --print-needed --print-execstack --print-os-abi; do
      [[ $known == *"$option"* ]] || continue
      run --separate-stderr "$theirs" "$option" "$file"
      expected="$status $output"
      ours "$option" "$file"
      [ "$status $output" = "$expected" ] || fail "$option $file: $status $output" "patchelf: $expected"
      [ "$status" -eq 0 ] || has "$stderr" '^patchelf: cannot find section .*most likely statically linked'
    done
  done
  # What is printed is as it was, in patchelf's order.
  ours --print-needed --print-rpath --print-soname --print-interpreter --set-rpath /new exec
  [ "$status" -eq 0 ] && [ "${lines[1]}" = /old/path:/older ] && [ "$(dynamic exec RUNPATH)" = /new ]
}

@test "each edit gives what patchelf gives" {
  local args tags='SONAME|NEEDED|RPATH|RUNPATH|FLAGS_1'
  while read -r -a args; do
    rm -rf a b
    mkdir a b
    cp "${args[-1]}" a/f
    cp "${args[-1]}" b/f
    run -0 "$theirs" "${args[@]:0:${#args[@]}-1}" a/f
    edit "${args[@]:0:${#args[@]}-1}" b/f
    # An empty run path is none.
    for copy in a b; do
      readelf -dW "$copy/f" | grep -E "\(($tags)\)" | grep -vF '[]' | sed 's/^ *[^ ]* //' | sort >"$copy/tags"
    done
    diff a/tags b/tags || fail "${args[*]}"
    [ "$("$theirs" --print-needed a/f)" = "$("$theirs" --print-needed b/f)" ] || fail "${args[*]}: order of needed"
    [ "${args[0]}" != --set-interpreter ] ||
      [ "$("$theirs" --print-interpreter a/f)" = "$("$theirs" --print-interpreter b/f)" ] || fail "${args[*]}"
  done <<END
--set-soname libother.so.1 libx.so
--set-soname libother-with-a-long-name.so.1 bare.so
--set-soname ignored exec
--set-interpreter /short main
--set-interpreter /a/rather/long/name/of/an/interpreter/that/does/not/fit main
--set-rpath /x main
--set-rpath /a/much/longer/path/than/the/one/that/was/there:/and/another exec
--force-rpath --set-rpath /x main
--force-rpath --set-rpath /x exec
--set-rpath /x bare.so
--force-rpath --set-rpath /x bare.so
--add-rpath /more main
--add-rpath /more bare.so
--force-rpath --add-rpath /more exec
--remove-rpath main
--remove-rpath bare.so
--shrink-rpath main
--shrink-rpath exec
--shrink-rpath --allowed-rpath-prefixes /nowhere:/neither main
--add-needed libz.so --add-needed liba.so --add-needed libm.so main
--remove-needed libx.so main
--remove-needed libnone.so main
--replace-needed libx.so x.so main
--replace-needed libc.so.6 libsee.so.6 --replace-needed libx.so another-library.so main
--no-default-lib main
--no-default-lib --set-rpath /y libx.so
END
}

@test "wrong usage has one line and status 1" {
  refused 'missing filename' --print-rpath
  refused 'missing argument' main --set-rpath
  refused 'missing argument(s)' main --replace-needed a
  refused '--output option only allowed with single input file' --print-rpath main exec --output x
  refused '--set-rpath option not allowed with --add-rpath' --set-rpath a --add-rpath b main
  refused '--build-resolution-cache cannot be combined with --force-rpath' --force-rpath --build-resolution-cache main
  refused "getting info about 'missing': No such file or directory" --print-rpath missing
  refused "getting info about '--no-such-option': No such file or directory" --no-such-option main
  refused "invalid argument to --page-size" --page-size 0 main
  refused "invalid argument to --page-size" --page-size 3000 main
  refused "getting info about 'missing': No such file or directory" --set-rpath @missing main
  refused "unrecognized OS ABI 'plan9'" --set-os-abi plan9 main
  refused "cannot find section '.dynamic'. The input file is most likely statically linked" --set-rpath /x static
  refused "cannot find section '.interp'. The input file is most likely statically linked" --set-interpreter /x libx.so
  refused 'not an ELF executable' --print-rpath "$BATS_FILE_TMPDIR/main.c"
  cmp main "$BATS_FILE_TMPDIR/main"
}

@test "a damaged file is told in patchelf's words, and stays as it was" {
  # damaged TEXT ARGS POKE…
  damaged() {
    cp "$BATS_FILE_TMPDIR/libx.so" bad.so
    poke bad.so "${@:3}"
    cp bad.so was.so
    # shellcheck disable=SC2086 # a list of words
    refused "$1" $2 bad.so
    cmp bad.so was.so
  }
  damaged 'program header table out of bounds' --print-needed ehdr e_phoff 0x7fffffffffffffff
  damaged 'program headers have wrong size' --print-needed ehdr e_phentsize 1
  damaged 'section header table out of bounds' --print-needed ehdr e_shoff 0x7fffffffffffffff
  damaged 'section headers have wrong size' --print-needed ehdr e_shentsize 48
  damaged 'string table index out of bounds' --print-needed ehdr e_shstrndx 0xffff
  damaged 'wrong ELF type' --print-needed ehdr e_type 4
  damaged 'data region extends past file end' --print-needed shdr .shstrtab sh_size 0x7fffffffffffffff
  damaged 'string table size is zero' --print-needed shdr .shstrtab sh_size 0
  damaged 'string table is not zero terminated' --print-needed shdr .shstrtab sh_size 20
  damaged 'section name offset out of bounds' --print-needed shdr .text sh_name 0x7fffffff
  damaged 'data offset extends past file end' --print-needed shdr .dynamic sh_offset 0x7fffffffffffffff
  damaged 'section content is not naturally aligned' --print-needed shdr .dynamic sh_offset 1
  damaged 'string table index out of bounds' --print-needed dyn NEEDED 0x7fffffff
  damaged 'string table is not NUL-terminated' --print-needed dyn STRSZ 3
  damaged 'string table index out of bounds' '--replace-needed libc.so.6 x' dyn STRSZ 1
}

@test "an argument can stand in a file" {
  printf /from/a/file >path
  printf libm.so.6 >name
  edit --set-rpath @path --add-needed @name main
  [ "$(dynamic main RUNPATH)" = /from/a/file ] && [ "$(dynamic main NEEDED | head -n 1)" = libm.so.6 ]
  printf 'half\0other' >path
  ours --set-rpath @path main
  [ "$status" -eq 0 ] && [ "$(dynamic main RUNPATH)" = half ]
  [ "$stderr" = "warning: 'path': of 10 bytes, the 4 before the first null byte count" ]
}

@test "several files are edited in turn, up to the first that cannot be" {
  edit --set-rpath /x main libx.so bare.so
  ours --set-interpreter /x main libx.so exec
  [ "$status" -eq 1 ] && [ "$(./patchelf --print-interpreter main)" = /x ]
  cmp exec "$BATS_FILE_TMPDIR/exec"
  ours --print-soname libx.so bare.so libx.so
  [ "$output" = $'libx.so\nlibx.so' ]
}

@test "--output writes another file, even with nothing to do, and leaves the first" {
  ours --set-rpath /x --output new main
  [ "$status" -eq 0 ] && [ "$(dynamic new RUNPATH)" = /x ]
  cmp main "$BATS_FILE_TMPDIR/main"
  ours --output copy main
  [ "$status" -eq 0 ] && cmp main copy
  ours --output /dev/null --set-rpath /x main
  [ "$status" -eq 0 ] && [ -c /dev/null ]
  ours --output /dev/stdout --set-rpath /x main
  ./patchelf --output /dev/stdout --set-rpath /x main | cmp - new
  ours --output /dev/full main
  [ "$status" -eq 1 ] && [ "$stderr" = "patchelf: cannot write to '/dev/full': No space left on device ('main')" ]
  mkdir folder
  ours --output folder main
  [ "$status" -eq 1 ]
}

@test "links of both kinds, mode and times of what needs no edit stay" {
  ln main hard
  ln -s main soft
  chmod 4750 main
  edit --set-rpath "/a/path/$(printf '%0500d' 1)" soft
  [ main -ef hard ] && [ soft -ef hard ] && [ "$(stat -c %a main)" = 4750 ]
  [ "$(dynamic hard RUNPATH)" = "/a/path/$(printf '%0500d' 1)" ]
  edit --set-rpath "$BATS_FILE_TMPDIR" hard
  works
}

@test "libraries and symbols are renamed all at once" {
  edit --replace-needed libx.so y.so --replace-needed libc.so.6 z.so main
  [ "$(dynamic main NEEDED | xargs)" = 'y.so z.so' ]
  cp "$BATS_FILE_TMPDIR/main" .
  cp "$BATS_FILE_TMPDIR/main" .
  edit --remove-needed libx.so --replace-needed libc.so.6 z.so --add-needed libm.so.6 main
  [ "$(dynamic main NEEDED | xargs)" = 'libm.so.6 z.so' ]
  cp "$BATS_FILE_TMPDIR/main" .
  ours --replace-needed libx.so libc.so.6 --replace-needed libc.so.6 libx.so main
  [ "$status" -eq 0 ] && [ "$(dynamic main NEEDED | xargs)" = 'libc.so.6 libx.so' ]
  has "$(readelf -VW main)" 'File: libx.so'
  cp "$BATS_FILE_TMPDIR/main" .
  printf 'one two\ntwo   one\n\nnone other\nsum a_name_that_is_longer\n' >map
  ours --rename-dynamic-symbols map main libx.so
  [ "$status" -eq 0 ] || fail "$stderr"
  run -0 env LD_BIND_NOW=1 LD_LIBRARY_PATH=. ./main
  # The functions changed names in both.
  [ "$output" = '1 2 3' ]
  has "$(readelf --dyn-syms -W libx.so)" 'a_name_that_is_longer'
  has_not "$(readelf --dyn-syms -W libx.so)" ' sum$'
  refused 'Cannot open map file missing' --rename-dynamic-symbols missing main
  echo one >map
  refused 'map:1: Map file line is missing the second element' --rename-dynamic-symbols map main
  printf 'one a\none b\n' >map
  refused "map: Name 'one' appears twice in the map file" --rename-dynamic-symbols map main
  printf 'one@V a\n' >map
  refused 'map:1: Name pair contains version tag: one@V a' --rename-dynamic-symbols map main
}

@test "thousands of symbols are renamed, and back, in a file that does not grow the second time" {
  for i in $(seq 1500); do echo "int f$i(void) { return $i; }"; done >many.c
  seq 1500 | sed 's/.*/f& another_name_of_f&/' >map
  seq 1500 | sed 's/.*/another_name_of_f& f&/' >back
  "$CC" -shared -fPIC -O0 many.c -o many.so -Wl,--hash-style=both
  cp many.so was.so
  edit --rename-dynamic-symbols map many.so
  size=$(stat -c %s many.so)
  [ "$(nm -D many.so | grep -c another_name_of_f)" -eq 1500 ]
  edit --rename-dynamic-symbols back many.so
  edit --rename-dynamic-symbols map many.so
  [ "$(stat -c %s many.so)" -eq "$size" ]
  edit --rename-dynamic-symbols back many.so
  diff <(nm -D was.so | sort) <(nm -D many.so | sort)
  run -0 python3 -c 'import ctypes; print(ctypes.CDLL("./many.so").f1234())'
  [ "$output" = 1234 ]
}

@test "a run path that is given up is not in the file any more, unless something else uses it" {
  edit --set-rpath /nowhere/in/particular libx.so
  edit --set-rpath /another/and/a/longer/place/to/look/into libx.so
  run -1 grep -a /nowhere/in libx.so
  has "$(strings libx.so)" XXXXXXXX
  edit --remove-rpath libx.so
  run -1 grep -a /another/and libx.so
  # The name of a function is not a path's alone.
  "$CC" -shared -fPIC -x c - -o shared.so -Wl,-rpath=a_function_name <<<'int a_function_name(void) { return 1; }'
  edit --set-rpath b shared.so
  has "$(readelf --dyn-syms -W shared.so)" a_function_name
}

@test "stack, debug tag, symbol versions and operating system" {
  for option in --set-execstack --clear-execstack --set-execstack; do
    edit "$option" libx.so
    ours --print-execstack libx.so
    [ "$output" = "execstack: $([ "$option" = --set-execstack ] && echo X || echo -)" ]
  done
  poke bare.so phdr GNU_STACK p_type 0x6474e554
  ours --print-execstack bare.so
  [ "$output" = 'execstack: ?' ]
  edit --set-execstack bare.so
  ours --print-execstack bare.so
  [ "$output" = 'execstack: X' ]
  edit --add-debug-tag libx.so
  has "$(readelf -dW libx.so)" '\(DEBUG\)'
  has "$(readelf --dyn-syms -W main)" '__libc_start_main@GLIBC'
  edit --clear-symbol-version __libc_start_main --clear-symbol-version none main
  has_not "$(readelf --dyn-syms -W main)" '__libc_start_main@GLIBC'
  for name in 'System V' HP-UX NetBSD 'GNU Hurd' Solaris AIX IRIX FreeBSD Tru64 OpenBSD OpenVMS Linux; do
    edit --set-os-abi " ${name^^} " libx.so
    ours --print-os-abi libx.so
    [ "$output" = "$name" ]
  done
  poke libx.so ident 7 0x61
  ours --print-os-abi libx.so
  [ "$output" = 0x61 ]
}

@test "new segments have the page size that is asked for, or the file's own" {
  local long
  long=/$(printf '%05000d' 1)
  "$CC" -shared -fPIC "$BATS_FILE_TMPDIR/lib.c" -o large.so -Wl,-z,max-page-size=0x200000
  edit --set-rpath "$long" large.so
  [ "$(readelf -lW large.so | awk '$1 == "LOAD" { print $NF }' | sort -u)" = 0x200000 ]
  edit --no-sort --page-size 65536 --set-rpath "$long" libx.so
  has "$(readelf -lW libx.so | awk '$1 == "LOAD" { print $NF }' | xargs)" ' 0x10000$'
  works
}

@test "with --no-clobber-old-sections what moves can still be read where it was" {
  local offset size long
  long=/$(printf '%05000d' 1)
  read -r offset size < <(readelf -SW libx.so | awk '$2 == ".dynstr" || $3 == ".dynstr" { sub(/.*STRTAB/, ""); print $2, $3 }')
  dd if=libx.so bs=1 skip=$((16#$offset)) count=$((16#$size)) of=old status=none
  edit --no-clobber-old-sections --set-rpath "$long" libx.so
  dd if=libx.so bs=1 skip=$((16#$offset)) count=$((16#$size)) status=none | cmp - old
  cp "$BATS_FILE_TMPDIR/libx.so" .
  edit --set-rpath "$long" libx.so
  run -1 cmp <(dd if=libx.so bs=1 skip=$((16#$offset)) count=$((16#$size)) status=none) old
}

@test "the resolution cache is written once, read by sections and segments, and gone with what it was made from" {
  mkdir libs
  cp libx.so libs
  edit --set-rpath ":\$ORIGIN/x:$PWD/libs" main
  edit --build-resolution-cache main
  has "$(readelf -p .note.nixos.ldcache main)" "\\?:\\?\\\$ORIGIN/x:=$PWD/libs/libx\\.so"
  has "$(readelf -nW main)" NixOS
  has "$(readelf -SW main)" 'note.nixos.ldcache +NOTE .* A '
  run eu-elflint --gnu main
  has_not "$(grep -v "unknown object file note type" <<<"$output")" ldcache
  works
  size=$(stat -c %s main)
  for path in "$PWD/libs:" "$PWD/libs"; do
    edit --set-rpath "$path" main
    has_not "$(readelf -SW main)" note.nixos.ldcache
    run -1 grep -a "=$PWD/libs" main
    edit --build-resolution-cache main
    has "$(readelf -p .note.nixos.ldcache main)" "=$PWD/libs/libx\\.so"
    [ "$(stat -c %s main)" -eq "$size" ]
  done
  rm libs/libx.so
  refused 'a resolution cache note is already present' --build-resolution-cache main
  edit --remove-rpath main
  ours --build-resolution-cache main
  [ "$status" -eq 0 ] && [ "$stderr" = 'warning: no DT_NEEDED entries or run path to resolve; no cache written' ]
}

@test "--debug and PATCHELF_DEBUG say what is changed" {
  ours --debug --set-soname liby.so libx.so
  [ "$status" -eq 0 ] && [ -z "$output" ] && [ "$stderr" = 'soname: libx.so -> liby.so' ]
  PATCHELF_DEBUG=1 ours --set-soname libx.so libx.so
  [ "$stderr" = 'soname: liby.so -> libx.so' ]
}
