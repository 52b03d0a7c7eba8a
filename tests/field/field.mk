.PHONY: field field-elfpatch
field: field-elfpatch ## Run the tools over other people's software (long)
field-elfpatch: ## Edit every library of this system and of its cross compilers, beside patchelf
	$(MAKE) all TARGETS="$(PORTS)"
	BUILD=$(abspath $(BUILD)) tests/field/elfpatch
