#!/usr/bin/env python3
"""host.py LIBRARY: loads the store and asks it, through ctypes."""

import ctypes
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "common"))
import hosting

library = hosting.load()
library.store_find.restype = ctypes.c_long


def query(sql):
    return hosting.text(library.store_query, sql.encode())


def find(name):
    return library.store_find(name.encode())


def ask(n):
    return find(query(f"SELECT name FROM numbers WHERE n = {n + 1}")) == n + 1


hosting.ask_all(ask, library.store_is_ready)
print("find:", find("twelve thousand three hundred forty-five"))
print("find:", find("many"))
print("query:", query("SELECT min(n), name FROM numbers WHERE letters = n"))
try:
    query("DELETE FROM numbers")
except RuntimeError as error:
    print("error:", error)
detached = hosting.await_count(library.store_detached, hosting.CALLERS)
print(f"threads: {library.store_attached()} attached, {detached} detached")
