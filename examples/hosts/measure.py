#!/usr/bin/env python3
"""measure.py [-n ROUNDS] BUILD: how long each host is held when it loads the store, and when it has its first answer, with
the store filled by a constructor and by rt0. BUILD is what the Makefile has built into."""

import argparse
import getpass
import os
import pathlib
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
QUESTION, ANSWER = "twelve thousand three hundred forty-five", "12345"
LIMIT = 60  # seconds until a host that does not answer hangs
NODE = f"""
const begun = process.hrtime.bigint();
const store = require(process.argv[1]);
const loaded = process.hrtime.bigint();
const answer = store.find('{QUESTION}');
const answered = process.hrtime.bigint();
console.log(Number(loaded - begun) / 1e6, Number(answered - begun) / 1e6, answer);
"""
PYTHON = f"""
import sys, time
sys.path.insert(0, sys.argv[1])
begun = time.perf_counter()
import store
loaded = time.perf_counter()
answer = store.find('{QUESTION}')
answered = time.perf_counter()
print((loaded - begun) * 1e3, (answered - begun) * 1e3, answer)
"""


def environment(libraries):
    return dict(os.environ, LD_LIBRARY_PATH=str(libraries))


def check(answer):
    if answer != ANSWER:
        sys.exit(f"measure.py: the answer is '{answer}'")


def by_itself(libraries, *command):
    """A host that prints its own times."""
    run = subprocess.run(command, env=environment(libraries), stdout=subprocess.PIPE, text=True, check=True, timeout=LIMIT)
    loaded, answered, answer = run.stdout.split()
    check(answer)
    return float(loaded), float(answered)


def python(build, libraries):
    return by_itself(libraries, "/usr/bin/python3", "-c", PYTHON, str(build))


def node(build, libraries):
    return by_itself(libraries, "node", "-e", NODE, str(build / "store.node"))


class Nginx:
    def __init__(self, master, workers):
        self.settings = {"MASTER": master, "WORKERS": workers, "USER": getpass.getuser()}

    def __call__(self, build, libraries):
        folder = tempfile.mkdtemp()
        settings = dict(self.settings, FOLDER=folder, MODULE=str(build / "ngx_http_store_module.so"))
        conf = (HERE / "nginx" / "nginx.conf").read_text().split("\n", 1)[1]
        for name, value in settings.items():
            conf = conf.replace(name, value)
        pathlib.Path(folder, "nginx.conf").write_text(conf)
        begun = time.perf_counter()
        server = subprocess.Popen(
            [shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin"), "-p", folder, "-c", folder + "/nginx.conf"],
            env=environment(libraries),
            stderr=subprocess.DEVNULL,
        )
        try:
            self.ask(folder, "/up", "up", begun)
            up = time.perf_counter()
            self.ask(folder, "/wait?" + QUESTION.replace(" ", "%20"), ANSWER, begun)
            answered = time.perf_counter()
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(LIMIT)
            shutil.rmtree(folder)
        return (up - begun) * 1e3, (answered - begun) * 1e3

    @staticmethod
    def ask(folder, path, wanted, begun):
        """Until it answers."""
        while time.perf_counter() < begun + LIMIT:
            with socket.socket(socket.AF_UNIX) as client:
                try:
                    client.connect(folder + "/socket")
                    client.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
                    reply = b"".join(iter(lambda: client.recv(4096), b"")).decode()
                except (FileNotFoundError, ConnectionError):
                    time.sleep(0.0005)
                    continue
            if reply.split("\r\n\r\n", 1)[1].split()[0] != wanted:
                sys.exit(f"measure.py: nginx says '{reply}'")
            return
        sys.exit("measure.py: nginx does not answer")


class Postgresql:
    """`LOAD` in a session, or the server's own start with the library in shared_preload_libraries."""

    folder = None

    def __init__(self, is_preloaded):
        self.is_preloaded = is_preloaded

    @classmethod
    def cluster(cls, *args, **options):
        return subprocess.run(
            [HERE / "postgresql" / "cluster", args[0], cls.folder, *args[1:]],
            check=True,
            timeout=LIMIT,
            stdout=subprocess.PIPE,
            text=True,
            **options,
        ).stdout

    @classmethod
    def start(cls, *args):
        """When the server said that it is ready: pg_ctl looks at that but ten times a second."""
        said = pathlib.Path(cls.folder, "data", "postmaster.pid")
        starter = subprocess.Popen([HERE / "postgresql" / "cluster", "start", cls.folder, *args])
        up = None
        while up is None and starter.poll() is None:
            if said.exists() and "\nready" in said.read_text():
                up = time.perf_counter()
            time.sleep(0.0005)
        if starter.wait(LIMIT) != 0:
            sys.exit("measure.py: PostgreSQL does not start")
        return up or time.perf_counter()

    @classmethod
    def remove(cls):
        if cls.folder is not None:
            shutil.rmtree(cls.folder)

    def __call__(self, build, libraries):
        if self.folder is None:
            Postgresql.folder = tempfile.mkdtemp()
            self.cluster("new", build / "pgstore.so")
        begun = time.perf_counter()
        up = self.start(libraries, *(["shared_preload_libraries=pgstore"] if self.is_preloaded else []))
        try:
            sql = "CREATE OR REPLACE FUNCTION pg_temp.store_number(text) RETURNS bigint AS 'pgstore', 'store_number' LANGUAGE C;\n"
            ask = f"SELECT pg_temp.store_number('{QUESTION}');\n"
            if self.is_preloaded:
                answer = self.cluster("sql", input=sql + ask).split()
                check(answer[0])
                return (up - begun) * 1e3, (time.perf_counter() - begun) * 1e3
            output = self.cluster("sql", input="\\timing\nLOAD 'pgstore';\n" + sql + ask)
            times = [float(text) for text in re.findall(r"Time: ([0-9.]+) ms", output)]
            check(re.search(r"^-?\d+$", output, re.M)[0])
            return times[0], sum(times)
        finally:
            self.cluster("stop")


# What runs the host, and the library that stands against the plain one.
HOSTS = {
    "Python, `import`": (python, "self"),
    "Node, `require`": (node, "self"),
    "PostgreSQL, `LOAD` in a session": (Postgresql(False), "self"),
    "PostgreSQL, `shared_preload_libraries`": (Postgresql(True), "self"),
    "the same, `--rt0-start=first-call`": (Postgresql(True), "worker"),
    "nginx, one process": (Nginx("off", "1"), "self"),
    "nginx, master and two workers": (Nginx("on", "2"), "self"),
    "the same, `--rt0-start=first-call` ": (Nginx("on", "2"), "worker"),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", dest="rounds", type=int, default=7, choices=range(1, 1000), metavar="ROUNDS")
    parser.add_argument("build", type=pathlib.Path)
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    os.environ.setdefault("STORE_ROWS", "100000")

    rows = {host: {library: [] for library in ("plain", own)} for host, (_, own) in HOSTS.items()}
    try:
        for number in range(arguments.rounds):
            for host, (run, _) in HOSTS.items():
                # Each goes first as often as the other.
                for library in list(rows[host])[:: 1 if number % 2 == 0 else -1]:
                    rows[host][library].append(run(build, build / library))
    finally:
        Postgresql.remove()

    print("| host | goes on after, constructor | rt0 | first answer after, constructor | rt0 |")
    print("| --- | --- | --- | --- | --- |")
    for host, times in rows.items():
        medians = [statistics.median(one[i] for one in series) for i in (0, 1) for series in times.values()]
        print(f"| {host.strip()} | " + " | ".join(f"{ms:.{0 if ms >= 10 else 1}f} ms" for ms in medians) + " |")


if __name__ == "__main__":
    main()
