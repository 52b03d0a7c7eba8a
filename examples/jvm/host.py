#!/usr/bin/env python3
"""host.py LIBRARY: loads the library through ctypes and calls Java."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "common"))
import hosting

library = hosting.load()


def call(function, argument=""):
    return hosting.text(library.jplug_call, function.encode(), argument.encode())


def ask(n):
    is_right = call("number", call("spell", str(n))) == str(n)
    if n % hosting.CALLS == 0:
        call("collect")
    return is_right and call("call") == str(n % hosting.CALLS + 1)


hosting.ask_all(ask, library.jplug_is_ready)
for function, argument in (("spell", "12345"), ("initials", ""), ("factorial", "25")):
    print(f"{function}: {call(function, argument)}")
try:
    call("number", "many")
except RuntimeError as error:
    print("exception:", error)
detached = hosting.await_count(library.jplug_detached, hosting.CALLERS)
print("threads:", call("threads"))
print(f"threads: {library.jplug_attached()} attached, {detached} detached")
