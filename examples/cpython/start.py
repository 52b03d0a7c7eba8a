"""What the library runs when it starts: the modules that it needs, the tables that its functions answer from."""

import bisect
import decimal
import threading

_words = ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
          "seventeen eighteen nineteen").split()
_tens = "twenty thirty forty fifty sixty seventy eighty ninety".split()


def spell(n):
    if n < 20:
        return _words[n]
    if n < 100:
        return _tens[n // 10 - 2] + ("-" + _words[n % 10] if n % 10 else "")
    rest = " " + spell(n % 100) if n % 100 else ""
    if n < 1000:
        return _words[n // 100] + " hundred" + rest
    return spell(n // 1000) + " thousand" + (" " + spell(n % 1000) if n % 1000 else "")


# Every number below this by its name, and the names in the order of a dictionary.
_numbers = {spell(n): n for n in range(20000)}
_sorted = sorted(_numbers)


def number(name):
    return _numbers[name]


def starting_with(letters):
    """How many names begin with these letters."""
    return bisect.bisect_left(_sorted, letters + "\uffff") - bisect.bisect_left(_sorted, letters)


_mine = threading.local()


def call():
    """Which call of this thread's it is: what Python keeps for a thread lasts as long as its thread state."""
    _mine.calls = getattr(_mine, "calls", 0) + 1
    return _mine.calls


def third(n):
    """A third of n to 20 places: decimal is an extension module, which must find libpython's symbols."""
    with decimal.localcontext() as context:
        context.prec = 20
        return str(decimal.Decimal(n) / 3)
