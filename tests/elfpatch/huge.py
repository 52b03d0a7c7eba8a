"""huge.py KIND FILE: a library of a few megabytes with many of one thing, or things over one another."""
import os
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from corrupt import library  # noqa: E402

BYTES = 4 << 20


class Library:
    """The small library with tables that are added behind it and loaded by one more PT_LOAD."""

    def __init__(self):
        self.data = bytearray(library())
        self.data += bytes(-len(self.data) % 4096)
        self.start = len(self.data)

    def add(self, bytes_):
        self.data += bytes(-len(self.data) % 16)
        at = len(self.data)
        self.data += bytes_
        return at

    def address(self, offset):
        return offset + 0x10000

    def set_tag(self, tag, value, new=None):
        at = self.section(".dynamic")
        while struct.unpack_from("<Q", self.data, at)[0] not in (tag, 0):
            at += 16
        struct.pack_into("<QQ", self.data, at, new or tag, value)

    def header(self, name):
        shoff, = struct.unpack_from("<Q", self.data, 40)
        shnum, names = struct.unpack_from("<HH", self.data, 60)
        names, = struct.unpack_from("<Q", self.data, shoff + 64 * names + 24)
        for i in range(shnum):
            at = names + struct.unpack_from("<I", self.data, shoff + 64 * i)[0]
            if self.data[at:self.data.index(b"\0", at)].decode() == name:
                return shoff + 64 * i
        raise KeyError(name)

    def section(self, name):
        return struct.unpack_from("<Q", self.data, self.header(name) + 24)[0]

    def place(self, name, offset, size):
        struct.pack_into("<QQQ", self.data, self.header(name) + 16, self.address(offset), offset, size)

    def phdrs(self, more=()):
        """One PT_LOAD of all that was added in place of PT_PHDR, and, at the end, more program headers."""
        phnum, = struct.unpack_from("<H", self.data, 56)
        headers = [bytes(self.data[64 + 56 * i:120 + 56 * i]) for i in range(1, phnum)]
        size = len(self.data) - self.start
        headers.insert(2, struct.pack("<IIQQQQQQ", 1, 6, self.start, self.address(self.start), 0, size, size, 4096))
        headers += more
        if more:
            at = self.add(b"".join(headers))
        else:
            at = 64
            self.data[64:64 + 56 * len(headers)] = b"".join(headers)
        struct.pack_into("<Q", self.data, 32, at)
        struct.pack_into("<H", self.data, 56, min(len(headers), 0xFFFF))


def symbols(library_, names, count, name_of):
    table = bytes(library_.data[library_.section(".dynsym"):][:24 * 6]) + b"".join(
        struct.pack("<IBBHQQ", name_of(i), 0x12, 0, 9, 0x390 + i % 48, 1) for i in range(6, count))
    strings, entries = library_.add(names), library_.add(table)
    buckets = library_.add(struct.pack("<III", 1, count, 1) + struct.pack(f"<{count}I", *range(1, count), 0))
    library_.place(".dynstr", strings, len(names))
    library_.place(".dynsym", entries, len(table))
    library_.place(".hash", buckets, 12 + 4 * count)
    versions = library_.add(bytes(2 * count))
    library_.place(".gnu.version", versions, 2 * count)
    for tag, value in (5, library_.address(strings)), (6, library_.address(entries)), (10, len(names)), \
            (4, library_.address(buckets)), (0x6FFFFFF0, library_.address(versions)):
        library_.set_tag(tag, value)
    library_.set_tag(0x6FFFFEF5, 0, 21)  # DT_DEBUG


def names(library_):
    """Symbols whose names are all nearly the whole of one long string."""
    text = bytes(library_.data[library_.section(".dynstr"):][:91]) + b"n" * (BYTES // 4) + b"\0"
    symbols(library_, text, BYTES // 48, lambda i: 100 + i % 1000)
    library_.phdrs()


def many_symbols(library_, more=()):
    text = bytes(library_.data[library_.section(".dynstr"):][:91])
    symbols(library_, text, BYTES // 32, lambda i: 36)
    library_.phdrs(more)


def segments(library_):
    """As many PT_LOAD as a file header counts, and symbols."""
    many_symbols(library_, [struct.pack("<IIQQQQQQ", 1, 4, 0, (1 << 32) + (i << 12), 0, 1, 1, 1) for i in range(65000)])


def allowed_segments(library_):
    """As many as are read at all, and symbols."""
    many_symbols(library_, [struct.pack("<IIQQQQQQ", 1, 4, 0, (1 << 32) + (i << 12), 0, 1, 1, 1) for i in range(1100)])


def notes(library_):
    """Segments of notes over one another."""
    at = library_.add(struct.pack("<III", 0, 0, 1) * (BYTES // 12))
    library_.phdrs([struct.pack("<IIQQQQQQ", 4, 4, at, library_.address(at), 0, BYTES // 12 * 12, BYTES // 12 * 12, 4)] * 1000)


def entries(library_):
    """A long dynamic section: what needs it, and what can be removed."""
    old = library_.section(".dynamic")
    tags = []
    while struct.unpack_from("<Q", library_.data, old)[0]:
        tags.append(bytes(library_.data[old:old + 16]))
        old += 16
    table = (struct.pack("<QQ", 1, 1) + struct.pack("<QQ", 0x6FFFFEF0, 0)) * (BYTES // 64) + b"".join(tags) + bytes(16)
    at = library_.add(table)
    library_.place(".dynamic", at, len(table))
    library_.phdrs()
    struct.pack_into("<QQQQQ", library_.data, 64 + 56 * 3 + 8, at, library_.address(at), 0, len(table), len(table))


def sections(library_):
    """Sections over one another, each reaching a little further than the one behind it in the table."""
    shoff, = struct.unpack_from("<Q", library_.data, 40)
    shnum, = struct.unpack_from("<H", library_.data, 60)
    headers = bytes(library_.data[shoff:shoff + 64 * shnum])
    at = library_.section(".dynstr")
    count = 60000
    hash_ = library_.section(".hash")
    more = b"".join(struct.pack("<IIQQQQIIQQ", 0, 5, 2, hash_, at + 91 + i, 2, 0, 0, 1, 0) for i in range(count, 0, -1))
    at = library_.add(headers + more)
    struct.pack_into("<Q", library_.data, 40, at)
    struct.pack_into("<H", library_.data, 60, shnum + count)
    library_.add(bytes(count))
    library_.phdrs()


KINDS = {f.__name__: f for f in (names, many_symbols, segments, allowed_segments, notes, entries, sections)}

if __name__ == "__main__":
    made = Library()
    KINDS[sys.argv[1]](made)
    open(sys.argv[2], "wb").write(made.data)
