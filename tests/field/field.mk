.PHONY: bench-hosts field field-bazel field-distributed field-elfpatch field-examples field-hosts field-languages field-overhead field-pages field-patchelf field-projects
field: field-projects field-languages field-examples field-hosts field-bazel field-distributed field-elfpatch field-patchelf field-pages ## Run the tools over other people's software (long)
field-bazel: all ## Build a project with Bazel, in a sandbox and from caches
	tests/deps.sh field
	BUILD=$(abspath $(BUILD)) tests/run tests/field/bazel.bats

field-distributed: all ## Compile through distcc, icecc, ccache and sccache, with their daemons (root)
	tests/deps.sh field
	BUILD=$(abspath $(BUILD)) tests/run tests/field/distributed.bats

field-elfpatch: ## Edit every library of this system and of its cross compilers, beside patchelf
	$(MAKE) all TARGETS="$(PORTS)"
	BUILD=$(abspath $(BUILD)) tests/field/elfpatch

field-examples: all ## Run the examples in Java, OCaml, Haskell and Scheme
	tests/deps.sh field
	BUILD=$(abspath $(BUILD)) tests/run tests/field/examples

field-hosts: all ## Load a library with a runtime into Python, Node, PostgreSQL and nginx
	tests/deps.sh field
	BUILD=$(abspath $(BUILD)) tests/run tests/field/hosts.bats

bench-hosts: all ## Measure how long these hosts are held, and when they have their first answer
	tests/deps.sh field
	$(MAKE) -s -C examples/hosts BUILD=$(abspath $(BUILD))/examples/hosts RT0KIT=$(abspath $(BUILD))
	python3 -B examples/hosts/measure.py $(BUILD)/examples/hosts

field-languages: all ## Link libraries of other languages, and load them into C and Python
	tests/deps.sh field
	BUILD=$(abspath $(BUILD)) tests/run tests/field/languages.bats

field-overhead: all ## Measure what ldwrap adds to the build of a large project (an idle machine; an hour)
	tests/deps.sh field
	BUILD=$(abspath $(BUILD)) tests/field/overhead

field-pages: all ## Open the pages of elfpatch in a browser
	tests/deps.sh field
	BUILD=$(abspath $(BUILD)) tests/run tests/field/pages.bats

# PATCHELF_SOURCE=DIR is a checkout of patchelf, else its newest is cloned.
field-patchelf: all ## Run patchelf's own test suite on elfpatch
	tests/deps.sh field
	BUILD=$(abspath $(BUILD)) tests/field/patchelf $(if $(PATCHELF_SOURCE),--source "$(PATCHELF_SOURCE)")

field-projects: all ## Build other people's projects with ldwrap and run their tests
	tests/deps.sh field
	BUILD=$(abspath $(BUILD)) tests/field/projects
