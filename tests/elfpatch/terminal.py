"""What a person at a terminal sees.

terminal.py all COMMAND...: run it with its output and errors on a terminal; print what came there, with the terminal's
line ends made plain, and end with its status.

terminal.py progress FILE COMMAND...: the same, with FILE locked, as by another process that patches it, until a line
that tells of progress has come.
"""
import fcntl
import os
import pty
import subprocess
import sys

what, *command = sys.argv[1:]
lock = None
if what == "progress":
    lock = open(command.pop(0), "rb")
    fcntl.flock(lock, fcntl.LOCK_EX)
ours, theirs = pty.openpty()
process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs)
os.close(theirs)
seen = b""
while True:
    try:
        got = os.read(ours, 4096)
    except OSError:  # EIO: nobody has the other end open
        break
    if not got:
        break
    seen += got
    if lock and b" files, " in seen:
        lock.close()
        lock = None
sys.stdout.buffer.write(seen.replace(b"\r\n", b"\n"))
sys.exit(process.wait())
