# Coverage: `make coverage`, COVERAGE_HTML=yes for pages with the sources, COVERAGE_TESTS="FILE|FOLDER…" for some of the tests.
# By clang, whose counters stand in a file that every process of a program maps, so that one that is killed counts, too.
# The examples, the documents' commands and other people's software run the tools in no other way. rt is built as ever:
# see docs/performance.md.

COVERAGE := $(BUILD)/coverage
COVERAGE_TESTS ?= tests/docs/manual.bats tests/elfpatch tests/field/consumers.bats tests/fill tests/ldwrap tests/memory tests/rt \
	tests/unit
COVERAGE_HTML ?=
coverage_profile := -fprofile-instr-generate=$(abspath $(COVERAGE))/profiles/%m%c.profraw
coverage_flags := $(coverage_profile) -fcoverage-mapping -mllvm -runtime-counter-relocation
coverage_programs := $(addprefix $(COVERAGE)/bin/,ldwrap elfpatch)

.PHONY: coverage
coverage: deps ## Run the tests of this machine and print what lines and branches they reach (COVERAGE_HTML=yes)
	tests/deps.sh check coverage
	rm -rf $(COVERAGE)/profiles $(COVERAGE)/html
	BUILD=$(abspath $(COVERAGE)) tests/field/sources zlib lua5.4 bzip2 libyaml lz4 popt
	$(MAKE) BUILD=$(COVERAGE) STATIC= CC=clang CFLAGS="-O1 -g $(coverage_flags)" LDFLAGS="$(coverage_profile)" $(coverage_programs)
	$(MAKE) BUILD=$(COVERAGE) TARGETS="$(PORTS)" all
	status=0; \
	BUILD=$(abspath $(COVERAGE)) COVERAGE_CC="clang $(coverage_flags)" tests/run $(COVERAGE_TESTS) || status=1; \
	tests/coverage/report $(COVERAGE) $(if $(COVERAGE_HTML),--html) $(coverage_programs) && exit $$status
