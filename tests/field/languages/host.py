"""host.py LIBRARY: loads it through ctypes and calls plug_answer, at first while init is held, then from many threads."""

import ctypes
import os
import sys
import threading

THREADS, CALLS = 8, 200
failures = []


def check(factors):
    for factor in factors:
        got = answer(factor)
        if got != 42 * factor:
            failures.append(f"plug_answer({factor}) is {got}")


readable, writable = os.pipe()
os.environ["HOLD"] = str(readable)
answer = ctypes.CDLL(sys.argv[1]).plug_answer

first = threading.Thread(target=check, args=([2],))
first.start()
os.write(writable, b"\0")
first.join()

others = [threading.Thread(target=check, args=(range(CALLS),)) for _ in range(THREADS)]
for thread in others:
    thread.start()
check(range(CALLS))
for thread in others:
    thread.join()
sys.exit("\n".join(failures[:3]) or 0)
