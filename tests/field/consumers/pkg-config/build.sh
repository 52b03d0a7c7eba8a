#!/bin/sh
# pkg-config escapes what a shell would take apart, for eval.
set -eu
CC=${CC:-cc}
cflags=$(pkg-config --cflags rt0)
libs=$(pkg-config --libs rt0)
ldwrap=$(pkg-config --variable=ldwrap rt0)
eval "$CC -O2 -fPIC $cflags -c plug.c program.c"
eval "$ldwrap $CC -shared --rt0-init=plug_start --rt0-no-gate='plug_re*' -o libplug.so plug.o $libs -pthread"
eval "$CC -o program program.o plug.o $libs -pthread"
