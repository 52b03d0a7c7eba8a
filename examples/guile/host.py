#!/usr/bin/env python3
"""host.py LIBRARY: loads the library through ctypes and calls Scheme."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "common"))
import hosting

library = hosting.load()


def evaluate(expression):
    return hosting.text(library.scmplug_eval, expression.encode())


def ask(n):
    if n % hosting.CALLS == 0:
        evaluate("(gc)")
    return evaluate(f"(cons (number (spell {n})) (call))") == f"({n} . {n % hosting.CALLS + 1})"


hosting.ask_all(ask, library.scmplug_is_ready)
for expression in ("(spell 12345)", "(factorial 25)", '(number "many")', "(", "(begin (gc) 'collected)"):
    try:
        print(expression, "->", evaluate(expression))
    except RuntimeError as error:
        print(expression, "->", error)
detached = hosting.await_count(library.scmplug_detached, hosting.CALLERS)
print(f"threads: {library.scmplug_attached()} attached, {detached} detached")
