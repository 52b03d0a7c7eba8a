"""Give the one argument, an ELF64 little-endian file, a single table for symbol and section names."""
import struct
import sys

data = bytearray(open(sys.argv[1], "rb").read())
shoff, = struct.unpack_from("<Q", data, 40)
shnum, shstrndx = struct.unpack_from("<HH", data, 60)


def header(i):
    return list(struct.unpack_from("<IIQQQQIIQQ", data, shoff + 64 * i))


headers = [header(i) for i in range(shnum)]
symtab = next(h for h in headers if h[1] == 2)
strtab = headers[symtab[6]]
names = headers[shstrndx]
# Both tables, one behind the other, at the end of the file.
shift = strtab[5]
both = data[strtab[4]:strtab[4] + strtab[5]] + data[names[4]:names[4] + names[5]]
strtab[4], strtab[5] = len(data), len(both)
names[4], names[5], names[1] = len(data), 0, 8
data += both
for i, h in enumerate(headers):
    struct.pack_into("<IIQQQQIIQQ", data, shoff + 64 * i, h[0] + (shift if i else 0), *h[1:])
struct.pack_into("<H", data, 62, symtab[6])
open(sys.argv[1], "wb").write(data)
