#!/bin/sh
set -eu
cc -O2 -fPIC -c hold.c
ldc2 -O -relocation-model=pic -shared -gcc=ldwrap -of=libplug.so plug.d hold.o
