"""Run a command, a program under the preloaded fail.so, once for each allocation that it makes, which fails.

    every.py [--all] [--step=N] FAIL.SO REASON COMMAND...

Each run begins with the files that are in the current folder, and ends in one of two ways: as it does where no allocation
fails (the same files, output and status 0), or with status 1, one line on stderr, or document on stdout, that matches
REASON, nothing else on stdout that is not the beginning of what there should be, and all files as they were. With --all every later allocation fails, too.
Prints how many allocations there were and how many of the runs were refused.
"""
import json
import os
import re
import resource
import shutil
import subprocess
import sys

LOG = "/dev/shm/rt0kit-fail.%d" % os.getpid()


def files():
    found = {}
    for folder, folders, names in os.walk("."):
        for name in folders:
            found[os.path.join(folder, name)] = None
        for name in names:
            path = os.path.join(folder, name)
            with open(path, "rb") as file:
                found[path] = (os.stat(path).st_mode, file.read())
    return found


def restore(wanted):
    """What differs is made anew; returns whether anything did."""
    there = files()
    if there == wanted:
        return
    for path in sorted(there, reverse=True):
        if path not in wanted:
            shutil.rmtree(path) if there[path] is None else os.unlink(path)
    for path, contents in sorted(wanted.items()):
        if contents is None:
            os.makedirs(path, exist_ok=True)
        elif there.get(path) != contents:
            with open(path, "wb") as file:
                file.write(contents[1])
            os.chmod(path, contents[0] & 0o7777)


def main():
    is_all, step = False, 1
    args = sys.argv[1:]
    while args[0].startswith("--"):
        option = args.pop(0)
        if option == "--all":
            is_all = True
        else:
            step = int(option.split("=")[1])
    preload, reason, *command = args
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    def run(n):
        env = {**os.environ, "LD_PRELOAD": preload, "FAIL_AT": str(n), "FAIL_LOG": LOG}
        if is_all:
            env["FAIL_ALL"] = "1"
        ended = subprocess.run(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                               timeout=60)
        return ended.returncode, ended.stdout, ended.stderr

    before = files()
    good = run(0)
    after = files()
    if good[0] != 0:
        sys.exit(f"without a failure: status {good[0]}\n{good[2].decode()}")
    n, runs, refused, errors = 1, 0, 0, []
    while True:
        restore(before)
        if os.path.exists(LOG):
            os.unlink(LOG)
        ended = run(n)
        if not os.path.exists(LOG):
            break
        runs += 1
        status, out, err = ended
        there = files()
        where = f"{'from ' if is_all else ''}allocation {n}, {open(LOG).read().strip()}"
        if status == 0:
            if ended != good:
                errors.append(f"{where}: status 0, other output\n{out!r}\n{err!r}")
            elif there != after:
                errors.append(f"{where}: status 0, other files: {changed(after, there)}")
        elif status != 1:
            errors.append(f"{where}: ended with {status}: {err!r}")
        else:
            refused += 1
            lines = err.decode("utf-8", "replace").splitlines()
            is_document = out.startswith(b'{"error":')
            if is_document:
                lines += [json.loads(line)["error"] for line in out.splitlines()]
            if len(lines) != 1 or not re.search(reason, lines[0]):
                errors.append(f"{where}: said {lines}")
            if not is_document and not good[1].startswith(out):
                errors.append(f"{where}: printed {out!r}")
            if there != before:
                errors.append(f"{where}: files differ: {changed(before, there)}")
        n += step
    restore(before)
    print(f"{n - 1} allocations, {refused} refused")
    if errors:
        sys.exit(f"{len(errors)} wrong\n" + "\n".join(errors[:8]))
    if not runs:
        sys.exit("no allocation failed")


def changed(wanted, there):
    return sorted(path for path in {**wanted, **there} if wanted.get(path) != there.get(path))


main()
