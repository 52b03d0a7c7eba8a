#!/usr/bin/env bats
# What the system refuses, and what a file says that no tool wrote: one line, status 1, the file as it was. strace stands for
# a system that fails.
# shellcheck disable=SC2154

load fixture

setup_file() {
  build_poke
  cd "$BATS_FILE_TMPDIR" || return
  for ((i = 0; i < 30; i++)); do
    echo "int function_$i(void) { return $i; }"
  done >lib.c
  echo 'int data = 7; int start(void) { return 0; } int main(void) { return 0; }' >>lib.c
  "$CC" -shared -fPIC lib.c -o old.so -Wl,-soname,old.so
  cp old.so new.so
  "$elfpatch" set --soname "$(printf %0300d 1)" --nodelete new.so
  "$elfpatch" attach --init=start -o attached.so old.so
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  cp "$BATS_FILE_TMPDIR"/{old,attached}.so .
  cp old.so a.so
  edits=(--soname "$(printf %0300d 1)" --nodelete)
}

# injected WHAT COMMAND…: with that failure
injected() {
  local what=$1
  shift
  run --separate-stderr strace -qq -o /dev/null -e trace=all -e "inject=$what" "$@"
}

# calls_of CALL ARGUMENT…: $calls, how many of that elfpatch makes
calls_of() {
  local call=$1
  shift
  strace -qq -o calls -e "trace=$call" "$elfpatch" "$@" >output
  calls=$(grep -c "^$call(" calls) || true
}

# refused REASON COMMAND [OPTION]…: on a.so, in one line, and nothing is changed or left
refused() {
  local reason=$1
  shift
  cp a.so before
  run -1 --separate-stderr "$elfpatch" "$@" a.so
  has "$stderr" "^elfpatch: cannot $1 'a\.so': $reason$"
  [ -z "$output" ]
  cmp before a.so
  whole
}

# whole: nothing is beside the files that were there
whole() {
  [ -z "$(find . -name '.elfpatch*')" ] || fail "left: $(find . -name '.elfpatch*')"
}

@test "what belongs to a file and cannot be kept is told" {
  local what reason options
  setfattr -n user.note -v 'a value' a.so
  chown 1234:2345 a.so
  cp --preserve=all a.so before
  while IFS='|' read -r what options reason; do
    # shellcheck disable=SC2086 # words, or none
    injected "$what" "$elfpatch" set "${edits[@]}" $options a.so
    [ "$status $stderr" = "1 elfpatch: cannot set 'a.so': $reason" ] || fail "$what: $status" "$stderr"
    cmp a.so before
    whole
  done <<'END'
flistxattr:error=EIO||cannot list extended attributes: Input/output error
fgetxattr:error=EIO||cannot read the extended attribute 'user.note': Input/output error
fsetxattr:error=ENOSPC||cannot keep the extended attribute 'user.note': No space left on device
fchown:error=EPERM||cannot keep owner 1234 and group 2345: Operation not permitted
utimensat:error=EPERM|--preserve-times|cannot keep times: Operation not permitted
END
  # A file system without them has none to keep.
  injected flistxattr:error=EOPNOTSUPP "$elfpatch" set "${edits[@]}" a.so
  [ "$status" -eq 0 ]
  cmp a.so "$BATS_FILE_TMPDIR/new.so"
}

@test "a lock that cannot be had, and a sync that fails in place, are told" {
  injected flock:error=ENOLCK "$elfpatch" set "${edits[@]}" a.so
  has "$stderr" "elfpatch: cannot set 'a\.so': cannot lock it: No locks available$"
  [ "$status" -eq 1 ]
  cmp a.so old.so
  injected fsync:error=EIO "$elfpatch" set --in-place --soname o.so a.so
  [ "$status $stderr" = "1 elfpatch: cannot set 'a.so': cannot sync: Input/output error" ]
  injected utimensat:error=EPERM "$elfpatch" set --in-place --preserve-times --soname p.so a.so
  [ "$status $stderr" = "1 elfpatch: cannot set 'a.so': cannot keep times: Operation not permitted" ]
}

@test "whichever call of a kind fails, the file is the old or the new one, and a call that is interrupted is made again" {
  local call error n states
  while read -r call error states; do
    cp old.so a.so
    calls_of "$call" --version
    n=$calls
    calls_of "$call" set "${edits[@]}" a.so
    [ "$calls" -gt "$n" ] || fail "$call was not made"
    # What the loader does comes first.
    while ((++n <= calls)); do
      cp old.so a.so
      injected "$call:$error:when=$n" "$elfpatch" set "${edits[@]}" a.so
      whole
      if cmp -s a.so "$BATS_FILE_TMPDIR/new.so"; then
        [[ $states == *new* ]] || fail "$call $error $n: new"
      else
        cmp a.so old.so || fail "$call $error $n"
        [[ $states == *old* ]] || fail "$call $error $n: old" "$stderr"
        [ "$status" -eq 1 ] || fail "$call $error $n: $status"
      fi
    done
  done <<'END'
close error=EIO old,new
pread64 error=EIO old,new
pread64 retval=0 old,new
lseek error=EINVAL new
newfstatat error=EIO old,new
copy_file_range error=EINTR new
pwrite64 error=EINTR new
flock error=EINTR new
ioctl error=EPERM new
END
}

@test "without copy_file_range too, a copy that is interrupted goes on, and one that is cut short is refused" {
  injected copy_file_range:error=ENOSYS "$elfpatch" set "${edits[@]}" a.so
  cmp a.so "$BATS_FILE_TMPDIR/new.so"
  cp old.so a.so
  # The first is of the file header.
  calls_of pread64 --version
  run -1 --separate-stderr strace -qq -o /dev/null -e trace=all -e inject=copy_file_range:error=ENOSYS \
    -e "inject=pread64:retval=0:when=$((calls + 3))+" "$elfpatch" set "${edits[@]}" a.so
  has "$stderr" "^elfpatch: cannot set 'a\.so': the file shrank while it was copied$"
  cmp a.so old.so
  whole
}

@test "a job that a signal ends is told, and the others are done" {
  cp old.so b.so
  run -1 --separate-stderr strace -f -qq -o /dev/null -e trace=flock -P "$PWD/a.so" -e inject=flock:signal=SEGV \
    "$elfpatch" set --jobs=2 "${edits[@]}" a.so b.so
  [ "$stderr" = "elfpatch: cannot set 'a.so': ended by signal 11 (Segmentation fault)" ]
  cmp a.so old.so
  cmp b.so "$BATS_FILE_TMPDIR/new.so"
}

@test "where no job can be started, the work is done without" {
  local call
  for call in memfd_create:error=EMFILE clone:error=EAGAIN; do
    cp old.so a.so
    cp old.so b.so
    injected "$call" "$elfpatch" set --jobs=2 --verbose "${edits[@]}" a.so b.so
    [ "$status" -eq 0 ] || fail "$call" "$stderr"
    cmp a.so "$BATS_FILE_TMPDIR/new.so"
    cmp b.so "$BATS_FILE_TMPDIR/new.so"
    [ "$(grep -c 'b.so: wrote' <<<"$output")" -eq 1 ]
  done
}

# undo WORD VALUE: that 64-bit word of .rt0.undo
undo() {
  local offset
  cp attached.so a.so
  offset=$(readelf -SW a.so | sed -n 's/.*\.rt0\.undo *[A-Z]* *[0-9a-f]* \([0-9a-f]*\) .*/\1/p')
  python3 - a.so $((16#$offset + 8 * $1)) "$2" <<'END'
import struct, sys
with open(sys.argv[1], "r+b") as file:
    file.seek(int(sys.argv[2]))
    file.write(struct.pack("<Q", int(sys.argv[3], 0)))
END
}

@test "what detach is to put back must be in order, whole and inside the file that was" {
  local size
  size=$(stat -c %s old.so)
  # Magic, version, the old size, four words of digest, the count of stretches; offset and length of each.
  undo 0 0
  refused '\.rt0\.undo: [0-9]+ bytes that attach did not write' detach
  undo 1 9
  refused '\.rt0\.undo: version 9, these tools know version [0-9]+' detach
  undo 2 0x7fffffffffffffff
  refused '\.rt0\.undo at offset [0-9]+: the file that was had 9223372036854775807 bytes' detach
  undo 7 0xffffffffffffffff
  refused '\.rt0\.undo: 18446744073709551615 stretches in [0-9]+ bytes' detach
  undo 7 0
  refused '\.rt0\.undo: [0-9]+ bytes too many' detach
  undo 8 $((size + 1))
  refused "\\.rt0\\.undo: stretch 0, [0-9]+ bytes at offset $((size + 1)), of a file of $size" detach
  undo 9 0xffffffffffffffff
  refused "\\.rt0\\.undo: stretch 0, 18446744073709551615 bytes at offset [0-9]+, of a file of $size" detach
  undo 9 1
  refused '\.rt0\.undo: [0-9]+ bytes too many' detach
}

@test "each field is printed as readelf has it" {
  "$elfpatch" set --rpath=/old/path a.so
  for field in init fini; do
    has "$(readelf -dW a.so)" "\\(${field^^}\\) *$("$elfpatch" set --print=$field a.so)"
  done
  [ "$("$elfpatch" set --print=rpath a.so)" = /old/path ]
  [ "$("$elfpatch" set --print=os-abi a.so)" = 0 ]
  [ "$("$elfpatch" set --print=needed --print=soname --print=rpath --json a.so | jq -c '[.needed, .soname, .rpath]')" = \
    '[[],["old.so"],["/old/path"]]' ]
  "$CC" "$BATS_FILE_TMPDIR/lib.c" -o program
  has "$(readelf -lW program)" "interpreter: $("$elfpatch" set --print=interpreter program)"
  # Without PT_GNU_STACK the kernel makes it executable.
  poke a.so phdr GNU_STACK p_type 0
  [ "$("$elfpatch" set --print=execstack a.so)" = on ]
}

@test "a string that cannot be printed is refused" {
  "$CC" "$BATS_FILE_TMPDIR/lib.c" -o a.so
  poke a.so phdr INTERP p_filesz 5
  refused 'PT_INTERP: the 5 bytes do not end with a null byte' set --print=interpreter
  refused 'PT_INTERP: .*' set --interpreter=/lib/x
  cp old.so a.so
  poke a.so dyn SONAME 0x7fffffff
  refused 'a string at 2147483647 is outside the [0-9]+ bytes of DT_STRTAB' set --print=soname
}

@test "a symbol that is not what an edit needs is refused" {
  refused "'function_1' is no variable \\(symbol type 2\\)" set --flag=function_1=1
  refused ".*'none'.*" set --init=none
  # What would break the line is not printed.
  refused ".*'no\\?ne'.*" set --init=$'no\nne'
  printf '%s\n' '__asm__(".symver one, twice@V1\n.symver two, twice@@V2");' 'int one(void) { return 1; } int two(void) { return 2; }' >twice.c
  echo 'V1 { twice; }; V2 { twice; } V1;' >twice.map
  "$CC" -shared -fPIC twice.c -o a.so -Wl,--version-script=twice.map
  refused "'twice' is two symbols, at 0x[0-9a-f]+ and 0x[0-9a-f]+" set --init=twice
}

@test "an init function for a library without one, and for glibc's machine that has none" {
  echo 'int ran; void begin(void) { ran = 1; } int get(void) { return ran; }' >init.c
  "$CC" -shared -fPIC -nostartfiles init.c -o a.so
  run -0 "$elfpatch" set --verbose --init=begin a.so
  has "$output" 'init: none -> 0x[0-9a-f]+ begin'
  [ "$(python3 -c 'import ctypes; print(ctypes.CDLL("./a.so").get())')" = 1 ]
  riscv64-linux-gnu-gcc -shared -fPIC init.c -o a.so
  refused 'glibc on riscv64 does not run DT_INIT' set --init=begin
}

@test "without section headers an entry, an interpreter and a cache that need room are refused" {
  local i names=()
  for ((i = 0; i < 30; i++)); do
    names+=("--needed-add=function_$i")
  done
  for file in a.so program; do
    [ "$file" = a.so ] || "$CC" "$BATS_FILE_TMPDIR/lib.c" -o "$file"
    poke "$file" ehdr e_shnum 0
    poke "$file" ehdr e_shstrndx 0
    poke "$file" ehdr e_shoff 0
  done
  refused 'no spare entry in the dynamic section \([0-9]+ of [0-9]+ used\), and no section header of it to make room by' set "${names[@]}"
  mv program a.so
  refused "PT_INTERP has [0-9]+ bytes, '/a/longer/path/[0-9]+' needs 317, and no section header tells what stands behind it" \
    set "--interpreter=/a/longer/path/$(printf %0301d 1)"
}

@test "a short edit of a library with many names changes no other name" {
  for ((i = 0; i < 3000; i++)); do
    echo "int a_function_with_a_long_name_$i(void) { return $i; }"
  done | "$CC" -shared -fPIC -O0 -x c - -o a.so -Wl,-soname,libmany.so.1
  readelf --dyn-syms -W a.so >names
  "$elfpatch" set --soname=libmany.so.2 a.so
  readelf --dyn-syms -W a.so | cmp - names
  [ "$("$elfpatch" set --print=soname a.so)" = libmany.so.2 ]
}

@test "without /proc, attach says that it cannot find rt" {
  # The first is of the file itself.
  injected readlink:error=EACCES:when=2+ "$elfpatch" attach --init=start a.so
  [ "$status $stderr" = "1 elfpatch: cannot attach 'a.so': cannot find rt: /proc/self/exe cannot be read: Permission denied" ]
  cmp a.so old.so
}

@test "whichever write or read of attach and detach fails, the file is as it was" {
  local call error n command first refusals
  while read -r call error; do
    refusals=
    for command in 'attach --init=start' detach; do
      first=old.so
      [ "$command" != detach ] || first=attached.so
      calls_of "$call" --version
      n=$calls
      cp "$first" a.so
      # shellcheck disable=SC2086 # a command and its option
      calls_of "$call" $command a.so
      [ "$calls" -gt "$n" ] || fail "$command: no $call"
      cp a.so good
      while ((++n <= calls)); do
        cp "$first" a.so
        # shellcheck disable=SC2086
        injected "$call:$error:when=$n" "$elfpatch" $command a.so
        # Unwind tables of the templates are read, and are for ldwrap.
        if [ "$status" -eq 0 ]; then
          cmp a.so good
          continue
        fi
        [ "$status" -eq 1 ] || fail "$command, $call $n: $status"
        has "$stderr" "^elfpatch: cannot ${command%% *} 'a\.so': .*: (No space left on device|Input/output error)$" || fail "$call $n"
        [ "${#stderr_lines[@]}" -eq 1 ]
        cmp a.so "$first"
        whole
        refusals+=x
      done
    done
    # Of attach's and of detach's there are at least these.
    [ ${#refusals} -ge 4 ] || fail "$call: ${#refusals} refusals"
  done <<'END'
pwrite64 error=ENOSPC
ftruncate error=ENOSPC
pread64 error=EIO
END
}

@test "patchelf's result for a device that is full, and an argument file that cannot be read, are told" {
  ln -s "$elfpatch" patchelf
  run -1 --separate-stderr ./patchelf --set-soname other.so --output /dev/full a.so
  has "$stderr" "^patchelf: cannot write to '/dev/full': No space left on device"
  injected memfd_create:error=EMFILE ./patchelf --set-soname other.so --output /dev/null a.so
  [ "$status" -eq 1 ]
  has "$stderr" '^patchelf: cannot make a file in memory: Too many open files'
  mkdir folder
  run -1 --separate-stderr ./patchelf --set-soname @folder a.so
  has "$stderr" "^patchelf: reading 'folder': Is a directory"
  echo -n other.so >name
  run -1 --separate-stderr strace -qq -o /dev/null -P "$PWD/name" -e trace=openat -e inject=openat:error=EACCES \
    ./patchelf --set-soname "@$PWD/name" a.so
  has "$stderr" "^patchelf: opening '$PWD/name': Permission denied"
  cmp a.so old.so
}

@test "versions needed of the second library follow it when another takes its place" {
  printf '%s\n' '#include <math.h>' '#include <stdio.h>' 'double root(double x) { return puts("") + sqrt(x); }' >two.c
  "$CC" -shared -fPIC -fno-builtin two.c -o a.so -lm
  local first second
  # In the order of the file.
  { read -r first; read -r second; } < <(readelf -VW a.so | sed -n 's/.*File: \([^ ]*\) .*/\1/p')
  [ -n "$second" ]
  "$elfpatch" set "--needed-replace=$second=libother.so.1" a.so
  [ "$(readelf -VW a.so | sed -n 's/.*File: \([^ ]*\) .*/\1/p' | xargs)" = "$first libother.so.1" ]
  has "$(readelf -dW a.so)" 'NEEDED.*\[libother\.so\.1\]'
  has_not "$(readelf -dW a.so)" "NEEDED.*\\[$second\\]"
}
