# Static probes (USDT): rt0:init_start, init_done, decided, gate_wait.
load rt

setup_file() {
  setup_plug
}

setup() {
  cd "$BATS_FILE_TMPDIR" || return 1
}

# probes FILE: each with its place, as the notes say it
probes() {
  run -0 readelf -nW "$1"
  [ "$(grep -c 'Provider: rt0' <<<"$output")" -eq 4 ] || fail "$output"
  for name in decided gate_wait init_done init_start; do
    has "$output" "Name: $name"$'\n'" *Location: 0x[0-9a-f]+, Base: [^,]*, Semaphore: 0x0+"$'\n'" *Arguments: [48]@[^ ]+ [48]@[^ ]+"
  done
}

# code_at FILE ADDRESS: the instruction there
code_at() {
  objdump -d --no-show-raw-insn --start-address="$2" --stop-address=$(($2 + 8)) "$1" |
    sed -n 's/^ *[0-9a-f]*:[[:space:]]*//p' | head -n 1
}

@test "a library has four probes, each at an instruction that does nothing, also stripped and by every linker" {
  local linker address
  for linker in $(linkers_of_machine); do
    plug libprobes.so "-fuse-ld=$linker" -ffunction-sections -Wl,--gc-sections
    probes libprobes.so
    while read -r address; do
      has "$(code_at libprobes.so "$address")" '^(nop|nopr|mov[[:space:]]+r8, r8|bcr)'
    done < <(sed -n 's/.*Location: \(0x[0-9a-f]*\),.*/\1/p' <<<"$output")
    "$elfpatch" verify libprobes.so >findings || fail "$(cat findings)"
    PLUG=held run -0 timeout 60 ./host held ./libprobes.so
  done
  strip -o stripped.so libplug.so
  probes stripped.so
  probes "$OBJECTS/librt0.so.0"
}

# bats test_tags=native
@test "a debugger stops at the probes, with their arguments" {
  cat >probes.gdb <<'END'
set breakpoint pending on
set print address off
break -probe-stap rt0:gate_wait
commands
silent
info symbol $_probe_arg0
continue
end
break -probe-stap rt0:init_done
commands
silent
print $_probe_arg1
continue
end
run
END
  PLUG=held run -0 timeout 60 gdb -batch -nx -x probes.gdb --args ./host held ./libplug.so
  has "$output" 'plug_answer@gate in section'
  has "$output" '\$[0-9]+ = 0'
}

# bats test_tags=native
@test "the kernel traces at the probes, where it may" {
  local trace=/sys/kernel/tracing group=rt0_test_$$ offset
  # Only root may, and not in every container: what the debugger sees is what the kernel reads.
  if [ "$(id -u)" -ne 0 ] || ! echo "p:$group/none /bin/sh:0x0" 2>errors >>$trace/uprobe_events; then
    return 0
  fi
  echo "-:$group/none" >>$trace/uprobe_events
  # Of the address, the offset in the file: the segments of bfd's libraries have them alike in the first ones.
  offset=$(readelf -nW libplug.so | sed -n '/Name: init_start/{n;s/.*Location: \(0x[0-9a-f]*\),.*/\1/p;}')
  echo "p:$group/init_start $PWD/libplug.so:$offset" >>$trace/uprobe_events
  mkdir "$trace/instances/$group"
  echo 1 >"$trace/instances/$group/events/$group/init_start/enable"
  ./host plain ./libplug.so
  cp "$trace/instances/$group/trace" seen
  echo 0 >"$trace/instances/$group/events/$group/init_start/enable"
  rmdir "$trace/instances/$group"
  echo "-:$group/init_start" >>$trace/uprobe_events
  grep -q 'rt0:libplug.so.*init_start' seen || fail "$(cat seen)"
}
