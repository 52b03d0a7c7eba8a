#!/bin/sh
# -threaded: calls come from threads that GHC has never seen. ghc links a library against no rts of its own accord.
set -eu
ghc -v0 -O -dynamic -fPIC -c Plug.hs
eval "ghc -v0 -dynamic -fPIC -optc-O2 $(pkg-config --cflags rt0 | sed 's/^-I/-optc-I/') -c start.c hold.c"
ghc -v0 -shared -dynamic -threaded -no-hs-main "-lHSrts_thr-ghc$(ghc --numeric-version)" -pgml ldwrap -o libplug.so Plug.o start.o hold.o
