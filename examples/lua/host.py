#!/usr/bin/env python3
"""host.py LIBRARY: the same through ctypes."""

import ctypes
import sys

OK, NOT_STARTED, FAILED = 0, 1, 2
NUMBER, STRING = 0, 1


class As(ctypes.Union):
    _fields_ = [("number", ctypes.c_double), ("string", ctypes.c_char_p)]


class Value(ctypes.Structure):
    _anonymous_ = ["as_"]
    _fields_ = [("type", ctypes.c_int), ("as_", As)]


class Stats(ctypes.Structure):
    _fields_ = [
        (name, ctypes.c_uint64)
        for name in ("evals", "calls", "errors", "memory", "start_began", "start_ended")
    ]


class LuaError(Exception):
    pass


class Lua:
    def __init__(self, path):
        self.library = ctypes.CDLL(path)
        self.library.luaplug_version.restype = ctypes.c_char_p
        self.library.luaplug_stats.restype = Stats
        if hasattr(self.library, "luaplug_init") and self.library.luaplug_init(0, None) != 0:
            raise LuaError("cannot start")

    def version(self):
        return self.library.luaplug_version().decode()

    def stats(self):
        return self.library.luaplug_stats()

    def eval(self, code):
        return self._text(self.library.luaplug_eval, code.encode())

    def call(self, function, *args):
        values = (Value * len(args))()
        for value, arg in zip(values, args):
            if isinstance(arg, str):
                value.type, value.string = STRING, arg.encode()
            else:
                value.type, value.number = NUMBER, arg
        count = ctypes.c_size_t(len(args))
        return self._text(self.library.luaplug_call, function.encode(), values, count)

    @staticmethod
    def _text(function, *args):
        result = ctypes.create_string_buffer(120)
        if function(*args, result, ctypes.c_size_t(len(result))) != OK:
            raise LuaError(result.value.decode())
        return result.value.decode()


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: host.py LIBRARY")
    lua = Lua(sys.argv[1])
    print("version:", lua.version())
    print("eval:", lua.eval("string.rep('ab', 3)"))
    print("add:", lua.call("add", 0.5, 2.0))
    print("spell:", lua.call("spell", 1234))
    print("render:", lua.call("render", "greeting", "Ada", 42))
    try:
        lua.eval("error('no', 0)")
    except LuaError as error:
        print("error:", error)
    stats = lua.stats()
    print(f"stats: {stats.evals} evals, {stats.calls} calls, {stats.errors} errors")


if __name__ == "__main__":
    main()
