"""probes.py wrap NAME ARGUMENT…: be the compiler NAME for a build system that is being recorded (see ./record).
probes.py finish: print what was recorded, as text.
probes.py replay FILE FOLDER: run each recorded command with the plain compiler and through ldwrap in equal folders.

A recording is a list of steps, one a line:

    compiler VERSION            of the gcc that it was made with
    file PATH KEPT              a text, in the lines behind a `|` (`.` where the last has no newline); the first KEPT
                                lines are those of the file of that name before
    object PATH SYMBOL…         stands for an object of the language's own, of which only symbols matter
    archive PATH SYMBOL…        the same for an archive
    shared PATH SONAME SYMBOL…  the same for a shared library
    copy FROM TO                of an object that an earlier command made
    in FOLDER                   where the commands behind it run
    stdin                       what the next command reads, as for a file
    run STATUS NAME ARGUMENT…   a command, quoted for a shell, and how it ended

@BOX@ is the folder that all of it happens in; what the build system read elsewhere is in @BOX@/else there. Objects that
an earlier command of the recording makes are not written down.
"""

import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys

BOX = "@BOX@"
TEXT_MAX = 64 * 1024


def output_of(*argv):
    return subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True).stdout.decode(errors="replace")


# ---- recording

class Recording:
    """What is kept from one wrapped call to the next: RECORD/state.json, and the steps in RECORD/steps."""

    def __init__(self):
        self.folder = os.environ["RECORD"]
        self.box = os.environ["RECORD_BOX"]
        self.path = self.folder + "/state.json"
        self.state = {"files": {}, "made": {}, "seen": [], "in": "", "moved": []}
        if os.path.exists(self.path):
            with open(self.path) as file:
                self.state = json.load(file)
        self.steps = []

    def save(self):
        with open(self.path, "w") as file:
            json.dump(self.state, file)
        with open(self.folder + "/steps", "a") as file:
            file.write("".join(step + "\n" for step in self.steps))

    def placed(self, path):
        """The name of a file in the recording."""
        path = os.path.abspath(path)
        if path.startswith(self.box + "/"):
            return BOX + path[len(self.box):]
        if path not in self.state["moved"]:
            self.state["moved"].append(path)
        return BOX + "/else" + path

    def masked(self, text):
        # The longest first: one may be the beginning of another.
        paths = [self.box, *sorted(self.state["moved"], key=len, reverse=True)]
        return re.sub("|".join(map(re.escape, paths)), lambda m: BOX + ("" if m[0] == self.box else "/else" + m[0]), text)

    def lines(self, text):
        parts = text.split("\n")
        self.steps += ["|" + part for part in parts[:-1]]
        if parts[-1]:
            self.steps.append("." + parts[-1])

    def text(self, path, content):
        content = self.masked(content)
        before = self.state["files"].get(path)
        if before == content:
            return
        kept = 0
        if before is not None:
            old, new = before.split("\n"), content.split("\n")
            while kept < min(len(old), len(new)) - 1 and old[kept] == new[kept]:
                kept += 1
        self.steps.append(f"file {shlex.quote(path)} {kept}")
        self.lines("\n".join(content.split("\n")[kept:]))
        self.state["files"][path] = content

    def stub(self, kind, path, *words):
        step = shlex.join([kind, path, *words])
        if self.state["files"].get(path) != step:
            self.steps.append(step)
            self.state["files"][path] = step


    def source(self, path):
        """What an earlier command made and is still the same as this."""
        found = digest(path)
        for made, was in self.state["made"].items():
            if was == found and made.startswith(self.box + "/"):
                return made
        return None


def pieces(argument):
    """What may name a file in an argument."""
    yield argument
    for part in argument.split(","):
        yield part
        yield part.partition("=")[2]
    if re.match("-[ILB].", argument):
        yield argument[2:]
    if argument.startswith("@"):
        yield argument[1:]


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def text_of(path):
    """Its text, or None for what is none."""
    if os.path.getsize(path) > TEXT_MAX:
        return None
    with open(path, "rb") as file:
        content = file.read()
    try:
        return None if b"\0" in content else content.decode()
    except UnicodeDecodeError:
        return None


def included(path, content, folders, found):
    """Headers that are not the compiler's own."""
    for name in re.findall(r'^\s*#\s*include\s*["<]([^">]+)[">]', content, re.MULTILINE):
        for folder in [os.path.dirname(os.path.abspath(path)), *folders]:
            header = os.path.join(folder, name)
            if os.path.isfile(header) and not header.startswith(("/usr/include/", "/usr/lib/gcc/")):
                if header not in found:
                    found[header] = text_of(header) or ""
                    included(header, found[header], folders, found)
                break


def symbols(path, *options):
    lines = (line.split() for line in output_of("nm", "-P", *options, path).splitlines())
    return {words[0] for words in lines if len(words) > 1}


def inputs(arguments):
    """Existing files that the command may read, in order, and response files' words."""
    paths, words = [], []
    values = {i + 1 for i, word in enumerate(arguments) if word in ("-o", "-MF", "-MT", "-MQ")}
    for i, argument in enumerate(arguments):
        if i in values or re.match("-o.", argument):
            continue
        words.append(argument)
        if argument.startswith("@") and os.path.isfile(argument[1:]):
            words += shlex.split(text_of(argument[1:]) or "")
    for word in words:
        for piece in pieces(word):
            if piece and os.path.isfile(piece) and piece not in paths:
                paths.append(piece)
    return paths, words


def libraries(words):
    """What -l finds in a folder that -L names."""
    folders = [words[i + 1] if word == "-L" else word[2:] for i, word in enumerate(words) if word.startswith("-L")]
    for word in words:
        for folder in folders if word.startswith("-l") else []:
            for path in (f"{folder}/lib{word[2:]}.so", f"{folder}/lib{word[2:]}.a"):
                if os.path.isfile(path):
                    yield path
                    break


def wrap(name, arguments):
    recording = Recording()
    real = shutil.which(name, path=os.environ["RECORD_PATH"])
    paths, words = inputs(arguments)
    paths += [path for path in libraries(words) if path not in paths]
    folders = [words[i + 1] if word == "-I" else word[2:] for i, word in enumerate(words[:-1]) if word.startswith("-I")]

    texts, binaries = {}, []
    for path in paths:
        content = text_of(path)
        if content is None or content.startswith("!<arch>"):
            if recording.state["made"].get(os.path.abspath(path)) != digest(path):
                binaries.append(path)
        else:
            texts[path] = content
            included(path, content, folders, texts)
    # What stands for an object needs nothing; so what is asked of it is what the others need.
    wanted = {"main", *exported(texts)}
    for path in paths:
        if path not in texts and path not in binaries:
            wanted |= symbols(path, "-u")
    copies = {path: recording.source(path) for path in binaries if recording.source(path)}
    for path, source in copies.items():
        recording.steps.append(shlex.join(["copy", recording.placed(source), recording.placed(path)]))
        wanted |= symbols(path, "-u")
    for path in binaries:
        placed = recording.placed(path)
        if path in copies:
            continue
        with open(path, "rb") as file:
            head = file.read(18)
        if head.startswith(b"!<arch>"):
            recording.stub("archive", placed, *sorted(symbols(path, "--defined-only", "-g") & wanted))
        elif head[16:17] == b"\3":
            soname = re.search(r"soname: \[(.*)\]", output_of("readelf", "-dW", path))
            defined = {symbol.partition("@")[0] for symbol in symbols(path, "-D", "--defined-only")}
            recording.stub("shared", placed, soname[1] if soname else os.path.basename(path), *sorted(defined & wanted))
        else:
            recording.stub("object", placed, *sorted(symbols(path, "--defined-only", "-g") & wanted))
    for path in [*texts, os.getcwd()]:
        recording.placed(path)
    for folder in folders:
        if any(os.path.dirname(path) == folder for path in texts):
            recording.placed(folder)
    for path, content in texts.items():
        recording.text(recording.placed(path), content)

    given = None
    if "-" in arguments:
        given = sys.stdin.buffer.read()
    result = subprocess.run([real, *arguments], input=given, stdin=None if given is not None else subprocess.DEVNULL)

    cwd = recording.masked(os.getcwd())
    key = repr((name, arguments, cwd if paths else "", given, list(texts.items())))
    key = hashlib.sha256(key.encode()).hexdigest()
    if recording.steps or key not in recording.state["seen"]:
        if cwd != recording.state["in"]:
            recording.steps.append("in " + shlex.quote(cwd))
            recording.state["in"] = cwd
        if given is not None:
            recording.steps.append("stdin")
            recording.lines(recording.masked(given.decode()))
        recording.steps.append(f"run {result.returncode} " + shlex.join(recording.masked(a) for a in [name, *arguments]))
        recording.state["seen"].append(key)
    for path in made(arguments):
        if os.path.isfile(path):
            recording.state["made"][os.path.abspath(path)] = digest(path)
    recording.save()
    return result.returncode


def exported(texts):
    """Names in a version script, which the objects must have."""
    return {name for content in texts.values() if "global:" in content for name in re.findall(r"[\w.$]+(?=;)", content)}


def made(arguments):
    for i, word in enumerate(arguments):
        if word == "-o" and i + 1 < len(arguments):
            yield arguments[i + 1]
        elif re.match("-o.", word):
            yield word[2:]
        elif re.search(r"\.(c|cc|cpp|s|S)$", word):
            yield os.path.splitext(os.path.basename(word))[0] + ".o"
    yield "a.out"


def finish():
    recording = Recording()
    print("compiler " + output_of("gcc", "-dumpfullversion").strip())
    with open(recording.folder + "/steps") as file:
        sys.stdout.write(file.read())


# ---- replaying

class Result:
    """What one command did."""

    def __init__(self, recorded, words, status, said, files):
        self.recorded, self.words, self.status, self.said, self.tree = recorded, words, status, said, files
        self.is_gated = False


class Replay:
    """One pass over a recording with one kind of compiler."""

    def __init__(self, box, command, init):
        self.box, self.command, self.init = box, command, init
        self.files, self.cwd, self.stdin = {}, box, b""
        self.results, self.with_init = [], []
        shutil.rmtree(box, ignore_errors=True)
        os.makedirs(box + "/tmp")

    def make_room(self, path):
        """Folders above, and nothing of that name: what is a folder at one time is a file at another."""
        above = path
        while len(above) > len(self.box):
            if os.path.lexists(above) and (above == path or not os.path.isdir(above)):
                shutil.rmtree(above) if os.path.isdir(above) else os.unlink(above)
            above = os.path.dirname(above)
        os.makedirs(os.path.dirname(path), exist_ok=True)

    def put(self, path, content):
        self.make_room(path)
        with open(path, "w") as file:
            file.write(content)

    def stub(self, kind, path, names):
        self.make_room(path)
        soname = names.pop(0) if kind == "shared" else ""
        source = "".join(f'\t.globl "{n}"\n\t.type "{n}", @function\n"{n}":\n' for n in names)
        source = "\t.text\n" + source + '\t.byte 0\n\t.section .note.GNU-stack, "", @progbits\n'
        object_path = path + ".stub.o" if kind != "object" else path
        subprocess.run(["gcc", "-c", "-x", "assembler", "-o", object_path, "-"], input=source.encode(), check=True)
        if kind == "archive":
            subprocess.run(["ar", "rcsD", path, object_path], check=True)
        elif kind == "shared":
            subprocess.run(["gcc", "-shared", "-nostdlib", f"-Wl,-soname,{soname}", "-o", path, object_path], check=True)
        if object_path != path:
            os.unlink(object_path)

    def command_run(self, status, words):
        self.make_room(self.cwd + "/.none")
        for word in words[1:]:
            for piece in pieces(word):
                path = os.path.join(self.cwd, piece)
                if "/" in piece and path.startswith(self.box) and piece[0] != "-" and not os.path.exists(path):
                    self.make_room(path)
        # What was a folder is gone.
        if status == 0 and os.path.isdir(self.output(words)):
            shutil.rmtree(self.output(words))
        self.results.append(self.run(status, words))
        if self.results[-1].status == 0 and self.is_library(words):
            output = self.output(words)
            shutil.copy(output, self.init + ".kept")
            result = self.run(status, [*words, self.init])
            result.is_gated = is_gated(output)
            self.with_init.append(result)
            shutil.copy(self.init + ".kept", output)
        self.stdin = b""

    def run(self, status, words):
        env = {**os.environ, "LC_ALL": "C", "TMPDIR": self.box + "/tmp"}
        got = subprocess.run([*self.command, *words], cwd=self.cwd, env=env, input=self.stdin, capture_output=True)
        said = got.stdout + b"\0" + got.stderr
        said = re.sub(rb"/tmp/cc[A-Za-z0-9]{6}|/tmp/[\w.]+-[0-9a-f]{6}\.", b"/tmp/X", said)
        return Result(status, words, got.returncode, said, tree(self.box))

    def output(self, words):
        words = list(self.expanded(words))
        for at, word in enumerate(words):
            if word == "-o":
                return os.path.join(self.cwd, words[at + 1])
        return os.path.join(self.cwd, "a.out")

    def steps(self, path):
        lines = [line.rstrip("\n").replace(BOX, self.box) for line in open(path)]
        at = 0
        while at < len(lines):
            kind, _, rest = lines[at].partition(" ")
            at += 1
            text = ""
            while at < len(lines) and lines[at][:1] in ("|", "."):
                text += lines[at][1:] + ("\n" if lines[at][0] == "|" else "")
                at += 1
            if kind == "file":
                name, kept = shlex.split(rest)
                old = self.files.get(name, "").split("\n")
                self.files[name] = "".join(line + "\n" for line in old[: int(kept)]) + text
                self.put(name, self.files[name])
            elif kind == "stdin":
                self.stdin = text.encode()
            elif kind == "copy":
                source, name = shlex.split(rest)
                self.make_room(name)
                shutil.copy(source, name)
            elif kind in ("object", "archive", "shared"):
                name, *names = shlex.split(rest)
                self.stub(kind, name, names)
            elif kind == "in":
                self.cwd = shlex.split(rest)[0]
            elif kind == "run":
                status, *words = shlex.split(rest)
                self.command_run(int(status), words)
        return self

    def is_library(self, words):
        """Is it a link of a library, as it stands?"""
        words = list(self.expanded(words))
        return "-shared" in words and not {"-c", "-E", "-S", "-###", "-r"} & set(words)

    def expanded(self, words):
        for word in words[1:]:
            path = os.path.join(self.cwd, word[1:])
            yield from shlex.split(text_of(path)) if word[0] == "@" and os.path.isfile(path) else [word]


def tree(folder):
    found = {}
    for where, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(where, name)
            if os.path.isfile(path):
                found[os.path.relpath(path, folder)] = digest(path)
    return found


def is_gated(path):
    return "rt0" in output_of(os.environ["BUILD"] + "/bin/elfpatch", "show", path)


def replay(path, folder):
    ldwrap = os.environ["BUILD"] + "/bin/ldwrap"
    box, init = os.path.abspath(folder) + "/box", os.path.abspath(folder) + "/init.o"
    with open(path) as file:
        version = re.search(r"^compiler (.*)$", file.read(), re.MULTILINE)[1]
    same_compiler = output_of("gcc", "-dumpfullversion").strip() == version
    wrong = []

    def differs(words, what, want, got):
        if want != got:
            wrong.append(f"{os.path.basename(path)}: {shlex.join(words)}: {what}:\n  want {want}\n  got  {got}")

    plain = Replay(box, [], init).steps(path)
    ours = Replay(box, [ldwrap], init).steps(path)
    before = {}
    for one, other in zip(plain.results, ours.results):
        differs(one.words, "status", one.status, other.status)
        differs(one.words, "said", one.said, other.said)
        differs(one.words, "files", sorted(one.tree), sorted(other.tree))
        # The names of sections for link-time optimisation are random.
        if not any(word.startswith("-flto") for word in one.words):
            new = {name: content for name, content in one.tree.items() if before.get(name) != content}
            differs(one.words, "contents", new, {name: other.tree.get(name) for name in new})
        before = one.tree
        # Or else the replay is not what was recorded.
        if same_compiler:
            differs(one.words, "status as recorded", one.recorded, one.status)
    for one, other in zip(plain.with_init, ours.with_init):
        differs(one.words, "status with a runtime", (0, 0), (one.status, other.status))
        if "-v" not in one.words:
            differs(one.words, "said with a runtime", one.said, other.said)
        differs(one.words, "files with a runtime", sorted(one.tree), sorted(other.tree))
        differs(one.words, "is there a runtime", True, other.is_gated)
    differs([], "commands", len(plain.results), len(ours.results))
    differs([], "libraries", len(plain.with_init), len(ours.with_init))
    print("".join(line + "\n" for line in wrong), end="")
    print(f"{len(ours.results)} commands, {len(ours.with_init)} libraries, {len(wrong)} differences")
    return 1 if wrong or not ours.results else 0


if __name__ == "__main__":
    mode = sys.argv[1]
    if mode == "wrap":
        sys.exit(wrap(sys.argv[2], sys.argv[3:]))
    sys.exit(finish() if mode == "finish" else replay(*sys.argv[2:]))
