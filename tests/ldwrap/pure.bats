#!/usr/bin/env bats
# A link and a patch are functions of their inputs: what build systems that cache and send actions away rely on.

# shellcheck disable=SC2030,SC2031
load ldwrap

# sources FOLDER: what the actions below read
sources() {
  mkdir -p "$1/out" "$1/include"
  cp "$BUILD/include/rt0.h" "$1/include"
  runtime_source >"$1/runtime.c"
  plain_source | sed 's/twice/thrice/' >"$1/plain.c"
  printf '%s\n' 'int vendor_start(int c, char **v, char **e) { return !v + !e + 0 * c; }' \
    'int vendor(void) { return 7; }' >"$1/vendor.c"
}

# two_places: the folders `one` and `another one/below`, with the same files, made in another order, at another time
two_places() {
  sources one
  sources 'another one/below'
  (
    cd one || exit
    "$CC" -O2 -fPIC -Iinclude -c runtime.c plain.c
    "$CC" -O2 -fPIC -Iinclude -c -flto -o lto.o runtime.c
    ar rcsD libruntime.a plain.o runtime.o
    "$CC" -shared -fPIC -o vendor.so vendor.c
  )
  (
    cd one || exit
    for file in vendor.so *.a lto.o plain.o runtime.o; do cat "$file" >"../another one/below/$file"; done
    touch -d '2001-02-03' ./*
  )
  # The tools stand elsewhere as well.
  mkdir -p tools
  cp -R "$BUILD/bin" "$BUILD/lib" tools
  ln -s "$BUILD/lib/rt0" one/objects
  ln -s "$PWD/tools/lib/rt0" 'another one/below/objects'
}

# in_one COMMAND…, in_another COMMAND…: with `ldwrap` and `elfpatch` on PATH
in_one() (
  cd one || exit
  umask 022
  PATH=$BUILD/bin:$PATH "$@"
)
in_another() (
  cd 'another one/below' || exit
  umask 077
  mkdir -p tmp home
  # One processor, and nothing of the environment that could be the same.
  env -i PATH="$OLDPWD/tools/bin:$PATH" TMPDIR="$PWD/tmp" HOME="$PWD/home" USER=other LOGNAME=other LANG=de_DE.UTF-8 \
    LC_ALL=C.UTF-8 TZ=Asia/Tokyo COLUMNS=40 SHLVL=7 HOSTNAME=elsewhere RANDOM_NOISE="$RANDOM$(date)" \
    taskset -c "$(taskset -pc $$ | sed 's/.*[ ,-]//')" "$@"
)

# same COMMAND…: it says nothing and leaves the same bytes in both places
same() {
  run -0 --separate-stderr in_one "$@"
  [ -z "$output$stderr" ] || fail "$*: $output $stderr"
  run -0 --separate-stderr in_another "$@"
  [ -z "$output$stderr" ] || fail "$*: $output $stderr"
  [ -n "$(ls one/out)" ] || fail "$*: no output"
  run -0 diff -r one/out 'another one/below/out'
  no_leftovers
  rm -rf one/out/* 'another one/below/out/'*
}

# later: in another second than before
later() {
  local now
  now=$(date +%s)
  while [ "$(date +%s)" = "$now" ]; do :; done
}

@test "a link gives the same bytes in another folder, environment, second and place of ldwrap" {
  two_places
  # The compiler itself needs to be told not to name the folder, and the assembler does in DWARF 5 whatever it is told.
  compile=(-ffile-prefix-map="$PWD/one=/" -ffile-prefix-map="$PWD/another one/below=/" -gdwarf-4 -fPIC -Iinclude)
  later
  for driver in gcc clang; do
    for linker in "${linkers[@]}"; do
      link=(ldwrap "$driver" "-fuse-ld=$linker" -shared -o out/libx.so)
      same "${link[@]}" plain.o runtime.o
      # A map names rt's files.
      same "${link[@]}" --rt0-objects=objects -Wl,-Map=out/map plain.o runtime.o
    done
  done
  for link in 'gcc -fuse-ld=mold' 'clang -fuse-ld=lld'; do
    read -ra link <<<"ldwrap $link -shared -o out/libx.so"
    same "${link[@]}" --rt0=on -Wl,--build-id,--gc-sections libruntime.a
    same "${link[@]}" -O2 "${compile[@]}" runtime.c plain.c
  done
  same ldwrap gcc -flto -shared -o out/libx.so lto.o plain.o
  same ldwrap gcc -gsplit-dwarf "${compile[@]}" -shared -o out/libx.so runtime.c
  same ldwrap gcc -shared -o out/libx.so -Wl,--dependency-file=out/rule --rt0-objects=objects runtime.o
  same ldwrap clang -frecord-command-line "${compile[@]}" -shared -o out/libx.so --rt0-objects=objects runtime.c
}

@test "a patch gives the same bytes in another folder, environment, second and place of elfpatch" {
  two_places
  later
  same elfpatch attach --objects objects --init vendor_start -o out/vendor.so vendor.so
  same elfpatch set --soname libvendor.so.1 --runpath "\$ORIGIN/below" --needed-add libdl.so.2 -o out/vendor.so vendor.so
  in_one elfpatch attach --init vendor_start vendor.so
  in_another elfpatch attach --init vendor_start vendor.so
  same elfpatch detach -o out/vendor.so vendor.so
}

@test "--rt0-objects takes rt from there, and names what is missing" {
  objects
  mkdir -p elsewhere
  cp -R "$BUILD/lib/rt0" elsewhere/objects
  "$ldwrap" -shared -o x.so runtime.o
  "$ldwrap" --rt0-objects=elsewhere/objects -shared -o y.so runtime.o
  cmp x.so y.so
  # A lone ldwrap, as engines have it that keep each input by its hash.
  mv elsewhere/objects objects
  cp "$ldwrap" elsewhere/0123abcd
  mkdir bin
  ln -s ../elsewhere/0123abcd bin/ldwrap
  run -1 bin/ldwrap cc -shared -o y.so runtime.o
  has "$output" 'no rt for machine'
  bin/ldwrap --rt0-objects=objects cc -shared -o y.so runtime.o
  cmp x.so y.so
  # The same of elfpatch.
  "$CC" -shared -fPIC -x c -o vendor.so - <<<'int start(void) { return 0; } int vendor(void) { return 7; }'
  "$elfpatch" attach --init start -o x.so vendor.so
  cp "$elfpatch" elsewhere/4567cdef
  ln -s ../elsewhere/4567cdef bin/elfpatch
  run -1 bin/elfpatch attach --init start -o y.so vendor.so
  has "$output" 'no rt for machine'
  bin/elfpatch attach --objects objects --init start -o y.so vendor.so
  cmp x.so y.so
  rm objects/*/rt0.o
  run -1 "$ldwrap" --rt0-objects=objects -shared -o y.so runtime.o
  has "$output" "ldwrap: no rt for machine '[a-z0-9_]+': 'objects/[a-z0-9_]+/rt0.o' not found"
}

@test "what a link left behind that was killed changes nothing, and is taken away" {
  objects
  "$ldwrap" -shared -Wl,-Map=map -o x.so runtime.o
  mv map own
  mkdir -p .rt0-x.so/below
  echo old | tee .rt0-x.so/x.so .rt0-x.so/rt0-link.o .rt0-x.so/other >.rt0-x.so/below/file
  mv x.so y.so
  run -0 "$ldwrap" -shared -Wl,-Map=map -o x.so runtime.o
  cmp x.so y.so
  cmp own map
  no_leftovers
  [ ! -e other ]
}

@test "two links of one output do not meet, and a folder of somebody else's is left alone" {
  objects
  "$ldwrap" -shared -o y.so runtime.o
  mkdir .rt0-x.so
  echo theirs >.rt0-x.so/x.so
  exec 9<.rt0-x.so
  flock 9
  run -0 "$ldwrap" -shared -o x.so runtime.o
  cmp x.so y.so
  [ "$(<.rt0-x.so/x.so)" = theirs ]
  exec 9<&-
  mkdir precious
  mv .rt0-x.so/x.so precious
  rmdir .rt0-x.so
  ln -s precious .rt0-x.so
  run -0 "$ldwrap" -shared -o x.so runtime.o
  cmp x.so y.so
  [ "$(<precious/x.so)" = theirs ]
  rm .rt0-x.so
  names=$(printf 'n%.0s' {1..252})
  run -0 "$ldwrap" -shared -o "$names.s" runtime.o
  cmp "$names.s" y.so
}
