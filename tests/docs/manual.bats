#!/usr/bin/env bats
# The manual pages, and that they say what the sources say.

load ../support

# words_of PAGE: its text, unformatted
words_of() {
  mandoc -Tascii "$root/docs/$1" | sed 's/.\x08//g'
}

@test "mandoc finds nothing to warn about in any manual page" {
  run -0 mandoc -Tlint -W warning "$root"/docs/*.[137]
  [ -z "$output" ]
}

@test "rt0(3) describes every name of rt0.h, and no other" {
  grep -o '\<\(rt0\|RT0\)_[A-Za-z0-9_]*' "$root/rt/rt0.h" | grep -vx 'RT0_H\|RT0_HIDDEN' | sort -u >"$BATS_TEST_TMPDIR/header"
  words_of rt0.3 | grep -o '\<\(rt0\|RT0\)_[A-Za-z0-9_]*' | sort -u >"$BATS_TEST_TMPDIR/page"
  [ -s "$BATS_TEST_TMPDIR/header" ]
  run -0 diff "$BATS_TEST_TMPDIR/header" "$BATS_TEST_TMPDIR/page"
}

@test "the example program of rt0(3) compiles as it stands" {
  cd "$BATS_TEST_TMPDIR" || return
  mandoc -Tmarkdown "$root/docs/rt0.3" >page.md
  {
    echo '#include <stdbool.h>'
    echo 'static bool vm_open(int c, char **v) { return c > 0 && v != 0; }'
    echo 'static const char *vm_error(void) { return "no"; }'
    echo 'static long eval(const char *code) { return *code; }'
    sed -n '/^	#include <errno.h>/,/^	\$ /{/^	\$ /!s/^	//p;}' page.md
  } >vm.c
  grep -q rt0_notify_runtime_init_failed vm.c
  run -0 cc -std=c11 -Wall -Wextra -Wno-unused-parameter -Werror -fPIC -I"$root/rt" -c vm.c
}

@test "every message of DIAGNOSTICS in rt0(7) is one that rt writes" {
  grep -h '^\.It Li "rt0: ' "$root/docs/rt0.7" >"$BATS_TEST_TMPDIR/messages"
  while IFS= read -r text; do
    grep -qF "$text" "$BATS_TEST_TMPDIR/messages"
    grep -rqF "\"$text" "$root/rt"
  done <<'EOF'
 has waited 
 for the load to end; 
rt0_runtime_init failed
its init function failed
attached for another version of 
pthread_create failed
RT0_TRACE cannot be written
the thread that ran rt0_runtime_init ended in it
the thread that ran rt0_runtime_init is gone
EOF
}
