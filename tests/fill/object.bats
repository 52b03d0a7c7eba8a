#!/usr/bin/env bats
# shellcheck disable=SC1091,SC2030,SC2031,SC2034,SC2154 # variables that bats and setup.bash set or read
# The object that ldwrap adds to a link.

setup_file() {
  source "$BATS_TEST_DIRNAME/setup.bash"
  build_tools
}

setup() {
  source "$BATS_TEST_DIRNAME/setup.bash"
  cd "$BATS_TEST_TMPDIR" || return
}

@test "the pool has room for the gates asked for, aligned, and traps until they are made" {
  driver object "$rt/gate.o" pool.o 5
  objcopy -O binary --only-section=.rt0.gates pool.o pool
  [ "$(od -An -v -tx1 pool | tr -d ' \n' | sed 's/\(cc\)*//')" = "" ]
  readelf -SW pool.o | grep -E '\.rt0\.gates +PROGBITS +0+ [0-9a-f]+ 0000a0 00 +AX +0 +0 32$'
}

@test "the pool costs the linker no relocation" {
  driver object "$rt/gate.o" small.o 5
  driver object "$rt/gate.o" large.o 5000
  for size in small large; do
    readelf -rW "$size.o" | sed 's/at offset .* contains/contains/' >"$size"
  done
  diff small large
  run ! grep -q rt0_gate_target <(readelf -aW large.o)
}

@test "the note has the template and where it refers to what" {
  driver object "$rt/gate.o" pool.o 5
  objcopy -O binary --only-section=.note.rt0 pool.o note
  objcopy -O binary --only-section=.rt0.gates "$rt/gate.o" gate
  cmp gate <(tail -c 32 note)
  # Fixups as readelf sees the template's relocations: offset, symbol, type, addend.
  while read -r offset _ type _ symbol _ addend; do
    case $symbol in
      rt0_gate_target) what=0 ;;
      rt0_state_word) what=1 ;;
      rt0_gate_closed) what=2 ;;
      *) continue ;;
    esac
    [ "$type" = R_X86_64_PC32 ] && type=2 || type=4
    echo "$((0x$offset)) $what $type -$addend"
  done < <(readelf -rW "$rt/gate.o" | sed -n '/rt0.gates/,/^$/p') >expected
  [ "$(wc -l <expected)" -eq 3 ]
  od -An -v -tu2 -w12 -j $((16 + 44)) -N 36 note | awk '{ print $1, $2, $3, $5 - 65536 }' | diff expected -
}

@test "unwind information covers the whole pool" {
  driver object "$rt/gate.o" pool.o 100
  readelf --debug-dump=frames pool.o | grep 'FDE .*pc=0000000000000000..0000000000000c80'
}

@test "the properties and the stack note of the template are kept" {
  driver object "$rt/gate.o" pool.o 5
  readelf -n pool.o | grep 'x86 feature: IBT, SHSTK'
  readelf -SW pool.o | grep -E '\.note\.GNU-stack +PROGBITS +0+ [0-9a-f]+ 000000 00 +0 '
}

@test "rt0_config holds pointers to the author's functions" {
  driver object "$rt/gate.o" pool.o 5 init=my_init chain=my_chain failure=my_failure
  run -0 readelf -rW pool.o
  awk '/R_X86_64_64 / { sub(/^0+/, "0x", $1); print $1, $5 }' <<<"$output" | diff - <(cat <<'END'
0x10 my_init
0x18 rt0_runtime_main
0x20 my_failure
0x28 my_chain
0x38 rt0_thread_attach
0x40 rt0_thread_detach
0x48 rt0_thread_slots
END
  )
  [ "$(symbol pool.o .symtab rt0_config)" = "0000000000000000 80 OBJECT GLOBAL HIDDEN 3" ]
}

@test "the init function is referred to as asked, the optional ones weakly and hidden" {
  driver object "$rt/gate.o" plain.o 5
  driver object "$rt/gate.o" other.o 5 weak hidden
  [ "$(symbol plain.o .symtab rt0_runtime_init)" = "0000000000000000 0 NOTYPE GLOBAL DEFAULT UND" ]
  [ "$(symbol other.o .symtab rt0_runtime_init)" = "0000000000000000 0 NOTYPE WEAK HIDDEN UND" ]
  [ "$(symbol plain.o .symtab rt0_runtime_main)" = "0000000000000000 0 NOTYPE WEAK HIDDEN UND" ]
  [ "$(symbol plain.o .symtab _init)" = "0000000000000000 0 NOTYPE WEAK HIDDEN UND" ]
}

@test "the patterns are in a note of their own, and only when there are some" {
  driver object "$rt/gate.o" with.o 5 '+lua_*' -lua_free
  driver object "$rt/gate.o" without.o 5
  [ "$(readelf -nW with.o | grep -c '^  rt0 ')" -eq 2 ]
  [ "$(readelf -nW without.o | grep -c '^  rt0 ')" -eq 1 ]
  objcopy -O binary --only-section=.note.rt0 with.o note
  [ "$(strings -n 5 note | xargs)" = "+lua_* -lua_free" ]
}

@test "a library without exports gets a pool of one gate" {
  driver object "$rt/gate.o" pool.o 0
  readelf -SW pool.o | grep -E '\.rt0\.gates +PROGBITS +0+ [0-9a-f]+ 000020 '
}

@test "the same arguments give the same bytes" {
  driver object "$rt/gate.o" a.o 500 '+a*' -ab
  driver object "$rt/gate.o" b.o 500 '+a*' -ab
  cmp a.o b.o
  run ! grep -q "$BATS_TEST_TMPDIR" a.o
}

@test "eu-elflint finds nothing but the owner of the note" {
  driver object "$rt/gate.o" pool.o 50
  run eu-elflint --gnu-ld pool.o
  [ "$(grep -vc "unknown object file note type . with owner name 'rt0'" <<<"$output")" -eq 0 ]
}

@test "a missing template is named" {
  run -1 --separate-stderr "$BATS_FILE_TMPDIR/driver" object none.o pool.o 5
  [ "$stderr" = "driver: cannot open gate template 'none.o': No such file or directory" ]
  [ ! -e pool.o ]
}

@test "a template that is no object, or whose gate refers to something else, is refused" {
  echo text >text.o
  run -1 --separate-stderr "$BATS_FILE_TMPDIR/driver" object text.o pool.o 5
  [ "$stderr" = "driver: gate template 'text.o': not a relocatable ELF file" ]
  objcopy --redefine-sym rt0_gate_target=elsewhere "$rt/gate.o" other.o
  run -1 --separate-stderr "$BATS_FILE_TMPDIR/driver" object other.o pool.o 5
  [ "$stderr" = "driver: gate template 'other.o': a relocation against 'elsewhere'" ]
  objcopy --rename-section .rt0.gates=.text "$rt/gate.o" other.o
  run -1 --separate-stderr "$BATS_FILE_TMPDIR/driver" object other.o pool.o 5
  [ "$stderr" = "driver: gate template 'other.o': it needs a section .rt0.gates and a symbol table" ]
  [ ! -e pool.o ]
}

@test "a template of a machine that rt has no port to, or with a relocation half outside, is refused" {
  cp "$rt/gate.o" other.o
  # e_machine: EM_ALPHA
  printf '\x26\x90' | dd of=other.o bs=1 seek=18 conv=notrunc status=none
  run -1 --separate-stderr "$BATS_FILE_TMPDIR/driver" object other.o pool.o 5
  [ "$stderr" = "driver: gate template 'other.o': rt has no port to alpha" ]
  offset=$((0x$(readelf -SW "$rt/gate.o" | sed -n 's/.* \.rela\.rt0\.gates *RELA *[0-9a-f]* \([0-9a-f]*\) .*/\1/p')))
  cp "$rt/gate.o" other.o
  # r_offset of the first: one byte of the gate's 32 is left
  printf '\x1f' | dd of=other.o bs=1 seek=$offset conv=notrunc status=none
  run -1 --separate-stderr "$BATS_FILE_TMPDIR/driver" object other.o pool.o 5
  [ "$stderr" = "driver: gate template 'other.o': a relocation lies outside the code" ]
}

@test "a template whose unwind table is shorter than its first word is refused" {
  printf '\x14\0\0' >short
  objcopy --remove-section .rela.eh_frame --update-section .eh_frame=short "$rt/gate.o" other.o
  run -1 --separate-stderr "$BATS_FILE_TMPDIR/driver" object other.o pool.o 5
  [ "$stderr" = "driver: gate template 'other.o': .eh_frame does not hold one CIE and one FDE" ]
}

@test "a template cut off anywhere is refused without a signal" {
  size=$(stat -c %s "$rt/gate.o")
  for ((at = 0; at < size; at += 61)); do
    head -c "$at" "$rt/gate.o" >cut.o
    run -1 "$BATS_FILE_TMPDIR/driver" object cut.o pool.o 5
  done
}

@test "an object that cannot be written is named" {
  run -1 --separate-stderr "$BATS_FILE_TMPDIR/driver" object "$rt/gate.o" none/pool.o 5
  [ "$stderr" = "driver: cannot write 'none/pool.o': No such file or directory" ]
}

@test "an unwind rule that changes inside the gate is refused" {
  cat >gate.s <<'END'
.section .rt0.gates, "ax", @progbits
.balign 32
.cfi_startproc
cmpl $3, rt0_state_word(%rip)
push %rax
.cfi_adjust_cfa_offset 8
jmp rt0_gate_target
.balign 32
.cfi_endproc
END
  as -o gate.o gate.s
  run -1 --separate-stderr "$BATS_FILE_TMPDIR/driver" object gate.o pool.o 5
  [ "$stderr" = "driver: gate template 'gate.o': its unwind rules change inside the gate" ]
}
