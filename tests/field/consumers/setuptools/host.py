"""Imports both modules: one while its runtime is held back, the other when it is there."""

import os
import threading

os.mkfifo("latch")
os.environ["PLUG_LATCH"] = "latch"

import early

assert not early.ready()
said = []
caller = threading.Thread(target=lambda: said.append(early.answer(2)))
caller.start()
assert not early.ready() and not said
with open("latch", "w") as latch:
    latch.write("x")
caller.join()
assert early.ready() and said == [84]


# Python's lock is held while the import waits, so another process lets the runtime go.
if os.fork() == 0:
    with open("latch", "w") as latch:
        latch.write("x")
    os._exit(0)
import late

assert late.ready() and late.answer(3) == 126
assert os.wait()[1] == 0
print("done")
