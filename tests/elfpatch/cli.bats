#!/usr/bin/env bats
# elfpatch's command line, and what show and --json print.
# shellcheck disable=SC2154

load fixture

setup_file() {
  build_poke
  gated "$BATS_FILE_TMPDIR/good.so"
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  cp "$BATS_FILE_TMPDIR/good.so" a.so
}

@test "wrong usage ends with 2, one line, and nothing on stdout" {
  local case
  while IFS='|' read -r case message; do
    # shellcheck disable=SC2086 # words
    run -2 --separate-stderr "$elfpatch" $case
    [ -z "$output" ]
    [ "$stderr" = "elfpatch: $message" ] || fail "$case: $stderr"
  done <<'END'
|a command is missing; try 'elfpatch --help'
frobnicate a.so|unknown command 'frobnicate'; try 'elfpatch --help'
--frob|unknown option '--frob'; try 'elfpatch --help'
verify|'verify' needs at least one file; try 'elfpatch help verify'
show --json|'show' needs at least one file; try 'elfpatch help show'
verify --frob a.so|unknown option '--frob'; try 'elfpatch help verify'
verify -qx a.so|unknown option '-x'; try 'elfpatch help verify'
verify -jx a.so|wrong argument, expected '--jobs=N'; try 'elfpatch help verify'
verify -j0 a.so|wrong argument, expected '--jobs=N'; try 'elfpatch help verify'
verify -j|option '--jobs' needs an argument; try 'elfpatch help verify'
verify --json=1 a.so|option '--json=1' takes no argument; try 'elfpatch help verify'
set a.so|'set' needs something to set or print; try 'elfpatch help set'
set --soname x|'set' needs at least one file; try 'elfpatch help set'
set --soname|option '--soname' needs an argument; try 'elfpatch help set'
set --soname= a.so|wrong argument, expected '--soname=NAME'; try 'elfpatch help set'
attach a.so|'attach' needs --init; try 'elfpatch help attach'
attach --init= a.so|wrong argument, expected '--init=SYMBOL'; try 'elfpatch help attach'
attach --init=f --start=never a.so|wrong argument, expected '--start=after-load|concurrent|first-call'; try 'elfpatch help attach'
attach --init=f --on-failure=call:g a.so|wrong argument, expected '--on-failure=abort|continue'; try 'elfpatch help attach'
attach --init=f --stack-size=big a.so|wrong argument, expected '--stack-size=BYTES'; try 'elfpatch help attach'
detach --soname x a.so|unknown option '--soname'; try 'elfpatch help detach'
set --needed-replace x a.so|wrong argument, expected '--needed-replace=OLD=NEW'; try 'elfpatch help set'
set --symbol-rename =x a.so|wrong argument, expected '--symbol-rename=OLD=NEW'; try 'elfpatch help set'
set --flag x=256 a.so|wrong argument, expected '--flag=SYMBOL=BYTE'; try 'elfpatch help set'
set --execstack maybe a.so|wrong argument, expected '--execstack=on|off'; try 'elfpatch help set'
set --os-abi plan9 a.so|wrong argument, expected '--os-abi=NAME'; try 'elfpatch help set'
set --print colour a.so|wrong argument, expected '--print=FIELD'; try 'elfpatch help set'
set --df sticky a.so|wrong argument, expected '--df=FLAG'; try 'elfpatch help set'
set --soname x -o b.so a.so a.so|-o 'b.so' is for one file only; try 'elfpatch help set'
set --soname x -o b.so --in-place a.so|-o 'b.so' is not in place; try 'elfpatch help set'
show -q a.so|unknown option '-q'; try 'elfpatch help show'
help frobnicate|unknown command 'frobnicate'; try 'elfpatch --help'
help show verify|unexpected argument 'verify'; try 'elfpatch --help'
END
}

@test "--help, help COMMAND, --version and the manual page name what the option table has" {
  local table=$root/elfpatch/options.def
  run -0 --separate-stderr "$elfpatch" --version
  has "$output" '^elfpatch [0-9]+\.[0-9]+\.[0-9]+$'
  run -0 --separate-stderr "$elfpatch" --help
  overview=$output
  [ "$overview" = "$("$elfpatch" help)" ]
  mandoc -Tascii "$root/docs/elfpatch.1" | sed 's/.\x08//g' >page
  while IFS='|' read -r command summary; do
    has "$overview" "  $command +$summary"
    grep -qw "$command" page
    run -0 --separate-stderr "$elfpatch" "$command" --help
    [ "$output" = "$("$elfpatch" help "$command")" ]
    sed -n "s/^OPTION($command, '*\(.\)'*, \"\(.*\)\", \"\(.*\)\", \"\(.*\)\")$/\1%\2%\3%\4/p" "$table" >options
    [ -s options ]
    # A row whose left column is too wide goes on in the next line.
    rows=$(sed -n '/^options:/,/^\(rules\|flags\):/p' <<<"$output" | sed ':a; N; $!ba; s/\n \{32\}\([^ ]\)/ \1/g')
    [ "$(grep -cE '^  (   |-.,) --' <<<"$rows")" -eq "$(wc -l <options)" ]
    sed -n "/^   $command$/,/^   [a-z]\|^[A-Z]/p" page >part
    [ "$(grep -cE '^     (-., )?--' part)" -eq "$(wc -l <options)" ] || fail "$command" "$(cat part)"
    while IFS=% read -r letter name argument what; do
      form="--$name${argument:+=$argument}"
      [ "$letter" = 0 ] || form="-$letter, $form"
      form=${form//|/\\|}
      grep -qE -- "^ +$form +${what//./\\.}$" <<<"$rows" || fail "$form is not in --help"
      grep -qE -- "^     $form( |$)" part || fail "$form of $command is not in elfpatch(1)"
    done <options
  done < <(sed -n 's/^COMMAND(\(.*\), "\(.*\)")$/\1|\2/p' "$table")
}

@test "mandoc finds nothing to warn about in elfpatch(1)" {
  run -0 mandoc -Tlint -W warning "$root/docs/elfpatch.1"
  [ -z "$output" ]
}

@test "one bad file does not stop the rest" {
  echo text >text
  poke a.so at @rt0_islibrary 1 0
  run -1 --separate-stderr "$elfpatch" verify -q "$BATS_FILE_TMPDIR/good.so" text a.so missing
  [ "$stderr" = "elfpatch: cannot verify 'text': not an ELF file (5 bytes)
elfpatch: cannot verify 'missing': No such file or directory" ] || fail "$stderr"
  has "$output" '^a.so: error: islibrary: rt0_islibrary: is 0.*; link it with ldwrap, which sets the flag$'
  run -1 --separate-stderr "$elfpatch" show text a.so
  has "$output" '^a.so:'
}

@test "a finding is one line: file, severity, rule, where, what, and what to do" {
  poke a.so dyn FLAGS_1 1
  run -1 --separate-stderr "$elfpatch" verify -q a.so
  [ "$output" = "a.so: error: nodelete: DT_FLAGS_1: 0x1 lacks NODELETE: dlclose would unmap code that the runtime's threads run; link with -z nodelete" ] || fail "$output"
}

@test "a warning or an info alone ends with 0" {
  gated a.so -DMALLOC -Wl,-z,norelro
  poke a.so dynsym malloc st_value @gate_seven
  run -0 "$elfpatch" verify a.so
  has "$output" 'warning: relro'
  has "$output" 'warning: no-leak: malloc'
  has "$output" 'info: gates: ready'
}

@test "only shared libraries are verified" {
  echo 'int main(void) { return 0; }' >m.c
  "$CC" -c m.c -o m.o
  "$CC" -no-pie m.c -o exec
  "$CC" -pie -fPIE m.c -o pie
  run -1 --separate-stderr "$elfpatch" verify m.o exec pie
  [ -z "$output" ]
  [ "$stderr" = "elfpatch: cannot verify 'm.o': not a shared library (e_type 1, expected 3)
elfpatch: cannot verify 'exec': not a shared library (e_type 2, expected 3)
elfpatch: cannot verify 'pie': an executable (DF_1_PIE), not a shared library" ] || fail "$stderr"
  run -0 "$elfpatch" show m.o exec pie
  [ "$(grep -A1 : <<<"$output" | grep ' type ')" = "  type          object
  type          executable
  type          position-independent executable" ]
}

@test "show agrees with readelf" {
  gated a.so -Wl,-soname,liba.so.1,-rpath,/nowhere,--enable-new-dtags,--no-as-needed,--build-id -lm -DTLS=24
  run -0 --separate-stderr "$elfpatch" show a.so
  has "$output" "  soname        liba.so.1"
  has "$output" "  needed        libm.so.6"
  has "$output" "  runpath       /nowhere"
  has "$output" "  init          0x0*$(nm a.so | sed -n 's/^0*\(.*\) t rt0_lib$/\1/p') rt0_lib"
  has "$output" "  init_array    0x0*$(nm a.so | sed -n 's/^0*\(.*\) t rt0_lib_twin$/\1/p') rt0_lib_twin"
  has "$output" "  build_id      $(readelf -n a.so | sed -n 's/.*Build ID: //p')"
  has "$output" "  tls           24 bytes aligned to [0-9]+, static"
  flags=$(readelf -dW a.so | sed -n 's/.*(FLAGS) *//p; s/.*(FLAGS_1) *Flags: //p' | xargs)
  [ "$(sed -n 's/^  flags *//p' <<<"$output" | xargs)" = "$flags" ] || fail "$output" "$flags"
}

@test "show names each gate, its function and where it goes" {
  run -0 --separate-stderr "$elfpatch" show --json a.so
  run -0 jq -r '.rt0 | [.version, .gates_used, .gate_count, .gate_size, .islibrary] | @tsv' <<<"$output"
  [ "$output" = $'1\t3\t4\t32\t1' ] || fail "$output"
  "$elfpatch" show --json a.so >json
  for name in twice seven; do
    [ "$(jq -r ".rt0.gates[] | select(.function == \"$name\") | .target" json)" = \
      "0x$(nm a.so | sed -n "s/^0*\(.*\) T $name\$/\1/p")" ]
    [ "$(jq -r ".rt0.gates[] | select(.function == \"$name\") | .gate" json)" = \
      "0x$(nm a.so | sed -n "s/^0*\(.*\) t gate_$name\$/\1/p")" ]
  done
}

@test "--json is one document a file, with sorted keys, for good and bad files alike" {
  echo text >text
  poke a.so dyn FLAGS_1 1
  run -1 --separate-stderr "$elfpatch" verify --json "$BATS_FILE_TMPDIR/good.so" text a.so
  [ -z "$stderr" ]
  [ "${#lines[@]}" -eq 3 ]
  printf '%s\n' "${lines[@]}" >json
  jq -cS . json | cmp - json
  [ "$(jq -r '[.errors, .warnings, .error] | @tsv' json)" = $'0\t0\t\n\t\tnot an ELF file (5 bytes)\n1\t0\t' ]
  [ "$(jq -c '.findings[]? | select(.severity == "error") | keys' json)" = '["rule","severity","todo","what","where"]' ]
  [ "$(jq -r '.findings[]? | select(.severity == "error") | .rule' json)" = nodelete ]
  run -1 --separate-stderr "$elfpatch" show --json a.so text
  printf '%s\n' "${lines[@]}" >json
  jq -cS . json | cmp - json
  [ "$(jq -r .file json)" = $'a.so\ntext' ]
}

@test "a file name that is no UTF-8 still gives a JSON document" {
  cp a.so $'\xff.so'
  run -0 --separate-stderr "$elfpatch" verify --json $'\xff.so'
  run -0 jq -r .file <<<"$output"
  [ "$output" = $'\xef\xbf\xbd.so' ]
}

@test "a full disk behind stdout ends with 1 and says so" {
  # shellcheck disable=SC2016 # for the inner shell
  run -1 --separate-stderr bash -c '"$1" show a.so >/dev/full' - "$elfpatch"
  [ "$stderr" = "elfpatch: cannot write to standard output: No space left on device" ]
}

@test "libraries of both classes and byte orders are read" {
  # An empty library's file header and one program header, by hand: big-endian s390x and 32-bit arm.
  printf '\x7fELF\x02\x02\x01\0\0\0\0\0\0\0\0\0\0\x03\0\x16\0\0\0\x01' >s390x.so
  printf '\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x40\0\0\0\0\0\0\0\0\0\0\0\0\0\x40\0\x38\0\x01\0\x40\0\0\0\0' >>s390x.so
  printf '\0\0\0\x01\0\0\0\x05\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x78\0\0\0\0\0\0\0\x78\0\0\0\0\0\0\x10\0' >>s390x.so
  readelf -lW s390x.so | grep -q 'LOAD  *0x000000 0x0000000000000000 0x0000000000000000 0x000078'
  run -0 --separate-stderr "$elfpatch" show s390x.so
  has "$output" '  machine       s390x, 64-bit, big-endian'
  printf '\x7fELF\x01\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x28\0\x01\0\0\0' >arm.so
  printf '\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x05\x34\0\0\0\0\0\x28\0\0\0\0\0' >>arm.so
  run -0 --separate-stderr "$elfpatch" show arm.so
  has "$output" '  machine       arm, 32-bit, little-endian'
}

@test "each help fits a terminal of 80 columns, and of 24 lines where there is no long list of options" {
  local command limit text
  while read -r command; do
    limit=24
    [[ $command != @(attach|set) ]] || limit=50
    # shellcheck disable=SC2086 # none for the overview
    text=$("$elfpatch" help $command)
    [ "$(wc -l <<<"$text")" -le "$limit" ] || fail "$command: $(wc -l <<<"$text") lines"
    [[ ! $text =~ [^$'\n']{80} ]] || fail "$command: ${BASH_REMATCH[0]}"
  done < <(echo && sed -n 's/^COMMAND(\([a-z]*\), ".*/\1/p' "$root/elfpatch/options.def")
  (exec -a patchelf "$elfpatch" --help) 2>help
  [ "$(wc -l <help)" -le 50 ]
  run -1 grep -E '.{80}' help
}

# terminal all|progress [FILE] COMMAND…: see terminal.py. KIND is the terminal's.
terminal() {
  TERM=${KIND-xterm} python3 "$root/tests/elfpatch/terminal.py" "$@"
}

@test "findings have colours on a terminal, and nowhere else, nor under NO_COLOR" {
  unset NO_COLOR
  poke a.so dyn FLAGS_1 1
  gated b.so -Wl,-z,norelro
  local red=$'\e[1;31merror\e[0m: nodelete' yellow=$'\e[33mwarning\e[0m: relro' file
  for options in '' -j2; do
    # shellcheck disable=SC2086 # words
    run -1 terminal all "$elfpatch" verify $options a.so b.so
    [[ $output == *"a.so: $red: "* && $output == *"b.so: $yellow: "* && $output == *': info: gates: '* ]] || fail "$output"
  done
  "$elfpatch" verify a.so b.so >plain || [ $? -eq 1 ]
  [ "$(printf %s "$output" | sed 's/\x1b\[[0-9;]*m//g')" = "$(<plain)" ]
  run -1 grep -q $'\e' plain
  NO_COLOR=1 run -1 terminal all "$elfpatch" verify a.so b.so
  [ "$output" = "$(<plain)" ]
  KIND=dumb run -1 terminal all "$elfpatch" verify a.so b.so
  [ "$output" = "$(<plain)" ]
  NO_COLOR='' run -1 terminal all "$elfpatch" verify a.so b.so
  [[ $output == *"$red"* ]]
  # JSON is for programs.
  run -1 terminal all "$elfpatch" verify --json a.so
  [[ $output != *$'\e'* ]]
}

@test "work over a second shows on a terminal how far it is, and nothing of that stays there" {
  cp a.so b.so
  for options in '' -j2; do
    # shellcheck disable=SC2086 # words
    run -0 terminal progress b.so "$elfpatch" set $options --print soname --soname libnew.so a.so b.so
    [[ $output == *'elfpatch: '[01]' of 2 files, 1 s'* ]] || fail "$output"
    # What stands behind the last carriage return is all that is seen of its line.
    [[ $output != *' files, '*libnew.so*' files, '* ]]
    [ "$(printf %s "$output" | sed 's/.*\r\x1b\[K//')" = $'a.so: libnew.so\nb.so: libnew.so' ] || fail "$output"
    [ "$("$elfpatch" set --print soname b.so)" = libnew.so ]
    "$elfpatch" set --soname other b.so
  done
}

@test "what is no terminal never hears of progress" {
  # Held for longer than it takes to be told.
  cp a.so b.so
  exec {held}<b.so
  flock "$held"
  TERM=xterm "$elfpatch" set --soname libnew.so b.so 2>errors {held}<&- &
  sleep 1.5
  exec {held}<&-
  wait $!
  [ ! -s errors ]
}

@test "jobs end where the ends of children are ignored" {
  cp a.so b.so
  run -0 timeout -s KILL 60 python3 -c '
import os, signal, sys
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
os.execv(sys.argv[1], sys.argv[1:])' "$elfpatch" show -j2 a.so b.so
  has "$output" $'\nb.so:'
}
