#!/usr/bin/env python3
"""host.py LIBRARY: loads the Forth through ctypes."""

import ctypes
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "common"))
import hosting

library = hosting.load()
library.forth_describe.restype = ctypes.c_char_p


def evaluate(text):
    result = ctypes.c_long()
    error = library.forth_eval(text.encode(), ctypes.byref(result))
    return library.forth_describe(error).decode() if error else result.value


hosting.ask_all(lambda n: evaluate(f"{n + 2} prime dup prime? swap 1 + prime? 0= and") == -1, library.forth_is_ready)
for text in (
    "primes-found",
    "10000 prime",
    "1071 462 gcd",
    "0 100 2 do i prime? if 1 + then loop",
    "1 0 /",
    ": many ;",
):
    print(text, "->", evaluate(text))
