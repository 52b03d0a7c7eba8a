#!/bin/sh
# As the compiler of cgo ldwrap also links; -extld= makes it link only.
set -eu
CGO_CFLAGS="$(pkg-config --cflags rt0) -O2"
export CGO_CFLAGS
CC=ldwrap go build -buildmode=c-shared -o libplug.so .
go build -buildmode=c-shared -ldflags=-extld=ldwrap -o libplain.so ./plain
