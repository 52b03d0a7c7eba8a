"""Actions of Bazel's execution log, run elsewhere as an engine for remote execution does.

actions.py count LOG
    one line: how many actions there are, how many were taken from a cache, and where the others ran
actions.py keep LOG EXECROOT STORE
    keep each input of the links and patches of rt0 in the store, named by its hash
actions.py run LOG STORE copies|links
    run each of these in a new folder below this one that holds its inputs alone, as files or as links into the store,
    with the environment that it declares alone; what it writes must have the hashes of the log
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys


def read(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        action, at = decoder.raw_decode(text, at)
        yield action
        at += len(text[at:]) - len(text[at:].lstrip())


def is_ours(action):
    return action["mnemonic"] in ("Rt0Link", "Rt0Patch")


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def count(log):
    actions = list(read(log))
    hits = [action for action in actions if action["remoteCacheHit"]]
    runners = sorted({action["runner"] for action in actions if not action["remoteCacheHit"]})
    print(len(actions), len(hits), *runners)


def keep(log, execroot, store):
    os.makedirs(store, exist_ok=True)
    for action in filter(is_ours, read(log)):
        for item in action["inputs"]:
            kept = os.path.join(store, item["digest"]["hash"])
            shutil.copy(os.path.join(execroot, item["path"]), kept)
            if digest(kept) != item["digest"]["hash"]:
                sys.exit(f"{item['path']} is not what the log says")


def run_one(action, store, place, is_linked):
    for item in action["inputs"]:
        path = os.path.join(place, item["path"])
        os.makedirs(os.path.dirname(path), exist_ok=True)
        kept = os.path.join(store, item["digest"]["hash"])
        if is_linked:
            os.symlink(kept, path)
        else:
            shutil.copy(kept, path)
    for output in action["listedOutputs"]:
        os.makedirs(os.path.dirname(os.path.join(place, output)), exist_ok=True)
    environment = {variable["name"]: variable["value"] for variable in action["environmentVariables"]}
    subprocess.run(action["commandArgs"], cwd=place, env=environment, check=True)
    for output in action["actualOutputs"]:
        if digest(os.path.join(place, output["path"])) != output["digest"]["hash"]:
            sys.exit(f"{output['path']} has other bytes")


def run(log, store, how):
    actions = list(filter(is_ours, read(log)))
    for number, action in enumerate(actions):
        run_one(action, os.path.abspath(store), f"{how}.{number}", how == "links")
    print(len(actions))


globals()[sys.argv[1]](*sys.argv[2:])
