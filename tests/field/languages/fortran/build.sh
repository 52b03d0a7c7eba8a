#!/bin/sh
set -eu
cc -O2 -fPIC -c hold.c
ldwrap gfortran -O2 -fPIC -shared -o libplug.so plug.f90 hold.o
