#!/bin/sh
# -threaded: calls come from threads that GHC has never seen. ghc links a library against no rts of its own accord.
# Only what is exported by `foreign export` is a function: in front of GHC's own code lie tables, which are read by its
# address, so that must not be a gate's.
set -eu
ghc -v0 -O -dynamic -fPIC -c Plug.hs
eval "ghc -v0 -dynamic -fPIC -optc-O2 $(pkg-config --cflags rt0 | sed 's/^-I/-optc-I/') -c start.c hold.c"
ghc -v0 -shared -dynamic -threaded -no-hs-main "-lHSrts_thr-ghc$(ghc --numeric-version)" -pgml ldwrap \
  '-optl--rt0-gate=plug_*' -o libplug.so Plug.o start.o hold.o
