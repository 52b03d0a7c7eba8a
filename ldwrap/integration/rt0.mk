# For GNU Make:
#
#   include $(RT0_PREFIX)/share/rt0/rt0.mk
#   libfoo.so: RT0_INIT = foo_start
#   libfoo.so: RT0_NO_GATE = foo_version foo_is_*
#   libfoo.so: foo.o
#   	$(RT0_LINK.c) -o $@ $^ $(LDLIBS)
#
# Without RT0_INIT, rt0_runtime_init initialises the runtime. RT0_GATE has the patterns of what to gate; other options of
# ldwrap(1) go into RT0_FLAGS. A space in the path is written `\ ` after include.

# This file's name is the last of MAKEFILE_LIST, and may hold spaces itself.
rt0_hash := \#
rt0_prefix := $(shell name='$(MAKEFILE_LIST)'; \
	until [ -e "$$name" ]; do rest=$${name$(rt0_hash)* }; [ "$$rest" != "$$name" ] || break; name=$$rest; done; \
	cd "$$(dirname "$$name")/../.." && pwd)

LDWRAP ?= '$(rt0_prefix)/bin/ldwrap'
RT0_CPPFLAGS := -I'$(rt0_prefix)/include'
RT0_LIBS := -L'$(rt0_prefix)/@LIB@' -lrt0

rt0_options = --rt0=on $(addprefix --rt0-init=,$(RT0_INIT)) $(patsubst %,--rt0-gate='%',$(RT0_GATE)) \
	$(patsubst %,--rt0-no-gate='%',$(RT0_NO_GATE)) $(RT0_FLAGS)

# As make's LINK.c and LINK.cc, for shared libraries.
RT0_LINK.c = $(LDWRAP) $(LINK.c) -shared $(rt0_options)
RT0_LINK.cc = $(LDWRAP) $(LINK.cc) -shared $(rt0_options)
