#!/usr/bin/env bats
# However a change ends, there is the old file or the new one, whole, with all that belongs to it.
# shellcheck disable=SC2154,SC2016 # some shells are inner ones

load fixture

setup_file() {
  cd "$BATS_FILE_TMPDIR" || return
  # Symbols enough that tables move.
  for ((i = 0; i < 500; i++)); do
    echo "int a_function_of_some_name_$i(void) { return $i; }"
  done | "$CC" -shared -fPIC -x c - -o old.so -Wl,-soname,old.so
  cp old.so new.so
  "$elfpatch" set --soname "$(printf %03000d 1)" --nodelete new.so
  [ "$(stat -c %s new.so)" -gt "$(stat -c %s old.so)" ]
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  cp "$BATS_FILE_TMPDIR/old.so" a.so
  edits=(--soname "$(printf %03000d 1)" --nodelete)
}

# whole FILE: it is the old or the new one, and nothing else is left
whole() {
  if cmp -s "$1" "$BATS_FILE_TMPDIR/old.so"; then
    state=old
  elif cmp -s "$1" "$BATS_FILE_TMPDIR/new.so"; then
    state=new
  else
    fail "neither the old nor the new file: $2"
  fi
}

no_litter() {
  [ -z "$(find . -name '.elfpatch*')" ] || fail "left: $(find . -name '.elfpatch*')"
}

@test "killed at any system call, it leaves the old file or the new one" {
  local n states=
  # strace's filter counts the calls of the set: from the first on a file to the last before exit.
  for ((n = 1; ; n++)); do
    run strace -qq -o /dev/null -e trace=all \
      -e inject=openat,fstat,flock,mmap,ioctl,ftruncate,lseek,copy_file_range,pwrite64,fchown,fchmod,flistxattr,fsync,rename,close,newfstatat:signal=KILL:when=$n \
      "$elfpatch" set "${edits[@]}" a.so
    whole a.so "call $n"
    [ "$(find . -name '.elfpatch*' | wc -l)" -le 1 ]
    rm -f .elfpatch*
    states+="$state "
    [ "$status" -ne 0 ] || break
    cp "$BATS_FILE_TMPDIR/old.so" a.so
  done
  # Both were seen, in that order.
  has "$states" '^(old )+(new )+$'
  [ "$n" -gt 20 ] || fail "$n calls"
}

# KILLS=N: more of them.
@test "killed at a random moment, a hundred times, it leaves the old file or the new one" {
  local i pid
  for ((i = 0; i < ${KILLS:-100}; i++)); do
    "$elfpatch" set "${edits[@]}" a.so &
    pid=$!
    sleep "0.0$((RANDOM % 3))$((RANDOM % 10))"
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" || true
    whole a.so "kill $i"
    rm -f .elfpatch*
    [ "$state" = old ] || cp "$BATS_FILE_TMPDIR/old.so" a.so
  done
}

@test "ended by a signal, it leaves nothing beside the file" {
  local signal
  for signal in INT TERM HUP QUIT; do
    run strace -qq -o /dev/null -e trace=all -e "inject=fchmod:signal=$signal:when=1" "$elfpatch" set "${edits[@]}" a.so
    [ "$status" -gt 128 ]
    cmp a.so "$BATS_FILE_TMPDIR/old.so"
    no_litter
  done
}

@test "any call that fails is told, and leaves the old file and nothing beside it" {
  local call error n
  while read -r call error; do
    for ((n = 1; ; n++)); do
      run --separate-stderr strace -qq -o /dev/null -e trace=all -e "inject=$call:error=$error:when=$n" \
        "$elfpatch" set "${edits[@]}" a.so
      whole a.so "$call $n"
      no_litter
      [ "$status" -ne 0 ] || break
      [ "$status" -eq 1 ] || fail "$call $n: ended with $status"
      # The folder is synced last.
      [ "$state" = old ] || [ "$call" = fsync ]
      [ "${#stderr_lines[@]}" -eq 1 ]
      has "$stderr" "^elfpatch: cannot set 'a.so': .*[a-z0-9']: [A-Z]"
      cp "$BATS_FILE_TMPDIR/old.so" a.so
    done
    [ "$n" -gt 1 ] || fail "$call was not made"
    cp "$BATS_FILE_TMPDIR/old.so" a.so
  done <<'END'
pwrite64 ENOSPC
pwrite64 EIO
ftruncate ENOSPC
fchmod EPERM
fsync EIO
rename EACCES
END
}

@test "a full disk is told, whichever way the file is copied" {
  run -1 --separate-stderr strace -qq -o /dev/null -e trace=all -e inject=copy_file_range:error=ENOSPC -e inject=pwrite64:error=ENOSPC \
    "$elfpatch" set "${edits[@]}" a.so
  has "$stderr" "^elfpatch: cannot set 'a.so': cannot copy [0-9]+ bytes at offset 0: No space left on device$"
  cmp a.so "$BATS_FILE_TMPDIR/old.so"
  no_litter
  run -0 --separate-stderr strace -qq -o /dev/null -e trace=all -e inject=copy_file_range:error=EXDEV "$elfpatch" set "${edits[@]}" a.so
  cmp a.so "$BATS_FILE_TMPDIR/new.so"
}

@test "a limit on the size of files is an error, not a signal" {
  run -1 --separate-stderr bash -c 'ulimit -f 8; "$0" set "$@"' "$elfpatch" "${edits[@]}" a.so
  has "$stderr" "^elfpatch: cannot set 'a.so': .*: File too large$"
  cmp a.so "$BATS_FILE_TMPDIR/old.so"
  no_litter
}

@test "owner, mode, setuid, extended attributes, ACL and, where asked, times are kept" {
  chown 1234:2345 a.so
  chmod 6751 a.so
  setfattr -n user.note -v 'a value' a.so
  setfacl -m u:1234:r a.so
  touch -d 2001-02-03T04:05:06.789 a.so
  local attributes
  attributes=$(stat -c '%u:%g %a' a.so; getfattr -d -m - a.so; getfacl a.so)
  "$elfpatch" set "${edits[@]}" --preserve-times a.so
  [ "$(stat -c '%u:%g %a' a.so; getfattr -d -m - a.so; getfacl a.so)" = "$attributes" ]
  has "$(stat -c %y a.so)" '^2001-02-03 04:05:06.789'
  "$elfpatch" set --soname other.so a.so -o b.so
  [ "$(stat -c '%u:%g %a' b.so)" = '1234:2345 6751' ]
  has_not "$(stat -c %y b.so)" '^2001'
}

@test "what cannot be kept is a refusal" {
  chmod 755 .
  chown 1234 a.so
  cp a.so b.so
  chmod 777 .
  run -1 --separate-stderr setpriv --reuid 4321 --clear-groups "$elfpatch" set --soname x a.so
  has "$stderr" "^elfpatch: cannot set 'a.so': (cannot keep owner 1234 and group [0-9]+: Operation not permitted|Permission denied)$"
  cmp a.so b.so
  no_litter
  chmod 555 .
  run -1 --separate-stderr setpriv --reuid 1234 --clear-groups "$elfpatch" set --soname x a.so
  has "$stderr" "^elfpatch: cannot set 'a.so': (cannot make '.*/.elfpatch.XXXXXX': )?Permission denied$"
}

@test "hard links are refused, unless they may be broken or the edit is in place" {
  ln a.so b.so
  run -1 --separate-stderr "$elfpatch" set --soname x.so a.so
  [ "$stderr" = "elfpatch: cannot set 'a.so': 2 hard links lead to it: the others would keep the old file" ]
  cmp b.so "$BATS_FILE_TMPDIR/old.so"
  "$elfpatch" set --soname x.so --in-place a.so
  [ "$(patchelf --print-soname b.so)" = x.so ]
  "$elfpatch" set --soname y.so --break-links a.so
  [ "$(patchelf --print-soname a.so) $(patchelf --print-soname b.so)" = 'y.so x.so' ]
  [ "$(stat -c %h a.so b.so | xargs)" = '1 1' ]
}

@test "symbolic links are followed and stay" {
  mkdir d
  mv a.so d/real.so
  ln -s d/real.so link.so
  ln -s link.so a.so
  "$elfpatch" set --soname x.so a.so
  [ -L a.so ] && [ -L link.so ]
  [ "$(patchelf --print-soname d/real.so)" = x.so ]
  run -1 --separate-stderr "$elfpatch" set --soname x.so d
  [ "$stderr" = "elfpatch: cannot set 'd': not a regular file" ]
  ln -s none dangling.so
  run -1 --separate-stderr "$elfpatch" set --soname x.so dangling.so
  [ "$stderr" = "elfpatch: cannot set 'dangling.so': No such file or directory" ]
}

@test "a second patcher waits, or says so" {
  exec 7<a.so
  flock 7
  run -1 --separate-stderr "$elfpatch" set --soname x.so --no-wait a.so
  [ "$stderr" = "elfpatch: cannot set 'a.so': another process is patching it" ]
  "$elfpatch" set --soname x.so a.so 7<&- &
  until grep -q -- "-> FLOCK .* $! " /proc/locks; do
    sleep 0.01
  done
  cmp a.so "$BATS_FILE_TMPDIR/old.so"
  # What it waited for is replaced meanwhile: it edits what is there then.
  cp a.so b.so
  "$elfpatch" set --runpath /opt b.so
  mv b.so a.so
  exec 7<&-
  wait
  [ "$(patchelf --print-soname a.so) $(patchelf --print-rpath a.so)" = 'x.so /opt' ]
}

@test "twenty patchers of one file all have their way" {
  local i
  for ((i = 0; i < 20; i++)); do
    "$elfpatch" set --needed-add "lib$i.so" a.so &
  done
  wait
  [ "$("$elfpatch" set --print needed a.so | grep -c '^lib[0-9]')" -eq 20 ]
  no_litter
}

@test "the result goes to another file, also when nothing changes" {
  "$elfpatch" set --soname old.so a.so -o b.so
  cmp a.so b.so
  "$elfpatch" set "${edits[@]}" a.so -o b.so
  cmp a.so "$BATS_FILE_TMPDIR/old.so"
  cmp b.so "$BATS_FILE_TMPDIR/new.so"
  run -1 --separate-stderr "$elfpatch" set --soname x.so a.so -o /dev/null
  [ "$stderr" = "elfpatch: cannot set 'a.so': cannot write to '/dev/null': not a regular file" ]
  run -1 --separate-stderr "$elfpatch" set --soname x.so a.so -o none/b.so
  has "$stderr" "^elfpatch: cannot set 'a.so': cannot make 'none/\.elfpatch\.[[:alnum:]]+': No such file or directory$"
}

@test "in place, only the bytes that change are written" {
  local inode
  inode=$(stat -c '%i %s' a.so)
  run -0 strace -qq -o calls -e trace=pwrite64,write,ftruncate,rename,unlink "$elfpatch" set --in-place --soname oxd.so a.so
  [ "$(grep -c . calls)" -eq 1 ]
  has "$(cat calls)" '^pwrite64\([0-9]+, "x", 1, [0-9]+\) *= 1$'
  [ "$(stat -c '%i %s' a.so)" = "$inode" ]
  [ "$(patchelf --print-soname a.so)" = oxd.so ]
}

@test "in place, what does not fit is refused, and what fails is taken back" {
  run -1 --separate-stderr "$elfpatch" set --in-place "${edits[@]}" a.so
  has "$stderr" "^elfpatch: cannot set 'a.so': does not fit in place \(size [0-9]+, needs [0-9]+\)$"
  cmp a.so "$BATS_FILE_TMPDIR/old.so"
  local n
  for ((n = 1; ; n++)); do
    run --separate-stderr strace -qq -o /dev/null -e trace=all -e "inject=pwrite64:error=EIO:when=$n" \
      "$elfpatch" set --in-place --soname o.so --nodelete --execstack on a.so
    [ "$status" -ne 0 ] || break
    has "$stderr" 'cannot write [0-9]+ bytes at offset [0-9]+: Input/output error$'
    cmp a.so "$BATS_FILE_TMPDIR/old.so"
  done
  [ "$n" -gt 3 ]
}

@test "a file of three gigabytes keeps its holes, and takes no memory" {
  truncate -s 3G a.so
  run -0 prlimit --data=$((4 << 20)) "$elfpatch" set "${edits[@]}" a.so
  [ "$("$elfpatch" set --print soname a.so)" = "$(printf %03000d 1)" ]
  [ "$(stat -c %b a.so)" -lt 4096 ]
  [ "$(stat -c %s a.so)" -ge $((3 << 30)) ]
}
