"""The words of function descriptors in 64-bit big-endian files with RELA relocations.

    descriptors.py FILE show SYMBOL                 code and TOC pointer, as the loader leaves them
    descriptors.py FILE place SYMBOL WORD VALUE     change a word as it stands in the file
    descriptors.py FILE addend SYMBOL WORD VALUE    change the addend of its relocation
    descriptors.py FILE symbol SYMBOL VALUE         add to a dynamic symbol's value

SYMBOL is one of .dynsym, else of .symtab. Ends with an exception when there is no such thing.
"""
import struct
import sys

RELATIVE = 22
path, command, wanted, *numbers = sys.argv[1:]
data = bytearray(open(path, "rb").read())
numbers = [int(number, 0) for number in numbers]


def get(form, at):
    return struct.unpack_from(">" + form, data, at)


shoff, = get("Q", 40)
shnum, = get("H", 60)
sections = [get("IIQQQQIIQQ", shoff + 64 * i) for i in range(shnum)]


def symbol(kind):
    for section in sections:
        if section[1] == kind:
            strings = sections[section[6]][4]
            for at in range(section[4], section[4] + section[5], 24):
                name = strings + get("I", at)[0]
                if data[name:data.index(b"\0", name)].decode() == wanted and get("H", at + 6)[0] != 0:
                    return at
    return None


entry = symbol(11) or symbol(2)
descriptor, = get("Q", entry + 8)


def place(word):
    address = descriptor + 8 * word
    return next(s[4] + address - s[3] for s in sections if s[1] == 1 and s[2] & 2 and 0 <= address - s[3] < s[5])


def addend(word):
    for section in sections:
        if section[1] == 4:
            for at in range(section[4], section[4] + section[5], 24):
                if get("QQ", at) == (descriptor + 8 * word, RELATIVE):
                    return at + 16
    raise KeyError(word)


if command == "show":
    print(*(f"{get('Q', addend(word))[0]:x}" for word in (0, 1)))
elif command == "symbol":
    struct.pack_into(">Q", data, entry + 8, descriptor + numbers[0])
else:
    struct.pack_into(">Q", data, {"place": place, "addend": addend}[command](numbers[0]), numbers[1])
open(path, "wb").write(data)
