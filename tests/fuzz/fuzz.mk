# Fuzzing: `make fuzz`, FUZZ_SECONDS for all harnesses together, FUZZ_ENGINE=libfuzzer or afl.

comma := ,
FUZZ_ENGINE ?= libfuzzer
FUZZ_SECONDS ?= 600
FUZZ_JOBS ?= $(shell nproc)
FUZZ := $(BUILD)/fuzz/$(FUZZ_ENGINE)
FUZZ_SRC := tests/fuzz
FUZZ_CFLAGS := -std=c11 -D_GNU_SOURCE -DRT0KIT_VERSION='"$(VERSION)"' $(WARN) -O1 -g -fno-omit-frame-pointer -I. \
	-fsanitize=address,undefined -fno-sanitize-recover=all

fuzz_cc_libfuzzer := clang -fsanitize=fuzzer-no-link
fuzz_cc_afl := afl-clang-fast -fsanitize=fuzzer-no-link
fuzz_cc := $(fuzz_cc_$(FUZZ_ENGINE))

fuzz_harnesses := show verify set attach gate inputs response trace
fuzz_programs := $(fuzz_harnesses:%=$(FUZZ)/bin/%)
fuzz_lib := $(patsubst %.c,$(FUZZ)/obj/%.o,$(wildcard elfpatch/lib/*.c))
fuzz_elfpatch := $(patsubst %,$(FUZZ)/obj/elfpatch/%.o,document outcome page picture portrait print show terminal text timeline trace)
fuzz_ldwrap := $(patsubst %,$(FUZZ)/obj/ldwrap/%.o,args inputs library linkobj message options response words)
fuzz_common := $(patsubst %,$(FUZZ)/obj/$(FUZZ_SRC)/%.o,arena fuzz memory mutate)

# The kernel's calls that memory.c stands for.
fuzz_wrap := $(patsubst %,-Wl$(comma)--wrap=%,access close fchmod fcntl fopen fstat ftruncate madvise mmap mremap msync munmap \
	open posix_fallocate pread pwrite read)

$(FUZZ)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(fuzz_cc) $(FUZZ_CFLAGS) -MMD -MP -c -o $@ $<
$(FUZZ)/obj/elfpatch/page.o: elfpatch/page.css elfpatch/page.js
$(filter-out %/linkobj.o,$(fuzz_ldwrap)): FUZZ_CFLAGS += -include $(FUZZ_SRC)/arena.h

# As in an installation, so that rt is found.
$(fuzz_programs): $(FUZZ)/bin/%: $(FUZZ)/obj/$(FUZZ_SRC)/%.o $(fuzz_common) $(fuzz_elfpatch) $(fuzz_ldwrap) $(fuzz_lib)
	@mkdir -p $(@D)
	ln -sfn ../../lib $(FUZZ)/lib
	$(patsubst %-no-link,%,$(fuzz_cc)) -fsanitize=address,undefined $(fuzz_wrap) -o $@ $^ -Wl,-Bstatic -lelf -lz -Wl,-Bdynamic \
		-lnettle -ljansson

.PHONY: fuzz fuzz-programs fuzz-seeds
fuzz-programs: $(fuzz_programs)
fuzz-seeds:
	$(MAKE) all TARGETS="$(PORTS)"
	BUILD=$(abspath $(BUILD)) $(FUZZ_SRC)/seeds
fuzz: ## Feed damaged files to every command under ASan and UBSan (FUZZ_SECONDS, FUZZ_ENGINE=afl)
	tests/deps.sh check fuzz
	$(MAKE) fuzz-seeds fuzz-programs
	BUILD=$(abspath $(BUILD)) FUZZ=$(abspath $(FUZZ)) FUZZ_JOBS=$(FUZZ_JOBS) $(FUZZ_SRC)/run $(FUZZ_ENGINE) $(FUZZ_SECONDS) \
		$(fuzz_harnesses)

-include $(patsubst %.o,%.d,$(fuzz_common) $(fuzz_elfpatch) $(fuzz_ldwrap) $(fuzz_lib) \
	$(fuzz_harnesses:%=$(FUZZ)/obj/$(FUZZ_SRC)/%.o))
