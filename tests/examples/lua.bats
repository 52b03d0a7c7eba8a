#!/usr/bin/env bats
# The example: Lua as a plugin that starts itself, in three kinds of host.

load ../support

example=$root/examples/lua

expected="version: luaplug 1.0, Lua 5.4.*
eval: ababab
add: 2.5
spell: one thousand two hundred thirty four
render: Hello Ada, you are number forty two.
error: no
stats: 2 evals, 3 calls, 1 errors"

# build_example DIR [CC]
build_example() {
  make -C "$example" --no-print-directory RT0KIT="$BUILD" BUILD="$1" CC="${2:-cc}"
}

setup_file() {
  build_example "$BATS_FILE_TMPDIR/lua"
}

setup() {
  lua=$BATS_FILE_TMPDIR/lua
  cd "$BATS_TEST_TMPDIR" || return
}

# has_expected_output: version lines differ with Debian's Lua 5.4
has_expected_output() {
  # shellcheck disable=SC2053 # $expected is a pattern
  [[ $output == $expected ]] || fail "unexpected:" "$output"
}

# in_python: run the script on stdin with the plugin opened as `lua`
in_python() {
  {
    echo "import os, sys, threading; sys.path.insert(0, '$example'); sys.dont_write_bytecode = True"
    echo "import host; lua = host.Lua('$lua/libluaplug.so')"
    cat
  } >script.py
  run -0 --separate-stderr timeout 60 python3 script.py
}

# on_terminal COMMAND…: run it with a terminal as its stdout
on_terminal() {
  python3 -c 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)' "$@" </dev/null
}

@test "a program linked against the plugin calls Lua and initialises nothing" {
  run -0 --separate-stderr timeout 60 "$lua/host-linked"
  has_expected_output
  [ -z "$stderr" ]
}

@test "a program that loads the plugin calls Lua and initialises nothing" {
  run -0 --separate-stderr timeout 60 "$lua/host-dlopen" "$lua/libluaplug.so"
  has_expected_output
  [ -z "$stderr" ]
}

@test "Python calls Lua through ctypes and initialises nothing" {
  run -0 --separate-stderr timeout 60 python3 "$example/host.py" "$lua/libluaplug.so"
  has_expected_output
  [ -z "$stderr" ]
}

@test "the plain build answers the same once luaplug_init has been called" {
  run -0 --separate-stderr timeout 60 "$lua/host-dlopen" "$lua/libluaplug-plain.so"
  has_expected_output
  run -0 --separate-stderr timeout 60 python3 "$example/host.py" "$lua/libluaplug-plain.so"
  has_expected_output
}

@test "the plain build refuses a call before luaplug_init" {
  cat >early.py <<EOF
import ctypes
plain = ctypes.CDLL('$lua/libluaplug-plain.so')
print(plain.luaplug_eval(b'1', None, ctypes.c_size_t(0)))
EOF
  run -0 python3 early.py
  [ "$output" = 1 ]
}

@test "dlopen returns, and an ungated export answers, while the start-up script is held" {
  mkfifo hold
  LUAPLUG_HOLD=$PWD/hold run -0 --separate-stderr timeout 60 "$lua/host-dlopen" "$lua/libluaplug.so"
  [ "${lines[0]%% *}" = version: ]
  [ "${lines[1]}" = "loaded, and Lua is still starting" ]
  output=${output/"${lines[1]}"$'\n'/}
  has_expected_output
}

@test "eight threads that call while the start-up script is held all get their answers" {
  mkfifo hold
  export LUAPLUG_HOLD=$PWD/hold
  in_python <<'EOF'
answers = {}
def ask(n):
    answers[n] = lua.call("spell", n)
threads = [threading.Thread(target=ask, args=(n,)) for n in range(1, 9)]
for thread in threads:
    thread.start()
with open(os.environ["LUAPLUG_HOLD"], "w") as fifo:
    print(len(answers), lua.version() != "")
for thread in threads:
    thread.join()
print(" ".join(answers[n] for n in sorted(answers)))
EOF
  [ "${lines[0]}" = "0 True" ]
  [ "${lines[1]}" = "one two three four five six seven eight" ]
}

@test "the start-up script is given the program's arguments" {
  in_python <<'EOF'
with open("/proc/self/cmdline") as file:
    print(lua.call("host_program") == file.read().split("\0")[0])
EOF
  [ "$output" = True ]
}

@test "a start-up script that fails does not stop the load, and stops the first call with its reason" {
  LUAPLUG_HOLD=nowhere run -134 --separate-stderr timeout --foreground 60 "$lua/host-linked"
  [[ $stderr == "rt0: libluaplug.so: start.lua:"*"nowhere: No such file or directory"* ]]
}

@test "the plugin's table of functions answers through each shape of call" {
  in_python <<'EOF'
print(lua.call("prime", 1000), lua.call("count_word", "seventy"), lua.call("render", "prime", "", 100))
stats = lua.stats()
print(stats.calls, stats.errors, stats.memory > 100000, 0 < stats.start_began < stats.start_ended)
try:
    lua.call("nothing")
except host.LuaError as error:
    print(error)
EOF
  [ "${lines[0]}" = "7919 100 The 100th prime is 541." ]
  [ "${lines[1]}" = "3 0 True True" ]
  [ "${lines[2]}" = "no function 'nothing'" ]
}

@test "the two builds export the same but for luaplug_init" {
  nm -D --defined-only "$lua/libluaplug.so" | awk '{ print $3 }' | sort >self
  nm -D --defined-only "$lua/libluaplug-plain.so" | awk '{ print $3 }' | sort >plain
  run -1 diff self plain
  [ "${#lines[@]}" -eq 2 ]
  [ "${lines[1]}" = "> luaplug_init" ]
  grep -qx luaplug_eval self
}

@test "the plugin passes elfpatch verify and is never unloaded" {
  run -0 "$elfpatch" verify "$lua/libluaplug.so"
  has_not "$output" 'warning|error'
  readelf -dW "$lua/libluaplug.so" | grep -q 'FLAGS_1.*NODELETE'
  readelf -dW "$lua/libluaplug.so" | grep -q '(INIT) '
}

@test "the example builds and runs with clang" {
  build_example "$PWD/clang" clang
  run -0 --separate-stderr timeout 60 clang/host-dlopen clang/libluaplug.so
  has_expected_output
}

@test "the demo reports both builds and draws both timelines" {
  LC_ALL=C.UTF-8 run -0 --separate-stderr timeout 120 "$lua/demo" -n 1 "$lua/libluaplug.so" "$lua/libluaplug-plain.so"
  [[ $output == *"held at load"*"calls at once"*"a later call takes"* ]]
  [ "$(grep -c '^  plain cc .*█.* first answer' <<<"$output")" -eq 2 ]
  [ "$(grep -c '^  ldwrap .* first answer' <<<"$output")" -eq 2 ]
  # A host that works first may have nothing left to wait for where no processor was idle.
  [ "$(grep -c '^  ldwrap .*▒.* first answer' <<<"$output")" -ge 1 ]
  [[ $output != *$'\033'* ]]
  [ "$(wc -L <<<"$output")" -le 80 ]
}

@test "the demo draws in ASCII where the locale is not UTF-8" {
  LC_ALL=C run -0 --separate-stderr timeout 120 "$lua/demo" -n 1 "$lua/libluaplug.so" "$lua/libluaplug-plain.so"
  [[ $output == *"#"*"="* ]]
  run -1 grep -P '[^\x00-\x7f]' <<<"$output"
}

@test "the demo is coloured on a terminal, and not under NO_COLOR" {
  export TERM=xterm LC_ALL=C.UTF-8
  unset NO_COLOR
  run -0 on_terminal timeout 120 "$lua/demo" -n 1 "$lua/libluaplug.so" "$lua/libluaplug-plain.so"
  [[ $output == *$'\033[3'* ]]
  NO_COLOR=1 run -0 on_terminal timeout 120 "$lua/demo" -n 1 "$lua/libluaplug.so" "$lua/libluaplug-plain.so"
  [[ $output == *"first answer"* ]]
  [[ $output != *$'\033['* ]]
}

@test "the demo refuses a library that is not the plugin" {
  run -1 --separate-stderr "$lua/demo" -n 1 "$lua/demo.o" "$lua/libluaplug-plain.so"
  [[ $stderr == *"demo.o"* ]]
  run -2 --separate-stderr "$lua/demo" -n 0 "$lua/libluaplug.so" "$lua/libluaplug-plain.so"
  [ "$stderr" = "demo: rounds must be 1 to 999" ]
}
