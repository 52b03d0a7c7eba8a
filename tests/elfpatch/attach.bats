#!/usr/bin/env bats
# elfpatch attach, detach and gate: what they write, what the tools of others make of it, what they refuse. What
# attached libraries do is in tests/rt/retrofit.bats.
# shellcheck disable=SC2154

load fixture

setup_file() {
  build_poke
  cd "$BATS_FILE_TMPDIR" || return
  cat >vendor.c <<'END'
#include <stdlib.h>
int vendor_ready;
unsigned char vendor_flag;
int vendor_data = 7;
static int *constructed;
static void __attribute__((constructor)) construct(void) { constructed = &vendor_ready; }
int vendor_init(int argc, char **argv, char **envp)
{
	(void)argc;
	(void)envp;
	vendor_ready = argv[0] != NULL && constructed == &vendor_ready && vendor_flag == 1 ? 1000 : 1;
	return getenv("FAIL") != NULL ? 5 : 0;
}
int vendor_add(int a, int b) { return vendor_ready + a + b; }
int vendor_sub(int a, int b) { return vendor_ready + a - b; }
const char *vendor_version(void) { return vendor_ready ? "after" : "before"; }
int (*vendor_table[])(int, int) = {vendor_add, vendor_sub};
END
  cat >host.c <<'END'
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
/* host LIBRARY: what its functions return, and whether pointers to one are alike */
int main(int argc, char **argv)
{
	void *library = argc > 1 ? dlopen(argv[1], RTLD_NOW) : NULL;
	if (library == NULL) {
		puts(dlerror());
		return 1;
	}
	int (*add)(int, int) = (int (*)(int, int))dlsym(library, "vendor_add");
	int (**table)(int, int) = dlsym(library, "vendor_table");
	printf("%d %d %d\n", add(1, 2), table[1](3, 1), table[0] == add);
	return 0;
}
END
  "$CC" -shared -fPIC -O1 -g vendor.c -o vendor.so -Wl,-soname,libvendor.so.1,-z,now -Wl,--version-script=<(
    echo 'V1 { global: vendor_*; local: *; };'
  )
  "$CC" host.c -o host
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  cp "$BATS_FILE_TMPDIR"/{vendor.c,vendor.so,host} .
  export LD_LIBRARY_PATH=$BUILD/lib
}

attach() {
  "$elfpatch" attach --init=vendor_init --flag=vendor_flag --no-gate=vendor_version "$@"
}

# Without an attached library's own notes, which eu-elflint does not know.
lint() {
  eu-elflint --gnu-ld "$1" | grep -v rt0 | sed -E 's/0x[0-9a-f]+|[0-9]+/N/g' | grep -vx 'No errors' | sort || true
}

works() {
  run -0 ./host "$1"
  [ "$output" = '1003 1002 1' ] || fail "$output"
}

@test "an attached library needs librt0.so.0 by a versioned symbol and is found sound" {
  run -0 ./host ./vendor.so
  [ "$output" = '3 2 1' ]
  attach vendor.so
  works ./vendor.so
  run -0 readelf -dW vendor.so
  has "$output" '\(NEEDED\) .*\[librt0\.so\.0\]'
  has "$output" 'FLAGS_1.*NODELETE'
  run -0 readelf --dyn-syms -W vendor.so
  has "$output" ' UND rt0_attached@RT0_1 '
  run -0 nm vendor.so
  has "$output" ' [tT] vendor_add@gate'
  has "$output" ' [tT] vendor_add[[:space:]]'
  run -0 readelf -SW vendor.so
  has "$output" '\.rt0\.gates +PROGBITS .* AX '
  has "$output" '\.rt0\.state +NOBITS .* WA '
  run -0 "$elfpatch" verify -q vendor.so
  [ -z "$output" ] || fail "$output"
  [ -z "$(comm -13 <(lint "$BATS_FILE_TMPDIR/vendor.so") <(lint vendor.so))" ]
}

@test "abidiff sees no change but the new import, and exports keep names, versions and order" {
  attach -o attached.so vendor.so
  exports() {
    readelf --dyn-syms -W "$1" | awk '$7 != "UND" && NF == 8 { print $4, $5, $6, $8 }'
  }
  [ "$(exports attached.so)" = "$(exports vendor.so)" ]
  run abidiff vendor.so attached.so
  [ "$status" -eq 0 ] || fail "$output"
}

@test "detach gives the very bytes back, and so does attach again" {
  attach -o attached.so vendor.so
  "$elfpatch" detach -o detached.so attached.so
  cmp vendor.so detached.so
  attach detached.so
  cmp attached.so detached.so
  "$elfpatch" detach detached.so
  cmp vendor.so detached.so
  run -0 "$elfpatch" detach -v detached.so
  [ "$output" = 'detached.so: nothing to write' ]
}

@test "attach again with the same options writes nothing, with others it is refused" {
  local inode
  attach vendor.so
  cp vendor.so before.so
  inode=$(stat -c %i vendor.so)
  run -0 attach -v vendor.so
  [ "$output" = 'vendor.so: nothing to write' ]
  [ "$(stat -c %i vendor.so)" = "$inode" ]
  strip vendor.so
  run -0 attach -v vendor.so
  [ "$output" = 'vendor.so: nothing to write' ]
  cp before.so vendor.so
  run -1 --separate-stderr attach --start=concurrent vendor.so
  [ "$stderr" = "elfpatch: cannot attach 'vendor.so': it was attached before, with other options: detach it first" ]
  run -1 --separate-stderr "$elfpatch" attach --init=vendor_add --flag=vendor_flag --no-gate=vendor_version vendor.so
  has "$stderr" 'with other options'
  cmp before.so vendor.so
}

@test "strip, llvm-strip, eu-strip, objcopy and set leave an attached library at work" {
  local tool
  attach vendor.so
  for tool in strip llvm-strip eu-strip; do
    "$tool" -o "$tool.so" vendor.so
    works "./$tool.so"
    run -0 "$elfpatch" verify -q "$tool.so"
  done
  objcopy vendor.so objcopy.so
  works ./objcopy.so
  "$elfpatch" set --soname="$(printf %0300d 1)" --needed-add=libm.so.6 --runpath=/nowhere -o set.so vendor.so
  works ./set.so
  run -0 gdb -q -batch -ex 'info line vendor_add' vendor.so
  has "$output" 'vendor\.c'
}

@test "detach refuses what was changed since" {
  attach vendor.so
  strip -o stripped.so vendor.so
  cp stripped.so before.so
  run -1 --separate-stderr "$elfpatch" detach stripped.so
  has "$stderr" "^elfpatch: cannot detach 'stripped\.so': the file was changed since: it has [0-9]+ bytes, and had [0-9]+ "
  cmp before.so stripped.so
  # One byte of a gate.
  local offset
  offset=$(readelf -SW vendor.so | sed -n 's/.*\.rt0\.gates *PROGBITS *[0-9a-f]* \([0-9a-f]*\) .*/\1/p')
  printf '\x90' | dd of=vendor.so bs=1 seek=$((16#$offset + 9)) conv=notrunc status=none
  run -1 --separate-stderr "$elfpatch" detach vendor.so
  [ "$stderr" = "elfpatch: cannot detach 'vendor.so': the file was changed since it was attached: the digest of what was added differs" ]
}

@test "a failed init is met as the options say" {
  attach -o abort.so vendor.so
  FAIL=1 run -134 --separate-stderr ./host ./abort.so
  [ "$stderr" = 'rt0: libvendor.so.1: its init function failed: Input/output error' ]
  attach --on-failure=continue -o continue.so vendor.so
  FAIL=1 run -0 ./host ./continue.so
}

@test "a constructor that is exported runs all the same, in a library with no other" {
  sed 's/^static void \(.*\) construct(/void \1 vendor_construct(/' vendor.c >exported.c
  "$CC" -shared -fPIC -O1 -nostartfiles exported.c -o exported.so
  [[ $(readelf -rW exported.so) == *R_X86_64_64*vendor_construct* ]]
  attach exported.so
  works ./exported.so
  run -0 "$elfpatch" verify -q exported.so
  "$elfpatch" detach exported.so
  run -0 ./host ./exported.so
  [ "$output" = '3 2 1' ]
}

@test "which exports are gated, and what is told of it" {
  run -0 attach -n vendor.so
  [ "${lines[0]}" = 'vendor.so: needed: + librt0.so.0' ]
  [ "${lines[2]}" = 'vendor.so: gates: 3' ]
  has "${lines[3]}" '^vendor\.so: would write [0-9]+ bytes in [0-9]+ places, growth [0-9]+$'
  cmp vendor.so "$BATS_FILE_TMPDIR/vendor.so"
  run -0 "$elfpatch" attach --json --init=vendor_init --flag=vendor_flag --gate='vendor_[as]*' -o some.so vendor.so
  [ "$(jq -r '.changes[2]' <<<"$output")" = 'gates: 2' ]
  run -0 "$elfpatch" show --json some.so
  [ "$(jq -c '[.rt0.gates_used, .rt0.attached]' <<<"$output")" = '[2,true]' ]
  works ./some.so
}

@test "what cannot be attached is refused, and nothing is lost" {
  refused() {
    local reason=$1
    shift
    cp "${@: -1}" before
    run -1 --separate-stderr "$elfpatch" attach "$@"
    [ "$stderr" = "elfpatch: cannot attach '${*: -1}': $reason" ] || fail "$stderr"
    cmp before "${@: -1}"
  }
  refused "no symbol 'nothing' is defined" --init=nothing vendor.so
  refused "'vendor_data' is no function (symbol type 1)" --init=vendor_data vendor.so
  refused "'vendor_add' is no variable (symbol type 2)" --init=vendor_init --flag=vendor_add vendor.so
  refused 'no export to gate' --init=vendor_init --no-gate='*' vendor.so
  refused 'a program, not a library: it has an interpreter' --init=main host
  "$CC" -c vendor.c -o vendor.o
  refused 'not a shared library (e_type 1, expected 3)' --init=vendor_init vendor.o
  gated linked.so
  refused 'it was linked with a runtime' --init=seven linked.so
  poke vendor.so ehdr e_shnum 0
  poke vendor.so ehdr e_shstrndx 0
  poke vendor.so ehdr e_shoff 0
  refused 'no section headers, which tell what may move' --init=vendor_init vendor.so
  run -1 --separate-stderr "$elfpatch" detach linked.so
  [ "$stderr" = "elfpatch: cannot detach 'linked.so': it was linked with a runtime, not attached" ]
}

@test "gate fills the pool that a link has left empty, once" {
  link pool.so
  run -1 "$elfpatch" verify -q pool.so
  run -0 "$elfpatch" gate -v pool.so
  has "$output" '^pool\.so: wrote [0-9]+ bytes in 2 places'
  findings pool.so
  [ -z "$output" ] || fail "$output"
  run -0 "$elfpatch" gate -v pool.so
  [ "$output" = 'pool.so: nothing to write' ]
  run -1 --separate-stderr "$elfpatch" gate vendor.so
  [ "$stderr" = "elfpatch: cannot gate 'vendor.so': no rt0 note: it has no gate pool; see 'attach'" ]
}

# at FILE BYTES SKIP VALUE: where these bytes stand once, and SKIP bytes on, a 32-bit little-endian number
at() {
  python3 -B - "$@" <<'END'
import sys
path, found, skip, value = sys.argv[1], bytes.fromhex(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
data = bytearray(open(path, "rb").read())
assert data.count(found) == 1, data.count(found)
at = data.index(found) + skip
data[at:at + 4] = value.to_bytes(4, "little")
open(path, "wb").write(data)
END
}

@test "what a later version attached is refused with both numbers, and stays as it is" {
  "$elfpatch" attach --init vendor_init vendor.so
  # The record: a note of type 3 by rt0, whose first word is the version.
  cp vendor.so record.so
  at record.so 0300000072743000 8 2
  cp record.so before.so
  for command in 'attach --init vendor_init' 'gate' 'show'; do
    # shellcheck disable=SC2086 # words
    run -1 --separate-stderr "$elfpatch" $command record.so
    [ "$stderr" = "elfpatch: cannot ${command%% *} 'record.so': rt0 note: attached by version 2 of elfpatch, these tools know version 1" ] ||
      fail "$stderr"
  done
  run -1 "$elfpatch" verify record.so
  has "$output" 'error: version: .note.rt0: rt0 note: attached by version 2 of elfpatch, these tools know version 1'
  cmp record.so before.so
  # The way back: eight bytes of magic, then the version.
  cp vendor.so undo.so
  at undo.so 727430756e646f00 8 2
  cp undo.so before.so
  run -1 --separate-stderr "$elfpatch" detach undo.so
  [ "$stderr" = "elfpatch: cannot detach 'undo.so': .rt0.undo: version 2, these tools know version 1" ] || fail "$stderr"
  cmp undo.so before.so
}
