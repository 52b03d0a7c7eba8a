# For gdb: steps through two calls of the_caller into the gate of plug_answer, the first one closed, and expects the
# frame of the_caller at each instruction of the gate and of rt0_gate_closed. In a library that is attached, as
# shared.bats makes them, the stub stands between the two, which has no unwind rules.
import os
import subprocess

import gdb


def frames():
    frame = gdb.newest_frame()
    while frame is not None:
        yield frame.name()
        frame = frame.older()


def address_in(library, name):
    for line in subprocess.check_output(["nm", library], text=True).splitlines():
        if line.endswith(" " + name):
            return int(line.split()[0], 16)


def step_through_gate():
    """How many instructions of the gate and of rt0_gate_closed were executed."""
    count = 0
    # An attached gate has its function's name, but no source.
    while (name := gdb.newest_frame().name()) != "plug_answer" or gdb.newest_frame().find_sal().symtab is None:
        is_ours = name in (gate_name, "rt0_gate_closed")
        if is_ours:
            found = list(frames())
            if "the_caller" not in found:
                raise gdb.GdbError("at 0x%x: %s" % (gdb.newest_frame().pc(), found))
            count += 1
        # Not into rt0_gate_wait, for which some machines would need a breakpoint at each instruction.
        gdb.execute("nexti" if name == "rt0_gate_closed" else "stepi", to_string=True)
    return count


gdb.execute("set confirm off")
gdb.execute("break main")
gdb.execute("continue")
gate = int(gdb.parse_and_eval("(unsigned long)gate"))
librt0 = os.environ.get("LIBRT0")
gate_name = "plug_answer" if librt0 else "plug_answer@gate"
offset = gate - address_in("libstepped.so", gate_name)
gdb.execute("add-symbol-file libstepped.so -o %d" % offset)
if librt0:
    slot = offset + address_in("libstepped.so", "rt0_attached_slot")
    table = int(gdb.parse_and_eval("*(unsigned long *)%d" % slot))
    gdb.execute("add-symbol-file %s -o %d" % (librt0, table - address_in(librt0, "rt0_attached")))
gdb.execute("break the_caller")
for state in ("closed", "open"):
    gdb.execute("continue")
    print("instructions:", state, step_through_gate())
gdb.execute("kill")
