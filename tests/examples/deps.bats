#!/usr/bin/env bats
# tests/deps.sh, with an apt and a dpkg of the test's own in front of the system's.

load ../support

# stand_in NAME: the script on stdin becomes the command NAME
stand_in() {
  { echo '#!/bin/sh'; cat; } >"bin/$1"
  chmod +x "bin/$1"
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  mkdir -p bin kit
  cp "$root/tests/deps.sh" kit
  printf '%s\n' 'build gcc' 'build make|gmake' 'check bats' >kit/packages
  printf '%s\n' 'ii  gcc' 'ii  gmake' 'rc  bats' >installed
  stand_in dpkg-query <<<'cat installed'
  stand_in apt-get <<<'echo "apt-get $*" >>calls; grep -q works apt'
  stand_in apt-cache <<<'exit 0'
  stand_in id <<<'cat uid'
  stand_in sudo <<<'exit 1'
  echo 0 >uid
  echo works >apt
  PATH=$PWD/bin:$PATH
}

@test "nothing is asked of apt when every package is installed" {
  run -0 --separate-stderr kit/deps.sh build
  [ -z "$output$stderr" ]
  [ ! -e calls ]
}

@test "a package that was removed but for its configuration counts as missing, and is installed" {
  run -0 --separate-stderr kit/deps.sh check
  [ "$(tail -n 1 calls)" = "apt-get -q -y install --no-install-recommends bats" ]
}

@test "only the missing ones of several lists are installed" {
  echo 'ii  bats' >installed
  run -0 --separate-stderr kit/deps.sh build check
  [ "$(tail -n 1 calls)" = "apt-get -q -y install --no-install-recommends gcc make" ]
  [ "$stderr" = "deps.sh: installing gcc make|gmake" ]
}

@test "the other name is installed where the release does not have the first" {
  echo 'ii  gcc' >installed
  stand_in apt-cache <<<"case \$2 in gmake) ;; *) exit 100 ;; esac"
  run -0 --separate-stderr kit/deps.sh build
  [ "$(tail -n 1 calls)" = "apt-get -q -y install --no-install-recommends gmake" ]
}

@test "a user without the right to install is told the command" {
  echo 1000 >uid
  run -1 --separate-stderr kit/deps.sh check
  [[ $stderr == *"apt-get install --no-install-recommends bats" ]]
  [ ! -e calls ]
}

@test "a failing apt is shown, with status 1" {
  echo broken >apt
  stand_in apt-get <<<'echo "E: no route"; exit 100'
  run -1 --separate-stderr kit/deps.sh check
  [[ $stderr == *"E: no route"*"deps.sh: failed: "*"apt-get"* ]]
}

@test "a system without dpkg is told what is needed" {
  mkdir few
  for tool in sh awk dirname; do
    ln -s "$(command -v "$tool")" "few/$tool"
  done
  run -1 --separate-stderr env PATH="$PWD/few" kit/deps.sh check
  [[ $stderr == *"not a Debian system"*"bats"* ]]
}

@test "an unknown list is a usage error" {
  run -2 --separate-stderr kit/deps.sh
  [[ $stderr == *usage* ]]
  run -2 --separate-stderr kit/deps.sh chekc
  [ "$stderr" = "deps.sh: no packages are listed for 'chekc'" ]
}
