# rt0kit. `make help` lists the targets.
#
# The staging tree under build/ has the layout of an installation: bin/, include/,
# lib/rt0/<machine>/, share/, so ldwrap finds rt, and build systems find ldwrap, the
# same way in both.

VERSION := 0.1.0

PREFIX ?= /usr/local
# Folder under PREFIX of what differs by machine: lib, lib64, lib/x86_64-linux-gnu.
LIBDIR ?= lib
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
.PHONY: all help deps demo check bench clean install uninstall rt integration

all: $(BUILD)/bin/ldwrap $(BUILD)/bin/elfpatch $(BUILD)/bin/rt0-trace rt integration ## Build the tools and rt (default)

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-18s %s\n", $$1, $$2 }' $(filter Makefile %.mk,$(MAKEFILE_LIST))
	@echo
	@echo 'Variables, with what they are now:'
	@printf '  %-18s %s\n' 'PREFIX=$(PREFIX)' 'where install puts things' \
		'LIBDIR=$(LIBDIR)' 'the folder for libraries below that' \
		'DESTDIR=$(DESTDIR)' 'a folder in front of PREFIX, for packages' \
		'BUILD=$(BUILD)' 'where to build' \
		'CC=$(CC)' 'the compiler' \
		'TARGETS=$(TARGETS)' 'cross targets whose rt is built, too: "aarch64-linux-gnu ..."'

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

# What they embed.
$(BUILD)/obj/elfpatch/page.o: elfpatch/page.css elfpatch/page.js

$(BUILD)/bin/rt0-trace: $(BUILD)/bin/elfpatch
	ln -sf $(<F) $@

$(BUILD)/bin/elfpatch: $(elfpatch_objs) $(BUILD)/lib/libelfpatch.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(ELFPATCH_LIBS)

# rt, once per machine. Its flags are its own: it runs in the user's process.
# -Oz where the compiler has it (gcc 12, clang).
RT_SMALL := $(shell $(CC) -Oz -E -x c /dev/null >/dev/null 2>&1 && echo -Oz || echo -Os)
RT_CFLAGS := -std=c11 $(RT_SMALL) -g0 $(WARN) -fPIC -fno-plt -ffreestanding -fvisibility=hidden -fno-stack-protector \
	-fno-lto -fno-builtin -fasynchronous-unwind-tables -fno-ident -fomit-frame-pointer

rt_sources := $(filter-out rt/hosted.c rt/attach.c rt/exe.c rt/exe_thread.c rt/shared.c,$(sort $(wildcard rt/*.c)))
# librt0.so.0 serves other libraries than the one it is, whose authors have no rt0.h.
rt_shared_sources := $(filter-out rt/linked.c rt/public.c,$(rt_sources)) rt/shared.c

# The objects that the tools read say of which version they are (RT0_SYM_ABI in abi.h); the rest goes into libraries.
rt_abi := $(shell awk '$$2 == "RT0_ABI_VERSION" { print $$3 }' rt/abi.h)
rt_version = $(if $(filter %/gate.S %/gate_attach.S %/stub.S,$(1)),-Wa$(comma)-defsym$(comma)rt0_abi=$(rt_abi))
comma := ,

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
rt_core_$(1) := $$(addprefix $$(BUILD)/rt/$(1)/,rt0.c.o $$(patsubst rt/%,%.o,$$(filter-out %/gate.S %/gate_attach.S %/stub.S, \
	$$(sort $$(wildcard rt/arch/$$(rt_arch_$(1))/*.S)))))
# The loader enters an attached library by its stub, so start.S is not needed.
rt_shared_$(1) := $$(filter-out %/start.S.o,$$(patsubst $$(BUILD)/rt/$(1)/%,$$(BUILD)/rt/$(1)/shared/%,$$(rt_core_$(1)))) \
	$$(BUILD)/rt/$(1)/hosted.c.o

# One translation unit, see rt/internal.h.
$$(BUILD)/rt/$(1)/rt0.c.o: $(rt_sources) rt/internal.h rt/arch/$$(rt_arch_$(1))/flags Makefile
	@mkdir -p $$(@D)
	printf '#include "%s"\n' $(notdir $(rt_sources)) | \
		$(2) $$(RT_CFLAGS) $$(shell cat rt/arch/$$(rt_arch_$(1))/flags) -Irt -Irt/arch/$$(rt_arch_$(1)) -MMD -MP -x c -c -o $$@ -
$$(BUILD)/rt/$(1)/shared/rt0.c.o: $(rt_shared_sources) rt/internal.h rt/arch/$$(rt_arch_$(1))/flags Makefile
	@mkdir -p $$(@D)
	printf '#include "%s"\n' $(notdir $(rt_shared_sources)) | $(2) -DRT0_SHARED \
		$$(RT_CFLAGS) $$(shell cat rt/arch/$$(rt_arch_$(1))/flags) -Irt -Irt/arch/$$(rt_arch_$(1)) -MMD -MP -x c -c -o $$@ -
$$(BUILD)/rt/$(1)/%.c.o: rt/%.c rt/arch/$$(rt_arch_$(1))/flags
	@mkdir -p $$(@D)
	$(2) $$(RT_CFLAGS) $$(shell cat rt/arch/$$(rt_arch_$(1))/flags) -Irt/arch/$$(rt_arch_$(1)) -MMD -MP -c -o $$@ $$<
$$(BUILD)/rt/$(1)/%.S.o: rt/%.S rt/abi.h Makefile
	@mkdir -p $$(@D)
	$(2) $$(shell cat rt/arch/$$(rt_arch_$(1))/flags) $$(call rt_version,$$<) -Irt -MMD -MP -c -o $$@ $$<
$$(BUILD)/rt/$(1)/shared/%.S.o: rt/%.S
	@mkdir -p $$(@D)
	$(2) -DRT0_SHARED $$(shell cat rt/arch/$$(rt_arch_$(1))/flags) -Irt -MMD -MP -c -o $$@ $$<

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
$$(rt_dir_$(1))/stub.o: $$(BUILD)/rt/$(1)/arch/$$(rt_arch_$(1))/stub.S.o
	@mkdir -p $$(@D)
	cp $$< $$@
# Linked with no libc: what it imports from there is weak and without a version, so that one serves them all. Where a
# port needs versions of glibc's, its libc.map makes a libc for the linker.
rt_libc_$(1) := $$(patsubst %.map,$$(BUILD)/rt/$(1)/%.so,$$(notdir $$(wildcard rt/arch/$$(rt_arch_$(1))/libc.map)))
$$(BUILD)/rt/$(1)/libc.so: rt/arch/$$(rt_arch_$(1))/libc.map
	@mkdir -p $$(@D)
	sed -n 's/^\t\(.*\);$$$$/.data; .globl \1; .type \1, %object; .size \1, 1; \1: .byte 0/p' $$< | \
		$(2) -shared -nostdlib -Wl,-soname,libc.so.6,--version-script=$$< -o $$@ -x assembler -
$$(rt_dir_$(1))/librt0.so.0: $$(rt_shared_$(1)) $$(rt_libc_$(1)) rt/librt0.map $$(wildcard rt/arch/$$(rt_arch_$(1))/finish)
	@mkdir -p $$(@D)
	$(2) -shared -nostdlib -Wl,-soname,librt0.so.0,--version-script=rt/librt0.map,-z,now,-z,relro,-z,nodelete,-z,defs \
		-Wl,--no-as-needed -o $$@ $$(rt_shared_$(1)) $$(rt_libc_$(1))
	$$(if $$(wildcard rt/arch/$$(rt_arch_$(1))/finish),rt/arch/$$(rt_arch_$(1))/finish $$@)
$$(rt_dir_$(1))/librt0.a: $$(addprefix $$(BUILD)/rt/$(1)/,exe.c.o exe_thread.c.o)
	@mkdir -p $$(@D)
	rm -f $$@
	$$(AR) rcs $$@ $$^

# Not every port has gates that look at the thread, nor serves attached libraries.
rt: $$(addprefix $$(rt_dir_$(1))/,rt0.o hosted.o attach.o librt0.a $$(if $$(wildcard rt/arch/$$(rt_arch_$(1))/stub.S),librt0.so.0) \
	$$(patsubst %.S,%.o,$$(notdir $$(wildcard $$(addprefix rt/arch/$$(rt_arch_$(1))/,gate.S gate_attach.S stub.S)))))
-include $$(wildcard $$(addprefix $$(BUILD)/rt/$(1)/,*.d arch/*/*.d shared/*.d shared/arch/*/*.d))
endif
endef
$(eval $(call rt_rules,$(NATIVE),$(CC)))
$(foreach t,$(TARGETS),$(eval $(call rt_rules,$(t),$(t)-gcc)))

rt: $(BUILD)/lib/librt0.a
$(BUILD)/lib/librt0.a: $(rt_dir_$(NATIVE))/librt0.a
	@mkdir -p $(@D)
	cp $< $@

# Where the loader of this machine looks for it. No librt0.so: -lrt0 is librt0.a.
ifneq ($(wildcard rt/arch/$(rt_arch_$(NATIVE))/stub.S),)
librt0_so := librt0.so.$(VERSION) librt0.so.0
rt: $(addprefix $(BUILD)/lib/,$(librt0_so))
$(BUILD)/lib/librt0.so.$(VERSION): $(rt_dir_$(NATIVE))/librt0.so.0
	@mkdir -p $(@D)
	cp $< $@
$(BUILD)/lib/librt0.so.0: $(BUILD)/lib/librt0.so.$(VERSION)
	ln -sf $(<F) $@
endif

rt: $(BUILD)/include/rt0.h ## Build rt for this machine and for TARGETS
$(BUILD)/include/rt0.h: rt/rt0.h
	@mkdir -p $(@D)
	cp $< $@

# What build systems look for, where each looks: in an installation, lib/ is LIBDIR.
integration_files := lib/pkgconfig/rt0.pc lib/cmake/rt0/rt0Config.cmake lib/cmake/rt0/rt0ConfigVersion.cmake \
	lib/cmake/rt0/toolchain.cmake share/aclocal/rt0.m4 share/rt0/meson.ini share/rt0/rt0.mk \
	$(addprefix share/rt0/bazel/,WORKSPACE BUILD.bazel rt0.bzl)
# A repository of Bazel's has its files below itself.
bazel_links := bin/ldwrap bin/elfpatch include/rt0.h lib/librt0.a lib/rt0 $(if $(librt0_so),lib/librt0.so.0)
# $(1) LIBDIR: fills in a file. The way from a folder below LIBDIR up to the prefix has a step for each word of it, and one
# more. What is below share is the same for all machines; where LIBDIR names one, its compiler knows that folder.
empty :=
integration_fill = sed 's,@VERSION@,$(VERSION),; s,@LIBDIR@,$(1),; s,@LIB@,$(firstword $(subst /, ,$(1))),; \
	s,@UP@,$(subst $(empty) ,/,$(patsubst %,..,. $(subst /, ,$(1)))),'
# $(1) file
define integration_rules
$$(BUILD)/$(1): ldwrap/integration/$$(notdir $(1)) Makefile
	@mkdir -p $$(@D)
	$$(call integration_fill,lib) $$< >$$@
integration: $$(BUILD)/$(1)
endef
$(foreach f,$(integration_files),$(eval $(call integration_rules,$(f))))
# $(1) the tree: links that may be moved with it
define bazel_link
mkdir -p $(addprefix "$(1)"/share/rt0/bazel/,bin include lib)
$(foreach f,$(bazel_links),ln -sfn ../../../../$(f) "$(1)/share/rt0/bazel/$(f)" &&) :
endef
integration: $(BUILD)/share/rt0/bazel/lib/rt0
$(BUILD)/share/rt0/bazel/lib/rt0: Makefile
	$(call bazel_link,$(BUILD))

deps: ## Install what building and the demo need (apt; root or sudo)
	tests/deps.sh build

demo: deps ## Install what it needs, build, run the main job and show it
	$(MAKE) all
	$(MAKE) -C examples/lua demo BUILD=$(abspath $(BUILD))/examples/lua RT0KIT=$(abspath $(BUILD))

.PHONY: timeline
timeline: all ## Draw docs/timeline.svg from a run of examples/lua
	$(MAKE) -C examples/lua all BUILD=$(abspath $(BUILD))/examples/lua RT0KIT=$(abspath $(BUILD))
	rm -f $(BUILD)/timeline.json
	RT0_TRACE=$(abspath $(BUILD))/timeline.json $(BUILD)/examples/lua/demo --host $(BUILD)/examples/lua/libluaplug.so work
	$(BUILD)/bin/elfpatch trace --svg=docs/timeline.svg $(BUILD)/timeline.json

PORTS = $(shell awk '!/^#/ { print $$1 }' tests/ports/table)
check: deps ## Install what the tests need and run them all
	tests/deps.sh check
	BUILD=$(abspath $(BUILD)) tests/field/sources zlib lua5.4 bzip2 libyaml lz4 popt
	BUILD=$(abspath $(BUILD)) tests/ports/musl $(PORTS)
	$(MAKE) all TARGETS="$(PORTS)"
	BUILD=$(abspath $(BUILD)) tests/run

-include tests/*/*.mk docs/packaging/packaging.mk

DESTDIR ?=
to := $(DESTDIR)$(PREFIX)

# What completes command lines, where each shell looks for it: FILE:PLACE.
ZSH_FUNCTIONS ?= share/zsh/site-functions
completions := $(foreach t,elfpatch ldwrap,$(t)/completions/$(t).bash:share/bash-completion/completions/$(t) \
	$(t)/completions/_$(t):$(ZSH_FUNCTIONS)/_$(t) $(t)/completions/$(t).fish:share/fish/vendor_completions.d/$(t).fish) \
	$(foreach n,patchelf rt0-trace,elfpatch/completions/elfpatch.bash:share/bash-completion/completions/$(n) \
	elfpatch/completions/$(n).fish:share/fish/vendor_completions.d/$(n).fish)
pages := $(wildcard docs/*.[137])
installed_integration := $(patsubst lib/%,$(LIBDIR)/%,$(integration_files))
install: all ## Install under $(DESTDIR)$(PREFIX)
	install -d "$(to)/bin" "$(to)/include" "$(to)/lib" "$(to)/$(LIBDIR)" $(foreach s,1 3 7,"$(to)/share/man/man$(s)")
	install -m 755 $(BUILD)/bin/ldwrap $(BUILD)/bin/elfpatch "$(to)/bin"
	ln -sf elfpatch "$(to)/bin/rt0-trace"
	install -m 644 rt/rt0.h "$(to)/include"
	rm -rf "$(to)/lib/rt0"
	cp -R $(BUILD)/lib/rt0 "$(to)/lib"
	install -d "$(to)/lib/rt0/bin"
	ln -s ../../../bin/elfpatch "$(to)/lib/rt0/bin/patchelf"
	install -m 644 $(BUILD)/lib/librt0.a "$(to)/$(LIBDIR)"
	$(if $(librt0_so),cp -P $(addprefix $(BUILD)/lib/,$(librt0_so)) "$(to)/$(LIBDIR)")
	for file in $(installed_integration); do install -D -m 644 /dev/null "$(to)/$$file" && \
		$(call integration_fill,$(LIBDIR)) "ldwrap/integration/$${file##*/}" >"$(to)/$$file" || exit; done
	for pair in $(completions); do install -D -m 644 "$${pair%%:*}" "$(to)/$${pair#*:}" || exit; done
	$(call bazel_link,$(to))
	for page in $(pages); do install -m 644 $$page "$(to)/share/man/man$${page##*.}" || exit; done
	ln -sf elfpatch.1 "$(to)/share/man/man1/rt0-trace.1"

uninstall: ## Remove what install put there
	rm -rf $(foreach d,lib/rt0 $(LIBDIR)/cmake/rt0 share/rt0,"$(to)/$(d)")
	rm -f "$(to)/bin/ldwrap" "$(to)/bin/elfpatch" "$(to)/bin/rt0-trace" "$(to)/share/man/man1/rt0-trace.1" "$(to)/include/rt0.h" "$(to)/$(LIBDIR)/librt0.a" \
		$(foreach f,$(installed_integration),"$(to)/$(f)") $(foreach l,$(librt0_so),"$(to)/$(LIBDIR)/$(l)") \
		$(foreach c,$(completions),"$(to)/$(lastword $(subst :, ,$(c)))") \
		$(foreach p,$(pages),"$(to)/share/man/man$(subst .,,$(suffix $(p)))/$(notdir $(p))")

clean: ## Remove what was built
	rm -rf $(BUILD)

-include $(patsubst %.o,%.d,$(lib_objs) $(ldwrap_objs) $(elfpatch_objs))
