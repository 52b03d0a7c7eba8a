#!/usr/bin/env bats
# Completion in bash, zsh and fish: that they offer what the tables of options have, and what is in a file.

load ../support

setup_file() {
  cd "$BATS_FILE_TMPDIR" || return 1
  export BUILD=$BUILD HOME=$BATS_FILE_TMPDIR
  make -s -C "$root" BUILD="$BUILD" DESTDIR="$PWD/stage" PREFIX=/rt0 install >/dev/null
  mkdir work work/folder
  echo 'int answer = 42; int plug_start(void) { return 0; } int plug_other(void) { return 1; }' >work/plug.c
  cc -shared -fPIC -g0 work/plug.c -o work/libplug.so -Wl,-rpath,/one:/two,--no-as-needed -lm -lc
}

setup() {
  cd "$BATS_FILE_TMPDIR/work" || return 1
  share=$BATS_FILE_TMPDIR/stage/rt0/share
  export PATH=$BATS_FILE_TMPDIR/stage/rt0/lib/rt0/bin:$BATS_FILE_TMPDIR/stage/rt0/bin:$PATH
  export XDG_CONFIG_HOME=$BATS_FILE_TMPDIR/config XDG_DATA_HOME=$BATS_FILE_TMPDIR/data
}

# offered SHELL LINE: sorted, without a blank behind them
offered() {
  local command=${2%% *}
  case $1 in
    bash) bash "$root/tests/docs/complete.bash" "$share/bash-completion/completions/$command" "$2" ;;
    zsh) timeout -s KILL 60 zsh -f "$root/tests/docs/complete.zsh" "$share/zsh/site-functions" "$2" ;;
    fish)
      # shellcheck disable=SC2016 # for fish
      fish -c 'set -p fish_complete_path $argv[1]; complete -C $argv[2]' "$share/fish/vendor_completions.d" "$2" | cut -f 1
      ;;
  esac | sed 's/ *$//; s,/$,,; /^$/d' | sort -u
}

# expect SHELL LINE WORD…: just these are offered
expect() {
  local got
  got=$(offered "$1" "$2" | xargs)
  [ "$got" = "${*:3}" ] || fail "$1: $2" "offers: $got" "not: ${*:3}"
}

@test "the files are well-formed" {
  zsh -n "$root"/*/completions/_*
  for file in "$root"/*/completions/*.fish; do
    fish -n "$file"
  done
  for file in "$root"/*/completions/*.bash; do
    bash -n "$file"
  done
}

@test "each option of elfpatch's table, and no other, is offered in each shell" {
  local table=$root/elfpatch/options.def shell command want got
  for shell in bash zsh fish; do
    while read -r command; do
      want=$(sed -n "s/^OPTION($command, [^,]*, \"\([^\"]*\)\".*/--\1/p" "$table" | sort)
      [ -n "$want" ]
      got=$(offered $shell "elfpatch $command --" | sed 's/=$//' | sort -u)
      [ "$got" = "$want" ] || fail "$shell: $command" "$(diff <(echo "$got") <(echo "$want"))"
    done < <(sed -n 's/^COMMAND(\([a-z]*\),.*/\1/p' "$table")
  done
}

@test "each option of ldwrap's table, and no other, is offered in each shell" {
  local shell want got
  want=$(sed -n 's/^OPTION([A-Z_]*, "\(--rt0[a-z0-9-]*\)".*/\1/p' "$root/ldwrap/options.def" | sort)
  for shell in bash zsh fish; do
    for line in 'ldwrap --rt0' 'ldwrap gcc -shared --rt0'; do
      got=$(offered $shell "$line" | sed 's/=$//' | sort -u)
      [ "$got" = "$want" ] || fail "$shell: $line" "$(diff <(echo "$got") <(echo "$want"))"
    done
  done
}

@test "each option by the name of patchelf, and no other, is offered in each shell" {
  local shell want got
  want=$(sed -n 's/^	ROW("\(--[a-z-]*\)".*/\1/p' "$root/elfpatch/patchelf.c" | sort)
  for shell in bash zsh fish; do
    got=$(offered $shell 'patchelf --')
    [ "$got" = "$want" ] || fail "$shell" "$(diff <(echo "$got") <(echo "$want"))"
  done
}

@test "commands are offered, and what follows help" {
  local shell
  for shell in bash zsh fish; do
    expect $shell 'elfpatch s' set show
    expect $shell 'elfpatch help d' detach
  done
}

@test "arguments of a few words are offered, in one word with their option or behind it" {
  local shell glue
  for shell in bash zsh fish; do
    # Where bash takes words apart, and zsh at its own wish, the option is no part of what is offered.
    glue=
    [ $shell != fish ] || glue=--start=
    expect $shell 'elfpatch attach --start=' ${glue}after-load ${glue}concurrent ${glue}first-call
    expect $shell 'elfpatch attach --start c' concurrent
    expect $shell 'elfpatch set --execstack o' off on
    expect $shell 'elfpatch set --print s' soname
    expect $shell 'elfpatch set --df nodef' nodeflib
    expect $shell "ldwrap cc --rt0-start=conc" ${glue:+--rt0-start=}concurrent
    expect $shell "ldwrap cc --rt0-on-failure=c" "${glue:+--rt0-on-failure=}call:" "${glue:+--rt0-on-failure=}continue"
  done
}

@test "names in a file on the line are offered: symbols, needed libraries, folders of the run path" {
  local shell
  for shell in bash zsh fish; do
    expect $shell 'elfpatch attach libplug.so --init plug_' plug_other plug_start
    expect $shell 'elfpatch set libplug.so --needed-remove ' libc.so.6 libm.so.6
    expect $shell 'elfpatch set libplug.so --runpath-remove /tw' /two
    has "$(offered $shell 'elfpatch set libplug.so --flag ans')" '^answer=?$'
  done
}

@test "files are offered where one is meant" {
  local shell
  for shell in bash zsh fish; do
    expect $shell 'elfpatch verify lib' libplug.so
    expect $shell 'elfpatch set --output plug' plug.c
    expect $shell 'elfpatch set --runpath-add f' folder
    expect $shell 'patchelf --set-interpreter plu' plug.c
    expect $shell 'ldwrap cc plug' plug.c
  done
}

@test "what is no option of ldwrap is the compiler's affair" {
  local shell
  for shell in bash zsh fish; do
    offered $shell 'ldwrap gc' | grep -qx gcc
  done
}

@test "bash-completion loads them by name, and completes the compiler behind ldwrap as by itself" {
  # shellcheck disable=SC2016 # for the inner shell
  XDG_DATA_DIRS=$share run -0 bash --norc -c '
    source /usr/share/bash-completion/bash_completion
    complete -D >/dev/null
    _completion_loader elfpatch; complete -p elfpatch
    _completion_loader ldwrap
    COMP_WORDS=(ldwrap gcc -fPI) COMP_CWORD=2 COMP_LINE="ldwrap gcc -fPI" COMP_POINT=15
    _ldwrap ldwrap -fPI gcc; printf "%s\n" "${COMPREPLY[@]}"'
  has "$output" '_elfpatch elfpatch'
  has "$output" '-fPIC'
}

@test "rt0-trace completes as elfpatch trace does" {
  local shell
  for shell in bash zsh fish; do
    [ "$(offered $shell 'rt0-trace --')" = "$(offered $shell 'elfpatch trace --')" ] || fail $shell
    expect $shell 'rt0-trace --html plu' plug.c
    expect $shell 'rt0-trace libpl' libplug.so
  done
}
