#!/usr/bin/env python3
"""host.py LIBRARY: a Python program that loads the library, whose Python is then this one."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "common"))
import hosting

library = hosting.load()


def evaluate(expression):
    return hosting.text(library.pyplug_eval, expression.encode())


def ask(n):
    return evaluate(f"(number(spell({n})), call())") == f"({n}, {n % hosting.CALLS + 1})"


hosting.ask_all(ask, library.pyplug_is_ready)
print("spell:", evaluate("spell(12345)"))
print("starting_with:", evaluate("starting_with('nine')"))
print("third:", evaluate("third(10)"))
try:
    evaluate("number('many')")
except RuntimeError as error:
    print("exception:", error)
detached = hosting.await_count(library.pyplug_detached, hosting.CALLERS)
print(f"threads: {library.pyplug_attached()} attached, {detached} detached")
