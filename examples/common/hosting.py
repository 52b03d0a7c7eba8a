"""What the Python hosts of the examples share: the same as host.h, through ctypes."""

import ctypes
import os
import sys
import threading
import time

CALLERS, CALLS = 8, 50


def load():
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} LIBRARY")
    return ctypes.CDLL(os.path.abspath(sys.argv[1]))


def text(function, *args, size=200):
    """The text that a function writes into its last two arguments, a buffer and its size."""
    result = ctypes.create_string_buffer(size)
    status = function(*args, result, ctypes.c_size_t(size))
    answer = result.value.decode()
    if status != 0:
        raise RuntimeError(answer)
    return answer


def ask_all(ask, is_ready):
    """Have ask(n) called by threads at once; it returns whether the answer was right."""
    fifo = os.environ.get("EXAMPLE_HOLD")
    begun = threading.Barrier(CALLERS + 1)
    first_answers, wrong = [], []

    def run(number):
        begun.wait()
        for n in range(number * CALLS, (number + 1) * CALLS):
            if not ask(n):
                wrong.append(n)
            first_answers.append(n)

    if fifo:
        hold = open(fifo, "w")
        if is_ready():
            sys.exit("the runtime is ready although its start is held")
    callers = [threading.Thread(target=run, args=(number,)) for number in range(CALLERS)]
    for caller in callers:
        caller.start()
    begun.wait()
    if fifo:
        if first_answers:
            sys.exit("a call was answered although the start is held")
        print(f"loaded, the runtime is still starting, and {CALLERS} threads call it")
        hold.close()
    for caller in callers:
        caller.join()
    print(f"{CALLERS} threads made {CALLS} calls each, {len(wrong)} answers were wrong")
    if wrong:
        sys.exit(1)


def await_count(count, wanted):
    """Threads detach when they end, which is after Python's join. Returns the count when it is the wanted one, or after
    a minute."""
    until = time.monotonic() + 60
    while count() != wanted and time.monotonic() < until:
        time.sleep(0.001)
    return count()
