#!/usr/bin/env bats
# Libraries of every machine of tests/ports/table: what ldwrap links and what elfpatch attaches is sound for readelf, and
# calls find their functions. How the runtime starts there is for tests/rt.
# shellcheck disable=SC2030,SC2031,SC2154

load ../support

setup_file() {
  local triples
  mapfile -t triples < <(awk '!/^#/ { print $1 }' "$root/tests/ports/table")
  make -s -C "$root" BUILD="$BUILD" TARGETS="${triples[*]}" rt
  # As many functions as make a compiler call others through stubs and tables.
  cat >"$BATS_FILE_TMPDIR/vendor.c" <<'END'
#include <stdlib.h>
#include <string.h>
static int started;
int vendor_start(int argc, char **argv, char **envp) { (void)argc, (void)argv, (void)envp; return !(started = 1); }
int vendor_length(const char *text) { return started ? (int)strlen(text) : -1; }
int vendor_call(int (*function)(const char *), const char *text) { return function(text); }
static int (*const table[])(const char *) = {vendor_length, atoi};
int vendor_indirect(int i, const char *text) { return vendor_call(table[i & 1], text); }
__attribute__((constructor)) static void early(void) { started = getenv("VENDOR") != NULL; }
END
  cat >"$BATS_FILE_TMPDIR/host.c" <<'END'
#include <dlfcn.h>
#include <stdio.h>
int main(int argc, char **argv)
{
	void *library = dlopen(argv[argc - 1], RTLD_LAZY);
	int (*indirect)(int, const char *) = library ? (int (*)(int, const char *))dlsym(library, "vendor_indirect") : NULL;
	if (!indirect)
		return puts(dlerror()), 1;
	printf("%d %d\n", indirect(0, "four"), indirect(1, "42"));
	return fflush(stdout);
}
END
}

# called FILE: calls into the library, through gates and its own stubs, have their results
called() {
  [ -x "host-$triple" ] || "$triple-gcc" -O1 "$BATS_FILE_TMPDIR/host.c" -o "host-$triple" -ldl || return
  # This system's cache may know an i386 libc of another version.
  run timeout -s KILL 60 "qemu-$qemu-static" -L "/usr/$triple" \
    -E "LD_LIBRARY_PATH=$BUILD/lib/rt0/$machine:/usr/$triple/lib:/usr/$triple/lib64" "host-$triple" "./$1"
  [ "$status $output" = '0 4 42' ] || fail "$1: $status $output"
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  cp "$BATS_FILE_TMPDIR/vendor.c" .
}

# gate_of FILE NAME: the symbol's section, and whether its value lies in .rt0.gates (or in .opd, where functions are
# known by descriptors)
gate_of() {
  local section
  section=$(readelf --dyn-syms -W "$1" | awk -v name="$2" '$NF == name { print $(NF - 1); exit }')
  readelf -SW "$1" | sed 's/\[ */[/' | awk -v number="[$section]" '$1 == number { print $2; exit }'
}

# each_machine FUNCTION: with $triple, $machine and $qemu
each_machine() {
  local triple machine qemu
  while read -r triple machine qemu _; do
    "$1" || fail "$triple"
  done < <(grep -v '^#' "$root/tests/ports/table")
}

attached() {
  "$triple-gcc" -shared -fPIC -O1 vendor.c -o vendor.so -Wl,--hash-style=sysv
  cp vendor.so a.so
  "$elfpatch" attach --init=vendor_start --no-gate=vendor_st* a.so || return
  run -0 "$elfpatch" verify -q a.so
  has_not "$output" ': error:' || return
  has "$(gate_of a.so vendor_length)" '^\.(rt0\.gates|rt0\.opd)$' || return
  has_not "$(gate_of a.so vendor_start)" 'rt0' || return
  has "$("$triple-readelf" -dW a.so)" 'NEEDED.*librt0\.so\.0' || return
  # The loader's symbols, found through the hash table, and relocations are whole.
  run -0 "$triple-readelf" -aW a.so
  has_not "$stderr$output" 'readelf: (Warning|Error)|<corrupt' || return
  called a.so || return
  "$elfpatch" detach a.so || return
  cmp vendor.so a.so
}

@test "a library of each machine is attached, and detach gives its bytes back" {
  each_machine attached
}

linked() {
  "$ldwrap" "$triple-gcc" --rt0-init=vendor_start -shared -fPIC -O1 vendor.c -o linked.so -Wl,-Bsymbolic || return
  has "$(gate_of linked.so vendor_length)" '^\.(rt0\.gates|opd)$' || return
  run -0 "$triple-readelf" -aW linked.so
  has_not "$stderr$output" 'readelf: (Warning|Error)|<corrupt' || return
  called linked.so || return
  # Twice the same.
  mv linked.so first.so
  "$ldwrap" "$triple-gcc" --rt0-init=vendor_start -shared -fPIC -O1 vendor.c -o linked.so -Wl,-Bsymbolic || return
  cmp first.so linked.so
}

@test "a library of each machine is linked with its runtime, twice to the same bytes" {
  each_machine linked
}

@test "verify says what of a machine's own keeps a function ungated, or DT_INIT from being run" {
  "$ldwrap" riscv64-linux-gnu-gcc --rt0-init=vendor_start -shared -fPIC -O1 vendor.c -o riscv64.so
  run -0 "$elfpatch" verify riscv64.so
  has "$output" 'info: init-entry: DT_INIT: glibc does not run it on riscv64: rt0_lib_twin in \.init_array starts the library'
  # Arguments in vector registers beyond those that a closed gate keeps.
  printf '%s\n' '.globl apart' '.type apart,@function' '.variant_pcs apart' 'apart: ret' '.size apart,.-apart' \
    '.section .note.GNU-stack,"",@progbits' >apart.s
  "$ldwrap" aarch64-linux-gnu-gcc --rt0-init=vendor_start -shared -fPIC -O1 vendor.c apart.s -o aarch64.so
  [ "$(gate_of aarch64.so apart)" = .text ]
  run -0 "$elfpatch" verify aarch64.so
  has "$output" 'info: gates: apart: its calling convention \(st_other 0x80\) keeps arguments where a closed gate would not: cannot be gated'
}
