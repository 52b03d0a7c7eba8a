# What the Makefiles of the examples share. An example names its library in `lib`, and has the rule for it below the
# include; its hosts are host.c and host.py.
#
#     make                          with rt0kit installed in /usr/local
#     make RT0KIT=../../build run   with the one built there

RT0KIT ?= /usr/local
BUILD ?= build
PYTHON ?= python3
include $(RT0KIT)/share/rt0/rt0.mk

CFLAGS ?= -O2 -g
override CFLAGS += -std=c11 -D_GNU_SOURCE -Wall -Wextra -fPIC -fvisibility=hidden
CPPFLAGS += $(RT0_CPPFLAGS) -I$(BUILD) -I../common

# How an example's rule links its library; other libraries go behind it.
LINK_LIBRARY = $(RT0_LINK.c) -Wl,-soname,$(@F),-z,now -o $@ $(filter %.o,$^)

.DELETE_ON_ERROR:
.PHONY: all run timeline clean

all: $(BUILD)/$(lib) $(BUILD)/host

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(CPPFLAGS) -MMD -MP -c -o $@ $<

# A file as the initialiser of an array of bytes.
AS_BYTES = od -An -v -tu1 $< | sed 's/[0-9][0-9]*/&,/g' >$@
$(BUILD)/%.inc: %
	@mkdir -p $(@D)
	$(AS_BYTES)

$(BUILD)/host: $(BUILD)/host.o
	$(CC) -pthread $(LDFLAGS) -o $@ $< -ldl

run: all ## Run the two hosts
	@echo "-- a C program"
	@$(BUILD)/host $(BUILD)/$(lib)
	@echo "-- Python, through ctypes"
	@$(PYTHON) -B host.py $(BUILD)/$(lib)

# rt0 writes it where RT0_TRACE says; elfpatch draws it.
timeline: all ## Write what happened when, and draw it
	@rm -f $(BUILD)/timeline.json
	@RT0_TRACE=$(abspath $(BUILD))/timeline.json $(BUILD)/host $(BUILD)/$(lib) >/dev/null
	@if [ ! -s $(BUILD)/timeline.json ]; then echo "timeline: this rt0kit writes none" >&2; exit 1; fi
	@echo "timeline: $(BUILD)/timeline.json"
	@if $(RT0KIT)/bin/elfpatch trace --help >/dev/null 2>&1; then \
		$(RT0KIT)/bin/elfpatch trace $(BUILD)/timeline.json; fi

clean:
	rm -rf $(BUILD)

-include $(wildcard $(BUILD)/*.d)
