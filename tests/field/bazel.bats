#!/usr/bin/env bats
# Bazel's rules: a project built from an installation that was moved, under linux-sandbox, from caches, and its actions
# run elsewhere. The commands are those of the documents.

# shellcheck disable=SC2154,SC2030,SC2031
load consumers

setup_file() {
  install_moved
  # Debian's settings keep each sandbox. No server stays behind.
  export HOME=$BATS_FILE_TMPDIR/home
  mkdir "$HOME"
  printf '%s\n' "startup --batch --output_user_root=$BATS_FILE_TMPDIR/bazel" 'build --nosandbox_debug --color=no --curses=no' \
    >"$HOME/.bazelrc"
}

setup() {
  prefix="$BATS_FILE_TMPDIR/moved to here"
  cd "$BATS_TEST_TMPDIR" || return
}

# bazel_in FOLDER OPTION…: build the project, a copy of which is made there if there is none; the log is in FOLDER.json
bazel_in() {
  local folder=$1
  shift
  if [ ! -d "$folder" ]; then
    mkdir -p "$folder"
    (cd "$folder" && project bazel)
  fi
  log=$PWD/${folder//\//-}.json
  (cd "$folder" && bazel build --override_repository=rt0="$prefix/share/rt0/bazel" \
    --execution_log_json_file="$log" "$@" //... >"$log.output" 2>&1) || fail "$(grep -v '^INFO' "$log.output")"
}

# counted ACTIONS HITS [RUNNER]: of the last build
counted() {
  run -0 python3 "$root/tests/field/actions.py" count "$log"
  [ "$output" = "$*" ] || fail "actions, hits, runners: $output, expected $*" "$(grep -A 9 '^WARN' "$log.output")"
}

# mnemonics: what ran, of the last build
mnemonics() {
  jq -r 'select(.remoteCacheHit | not) | .mnemonic' "$log" | sort | uniq -c | awk '{ printf "%s%d %s", s, $1, $2; s = ", " }'
}

# bytes FOLDER: the hashes of all that was built there
bytes() {
  (cd "$1/bazel-bin" && find . -type f ! -name '*runfiles*' ! -name '*.params' ! -name MANIFEST | sort | xargs sha256sum)
}

@test "a project's libraries start by themselves, and were linked under linux-sandbox" {
  project bazel
  while IFS= read -r line; do
    grep -qxF -- "$line" BUILD.bazel || fail "BUILD.bazel has no line '$line'"
  done <<<"$(blocks building.md Bazel starlark)"
  PREFIX=$prefix run -0 bash -eu -c "$(blocks building.md Bazel sh)"
  works bazel-bin/libplug.so bazel-bin/program
  [ "$(bazel-bin/user)" = 42 ]

  run -0 "$prefix/bin/elfpatch" verify bazel-bin/libspeech.so.1
  run -0 readelf -W --dyn-syms bazel-bin/libspeech.so.1
  has "$output" 'speech_length@@SPEECH_1'
  run -0 "$prefix/bin/elfpatch" show bazel-bin/libspeech.so.1
  has "$output" 'policy +-speech_version'
  cat >call.c <<'END'
#include <dlfcn.h>
#include <stdio.h>
int main(int argc, char **argv)
{
	void *library = argc > 2 ? dlopen(argv[1], RTLD_NOW) : NULL;
	int (*function)(void) = library ? (int (*)(void))dlsym(library, argv[2]) : NULL;
	if (!function)
		return puts(dlerror()), 1;
	return printf("%d\n", function()) < 0;
}
END
  "$CC" -o call call.c
  [ "$(./call bazel-bin/libspeech.so.1 speech_length)" = 5 ]
  for library in bazel-bin/attached/libvendor.so bazel-bin/libother.so; do
    run -0 "$prefix/bin/elfpatch" verify "$library"
    [ "$(LD_LIBRARY_PATH=$prefix/lib ./call "$library" vendor_word)" = 7 ]
  done
  has "$(readelf -dW bazel-bin/libother.so)" 'soname: \[libother\.so\]'

  # An action sees what it declares, and nothing else of the project.
  bazel_in sandboxed --spawn_strategy=linux-sandbox
  run -0 jq -r 'select(.mnemonic == "Rt0Link" or .mnemonic == "Rt0Patch") | .runner' "$log"
  [ "$output" = "$(printf 'linux-sandbox\n%.0s' {1..4})" ] || fail "$output"
  jq -r '.commandArgs[]' "$log" | grep -qx -- --rt0-stack-size=1048576
  cat >>sandboxed/BUILD.bazel <<'END'
genrule(
    name = "undeclared",
    outs = ["undeclared.txt"],
    cmd = "cat gates >$@",
)
END
  cd sandboxed || return
  run -1 bazel build --override_repository=rt0="$prefix/share/rt0/bazel" --spawn_strategy=linux-sandbox //:undeclared
  has "$output" 'cat: gates: No such file or directory'
}

@test "a second build in another folder takes each action from the disk cache, and has the same bytes" {
  actions=18
  options=$(blocks distributed.md 'Bazel: a sandbox and a cache' sh | sed -n 's/^bazel build \(.*\) \/\/\.\.\.$/\1/p')
  has "$options" '--spawn_strategy=linux-sandbox' && has "$options" '--disk_cache'
  CACHE=$PWD/cache
  read -ra options <<<"${options//\"\$CACHE\"/$CACHE}"
  bazel_in one "${options[@]}"
  counted "$actions" 0 linux-sandbox
  bazel_in 'two/below' "${options[@]}"
  counted "$actions" "$actions"
  bytes one >one.sums
  [ "$(wc -l <one.sums)" -ge 10 ]
  run -0 diff one.sums <(bytes two/below)
  works two/below/bazel-bin/libplug.so two/below/bazel-bin/program

  # What comes from a cache is the same, of course. So is what was built without one, at another path of Bazel's own.
  sed -i 's|--output_user_root=[^ ]*|&/of/another/user|' "$HOME/.bazelrc"
  bazel_in three --spawn_strategy=linux-sandbox
  sed -i 's|/of/another/user||' "$HOME/.bazelrc"
  counted "$actions" 0 linux-sandbox
  run -0 diff one.sums <(bytes three)
}

@test "the same with a cache behind HTTP, and with debug information and long command lines" {
  python3 "$root/tests/field/cache.py" "$PWD/cache" >port 2>&1 3>&- &
  server=$!
  until [ -s port ]; do kill -0 "$server" || fail "$(<port)"; done
  options=(-c dbg --min_param_file_size=1 --spawn_strategy=linux-sandbox "--remote_cache=http://127.0.0.1:$(<port)")
  bazel_in one "${options[@]}"
  counted 18 0 linux-sandbox
  bazel_in two "${options[@]}"
  kill "$server"
  counted 18 18
  run -0 diff <(bytes one) <(bytes two)
  has "$(readelf -SW one/bazel-bin/libplug.so)" '\.debug_info'
  [ -s one/bazel-bin/libplug.so-0.params ]
  bazel_in three -c dbg --spawn_strategy=linux-sandbox
  counted 18 0 linux-sandbox
  run -0 diff <(bytes one) <(bytes three)
}

@test "a change of an option, a pattern, rt or ldwrap is a new link, and of nothing else is none" {
  cache=--disk_cache=$PWD/cache
  bazel_in one "$cache"
  cp -R one two
  rm two/bazel-*
  bazel_in two "$cache"
  counted 18 18
  sed -i 's/1048576/2097152/' two/BUILD.bazel
  bazel_in two "$cache"
  [ "$(mnemonics)" = '1 Rt0Link' ] || fail "$(mnemonics)"
  echo '!speech_x' >>two/gates
  bazel_in two "$cache"
  [ "$(mnemonics)" = '1 Rt0Link' ] || fail "$(mnemonics)"
  touch two/*
  LDWRAP_FLAGS=--rt0-stack-size=4194304 LDWRAP_CC=false bazel_in two "$cache"
  [ "$(mnemonics)" = '' ] || fail "$(mnemonics)"

  cp -R "$prefix" other
  prefix=$PWD/other
  bazel_in three "$cache"
  counted 18 18
  # One byte that no link looks at is another rt, another ldwrap all the same. One template is attach's, too.
  for file in "$prefix"/lib/rt0/*/hosted.o "$prefix/bin/ldwrap"; do
    echo >>"$file"
    bazel_in "with-${file##*/}" "$cache"
    has "$(mnemonics)" '2 Rt0Link' || return
    has_not "$(mnemonics)" 'CppCompile' || return
  done
}

@test "an action runs elsewhere, with its declared inputs alone, as files and as links to a store, and has the same bytes" {
  bazel_in one
  python3 "$root/tests/field/actions.py" keep "$log" "one/bazel-$(basename "$PWD/one")" store
  # Where everything was is nothing.
  mv "$BATS_FILE_TMPDIR/bazel" "$BATS_FILE_TMPDIR/gone"
  mv "$prefix" "$prefix is gone"
  for how in copies links; do
    run python3 "$root/tests/field/actions.py" run "$log" store "$how"
    [ "$status $output" = '0 4' ] || break
  done
  mv "$BATS_FILE_TMPDIR/gone" "$BATS_FILE_TMPDIR/bazel"
  mv "$prefix is gone" "$prefix"
  [ "$status $output" = '0 4' ] || fail "$how: $output"
}
