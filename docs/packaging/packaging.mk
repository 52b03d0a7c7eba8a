.PHONY: dist deb field-packages
# Of the last commit, whatever is changed here, and with what git, gzip or the user would add left out: the same commit
# gives the same bytes everywhere.
dist_name := rt0kit-$(VERSION)
dist_file := $(BUILD)/$(dist_name).tar.gz
dist: ## Pack the sources of the last commit, the same bytes each time
	@mkdir -p $(BUILD)
	@git diff --quiet HEAD || echo 'make dist: what is not committed is left out' >&2
	git -c tar.umask=0022 -c core.autocrlf=false -c core.eol=lf -c core.attributesFile=/dev/null archive --format=tar \
		--prefix=$(dist_name)/ -o $(dist_file).part HEAD
	gzip -9nc $(dist_file).part >$(dist_file).new
	@rm $(dist_file).part
	@mv $(dist_file).new $(dist_file)
	@echo $(dist_file)

deb: dist ## Build Debian packages, in $(BUILD)/deb
	docs/packaging/build deb $(dist_file) $(BUILD)/deb

field-packages: all ## Build packages for Debian, Alpine and RPM, check and use them
	tests/deps.sh packaging
	BUILD=$(abspath $(BUILD)) tests/run tests/field/packages.bats
