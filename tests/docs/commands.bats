#!/usr/bin/env bats
# The documents: their commands run, their links lead somewhere, and they know every message.

# shellcheck disable=SC2016 # backquotes of Markdown
load ../support

setup() {
  cd "$root" || return 1
  documents=(README.md docs/*.md)
  # What a document tells to set is set there.
  unset CMAKE_PREFIX_PATH PKG_CONFIG_PATH ACLOCAL_PATH PREFIX HOLD TOY_HOLD TOY_BROKEN
}

# commands OPTION…: run those of the documents with the built tools
commands() {
  export BUILD
  PATH=$BUILD/bin:$PATH python3 tests/docs/commands.py "$@"
}

# document LANGUAGE: one in doc.md, with a block of what is on standard input
document() {
  { printf '# Title\n\n```%s\n' "$1" && cat && printf '```\n'; } >"$BATS_TEST_TMPDIR/doc.md"
}

# The documents show what is printed on that machine.
# bats test_tags=machine,x86_64
@test "every command of README.md, of docs/*.md and of the manual pages runs and prints what is shown, or is excepted with a reason" {
  run -0 commands --exceptions tests/docs/exceptions --fixtures "$root/tests/docs/fixtures" "${documents[@]}" docs/*.[137]
}

@test "what the exceptions leave to tests/field/consumers.bats is run there" {
  local heading
  while IFS=$'\t' read -r _ heading _; do
    grep -qE "^ +(CMAKE_GENERATOR=\S+ )?documented ['\"]?${heading#\#\# }['\"]?\$" tests/field/consumers.bats || fail "not there: $heading"
  done < <(grep $'\trun by tests/field/consumers.bats$' tests/docs/exceptions)
}

@test "a command that fails, and one that prints something else, are found" {
  document sh <<<$'echo before\nfalse\necho after'
  run -1 commands --root "$BATS_TEST_TMPDIR" doc.md
  has "$output" 'doc.md:3: did not come to its end' || return
  document console <<<$'$ echo one two\none …'
  run -0 commands --root "$BATS_TEST_TMPDIR" doc.md
  document console <<<$'$ printf "a\\nb\\nc\\n"\na\n…\nc'
  run -0 commands --root "$BATS_TEST_TMPDIR" doc.md
  document console <<<$'$ echo one two\none three'
  run -1 commands --root "$BATS_TEST_TMPDIR" doc.md
  has "$output" 'doc.md:4: says otherwise' || return
  document console <<<$'$ (exit 3)'
  run -1 commands --root "$BATS_TEST_TMPDIR" doc.md
  has "$output" 'ended with 3'
}

@test "a block that does not say what it is, and an exception that no document needs, are found" {
  document '' <<<'what is this?'
  run -1 commands --root "$BATS_TEST_TMPDIR" doc.md
  has "$output" 'is neither commands nor anything else' || return
  document sh <<<$'reboot    # now\ntrue'
  printf 'doc.md\treboot\tit would end the tests\n' >"$BATS_TEST_TMPDIR/exceptions"
  run -0 commands --root "$BATS_TEST_TMPDIR" --exceptions "$BATS_TEST_TMPDIR/exceptions" doc.md
  printf 'doc.md\thalt\tso would this\n' >>"$BATS_TEST_TMPDIR/exceptions"
  run -1 commands --root "$BATS_TEST_TMPDIR" --exceptions "$BATS_TEST_TMPDIR/exceptions" doc.md
  has "$output" 'doc.md has no such command: halt' || return
  echo 'doc.md halt' >>"$BATS_TEST_TMPDIR/exceptions"
  run -1 commands --root "$BATS_TEST_TMPDIR" --exceptions "$BATS_TEST_TMPDIR/exceptions" doc.md
  has "$output" 'document, command and reason are wanted'
}

@test "every link between documents leads to a file, and to a heading of it" {
  run -0 python3 tests/docs/links.py "${documents[@]}" examples/*/README.md tests/field/languages/README.md
  printf '# A heading: here\n[x](#a-heading-here) [y](doc.md#not-there) [z](nowhere.md)\n' >"$BATS_TEST_TMPDIR/doc.md"
  run -1 python3 tests/docs/links.py "$BATS_TEST_TMPDIR/doc.md"
  has "$output" 'no such heading: doc.md#not-there' || return
  has "$output" 'no such file: nowhere.md' || return
  has_not "$output" 'a-heading-here'
}

@test "docs/troubleshooting.md has every message of the sources and every rule of verify, and no other" {
  run -0 python3 tests/docs/messages.py docs/troubleshooting.md
}

@test "a message that the document does not have, and one that nothing says, are found" {
  sed '/^no export to gate$/d; s/^missing filename$/missing file/; s/^### relro$/### read-only/; s/is stopped$/stands/' \
    docs/troubleshooting.md >"$BATS_TEST_TMPDIR/page.md"
  run -1 python3 tests/docs/messages.py "$BATS_TEST_TMPDIR/page.md"
  has "$output" 'attach.c:[0-9]+: not in the document: no export to gate' || return
  has "$output" 'not in the document: missing filename' || return
  has "$output" 'nothing says: missing file' || return
  has "$output" 'rt/report.c:[0-9]+: not in the document: is stopped' || return
  has "$output" 'no heading for the rule relro'
}
