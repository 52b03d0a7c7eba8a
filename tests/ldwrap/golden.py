"""golden.py recorded|linked TABLE WORDS FOLDER: check ldwrap against a table of command lines (golden/words says how it
is written). `recorded` gives each to a driver that only records, and compares what it is called with to the table, and
to --rt0-plan; `linked` gives each to the real compilers, with and without ldwrap, and compares what comes out.

FOLDER has runtime.o, main.o and so on, host, and recorder. Needs BUILD. Prints each row that differs, then the count."""

import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys

BUILD = os.environ["BUILD"]
LDWRAP = BUILD + "/bin/ldwrap"
OURS = re.compile(r"\.rt0-[^/]+(?=/)")
# What the driver says on its way through, also bytes that are no text, and how it ends.
OUT, ERR, STATUS = b"out\0\xff\r\n no newline", b"err\n\x1b[1m\x80", 3


class Row:
    def __init__(self, number, drivers, words):
        self.number, self.drivers, self.words = number, drivers, words
        self.calls = []  # each a list of words, not yet expanded


def unescape(text):
    return text.replace("\\n", "\n").replace("\\r", "\r").replace("\\t", "\t")


def read_table(path):
    rows, files = [], {}
    for number, line in enumerate(open(path), 1):
        line = line.rstrip("\n")
        if not line or line.startswith("#"):
            continue
        if line.startswith("@"):
            name, _, text = line[1:].partition(" =")
            # The backslashes of the others are the response file's.
            files[name] = unescape(text[1:]) if name == "lines" else text[1:]
        elif line.startswith("\t"):
            rows[-1].calls.append(rows[-1].words if line == "\t=" else shlex.split(line))
        else:
            drivers, _, rest = line.partition(" ")
            rows.append(Row(number, drivers.split(","), shlex.split(rest)))
    return rows, files


def read_words(path):
    words = {}
    for line in open(path):
        if line.startswith("+"):
            name, _, text = line.partition(" = ")
            words[name] = text.split()
    return words


def expanded(call, words):
    return [item for word in call for item in words.get(word, [word])]


def masked(argv):
    return [re.sub(r"^.*/lib/rt0/[^/]+/", "LIB/", OURS.sub("TMP", word)) for word in argv]


def has_rt(call):
    return any(word.startswith(("+rt", "+maybe-rt")) for word in call)


def plain(call):
    """The command line that would do the same without rt."""
    words, skip = [], False
    for word in call:
        if skip:
            skip = False
        elif word.startswith("+"):
            skip = True
        else:
            words.append(word.replace("TMP/", ""))
    return words


def output(call):
    """Where the library goes."""
    names = [word for word in call if "TMP/" in word and not word.endswith("rt0-link.o")]
    return re.sub(r"^(-o|--output=)", "", names[-1]).replace("TMP/", "")


def fill(folder, files):
    """A folder of that name with the inputs."""
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder + "/out")
    os.makedirs(folder + "/sub")
    for entry in os.scandir("inputs"):
        os.link(entry.path, os.path.join(folder, entry.name))
    for name, text in files.items():
        with open(os.path.join(folder, name), "w", newline="") as file:
            file.write(text)


def run(argv, folder, env=None):
    return subprocess.run(argv, cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True)


def fields(path):
    with open(path, "rb") as file:
        return [os.fsdecode(part) for part in file.read().split(b"\0")[:-1]]


def recorded(row, driver, words, files):
    fill("work", files)
    shutil.rmtree("bin/calls", ignore_errors=True)
    path = os.path.abspath("bin/" + driver)
    env = {"PATH": os.path.abspath("bin"), "HOME": "/nowhere", "EMPTY": "", "MAKEFLAGS": " -j --jobserver-auth=3,4"}
    result = run([LDWRAP, driver, *row.words], "work", env)
    calls = [f"bin/calls/{n}" for n in range(1, len(os.listdir("bin/calls")) + 1)]
    got = [masked(fields(call + "/argv")) for call in calls]
    want = [[driver] + expanded(call, words) for call in row.calls]
    yield "called with", want, got
    yield "status, stdout, stderr", (STATUS, OUT, ERR), (result.returncode, result.stdout, result.stderr)
    for call in calls:
        told = {"LDWRAP_DEPTH": "1", "LDWRAP_DRIVER": path}
        yield "environment", {**env, **told}, dict(line.split("=", 1) for line in fields(call + "/environ"))
        yield "folder", os.path.abspath("work"), open(call + "/cwd").read()
    yield "left behind", [], [name for name in os.listdir("work") + os.listdir("work/out") if name.startswith(".rt0-")]
    shutil.rmtree("bin/calls")
    planned = run([LDWRAP, "--rt0-plan", driver, *row.words], "work", env)
    lines = planned.stdout.decode().splitlines()
    yield "plan", masked([path] + want[-1][1:]), masked(shlex.split(lines[0]))
    yield "the plan's end", has_rt(row.calls[-1]), len(lines) > 1
    if len(lines) > 1:
        yield "the plan's last", ["mv", "TMP", output(row.calls[-1])], ["mv", "TMP", shlex.split(lines[-1])[2]]
    yield "plan's status, stderr, calls", (0, b"", False), (planned.returncode, planned.stderr, os.path.exists("bin/calls"))


def tree(folder):
    found = {}
    for where, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(where, name)
            with open(path, "rb") as file:
                found[os.path.relpath(path, folder)] = hashlib.sha256(file.read()).hexdigest()
    return found


def said(result, given, others):
    """What it printed, without the names that differ from one run to the next."""
    text = b"\0".join([result.stdout, result.stderr])
    text = re.sub(rb"/tmp/cc[A-Za-z0-9]{6}|/tmp/[a-z]+-[0-9a-f]{6}\.", b"/tmp/X", text)
    # These print the linker's command line.
    return b"" if given and {"-v", "-###"} & set(others) else text


def linked(row, driver, words, files):
    call = row.calls[-1]
    program = driver if driver != "cc" else os.path.abspath("bin/cc")
    fill("work", files)
    own = run([program, *plain(call)], "work")
    before = tree("work")
    fill("work", files)
    ours = run([LDWRAP, program, *row.words], "work")
    after = tree("work")
    yield "status", own.returncode, ours.returncode
    yield "words", said(own, has_rt(call), row.words), said(ours, has_rt(call), row.words)
    yield "files", sorted(before), sorted(after)
    if not has_rt(call) or own.returncode:
        yield "contents", before, after
        return
    if "-###" in row.words:
        yield "files", before, after
        yield "what is shown", True, b"rt0_lib" in ours.stderr and b"rt0.o" in ours.stderr
        return
    name = os.path.normpath(output(call))
    yield "other contents", {**before, name: ""}, {**after, name: ""}
    shown = run([BUILD + "/bin/elfpatch", "show", name if name[0] != "-" else "./" + name], "work")
    yield "a runtime", True, b"rt0" in shown.stdout
    if "-nostdlib" not in row.words:
        called = run(["../host", name if "/" in name else "./" + name], "work")
        yield "twice 21", b"42\n", called.stdout


def main():
    mode, table, words_file, folder = sys.argv[1:]
    rows, files = read_table(table)
    words = read_words(words_file)
    os.chdir(folder)
    check = {"recorded": recorded, "linked": linked}[mode]
    shutil.rmtree("bin", ignore_errors=True)
    os.mkdir("bin")
    if mode == "recorded":
        for name in ("gcc", "clang", "cc"):
            shutil.copy("recorder", "bin/" + name)
        for name, content in (("out", OUT), ("err", ERR), ("status", b"%d" % STATUS)):
            with open("bin/" + name, "wb") as file:
                file.write(content)
        with open("bin/machine", "wb") as file:
            file.write(subprocess.run(["gcc", "-dumpmachine"], capture_output=True, check=True).stdout)
    else:
        # Its name does not tell what it is.
        with open("bin/cc", "w") as file:
            file.write('#!/bin/sh\nexec gcc "$@"\n')
        os.chmod("bin/cc", 0o755)
    differ = count = 0
    for row in rows:
        for driver in row.drivers:
            count += 1
            wrong = [(what, want, got) for what, want, got in check(row, driver, words, files) if want != got]
            differ += bool(wrong)
            for what, want, got in wrong:
                print(f"{table}:{row.number}: {driver} {shlex.join(row.words)}: {what}:\n  want {want}\n  got  {got}")
    print(f"{count} command lines, {differ} differ")
    return 1 if differ or not count else 0


sys.exit(main())
