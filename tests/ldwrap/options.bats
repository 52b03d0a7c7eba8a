#!/usr/bin/env bats
# Help, version, plan, and that they, the parser and the manual agree.

# shellcheck disable=SC2154,SC2030,SC2031
load ldwrap

# The options that options.def holds.
options() {
  sed -n 's/^OPTION([A-Z_]*, "\(--rt0[a-z0-9-]*\)".*/\1/p' "$root/ldwrap/options.def" | sort
}

@test "help goes to stdout, names every option, and needs no driver" {
  run -0 --separate-stderr env PATH=/nowhere "$ldwrap" --rt0-help
  [ -z "$stderr" ]
  [ "$(grep -oE '^  --rt0[a-z0-9-]*' <<<"$output" | tr -d ' ' | sort)" = "$(options)" ]
}

@test "help fits a terminal of 80 columns" {
  "$ldwrap" --rt0-help >help
  [ "$(wc -l <help)" -le 50 ]
  run -1 grep -E '.{80}' help
}

@test "the manual has every option, with the same arguments, and no other" {
  page=$root/docs/ldwrap.1
  [ "$(sed -n 's/^\.It Fl Fl \(rt0[a-z0-9-]*\).*/--\1/p' "$page" | sort)" = "$(options)" ]
  run -0 mandoc -Tlint -W warning "$page"
  [ -z "$output" ]
}

@test "the version is one line" {
  run -0 --separate-stderr "$ldwrap" --rt0-version
  has "$output" '^ldwrap [0-9]+\.[0-9]+\.[0-9]+$'
}

@test "a plan runs nothing and shows the commands that would be run" {
  objects
  recorder cc
  PATH=$PWD/bin:$PATH run -0 --separate-stderr "$ldwrap" --rt0-plan -shared -o 'x y.so' runtime.o
  [ -z "$stderr" ]
  [ ! -e cc.log ]
  has "${lines[0]}" "/bin/cc -shared -o '.rt0-x y.so/x y.so' runtime.o -Xlinker -init=rt0_lib "
  has "$output" 'at most [0-9]+ gates, DT_INIT rt0_lib, rt0_islibrary=1'
  [ "${lines[-1]}" = "mv '.rt0-x y.so/x y.so' 'x y.so'" ]
  PATH=$PWD/bin:$PATH run -0 "$ldwrap" --rt0-plan -c 'a b.c'
  [ "$output" = "$PWD/bin/cc -c 'a b.c'" ]
  no_leftovers
}

@test "the planned command line, run by hand, links the library before its gates are filled" {
  objects
  run -0 "$ldwrap" --rt0-plan gcc -shared -o x.so runtime.o
  mkdir .rt0-x.so
  "$CC" -x assembler -c -o .rt0-x.so/rt0-link.o - <<'EOF'
	.section .note.GNU-stack, "", @progbits
EOF
  # Only the pool and the config are missing from it.
  run ! bash -c "${lines[0]} -Wl,-z,defs"
  has "$output" 'rt0_config'
  rm -r .rt0-x.so
}
