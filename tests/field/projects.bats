# Other people's projects built with ldwrap; `make field-projects` has more of them, tests/rt/software.bats zlib and Lua.
load ../support

@test "bzip2, libyaml, lz4 and popt pass their own tests with every library gated" {
  run -0 "$root/tests/field/projects" bzip2 libyaml lz4 popt
  [ "$(grep -c ' same$' <<<"$output")" -eq 4 ]
}
