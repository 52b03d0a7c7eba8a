#!/bin/sh
set -eu
where=$(ocamlopt -where)
# ocamlopt links the object with ld -r, which knows no -lpthread.
ocamlopt -noautolink -runtime-variant _pic -I +threads -output-complete-obj -o plug_ml.o unix.cmxa threads.cmxa plug.ml
eval "cc -O2 -fPIC -fvisibility=hidden $(pkg-config --cflags rt0) -I$where -c start.c hold.c"
# OCaml's own functions need not be seen from outside.
ldwrap cc -shared -Wl,--version-script=plug.map -o libplug.so plug_ml.o start.o hold.o \
  -L"$where" -lthreadsnat -lunix -lm -ldl -pthread
