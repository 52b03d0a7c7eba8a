# rt0kit. `make help` lists the targets.
#
# The staging tree under build/ has the layout of an installation: bin/, include/,
# lib/rt0/<machine>/, so ldwrap finds rt the same way in both.

VERSION := 0.1.0

PREFIX ?= /usr/local
BUILD ?= build
AR ?= ar

# Cross targets whose rt is built beside the native one: TARGETS="aarch64-linux-gnu …"
TARGETS ?=
NATIVE := $(shell $(CC) -dumpmachine 2>/dev/null)

WARN := -Wall -Wextra -Werror
CFLAGS ?= -O2 -g
TOOL_CFLAGS := -std=c11 -D_GNU_SOURCE -DRT0KIT_VERSION='"$(VERSION)"' $(WARN) $(CFLAGS)

# A static ldwrap starts in half the time of a dynamic one; use it where the static libraries are.
have_lib = $(filter /%,$(shell $(CC) -print-file-name=$(1) 2>/dev/null))
ifneq ($(and $(call have_lib,libelf.a),$(call have_lib,libz.a),$(call have_lib,libnettle.a),$(call have_lib,libc.a)),)
STATIC ?= -static
endif
LDWRAP_LIBS := -lelf -lz -lnettle
ELFPATCH_LIBS := -lelf -lz -lnettle -ljansson

lib_objs := $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard elfpatch/lib/*.c))
ldwrap_objs := $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard ldwrap/*.c))
elfpatch_objs := $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard elfpatch/*.c))

.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: all help deps demo check bench clean install uninstall rt

all: $(BUILD)/bin/ldwrap $(BUILD)/bin/elfpatch rt ## Build the tools and rt (default)

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 16

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(TOOL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/lib/libelfpatch.a: $(lib_objs)
	@mkdir -p $(@D)
	rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/bin/ldwrap: $(ldwrap_objs) $(BUILD)/lib/libelfpatch.a
	@mkdir -p $(@D)
	$(CC) $(STATIC) $(LDFLAGS) -o $@ $^ $(LDWRAP_LIBS)

$(BUILD)/bin/elfpatch: $(elfpatch_objs) $(BUILD)/lib/libelfpatch.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(ELFPATCH_LIBS)

# rt, once per machine. Its flags are its own: it runs in the user's process.
# -Oz where the compiler has it (gcc 12, clang).
RT_SMALL := $(shell $(CC) -Oz -E -x c /dev/null >/dev/null 2>&1 && echo -Oz || echo -Os)
RT_CFLAGS := -std=c11 $(RT_SMALL) -g0 $(WARN) -fPIC -fno-plt -ffreestanding -fvisibility=hidden -fno-stack-protector \
	-fno-lto -fno-builtin -fasynchronous-unwind-tables -fno-ident -fomit-frame-pointer

rt_sources := $(filter-out rt/hosted.c rt/attach.c rt/exe.c,$(sort $(wildcard rt/*.c)))

# The folder under rt/arch for a triple.
rt_arch = $(patsubst i%86,i386,$(patsubst armv7%,arm,$(firstword $(subst -, ,$(1)))))

# $(1) triple, $(2) compiler
define rt_rules
rt_arch_$(1) := $$(call rt_arch,$$(or $$(shell $(2) -dumpmachine 2>/dev/null),$(1)))
# On a machine that has no compiler yet, `make deps` must still work.
ifneq ($$(rt_arch_$(1)),)
ifeq ($$(wildcard rt/arch/$$(rt_arch_$(1))/gate.S),)
$$(error rt has no port for '$(1)' (no rt/arch/$$(rt_arch_$(1))))
endif
endif
rt_dir_$(1) := $$(BUILD)/lib/rt0/$$(rt_arch_$(1))

# Triples with the same rt, such as those of soft and hard float: the first one's compiler makes it.
ifndef rt_of_$$(rt_arch_$(1))
rt_of_$$(rt_arch_$(1)) := $(1)
rt_core_$(1) := $$(addprefix $$(BUILD)/rt/$(1)/,rt0.c.o $$(patsubst rt/%,%.o,$$(filter-out %/gate.S %/gate_attach.S, \
	$$(sort $$(wildcard rt/arch/$$(rt_arch_$(1))/*.S)))))

# One translation unit, see rt/internal.h.
$$(BUILD)/rt/$(1)/rt0.c.o: $(rt_sources) rt/internal.h rt/arch/$$(rt_arch_$(1))/flags Makefile
	@mkdir -p $$(@D)
	printf '#include "%s"\n' $(notdir $(rt_sources)) | \
		$(2) $$(RT_CFLAGS) $$(shell cat rt/arch/$$(rt_arch_$(1))/flags) -Irt -Irt/arch/$$(rt_arch_$(1)) -MMD -MP -x c -c -o $$@ -
$$(BUILD)/rt/$(1)/%.c.o: rt/%.c rt/arch/$$(rt_arch_$(1))/flags
	@mkdir -p $$(@D)
	$(2) $$(RT_CFLAGS) $$(shell cat rt/arch/$$(rt_arch_$(1))/flags) -Irt/arch/$$(rt_arch_$(1)) -MMD -MP -c -o $$@ $$<
$$(BUILD)/rt/$(1)/%.S.o: rt/%.S
	@mkdir -p $$(@D)
	$(2) $$(shell cat rt/arch/$$(rt_arch_$(1))/flags) -Irt -MMD -MP -c -o $$@ $$<

$$(rt_dir_$(1))/rt0.o: $$(rt_core_$(1))
	@mkdir -p $$(@D)
	$(2) -nostdlib -r -o $$@ $$^
$$(rt_dir_$(1))/hosted.o: $$(BUILD)/rt/$(1)/hosted.c.o
	@mkdir -p $$(@D)
	cp $$< $$@
$$(rt_dir_$(1))/attach.o: $$(BUILD)/rt/$(1)/attach.c.o
	@mkdir -p $$(@D)
	cp $$< $$@
$$(rt_dir_$(1))/gate.o: $$(BUILD)/rt/$(1)/arch/$$(rt_arch_$(1))/gate.S.o
	@mkdir -p $$(@D)
	cp $$< $$@
$$(rt_dir_$(1))/gate_attach.o: $$(BUILD)/rt/$(1)/arch/$$(rt_arch_$(1))/gate_attach.S.o
	@mkdir -p $$(@D)
	cp $$< $$@
$$(rt_dir_$(1))/librt0.a: $$(BUILD)/rt/$(1)/exe.c.o
	@mkdir -p $$(@D)
	rm -f $$@
	$$(AR) rcs $$@ $$^

# Not every port has gates that look at the thread.
rt: $$(addprefix $$(rt_dir_$(1))/,rt0.o hosted.o attach.o librt0.a \
	$$(patsubst %.S,%.o,$$(notdir $$(wildcard $$(addprefix rt/arch/$$(rt_arch_$(1))/,gate.S gate_attach.S)))))
-include $$(wildcard $$(BUILD)/rt/$(1)/*.d $$(BUILD)/rt/$(1)/arch/*/*.d)
endif
endef
$(eval $(call rt_rules,$(NATIVE),$(CC)))
$(foreach t,$(TARGETS),$(eval $(call rt_rules,$(t),$(t)-gcc)))

rt: $(BUILD)/include/rt0.h ## Build rt for this machine and for TARGETS
$(BUILD)/include/rt0.h: rt/rt0.h
	@mkdir -p $(@D)
	cp $< $@

deps: ## Install what building and the demo need (apt; root or sudo)
	tests/deps.sh build

demo: deps ## Install what it needs, build, run the main job and show it
	$(MAKE) all
	$(MAKE) -C examples/lua demo BUILD=$(abspath $(BUILD))/examples/lua RT0KIT=$(abspath $(BUILD))

PORTS = $(shell awk '!/^#/ { print $$1 }' tests/ports/table)
check: deps ## Install what the tests need and run them all
	tests/deps.sh check
	BUILD=$(abspath $(BUILD)) tests/field/sources zlib lua5.4
	BUILD=$(abspath $(BUILD)) tests/ports/musl $(PORTS)
	$(MAKE) all TARGETS="$(PORTS)"
	BUILD=$(abspath $(BUILD)) tests/run

-include tests/*/*.mk

DESTDIR ?=
to := $(DESTDIR)$(PREFIX)
pages := $(wildcard docs/*.[137])
install: all ## Install under $(DESTDIR)$(PREFIX)
	install -d "$(to)/bin" "$(to)/include" "$(to)/lib" $(foreach s,1 3 7,"$(to)/share/man/man$(s)")
	install -m 755 $(BUILD)/bin/ldwrap $(BUILD)/bin/elfpatch "$(to)/bin"
	install -m 644 rt/rt0.h "$(to)/include"
	rm -rf "$(to)/lib/rt0"
	cp -R $(BUILD)/lib/rt0 "$(to)/lib"
	install -d "$(to)/lib/rt0/bin"
	ln -s ../../../bin/elfpatch "$(to)/lib/rt0/bin/patchelf"
	install -m 644 $(rt_dir_$(NATIVE))/librt0.a "$(to)/lib"
	for page in $(pages); do install -m 644 $$page "$(to)/share/man/man$${page##*.}" || exit; done

uninstall: ## Remove what install put there
	rm -rf "$(to)/lib/rt0"
	rm -f "$(to)/bin/ldwrap" "$(to)/bin/elfpatch" "$(to)/include/rt0.h" "$(to)/lib/librt0.a" \
		$(foreach p,$(pages),"$(to)/share/man/man$(subst .,,$(suffix $(p)))/$(notdir $(p))")

clean: ## Remove what was built
	rm -rf $(BUILD)

-include $(patsubst %.o,%.d,$(lib_objs) $(ldwrap_objs) $(elfpatch_objs))
