#!/usr/bin/env python3
"""host.py LIBRARY: loads the library through ctypes and asks it."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "common"))
import hosting

NAMES = "one two three four five six seven eight nine ten".split()
QUESTION = "twelve times one thousand plus three hundred forty-five"
library = hosting.load()


def answer(question):
    return hosting.text(library.hsplug_answer, question.encode())


def ask(n):
    name = NAMES[n % 10]
    is_right = answer(f"{name} plus one minus one times one") == name
    if n % hosting.CALLS == 0:
        library.hsplug_collect()
    return is_right and library.hsplug_is_bound() == 1


hosting.ask_all(ask, library.hsplug_is_ready)
print(f"{QUESTION}: {answer(QUESTION)}")
try:
    answer("two plus many")
except RuntimeError as error:
    print("exception:", error)
detached = hosting.await_count(library.hsplug_detached, hosting.CALLERS)
print(f"threads: {library.hsplug_attached()} attached, {detached} detached")
