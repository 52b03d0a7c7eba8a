#!/usr/bin/env bats
# Damaged files: one named message a field, exit 1, never a signal, and nothing for
# the sanitizers to say.
# shellcheck disable=SC2030,SC2031,SC2154

load fixture

# The sanitizers' own status, which neither a refusal (1) nor wrong usage (2) can be taken for.
export ASAN_OPTIONS=exitcode=99 UBSAN_OPTIONS=halt_on_error=1:exitcode=99

setup_file() {
  build_poke
  gated "$BATS_FILE_TMPDIR/good.so"
  # `make coverage` counts what the tests of a file do in one build only.
  [ -z "${COVERAGE_CC-}" ] || return 0
  local sanitize='-fsanitize=address,undefined -fno-sanitize-recover=all'
  make -s -C "$root" CC=gcc BUILD="$BATS_FILE_TMPDIR/asan" STATIC= CFLAGS="-O1 -g $sanitize" LDFLAGS="$sanitize -static-libasan -static-libubsan" \
    "$BATS_FILE_TMPDIR/asan/bin/elfpatch"
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  [ -n "${COVERAGE_CC-}" ] || elfpatch=$BATS_FILE_TMPDIR/asan/bin/elfpatch
}

# refused PATTERN POKE…: with that one change, verify and show both refuse the file, for that reason, in one line
refused() {
  local pattern=$1 command
  shift
  cp "$BATS_FILE_TMPDIR/good.so" a.so
  poke a.so "$@"
  for command in verify show; do
    run --separate-stderr "$elfpatch" "$command" a.so
    [ "$status $output" = "1 " ] || fail "poke $*: $command ended with $status" "$output" "$stderr"
    [[ $stderr =~ ^"elfpatch: cannot $command 'a.so': "$pattern$ ]] || fail "poke $*: expected $pattern" "$stderr"
    # shellcheck disable=SC2154
    [ "${#stderr_lines[@]}" -eq 1 ] || fail "poke $*: more than one line" "$stderr"
  done
}

# found PATTERN POKE…: with that one change, verify finds this error and show does not crash
found() {
  local pattern=$1
  shift
  cp "$BATS_FILE_TMPDIR/good.so" a.so
  poke a.so "$@"
  run --separate-stderr "$elfpatch" verify -q a.so
  [ "$status $stderr" = "1 " ] || fail "poke $*: verify ended with $status" "$output" "$stderr"
  [[ $output =~ (^|$'\n')"a.so: error: "$pattern ]] || fail "poke $*: expected $pattern" "$output"
  run --separate-stderr "$elfpatch" show a.so
  [ "$status" -le 1 ] || fail "poke $*: show ended with $status" "$output" "$stderr"
}

@test "the good file is good for the sanitizers too" {
  run -0 --separate-stderr "$elfpatch" verify -q "$BATS_FILE_TMPDIR/good.so"
  [ -z "$output$stderr" ]
  run -0 --separate-stderr "$elfpatch" show --json "$BATS_FILE_TMPDIR/good.so"
  [ -z "$stderr" ]
}

@test "each damaged field of the file header has its message" {
  refused 'not an ELF file' ident 0 1
  refused 'unknown ELF class 3' ident 4 3
  refused 'unknown byte order 0' ident 5 0
  refused 'unknown ELF version 2 in e_ident' ident 6 2
  refused 'e_type is 4: not an object, executable or shared library' ehdr e_type 4
  refused 'unknown machine 4660 \(64-bit, little-endian\)' ehdr e_machine 4660
  refused 'unknown ELF version 0' ehdr e_version 0
  refused 'e_ehsize is 63, expected 64' ehdr e_ehsize 63
  refused 'e_phoff is 8: program headers inside the file header' ehdr e_phoff 8
  refused 'program headers end past the file \(offset 18446744073709551615, size [0-9]+, file [0-9]+\)' ehdr e_phoff 0xffffffffffffffff
  refused 'e_phentsize is 55, expected 56' ehdr e_phentsize 55
  refused 'program headers end past the file \(offset 64, size 3669904, file [0-9]+\)' ehdr e_phnum 65534
  refused 'section headers end past the file \(offset 1125899906842624, size 64, file [0-9]+\)' ehdr e_shoff 0x4000000000000
  refused 'e_shnum is [0-9]+ but e_shoff is 0' ehdr e_shoff 0
  refused 'e_shentsize is 65, expected 64' ehdr e_shentsize 65
  refused 'section headers end past the file \(offset [0-9]+, count 65000, file [0-9]+\)' ehdr e_shnum 65000
  refused 'e_shoff is [0-9]+ but there are 0 section headers' ehdr e_shnum 0
  refused 'e_shstrndx is 200 of [0-9]+ section headers' ehdr e_shstrndx 200
  refused 'e_shstrndx 1: section type 7 is not a string table' ehdr e_shstrndx 1
}

@test "each damaged field of a program header has its message" {
  refused 'program header 0: contents end past the file \(offset 1048576, size [0-9]+, file [0-9]+\)' phdr LOAD p_offset 0x100000
  refused 'PT_LOAD 0: p_offset 0x10 and p_vaddr 0x0 differ modulo p_align 0x1000' phdr LOAD p_offset 0x10
  refused 'program header 0: contents end past the file \(offset 0, size 18446744073709551600, file [0-9]+\)' phdr LOAD p_filesz 0xfffffffffffffff0
  refused 'PT_LOAD 0: p_filesz [0-9]+ exceeds p_memsz 1' phdr LOAD p_memsz 1
  refused 'PT_LOAD 1: p_vaddr 0x1000 is below the end of the one before, 0x1001' phdr LOAD p_memsz 0x1001
  refused 'PT_LOAD 1: p_vaddr 0x1000 is below the end of the one before, 0xfffffffffffff[0-9a-f]+' phdr LOAD p_vaddr 0xfffffffffffff000
  refused 'program header 0: p_align 4095 is not a power of two' phdr LOAD p_align 4095
  refused 'PT_DYNAMIC: p_vaddr 0x9000000 is in no loaded segment' phdr DYNAMIC p_vaddr 0x9000000
  refused 'PT_DYNAMIC: p_offset is 0x10 but p_vaddr is loaded from offset 0x[0-9a-f]+' phdr DYNAMIC p_offset 16
  refused 'PT_DYNAMIC: p_filesz 17 is not a multiple of 16' phdr DYNAMIC p_filesz 17
  cp "$BATS_FILE_TMPDIR/good.so" a.so
  poke a.so phdr LOAD p_align 1
  poke a.so phdr LOAD p_vaddr 0xfffffffffffffff0
  run -1 --separate-stderr "$elfpatch" verify a.so
  has "$stderr" 'PT_LOAD 0: wraps around \(p_vaddr 0xfffffffffffffff0, p_memsz [0-9]+\)'
  refused 'program header [0-9]+: a second PT_DYNAMIC' phdr GNU_RELRO p_type 2
}

@test "each damaged field of a section header has its message" {
  refused 'section [0-9]+: name at 65535 is outside the [0-9]+ bytes of names' shdr .text sh_name 65535
  refused 'section [0-9]+: contents end past the file \(offset 1099511627776, size [0-9]+, file [0-9]+\)' shdr .text sh_offset 0x10000000000
  refused 'section [0-9]+: contents end past the file \(offset [0-9]+, size 18446744073709551615, file [0-9]+\)' shdr .text sh_size 0xffffffffffffffff
  refused 'section [0-9]+: sh_link is 4294967295 of [0-9]+ section headers' shdr .dynsym sh_link 0xffffffff
  refused 'section [0-9]+: sh_addralign 24 is not a power of two' shdr .text sh_addralign 24
  refused 'section names end past the file \(offset 1099511627776, size [0-9]+, file [0-9]+\)' shdr .shstrtab sh_offset 0x10000000000
  refused 'section names do not end with a null byte \(size 3\)' shdr .shstrtab sh_size 3
}

@test "a damaged .symtab is only told by who asks for names" {
  local how
  for how in 'sh_entsize 23' 'sh_link 1' 'sh_type 8'; do
    cp "$BATS_FILE_TMPDIR/good.so" a.so
    # shellcheck disable=SC2086 # two words
    poke a.so shdr .symtab $how
    run -0 --separate-stderr "$elfpatch" verify -q a.so
    [ -z "$output$stderr" ]
    run -0 --separate-stderr "$elfpatch" show a.so
  done
}

@test "each damaged entry of the dynamic section has its message" {
  refused 'DT_STRTAB 0x9000000, DT_STRSZ [0-9]+: not inside a loaded segment' dyn STRTAB 0x9000000
  refused 'DT_STRTAB 0x[0-9a-f]+, DT_STRSZ 18446744073709551615: not inside a loaded segment' dyn STRSZ 0xffffffffffffffff
  refused 'DT_STRSZ 3: the strings do not end with a null byte' dyn STRSZ 3
  refused 'DT_SYMTAB without DT_STRTAB and DT_STRSZ' dyntag STRSZ 0x6ffffef0
  refused 'DT_SYMENT is 16, expected 24' dyn SYMENT 16
  refused 'DT_SYMTAB 0x9000000: [0-9]+ symbols are not inside a loaded segment' dyn SYMTAB 0x9000000
  found 'init-entry: DT_INIT: is 0x9000000, expected rt0_lib at 0x[0-9a-f]+' dyn INIT 0x9000000
  found 'init-entry: DT_INIT_ARRAY: 0x9000000, size 8: not an array inside a loaded segment' dyn INIT_ARRAY 0x9000000
  found 'init-entry: DT_INIT_ARRAY: 0x[0-9a-f]+, size 9: not an array inside a loaded segment' dyn INIT_ARRAYSZ 9
  found 'init-entry: DT_INIT_ARRAY: 0x[0-9a-f]+, size 18446744073709551608: not an array' dyn INIT_ARRAYSZ 0xfffffffffffffff8
  found 'init-entry: DT_INIT_ARRAY: last entry: DT_RELA 0x9000000, size [0-9]+: not inside a loaded segment' dyn RELA 0x9000000
  found 'init-entry: DT_INIT_ARRAY: last entry: DT_RELA 0x[0-9a-f]+, size 18446744073709551600: not inside a loaded segment' dyn RELASZ 0xfffffffffffffff0
}

@test "without section headers the hash tables are held to their segments" {
  local pattern
  for pattern in HASH GNU_HASH; do
    cp "$BATS_FILE_TMPDIR/good.so" a.so
    poke a.so ehdr e_shnum 0
    poke a.so ehdr e_shstrndx 0
    poke a.so ehdr e_shoff 0
    cp a.so b.so
    [ "$pattern" = HASH ] || poke a.so dyntag HASH 0x6ffffef0
    run -0 --separate-stderr "$elfpatch" verify -q a.so
    [ -z "$output$stderr" ] || fail "$output" "$stderr"
    poke a.so dyn "$pattern" 0x9000000
    run -1 --separate-stderr "$elfpatch" verify a.so
    [ "$stderr" = "elfpatch: cannot verify 'a.so': DT_$pattern 0x9000000 is in no loaded segment" ] || fail "$stderr"
  done
  # b.so still has both: DT_HASH's count, then DT_GNU_HASH's buckets and chains
  hash=0x$(readelf -SW "$BATS_FILE_TMPDIR/good.so" | sed -n 's/.* \.hash *HASH *\([0-9a-f]*\) .*/\1/p')
  gnu=0x$(readelf -SW "$BATS_FILE_TMPDIR/good.so" | sed -n 's/.* \.gnu\.hash *GNU_HASH *\([0-9a-f]*\) .*/\1/p')
  cp b.so a.so
  poke a.so at $((hash + 4)) 4 0xffffffff
  run -1 --separate-stderr "$elfpatch" verify a.so
  has "$stderr" "DT_SYMTAB: 4294967295 symbols do not fit the file"
  poke b.so dyntag HASH 0x6ffffef0
  cp b.so a.so
  poke a.so at "$gnu" 4 0xffffffff
  run -1 --separate-stderr "$elfpatch" verify a.so
  has "$stderr" "DT_GNU_HASH: 4294967295 buckets end past their segment"
  cp b.so a.so
  poke a.so at $((gnu + 8)) 4 0xffffffff
  run -1 --separate-stderr "$elfpatch" verify a.so
  has "$stderr" "DT_GNU_HASH: [0-9]+ buckets end past their segment"
  cp b.so a.so
  poke a.so at $((gnu + 24)) 4 0xffffff00
  run -1 --separate-stderr "$elfpatch" verify a.so
  has "$stderr" "DT_GNU_HASH: the chain of symbol 4294967040 ends past its segment"
}

@test "each damaged field of the rt0 note has its message" {
  found 'version: .note.rt0: rt0 note: 111 bytes, expected 112;' note -3 111
  found 'version: .note.rt0: note at offset 0x[0-9a-f]+: name of 4 and contents of 4294967295 bytes end past the segment' note -3 0xffffffff
  found 'version: .note.rt0: note at offset 0x[0-9a-f]+: name of 4294967295 and contents of 112 bytes end past the segment' note -4 0xffffffff
  found 'version: .note.rt0: no rt0 note' note -2 77
  found 'version: .note.rt0: rt0 note: made by version 2 of rt, these tools know version 1' note 0 2
  found 'version: .note.rt0: rt0 note: a gate of 0 bytes' note 1 0
  found 'version: .note.rt0: rt0 note: a gate of 4294967295 bytes' note 1 0xffffffff
  found 'version: .note.rt0: rt0 note: 4294967295 gates of 32 bytes at 0x[0-9a-f]+ end past their segment' note 2 0xffffffff
  found 'version: .note.rt0: rt0 note: pool at 0x[0-9a-f]+ is in no loaded segment' note 3 0x7fffffff
  found 'version: .note.rt0: rt0 note: the segment of rt0_state_word at 0x[0-9a-f]+ is not writable' note 4 0
  found 'version: .note.rt0: rt0 note: rt0_islibrary at 0x[0-9a-f]+ is in no loaded segment' note 5 0x7fffffff
  found 'version: .note.rt0: rt0 note: rt0_config at 0x[0-9a-f]+ is in no loaded segment' note 6 0x7fffffff
  found 'version: .note.rt0: rt0 note: the segment of rt0_lib at 0x[0-9a-f]+ is not executable' note 7 0
  found 'version: .note.rt0: rt0 note: the segment of rt0_gate_closed at 0x[0-9a-f]+ is not executable' note 8 0
  found 'version: .note.rt0: rt0 note: the segment of rt0_lib_twin at 0x[0-9a-f]+ is not executable' note 9 0
  found 'version: .note.rt0: rt0 note: 43 bytes, expected 44;' note -3 43
  found 'version: .note.rt0: rt0 note: 17 fixups, at most 16' note 10 17
  found 'version: .note.rt0: rt0 note: 112 bytes, expected 100' note 10 2
  found 'version: .note.rt0: rt0 note: fixup 0 of symbol 0 at 32 in gates of 32 bytes' note 11 32
  found 'version: .note.rt0: rt0 note: fixup 1 of symbol 5 at 14 in gates of 32 bytes' note 14 0x5000e
  found 'gates: seven: the gate at 0x[0-9a-f]+ cannot reach rt0_state_word at 0x[0-9a-f]+ \(relocation 99\)' note 12 99
  found 'gates: seven: the gate at 0x[0-9a-f]+ differs from the template of the rt0 note' note 13 7
}

@test "symbols with wild fields are findings, not crashes" {
  found 'gates: seven: not gated: hosts reach 0xffffffffffffffff' dynsym seven st_value 0xffffffffffffffff
  cp "$BATS_FILE_TMPDIR/good.so" a.so
  poke a.so dynsym seven st_name 0xffffffff
  run --separate-stderr "$elfpatch" verify a.so
  [ "$status" -le 1 ] || fail "$status" "$stderr"
  [ -z "$stderr" ]
}

# not_set PATTERN EDIT… -- [POKE…]: a.so, with that one change, is not edited, for that reason in one line, and stays
not_set() {
  local pattern=$1 edits=()
  shift
  while [ "$1" != -- ]; do
    edits+=("$1")
    shift
  done
  shift
  [ $# -eq 0 ] || poke a.so "$@"
  cp a.so before.so
  run -1 --separate-stderr "$elfpatch" set "${edits[@]}" a.so
  [[ $stderr =~ ^"elfpatch: cannot set 'a.so': "$pattern$ ]] || fail "expected $pattern" "$output" "$stderr"
  cmp before.so a.so
}

good() {
  cp "$BATS_FILE_TMPDIR/good.so" a.so
}

long=/opt/a/folder/with/a/name/that/no/string/table/of/this/size/has/room/for/and/so/it/must/move/somewhere/else

@test "what must move for an edit is refused when it cannot, with the numbers" {
  good
  not_set 'section [0-9]+, which stands at offset [0-9]+ where room is needed, is aligned to 2147483648, more than pages are \([0-9]+\)' \
    --runpath=$long -- shdr .dynstr sh_addralign 0x80000000
  # The contents of a section header that is not in use are anything.
  good
  poke a.so shdr .hash sh_size 0x7fffffffffff0000
  poke a.so shdr .hash sh_type 0
  "$elfpatch" set --runpath=$long a.so || [ $? -eq 1 ]
  [ "$(stat -c %s a.so)" -lt 100000 ]
}

@test "a section that is loaded from elsewhere than where it stands does not move" {
  good
  not_set '[0-9]+ bytes of new strings do not fit the [0-9]+ of DT_STRTAB, and no section headers tell what stands behind it' \
    --runpath=$long -- shdr .dynstr sh_offset 0
}

@test "an empty section that only claims to stand among those that move leaves their addresses alone" {
  python3 "$BATS_TEST_DIRNAME/corrupt.py" make a.so
  # The last of the table that is in memory, at an address of its own.
  poke a.so shdr .got sh_size 0
  poke a.so shdr .got sh_offset $((0x$(readelf -SW a.so | sed -n 's/.* \.dynstr *STRTAB *[0-9a-f]* \([0-9a-f]*\) .*/\1/p') + 8))
  "$elfpatch" set --runpath=$long a.so
  run -0 readelf -dW a.so
  has "$output" "$long"
}

@test "a table that counts more than its section holds is not written" {
  good
  gnu=0x$(readelf -SW a.so | sed -n 's/.* \.gnu\.hash *GNU_HASH *\([0-9a-f]*\) .*/\1/p')
  not_set '[0-9]+ bytes to be written at offset [0-9]+ end past section [0-9]+ \(offset [0-9]+, size [0-9]+\)' \
    --symbol-rename=seven=eight -- at "$gnu" 4 8
  good
  not_set 'DT_GNU_HASH: [0-9]+ buckets, 1 words, shift [0-9]+, first symbol 0 of [0-9]+' \
    --symbol-rename=seven=eight -- at $((gnu + 4)) 4 0
  good
  not_set 'DT_STRSZ is [0-9]+, but section [0-9]+ has 9 bytes' --soname=a -- shdr .dynstr sh_size 9
}

@test "a reference to a name outside the strings is told before they grow" {
  good
  not_set 'DT_SYMTAB: the name at 4096 is outside the [0-9]+ bytes of DT_STRTAB' --runpath=$long -- dynsym seven st_name 4096
}

@test "the string at 0 is in use even if it is not empty" {
  good
  strtab=0x$(readelf -SW a.so | sed -n 's/.* \.dynstr *STRTAB *\([0-9a-f]*\) .*/\1/p')
  poke a.so at "$strtab" 1 0x78
  "$elfpatch" set --soname=b a.so
  [ "$(head -c $((strtab + 1)) a.so | tail -c 1)" = x ]
}

@test "a result that is not what was asked for is refused, and nothing is left behind" {
  good
  # The strings are the file header, in which e_ident[EI_OSABI] ends the first.
  poke a.so dyn STRTAB 0
  not_set 'the result is not what was asked for: names of dynamic symbols are not what they were to be' --os-abi=3 -- dyn STRSZ 64
  run find . -name '.elfpatch*'
  [ -z "$output" ]
}

@test "an attached library that claims another machine is not attached again" {
  python3 "$BATS_TEST_DIRNAME/corrupt.py" make a.so
  "$BUILD/bin/elfpatch" attach --init=tiny_init a.so
  # EM_ALPHA, as wide and of the same byte order
  poke a.so ehdr e_machine 0x9026
  cp a.so before.so
  run -1 --separate-stderr "$BUILD/bin/elfpatch" attach --init=tiny_init a.so
  [ "$stderr" = "elfpatch: cannot attach 'a.so': rt has no port to alpha" ] || fail "$stderr"
  cmp a.so before.so
}

@test "a library that was attached, but has lost its note, is not attached again" {
  python3 "$BATS_TEST_DIRNAME/corrupt.py" make a.so
  "$BUILD/bin/elfpatch" attach --init=tiny_init a.so
  # The program header of that note is the last one.
  poke a.so ehdr e_phnum $(($(readelf -hW a.so | sed -n 's/.*Number of program headers: *//p') - 1))
  cp a.so before.so
  run -1 --separate-stderr "$BUILD/bin/elfpatch" attach --init=tiny_init a.so
  [ "$stderr" = "elfpatch: cannot attach 'a.so': it was attached before, as its section .rt0.undo tells, but has no rt0 note" ] ||
    fail "$stderr"
  cmp a.so before.so
}

@test "names that are no text reach neither the terminal nor JSON unchanged" {
  echo '.globl odd_name_1; odd_name_1: .section .note.GNU-stack, "", @progbits' >odd.s
  gated a.so odd.s
  sed -i 's/odd_name_1/a\x1b[2J\xff\n_bc/g' a.so
  run --separate-stderr "$elfpatch" verify a.so
  has_not "$output" $'\x1b'
  has "$output" 'info: gates: a\?\[2J.\?_bc: not gated: a symbol without type may be data'
  run --separate-stderr "$elfpatch" verify --json a.so
  [ "${#lines[@]}" -eq 1 ]
  jq -e '.findings[] | select(.where == "a?[2J\ufffd?_bc")' <<<"$output" >odd.json
}

@test "a file cut off at any multiple of 64 bytes is refused or accepted, never a signal" {
  local size at
  size=$(stat -c %s "$BATS_FILE_TMPDIR/good.so")
  for ((at = 0; at < size; at += 64)); do
    head -c "$at" "$BATS_FILE_TMPDIR/good.so" >"cut.$at"
  done
  for command in verify show 'show --json'; do
    # shellcheck disable=SC2086 # two words
    run -1 --separate-stderr "$elfpatch" $command cut.*
    # It went through to the last one, and each refusal is one line.
    has_not "$stderr" 'Sanitizer|runtime error'
    [ "$command" = 'show --json' ] || [ "$(grep -c "^elfpatch: cannot" <<<"$stderr")" -eq "$(wc -l <<<"$stderr")" ]
  done
  [ "$(wc -l <<<"$output")" -eq "$(((size + 63) / 64))" ] || fail "$(wc -l <<<"$output") documents"
}

@test "any byte of headers, notes, hash, symbols, relocations, dynamic section or gates may be wrong, never a signal" {
  local value sections
  mkdir c
  sections=$(readelf -SW "$BATS_FILE_TMPDIR/good.so" |
    sed -n 's/.*\] \.\(dynamic\|text\|init_array\|data.rel.ro\|symtab\) *[A-Z_]* *[0-9a-f]* \([0-9a-f]*\) \([0-9a-f]*\) .*/\2 \3/p')
  for value in 0 0xff 0x80; do
    poke "$BATS_FILE_TMPDIR/good.so" copies 0 0x460 $value "c/$value."
    while read -r at size; do
      poke "$BATS_FILE_TMPDIR/good.so" copies "0x$at" $((0x$at + 0x$size)) $value "c/$value."
    done <<<"$sections"
  done
  for command in verify show; do
    run -1 --separate-stderr "$elfpatch" $command --json c/*
    [ -z "$stderr" ] || fail "$stderr"
    [ "$(wc -l <<<"$output")" -eq "$(find c -type f | wc -l)" ] || fail "not every file was judged"
  done
}

@test "neither a folder, a device, a FIFO, an archive nor an empty or missing file is read" {
  mkfifo fifo
  : >empty
  echo '!<arch>' | dd bs=64 conv=sync of=a.a status=none
  run -1 --separate-stderr "$elfpatch" verify . /dev/null fifo empty a.a missing
  [ "$stderr" = "elfpatch: cannot verify '.': not a regular file
elfpatch: cannot verify '/dev/null': not a regular file
elfpatch: cannot verify 'fifo': not a regular file
elfpatch: cannot verify 'empty': not an ELF file (0 bytes)
elfpatch: cannot verify 'a.a': an archive, not an ELF file
elfpatch: cannot verify 'missing': No such file or directory" ] || fail "$stderr"
}

@test "an edit of a file with a wrong byte in headers or dynamic section is made or refused, never a signal" {
  local at size
  ln -s "$elfpatch" patchelf
  "$CC" -shared -fPIC -s -x c - -o good.so -Wl,-rpath,/old -Wl,--hash-style=both <<<'int puts(const char *); int f(void) { return puts("f"); }'
  mkdir c out
  printf 'f g\nputs f\n' >map
  poke good.so copies 0 0x120 0xff c/
  read -r at size < <(readelf -SW good.so | sed -n 's/.*\] \.dynamic *[A-Z]* *[0-9a-f]* \([0-9a-f]*\) \([0-9a-f]*\) .*/\1 \2/p')
  poke good.so copies "0x$at" $((0x$at + 0x$size / 2)) 0x81 c/
  # One process a file, since the first that is refused is the last. A sanitizer's report is no refusal.
  export ASAN_OPTIONS=exitcode=99 UBSAN_OPTIONS=exitcode=99
  # shellcheck disable=SC2016 # of the inner shell
  find c -type f -print0 | xargs -0 -P2 -I{} sh -c 'n=${1#c/}
    ./patchelf --rename-dynamic-symbols map --add-rpath /a/path --add-needed libm.so.6 --replace-needed libc.so.6 libd.so \
      --set-soname another-name.so --add-debug-tag --output "out/$n" "$1" >"out/$n.log" 2>&1
    [ $? -le 1 ] || { cat "out/$n.log"; exit 255; }' sh {} >log 2>&1 || fail "$(cat log)"
  # Some of each.
  [ -n "$(find out -name '*.log' -size 0 -print -quit)" ] && [ -n "$(find out -name '*.log' -size +0 -print -quit)" ]
}

@test "an interpreter over the dynamic section is refused, and symbol 0 keeps the name that it should not have" {
  "$CC" -x c - -o program <<<'int main(void) { return 0; }'
  poke program phdr INTERP p_offset "$((16#$(readelf -lW program | sed -n 's/^ *DYNAMIC *0x\([0-9a-f]*\) .*/\1/p')))"
  run -1 --separate-stderr "$elfpatch" set --interpreter=/x program
  has "$stderr" '^elfpatch: cannot set .program.: PT_INTERP, [0-9]+ bytes at offset [0-9]+, is over the dynamic section at [0-9]+$'
  ln -s "$elfpatch" patchelf
  "$CC" -shared -fPIC -x c - -o named.so <<<'int f(void) { return 1; }'
  poke named.so at "0x$(readelf -SW named.so | awk '/\.dynsym/ { sub(/.*DYNSYM/, ""); print $1 }')" 4 \
    "$(readelf -p .dynstr named.so | awk '$3 == "f" { sub("]", "", $2); print "0x" $2 }')"
  echo 'f g' >map
  run -0 ./patchelf --rename-dynamic-symbols map named.so
  has "$(readelf --dyn-syms -W named.so)" ' g$'
}
