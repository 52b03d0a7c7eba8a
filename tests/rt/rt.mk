.PHONY: soak
soak: all ## Run the concurrency tests 200 times each
	BUILD=$(abspath $(BUILD)) tests/rt/soak
