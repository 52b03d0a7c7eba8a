#!/usr/bin/env bats
# What drivers and linkers write beside a library: dependency files, maps, debug information, coverage notes.

# shellcheck disable=SC2154,SC2030,SC2031
load ldwrap

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  runtime_source >runtime.c
  mkdir 'out dir'
}

# linked ARGUMENT…: ldwrap says nothing and leaves nothing behind
linked() {
  run -0 --separate-stderr "$ldwrap" "$@"
  [ -z "$output$stderr" ] || fail "$*: $output$stderr"
  no_leftovers
}

# files FOLDER: what is in it and below
files() {
  (cd "$1" && find . -type f | sort)
}

@test "a linker's dependency file is a rule for the library, and all that it names is there" {
  objects
  cp runtime.o 'out dir/run time.o'
  local file linker option
  for linker in "${linkers[@]}"; do
    for option in -Wl,--dependency-file=deps.d -Wl,--dependency-file,deps.d "-Xlinker --dependency-file=deps.d"; do
      # shellcheck disable=SC2086 # words
      linked "-fuse-ld=$linker" -shared -o 'out dir/x.so' runtime.o plain.o -Wl,-z,muldefs $option
      "$CC" "-fuse-ld=$linker" -shared -o 'out dir/own.so' runtime.o plain.o -Wl,-z,muldefs -Wl,--dependency-file=own.d
      # As the linker's own, but for the library's name and rt.
      sed 's/own\.so/x.so/' own.d | tr ' ' '\n' | grep -v '^$' >own.words
      tr ' ' '\n' <deps.d | grep -v '^$' | grep -v '/lib/rt0/' >words
      diff <(tr -d '\\\n' <own.words) <(tr -d '\\\n' <words) || fail "$linker $option"
      grep -q '/lib/rt0/.*/rt0\.o' deps.d
      rm deps.d
    done
    # make understands it: nothing is to be done, and something is when an input is newer.
    linked "-fuse-ld=$linker" -shared -o x.so runtime.o -Wl,--dependency-file=deps.d
    printf 'x.so:\n\techo link\ninclude deps.d\n' >Makefile
    run -0 make -s
    [ -z "$output" ] || fail "$linker: $output"
    touch -d '-1 hour' x.so
    run -0 make -s
    [ "$output" = link ] || fail "$linker: $output"
    while read -r file; do
      [ -e "$file" ] || fail "$linker: $file"
    done < <(sed -n 's/^\(.*\):$/\1/p' deps.d)
  done
}

@test "a dependency file of a link of nothing but its inputs keeps its form" {
  objects
  for linker in "${linkers[@]}"; do
    linked "-fuse-ld=$linker" -nostdlib -nostartfiles -shared -o x.so runtime.o -Wl,--dependency-file=deps.d
    # rt's own was the last of the list.
    printf 'x.so:\n\techo link\ninclude deps.d\n' >Makefile
    run -0 make -s
    [ -z "$output" ] || fail "$linker: $output"
    [[ $(tail -n 1 deps.d) != *\\ ]]
  done
}

@test "a link map names the library, and where functions and gates are" {
  objects
  for linker in "${linkers[@]}"; do
    for option in -Wl,-Map=map -Wl,-Map,map "-Xlinker -Map -Xlinker map"; do
      # shellcheck disable=SC2086 # words
      linked "-fuse-ld=$linker" -shared -o 'out dir/x.so' runtime.o $option
      has_not "$(cat map)" '\.rt0-[A-Za-z0-9]{6}'
      has "$(cat map)" '\.rt0\.gates'
      has "$(cat map)" 'runtime\.o'
      address=$(readelf -SW 'out dir/x.so' | sed -n 's/.* \.rt0\.gates *PROGBITS *0*\([0-9a-f]*\) .*/\1/p')
      has "$(grep -F .rt0.gates map)" "0*$address" || fail "$linker: $address"
      rm map
    done
  done
}

@test "dependency files and maps that are streams, or for an output that is a device, are left to the linker" {
  objects
  linked -shared -o /dev/null runtime.o -Wl,--dependency-file=deps.d,-Map=map
  has "$(head -n 1 deps.d)" '^/dev/null:'
  has_not "$(cat deps.d map)" '\.rt0-[A-Za-z0-9]{6}'
  run -0 --separate-stderr "$ldwrap" -fuse-ld=lld -shared -o x.so runtime.o -Wl,-Map=/dev/stdout
  has "$output" '\.rt0\.gates'
  [ -z "$stderr" ]
}

@test "a dependency file that cannot be written back is an error, and the old library stays" {
  objects
  echo old >x.so
  mkdir bin
  # A linker that takes the right to write away behind itself.
  printf '#!/bin/sh\ngcc "$@" && chmod 444 deps.d\n' >bin/gcc-once
  chmod +x bin/gcc-once
  sed -i 's/gcc "/\/usr\/bin\/gcc "/' bin/gcc-once
  run -1 --separate-stderr setpriv --bounding-set=-dac_override --inh-caps=-dac_override \
    "$ldwrap" "$PWD/bin/gcc-once" -shared -o x.so runtime.o -Wl,--dependency-file=deps.d
  [ "$stderr" = "ldwrap: cannot write 'deps.d': Permission denied" ]
  [ "$(cat x.so)" = old ]
  no_leftovers
}

# What one command from source to library leaves, with every option that names files after the output.
@test "split debug information, coverage notes and kept files are where and what the driver's own are" {
  local driver line
  mkdir own ours
  for driver in gcc clang; do
    for line in "-g -gsplit-dwarf -o x.so" "-g -gsplit-dwarf" "-g -gsplit-dwarf -o sub/x" "--coverage -o sub/x.so" \
      "-g -gsplit-dwarf -save-temps -o sub/x.so" "-g -gsplit-dwarf -save-temps=cwd -o sub/x.so" \
      "-g -gsplit-dwarf -save-temps=obj -o sub/x.so" "-g -gsplit-dwarf -Wl,-o,sub/x.so" "-MMD -o sub/x.so" \
      "-MMD -MF deps.d -o sub/x.so" "-ftest-coverage -fprofile-arcs -MD -o x.so"; do
      for where in own ours; do
        rm -rf work
        mkdir -p work/sub
        cp runtime.c work
        command=("$driver")
        [ "$where" = own ] || command=("$ldwrap" "$driver")
        # The same folder for both: its name is in the files.
        # shellcheck disable=SC2086 # words
        (cd work && "${command[@]}" -fPIC -shared -I"$BUILD/include" runtime.c $line) >"$where.words" 2>&1
        rm -rf "$where"
        mv work "$where"
      done
      diff own.words ours.words || fail "$driver $line"
      diff <(files own) <(files ours) || fail "$driver $line"
      while read -r file; do
        case $file in
          ./x | */x.so | */a.out | */sub/x)
            has_not "$(strings -a "ours/$file")" '\.rt0-[A-Za-z0-9]{6}' || fail "$driver $line: $file"
            diff <(readelf --debug-dump=info "own/$file" 2>&1 | grep -o 'dwo_name.*: .*' | sed 's/.*: //') \
              <(readelf --debug-dump=info "ours/$file" 2>&1 | grep -o 'dwo_name.*: .*' | sed 's/.*: //') || fail "$driver $line"
            ;;
          # A time is in it.
          *.gcno) [ "$(stat -c %s "own/$file")" = "$(stat -c %s "ours/$file")" ] || fail "$driver $line: $file" ;;
          *) cmp "own/$file" "ours/$file" || fail "$driver $line: $file" ;;
        esac
      done < <(files own)
      [ "$(cd ours && host "$PWD/$(find . -name x -o -name x.so -o -name a.out | head -n 1)")" = 42 ]
    done
  done
}

@test "coverage is counted into the files that the driver's own library would count into" {
  linked gcc --coverage -O0 -fPIC -shared -I"$BUILD/include" runtime.c -o 'out dir/x.so'
  [ "$(host 'out dir/x.so')" = 42 ]
  [ "$(files 'out dir')" = "$(printf './%s\n' x.so x.so-runtime.gcda x.so-runtime.gcno)" ]
  run -0 gcov -o 'out dir' 'out dir/x.so-runtime.gcda'
  has "$output" 'Lines executed:100'
}

@test "gdb finds split debug information" {
  linked gcc -g -O0 -gsplit-dwarf -fPIC -shared -I"$BUILD/include" runtime.c -o 'out dir/x.so'
  has "$(gdb -nx -batch -iex 'set debuginfod enabled off' -ex 'info scope twice' 'out dir/x.so' 2>&1)" 'Symbol x is'
}

@test "relocations kept by --emit-relocs name the symbols that the linker's own do" {
  "$CC" -O1 -fPIC -I"$BUILD/include" -c runtime.c
  relocations() { readelf -rW "$1" | sed -n "/'.rela.text'/,/^$/p" | awk '$3 ~ /^R_/ { print $3, $5 }' | sort; }
  for linker in "${linkers[@]}"; do
    linked "-fuse-ld=$linker" -shared -o x.so runtime.o -Wl,--emit-relocs
    "$CC" "-fuse-ld=$linker" -shared -o own.so runtime.o -Wl,--emit-relocs
    is_runtime x.so
    [ "$(host ./x.so)" = 42 ]
    relocations own.so >own
    relocations x.so >ours
    [ -s own ]
    # rt has some of its own.
    [ -z "$(comm -23 own ours)" ] || fail "$linker:" "$(comm -23 own ours)"
  done
}

@test "every style of --build-id gives an id of its size, the same twice but for uuid" {
  objects
  id() { readelf -n "$1" | sed -n 's/.*Build ID: //p'; }
  local linker style digits first
  for linker in "${linkers[@]}"; do
    while read -r style digits which; do
      case $which in *"$linker"*) continue ;; esac
      linked "-fuse-ld=$linker" -shared -o x.so runtime.o "-Wl,--build-id$style"
      first=$(id x.so)
      [ "${#first}" = "$digits" ] || fail "$linker --build-id$style: '$first'"
      linked "-fuse-ld=$linker" -shared -o x.so runtime.o "-Wl,--build-id$style"
      case $style in
        =uuid) [ "$first" != "$(id x.so)" ] || fail "$linker: the same uuid twice" ;;
        *) [ "$first" = "$(id x.so)" ] || fail "$linker --build-id$style: two ids" ;;
      esac
      [ "$digits" = 0 ] || "$elfpatch" verify -q x.so
    done <<'END'
=sha1 40
=md5 32
=uuid 32
=0xfeedfacecafebeef 16
=none 0
=fast 16 bfd gold mold
=tree 40 bfd mold
END
  done
}

@test "gdb stops in a gated function and sees through its gate, with the debug information in a file of its own" {
  "$CC" -g -O0 -fPIC -I"$BUILD/include" -c runtime.c
  cat >caller.c <<'EOF'
int twice(int);
int main(void)
{
	return twice(21) != 42;
}
EOF
  local debugger=(timeout 120 gdb -nx -batch -iex 'set debuginfod enabled off' -ex 'set breakpoint pending on')
  for linker in "${linkers[@]}"; do
    linked "-fuse-ld=$linker" -shared -o libx.so runtime.o -Wl,--build-id
    "$CC" -g -O0 caller.c ./libx.so -o caller
    objcopy --only-keep-debug libx.so libx.so.debug
    objcopy --strip-all --add-gnu-debuglink=libx.so.debug libx.so
    has_not "$(readelf -SW libx.so)" '\.(debug_info|symtab)'
    ./caller
    "$elfpatch" verify -q libx.so
    run -0 "${debugger[@]}" -ex 'break runtime.c:twice' -ex run -ex backtrace ./caller
    has "$output" '#0 +twice \(x=21\) at runtime\.c:9' || fail "$linker"
    has "$output" '#1 +0x[0-9a-f]+ in main \(\) at caller\.c:4' || fail "$linker"
    # In the gate itself: its name is that of the separate file.
    # shellcheck disable=SC2016 # gdb's variable
    run -0 "${debugger[@]}" -ex 'break twice' -ex run -ex 'info symbol $pc' -ex backtrace -ex continue ./caller
    has "$output" 'in section \.rt0\.gates' || fail "$linker:" "$output"
    has "$output" '#1 +0x[0-9a-f]+ in main \(\) at caller\.c:4' || fail "$linker"
    # By build-id, too.
    id=$(readelf -n libx.so | sed -n 's/.*Build ID: //p')
    mkdir -p "debug/.build-id/${id:0:2}"
    mv libx.so.debug "debug/.build-id/${id:0:2}/${id:2}.debug"
    run -0 "${debugger[@]}" -iex "set debug-file-directory $PWD/debug" -ex 'break runtime.c:twice' -ex run ./caller
    has "$output" 'twice \(x=21\) at runtime\.c:9' || fail "$linker"
  done
}
