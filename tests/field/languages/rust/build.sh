#!/bin/sh
set -eu
cc -O2 -fPIC -c hold.c
rustc --edition 2021 -O --crate-type cdylib -C linker=ldwrap -C link-arg=hold.o -o libplug.so plug.rs
