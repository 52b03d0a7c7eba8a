#!/bin/sh
# -n: there is no Ada main program; -L: the initialisation is called pluginit.
set -eu
gcc -O2 -fPIC -c plug.adb
gnatbind -n -Lplug plug.ali
gcc -O2 -fPIC -c b~plug.adb
eval "gcc -O2 -fPIC $(pkg-config --cflags rt0) -c start.c hold.c"
ldwrap gcc -shared -Wl,--version-script=plug.map -o libplug.so plug.o b~plug.o start.o hold.o -lgnarl -lgnat
