"""What elfpatch makes of a library with one field wrong.

    corrupt.py make FILE              a small library, the same bytes everywhere
    corrupt.py copies FILE FOLDER     a copy of FILE for each field and each wrong value
    corrupt.py judge FOLDER ERRORS    each copy got one JSON document in the file ERRORS, which is read; a
                                      refused one is as it was; print how many were refused
    corrupt.py table FOLDER ERRORS... the table of docs/corruption.md, of what the commands said
"""
import hashlib
import json
import os
import re
import struct
import sys

WRONG = [("all ones", -1), ("0", 0), ("1", 1), ("file size", None), ("0x7fffffff", 0x7FFFFFFF)]


# A library: three functions, a variable, an import with a version, a constructor.

def sysv_hash(name):
    value = 0
    for c in name.encode():
        value = (value << 4) + c
        value = (value ^ (value >> 24 & 0xF0)) & 0x0FFFFFFF
    return value


def gnu_hash(name):
    value = 5381
    for c in name.encode():
        value = value * 33 + c & 0xFFFFFFFF
    return value


def strings(names):
    table, at = b"\0", {"": 0}
    for name in names:
        at[name] = len(table)
        table += name.encode() + b"\0"
    return table, at


def library():
    symbols = [("", 0, 0, 0, 0, 0), ("getenv", 0x12, 0, 0, 0, 2), ("tiny_init", 0x12, "text", 0, 16, 1),
               ("tiny_add", 0x12, "text", 16, 16, 1), ("tiny_sub", 0x12, "text", 32, 16, 1),
               ("tiny_data", 0x11, "data", 0, 8, 1)]
    first = 2  # what DT_GNU_HASH has; one bucket, so in any order
    dynstr, name_at = strings([s[0] for s in symbols[1:]] + ["libc.so.6", "libtiny.so.1", "GLIBC_2.2.5", "/opt/tiny"])
    names = [".note.gnu.build-id", ".gnu.hash", ".hash", ".dynsym", ".dynstr", ".gnu.version", ".gnu.version_r",
             ".rela.dyn", ".text", ".init_array", ".dynamic", ".got", ".data", ".bss", ".shstrtab"]
    shstrtab, section_name = strings(names)
    note = struct.pack("<III4s", 4, 20, 3, b"GNU\0") + bytes(range(20))
    hashed = [s[0] for s in symbols[first:]]
    bloom = 0
    for name in hashed:
        bloom |= 1 << gnu_hash(name) % 64 | 1 << (gnu_hash(name) >> 6) % 64
    gnu = struct.pack("<IIIIQI", 1, first, 1, 6, bloom, first)
    gnu += b"".join(struct.pack("<I", gnu_hash(n) & ~1 | (n == hashed[-1])) for n in hashed)
    chain, head = [0] * len(symbols), 0
    for i in range(len(symbols) - 1, 0, -1):
        chain[i], head = head, i
    sysv = struct.pack("<III", 1, len(symbols), head) + struct.pack(f"<{len(symbols)}I", *chain)
    versions = struct.pack(f"<{len(symbols)}H", *[s[5] for s in symbols])
    verneed = struct.pack("<HHIII", 1, 1, name_at["libc.so.6"], 16, 0)
    verneed += struct.pack("<IHHII", sysv_hash("GLIBC_2.2.5"), 0, 2, name_at["GLIBC_2.2.5"], 0)

    # [name, type, flags, contents or size, align, link, info, entsize]
    phnum = 7
    contents = [
        (".note.gnu.build-id", 7, 2, note, 4, 0, 0, 0), (".gnu.hash", 0x6FFFFFF6, 2, gnu, 8, 4, 0, 0),
        (".hash", 5, 2, sysv, 8, 4, 0, 4), (".dynsym", 11, 2, bytes(24 * len(symbols)), 8, 5, 1, 24),
        (".dynstr", 3, 2, dynstr, 1, 0, 0, 0), (".gnu.version", 0x6FFFFFFF, 2, versions, 2, 4, 0, 2),
        (".gnu.version_r", 0x6FFFFFFE, 2, verneed, 8, 5, 1, 0), (".rela.dyn", 4, 2, bytes(24 * 2), 8, 4, 0, 24),
        (".text", 1, 6, b"\xf3\x0f\x1e\xfa\x31\xc0\xc3".ljust(16, b"\x90") * 3, 16, 0, 0, 0),
        (".init_array", 14, 3, bytes(8), 8, 0, 0, 8), (".dynamic", 6, 3, bytes(16 * 28), 8, 5, 0, 16),
        (".got", 1, 3, bytes(8), 8, 0, 0, 8), (".data", 1, 3, struct.pack("<Q", 7), 8, 0, 0, 0),
        (".bss", 8, 3, bytes(8), 8, 0, 0, 0), (".shstrtab", 3, 0, shstrtab, 1, 0, 0, 0),
    ]
    data, where = bytearray(64 + 56 * phnum), {}
    for name, kind, flags, bytes_, align, *_ in contents:
        if name == ".init_array":
            writable = len(data) + -len(data) % 8
        data += bytes(-len(data) % align)
        where[name] = (len(data), len(data) + (0x1000 if flags & 1 else 0) if flags & 2 else 0, len(bytes_))
        if kind != 8:
            data += bytes_
    data += bytes(-len(data) % 8)
    shoff = len(data)

    def address(name):
        return where[name][1]

    def put(name, bytes_):
        data[where[name][0]:where[name][0] + len(bytes_)] = bytes_

    index = {name: i + 1 for i, name in enumerate(names)}
    put(".dynsym", b"".join(
        struct.pack("<IBBHQQ", name_at[name], info, 0, index["." + section] if section else 0,
                    address("." + section) + value if section else 0, size)
        for name, info, section, value, size, _ in symbols))
    put(".rela.dyn", struct.pack("<QQq", address(".init_array"), 8, address(".text")) +
        struct.pack("<QQq", address(".got"), 1 << 32 | 6, 0))
    put(".init_array", struct.pack("<Q", address(".text")))
    dynamic = [
        (1, name_at["libc.so.6"]), (14, name_at["libtiny.so.1"]), (29, name_at["/opt/tiny"]), (12, address(".text")),
        (25, address(".init_array")), (27, 8), (4, address(".hash")), (0x6FFFFEF5, address(".gnu.hash")),
        (5, address(".dynstr")), (6, address(".dynsym")), (10, len(dynstr)), (11, 24), (7, address(".rela.dyn")),
        (8, 48), (9, 24), (30, 8), (0x6FFFFFFB, 1), (0x6FFFFFFE, address(".gnu.version_r")), (0x6FFFFFFF, 1),
        (0x6FFFFFF0, address(".gnu.version")), (0x6FFFFFF9, 1),
    ]
    put(".dynamic", b"".join(struct.pack("<QQ", *d) for d in dynamic))

    data += bytes(64)
    for name, kind, flags, bytes_, align, link, info, entsize in contents:
        offset, at, size = where[name]
        data += struct.pack("<IIQQQQIIQQ", section_name[name], kind, flags, at, offset, size, link, info, align, entsize)
    text_end = where[".text"][0] + where[".text"][2]
    data_end = where[".data"][0] + where[".data"][2]
    relro = where[".got"][0] + 8 - writable

    def segment(kind, flags, name, align):
        offset, at, size = where[name]
        return struct.pack("<IIQQQQQQ", kind, flags, offset, at, at, size, size, align)

    data[64:64 + 56 * phnum] = b"".join([
        struct.pack("<IIQQQQQQ", 6, 4, 64, 64, 64, 56 * phnum, 56 * phnum, 8),
        struct.pack("<IIQQQQQQ", 1, 5, 0, 0, 0, text_end, text_end, 0x1000),
        struct.pack("<IIQQQQQQ", 1, 6, writable, writable + 0x1000, writable + 0x1000, data_end - writable,
                    data_end - writable + 8, 0x1000),
        segment(2, 6, ".dynamic", 8), segment(4, 4, ".note.gnu.build-id", 4),
        struct.pack("<IIQQQQQQ", 0x6474E552, 4, writable, writable + 0x1000, writable + 0x1000, relro, relro, 1),
        struct.pack("<IIQQQQQQ", 0x6474E551, 6, 0, 0, 0, 0, 0, 16)])
    data[:64] = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\x02\x01\x01", 3, 62, 1, 0, 64, shoff, 0, 64, 56, phnum, 64,
                            len(contents) + 1, len(contents))
    return bytes(data)


# The fields of any 64-bit little-endian file: (table, field, offset, size).

EHDR = [("e_ident[EI_MAG0]", 1, 0), ("e_ident[EI_CLASS]", 1, 4), ("e_ident[EI_DATA]", 1, 5),
        ("e_ident[EI_VERSION]", 1, 6), ("e_ident[EI_OSABI]", 1, 7), ("e_ident[EI_ABIVERSION]", 1, 8),
        ("e_type", 2, 16), ("e_machine", 2, 18), ("e_version", 4, 20), ("e_entry", 8, 24), ("e_phoff", 8, 32),
        ("e_shoff", 8, 40), ("e_flags", 4, 48), ("e_ehsize", 2, 52), ("e_phentsize", 2, 54), ("e_phnum", 2, 56),
        ("e_shentsize", 2, 58), ("e_shnum", 2, 60), ("e_shstrndx", 2, 62)]
PHDR = [("p_type", 4, 0), ("p_flags", 4, 4), ("p_offset", 8, 8), ("p_vaddr", 8, 16), ("p_paddr", 8, 24),
        ("p_filesz", 8, 32), ("p_memsz", 8, 40), ("p_align", 8, 48)]
SHDR = [("sh_name", 4, 0), ("sh_type", 4, 4), ("sh_flags", 8, 8), ("sh_addr", 8, 16), ("sh_offset", 8, 24),
        ("sh_size", 8, 32), ("sh_link", 4, 40), ("sh_info", 4, 44), ("sh_addralign", 8, 48), ("sh_entsize", 8, 56)]
SYM = [("st_name", 4, 0), ("st_info", 1, 4), ("st_other", 1, 5), ("st_shndx", 2, 6), ("st_value", 8, 8),
       ("st_size", 8, 16)]
RELA = [("r_offset", 8, 0), ("r_info", 8, 8), ("r_addend", 8, 16)]
SEGMENTS = {1: "PT_LOAD", 2: "PT_DYNAMIC", 4: "PT_NOTE", 6: "PT_PHDR", 7: "PT_TLS", 0x6474E552: "PT_GNU_RELRO",
            0x6474E551: "PT_GNU_STACK"}
TAGS = {1: "NEEDED", 4: "HASH", 5: "STRTAB", 6: "SYMTAB", 7: "RELA", 8: "RELASZ", 9: "RELAENT", 10: "STRSZ",
        11: "SYMENT", 12: "INIT", 14: "SONAME", 25: "INIT_ARRAY", 27: "INIT_ARRAYSZ", 29: "RUNPATH", 30: "FLAGS",
        0x6FFFFEF5: "GNU_HASH", 0x6FFFFFFB: "FLAGS_1", 0x6FFFFFFE: "VERNEED", 0x6FFFFFFF: "VERNEEDNUM",
        0x6FFFFFF0: "VERSYM", 0x6FFFFFF9: "RELACOUNT"}
# Tables without a form of their own here, by section type: the size of their words.
WORDS = {5: 4, 0x6FFFFFF6: 4, 0x6FFFFFFF: 2, 0x6FFFFFFE: 4, 0x6FFFFFFD: 4, 7: 4, 14: 8, 19: 8}


def fields(data):
    phoff, shoff = struct.unpack_from("<QQ", data, 32)
    phnum, _, shnum, shstrndx = struct.unpack_from("<HHHH", data, 56)
    names, = struct.unpack_from("<Q", data, shoff + 64 * shstrndx + 24)
    found = [("file header", name, at, size) for name, size, at in EHDR]
    for i in range(phnum):
        kind, = struct.unpack_from("<I", data, phoff + 56 * i)
        found += [(SEGMENTS.get(kind, hex(kind)), name, phoff + 56 * i + at, size) for name, size, at in PHDR]
    for i in range(1, shnum):
        name, kind = struct.unpack_from("<II", data, shoff + 64 * i)
        offset, length = struct.unpack_from("<QQ", data, shoff + 64 * i + 24)
        section = data[names + name:data.index(b"\0", names + name)].decode()
        found += [(section, field, shoff + 64 * i + at, size) for field, size, at in SHDR]
        if kind == 6:
            for at in range(offset, offset + length, 16):
                tag, = struct.unpack_from("<Q", data, at)
                if tag == 0:
                    break
                tag = TAGS.get(tag, hex(tag))
                found += [("dynamic section", "DT_" + tag, at + 8, 8), ("dynamic section", f"tag of DT_{tag}", at, 8)]
        elif kind in (2, 4, 11):
            form = RELA if kind == 4 else SYM
            found += [(f"{section}[{n}]", field, offset + 24 * n + at, size) for n in range(length // 24)
                      for field, size, at in form]
        elif kind in WORDS:
            size = WORDS[kind]
            found += [(f"words of {section}", str(n), offset + n * size, size) for n in range(length // size)]
    return found


def cases(data):
    for n, (table, field, at, size) in enumerate(fields(data)):
        for what, wrong in WRONG:
            value = (len(data) if wrong is None else wrong) & (1 << 8 * size) - 1
            bytes_ = value.to_bytes(size, "little")
            if data[at:at + size] != bytes_:
                yield n, table, field, what, data[:at] + bytes_ + data[at + size:]


def copies(path, folder):
    data = open(path, "rb").read()
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}.list", "w") as files:
        for i, (*_, copy) in enumerate(cases(data)):
            open(f"{folder}/{i}", "wb").write(copy)
            files.write(f"{folder}/{i}\n")


def documents(errors):
    return {d["file"]: d for d in map(json.loads, open(errors))}


def judge(path, folder, errors):
    found, refused = documents(errors), 0
    lines = sum(1 for _ in open(errors))
    count = 0
    for i, (_, table, field, what, copy) in enumerate(cases(open(path, "rb").read())):
        count += 1
        document = found.get(f"{folder}/{i}")
        assert document, f"{table} {field} = {what}: no document"
        if "error" not in document:
            continue
        refused += 1
        error = document["error"]
        assert error and "\n" not in error and "ended by signal" not in error, f"{table} {field} = {what}: {error}"
        assert open(f"{folder}/{i}", "rb").read() == copy, f"{table} {field} = {what}: refused, and changed"
    assert lines == count, f"{lines} documents of {count} files"
    print(refused)


HEAD = """# What is said of a damaged file

Each row is a library with one field wrong: the first of a few wrong values that some command refuses, and what is said.
`elfpatch` ends with 1 and leaves the file as it was. Of headers of which the same is said but for numbers, the first stands
for all. Fields that none of `show`, `verify`, `set` and `attach` refuses in any of these values are left out: nothing
depends on them, or what does is one of `verify`'s findings.

`tests/elfpatch/corrupt.bats` makes these tables anew and compares.
"""


def title_of(part, field):
    if part == "file header":
        return "The file header"
    if part.startswith("PT_"):
        return "Program headers"
    if part == "dynamic section":
        return "The dynamic section"
    return "Section headers" if field.startswith("sh_") else None


def table(path, folder, errors):
    commands = [os.path.basename(e).split(".")[0] for e in errors]
    found = [documents(e) for e in errors]
    rows = {"The file header": {}, "Program headers": {}, "Section headers": {}, "The dynamic section": {}}
    done = set()
    for i, (n, part, field, what, _) in enumerate(cases(open(path, "rb").read())):
        title = title_of(part, field)
        refused = [(c, d[f"{folder}/{i}"]["error"]) for c, d in zip(commands, found) if "error" in d[f"{folder}/{i}"]]
        if title is None or n in done or not refused:
            continue
        done.add(n)
        command, error = refused[0]
        name = f"{part} {field}" if title in ("Program headers", "Section headers") else field
        key = n if name == field else (field, re.sub(r"\b(0x[0-9a-f]+|\d+)\b", "N", error))
        rows[title].setdefault(key, f"| `{name}` | {what} | {command} | {error} |")
    print(HEAD, end="")
    for title, lines in rows.items():
        print(f"\n## {title}\n\n| field | wrong value | command | message |\n| --- | --- | --- | --- |")
        print("\n".join(lines.values()))


if __name__ == "__main__":
    if sys.argv[1] == "make":
        open(sys.argv[2], "wb").write(library())
    elif sys.argv[1] == "copies":
        copies(sys.argv[2], sys.argv[3])
    elif sys.argv[1] == "judge":
        judge(*sys.argv[2:5])
    else:
        table(sys.argv[2], sys.argv[3], sys.argv[4:])
