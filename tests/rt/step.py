# For gdb: steps through two calls of the_caller into the gate of plug_answer, the first one closed, and expects the
# frame of the_caller at each instruction of the gate and of rt0_gate_closed.
import subprocess

import gdb


def frames():
    frame = gdb.newest_frame()
    while frame is not None:
        yield frame.name()
        frame = frame.older()


def address_in_library(name):
    for line in subprocess.check_output(["nm", "libstepped.so"], text=True).splitlines():
        if line.endswith(" " + name):
            return int(line.split()[0], 16)


def step_through_gate():
    """How many instructions of the gate and of rt0_gate_closed were executed."""
    count = 0
    while (name := gdb.newest_frame().name()) != "plug_answer":
        is_ours = name in ("plug_answer@gate", "rt0_gate_closed")
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
gdb.execute("add-symbol-file libstepped.so -o %d" % (gate - address_in_library("plug_answer@gate")))
gdb.execute("break the_caller")
for state in ("closed", "open"):
    gdb.execute("continue")
    print("instructions:", state, step_through_gate())
gdb.execute("kill")
