# Fixtures for the tests of ldwrap.
# shellcheck shell=bash disable=SC2034,SC2154
load ../support

linkers=(bfd gold lld mold)

# Each test works in its own folder.
setup() {
  cd "$BATS_TEST_TMPDIR" || return
}

# recorder NAME: a driver that writes its arguments to NAME.log, one a line, and succeeds
recorder() {
  mkdir -p bin
  cat >"bin/$1" <<EOF
#!/bin/sh
printf '%s\n' "\$@" >"$PWD/$1.log"
printf '%s\n' "\$0" >"$PWD/$1.name"
EOF
  chmod +x "bin/$1"
}

# The sources of a runtime and of a library without one.
runtime_source() {
  cat <<'EOF'
#include "rt0.h"
static int ready;
int rt0_runtime_init(int argc, char **argv, char **envp)
{
	(void)argc, (void)argv, (void)envp;
	ready = 1;
	return 0;
}
int twice(int x) { return ready ? 2 * x : -1; }
EOF
}

plain_source() {
  echo 'int twice(int x) { return 2 * x; }'
}

# host LIBRARY: prints twice(21), called through the dynamic loader
host() {
  [ -x host ] || "$CC" -x c -o host - <<'EOF'
#include <dlfcn.h>
#include <stdio.h>
int main(int argc, char **argv)
{
	void *library = argc > 1 ? dlopen(argv[1], RTLD_NOW) : NULL;
	int (*twice)(int) = library ? (int (*)(int))dlsym(library, "twice") : NULL;
	if (!twice)
		return puts(dlerror()), 1;
	return printf("%d\n", twice(21)) < 0;
}
EOF
  ./host "$1"
}

# objects: runtime.o and plain.o
objects() {
  runtime_source >runtime.c
  plain_source >plain.c
  "$CC" -O2 -fPIC -I"$BUILD/include" -c runtime.c
  "$CC" -O2 -fPIC -c plain.c
}

# is_runtime FILE: the library starts a runtime; second opinion by readelf
is_runtime() {
  has "$(readelf -SW "$1")" '\.rt0\.gates' && has "$(readelf -dW "$1")" 'NODELETE'
}

is_plain() {
  has_not "$(readelf -SW "$1")" 'rt0'
}

# no_leftovers: no temporary folder is here
no_leftovers() {
  [ -z "$(find . -name '.rt0-*')" ] || fail "left behind: $(find . -name '.rt0-*')"
}
