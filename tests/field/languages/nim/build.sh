#!/bin/sh
# --noMain: NimMain is called by us, not by a constructor.
set -eu
nim c --hints:off --nimcache:cache --app:lib --noMain:on --threads:on -d:release --gcc.linkerexe:ldwrap --out:libplug.so plug.nim
