"""trace.py FILE PROGRAM: check that FILE is what RT0_TRACE makes, and print its events.

One a line, in their order in time: process, thread, phase, name. A process is called by its number among those of the
file; a thread by its name and, from the second of that name on, its number. A process's own thread ends with a *. What
is named after an emulator has the name of the program.
"""
import json
import sys

# Strictly JSON once the array is closed, in lines that are whole.
with open(sys.argv[1], "rb") as file:
    text = file.read().decode("ascii")
lines = text.split("\n")
assert lines[0] == "[", "the first line is %r" % lines[0]
assert lines.pop() == "", "the last line is not whole"
events = [json.loads(line[:-1]) for line in lines[1:] if line.endswith(",")]
assert len(events) == len(lines) - 1, "a line without a comma"
assert json.loads(text.rstrip()[:-1] + "]") == events

processes, threads, names, counts = {}, {}, {}, {}
for event in events:
    assert event["cat"] == "rt0" and event["args"]["library"], event
    key = event["pid"], event["tid"]
    if event["ph"] != "M":
        assert event["name"].split(" ", 1)[1], event
        assert key in names, "%r has no name" % event
        continue
    assert event["name"] in ("process_name", "thread_name"), event
    assert event["args"]["name"], event
    if event["name"] == "thread_name":
        name = event["args"]["name"]
        names[key] = sys.argv[2] if name.startswith("qemu-") else name

stacks = {}
for event in sorted((e for e in events if e["ph"] != "M"), key=lambda e: e["ts"]):
    key = event["pid"], event["tid"]
    process = processes.setdefault(event["pid"], len(processes) + 1)
    if key not in threads:
        number = counts[process, names[key]] = counts.get((process, names[key]), 0) + 1
        threads[key] = names[key] + (str(number) if number > 1 else "") + ("*" if key[0] == key[1] else "")
    stack = stacks.setdefault(key, [])
    if event["ph"] == "B":
        stack.append(event["name"])
    elif event["ph"] == "E":
        # Perfetto ends what has the same name.
        assert stack and stack.pop() == event["name"], "%r ends what is not open" % event
    else:
        assert event["ph"] == "i", event
    print(process, threads[key], event["ph"], event["name"])
