"""damage.py DRIVER LIBRARY: poke single fields of a good library, patch it, expect exit 0 or 1 and one line."""
import struct
import subprocess
import sys

driver, library = sys.argv[1:]
good = open(library, "rb").read()
shoff, = struct.unpack_from("<Q", good, 40)
phnum, = struct.unpack_from("<H", good, 56)
shnum, = struct.unpack_from("<H", good, 60)
WRONG = [0, 1, 0x7FFFFFFF, 0xFFFFFFFFFFFFFFF8]

fields = [(40, 8), (60, 2), (62, 2)]
for i in range(phnum):
    at = 64 + 56 * i
    if struct.unpack_from("<I", good, at)[0] in (1, 2, 4, 0x6474E552):  # LOAD, DYNAMIC, NOTE, RELRO
        fields += [(at + 8, 8), (at + 16, 8), (at + 32, 8)]
for i in range(shnum):
    at = shoff + 64 * i
    kind, = struct.unpack_from("<I", good, at + 4)
    if kind in (2, 3):  # SYMTAB, STRTAB
        fields += [(at + 4, 4), (at + 24, 8), (at + 32, 8), (at + 40, 4), (at + 56, 8)]
    if kind == 6:  # DYNAMIC: every value
        offset, size = struct.unpack_from("<QQ", good, at + 24)
        fields += [(offset + 16 * n + 8, 8) for n in range(size // 16)]
    if kind == 4:  # RELA: the first and the last
        offset, size = struct.unpack_from("<QQ", good, at + 24)
        fields += [(offset, 8), (offset + 8, 8), (offset + 16, 8), (offset + size - 24, 8), (offset + size - 16, 8)]

for at, size in fields:
    for wrong in WRONG:
        data = bytearray(good)
        data[at:at + size] = (wrong & (1 << 8 * size) - 1).to_bytes(size, "little")
        open("damaged.so", "wb").write(data)
        for step in "fill", "name", "renew":
            ran = subprocess.run([driver, step, "damaged.so"], capture_output=True, timeout=20)
            lines = ran.stderr.decode().splitlines()
            assert ran.returncode in (0, 1), (at, size, wrong, step, ran)
            assert len(lines) == ran.returncode, (at, size, wrong, step, lines)
