# The benchmarks: `make bench`, or `make bench BENCH_ROUNDS=5` for a quick look.

BENCH := $(BUILD)/bench
BENCH_SRC := tests/bench
BENCH_ROUNDS ?= 60
BENCH_CFLAGS := -std=c11 -D_GNU_SOURCE $(WARN) -O2
GO ?= go

# What both sides of a comparison are built with. cc -shared is the plain one.
BENCH_SHARED := $(BENCH_CFLAGS) -fPIC -shared -Wl,-Bsymbolic-functions
BENCH_LDWRAP := $(BUILD)/bin/ldwrap $(CC)
bench_tools := $(BUILD)/bin/ldwrap rt

bench_kinds := plain gated attached once mutex
bench_programs := $(addprefix $(BENCH)/,call-plt call-noplt call-chained load wait step size exec)
bench_sizes := 10 1000
bench_size_libs := $(foreach n,$(bench_sizes),$(addprefix $(BENCH)/size-$(n),.so -rt.so -stripped.so -rt-stripped.so))
bench_exports := $(addprefix $(BENCH)/exports-,$(addsuffix .o,10 1000 10000 20000))
bench_go := $(if $(shell command -v $(GO)),$(BENCH)/libgo.so)

bench: $(bench_programs) $(bench_exports) $(bench_size_libs) $(bench_go) \
	$(addprefix $(BENCH)/,libload.so libload-rt.so libwait.so init.o empty.c) ## Measure, with goals beside the figures
	BENCH_ROUNDS=$(BENCH_ROUNDS) BUILD=$(abspath $(BUILD)) BENCH=$(abspath $(BENCH)) CC=$(CC) $(BENCH_SRC)/run

.PHONY: bench-ports bench-elfpatch
bench-ports: ## Count each port's instructions and bytes, under qemu-user
	tests/deps.sh check
	$(MAKE) all TARGETS="$(PORTS)"
	BUILD=$(abspath $(BUILD)) $(BENCH_SRC)/ports

bench-elfpatch: all ## Measure elfpatch beside cp and patchelf
	BUILD=$(abspath $(BUILD)) BENCH=$(abspath $(BENCH)) CC=$(CC) $(BENCH_SRC)/patch --huge

$(BENCH)/libplain.so $(BENCH)/libonce.so $(BENCH)/libmutex.so: $(BENCH)/lib%.so: $(BENCH_SRC)/call_lib.c $(BENCH_SRC)/call.h
	@mkdir -p $(@D)
	$(CC) $(BENCH_SHARED) -Wno-missing-prototypes -DKIND=$* -DGUARD=$(if $(filter once,$*),1,$(if $(filter mutex,$*),2,0)) \
		-o $@ $<
$(BENCH)/libgated.so: $(BENCH_SRC)/call_lib.c $(BENCH_SRC)/init.c $(BENCH_SRC)/call.h $(bench_tools)
	@mkdir -p $(@D)
	$(BENCH_LDWRAP) $(BENCH_SHARED) -DKIND=gated -DGUARD=0 -o $@ $(BENCH_SRC)/call_lib.c $(BENCH_SRC)/init.c
$(BENCH)/libattached.so: $(BENCH_SRC)/call_lib.c $(BENCH_SRC)/init.c $(BENCH_SRC)/attach.c $(BENCH_SRC)/call.h $(bench_tools)
	$(BENCH_LDWRAP) $(BENCH_SHARED) -DKIND=attached -DGUARD=0 -o $@ $(filter %.c,$^)

bench_call = $(CC) $(BENCH_CFLAGS) $(1) -o $@ $< -L$(BENCH) $(addprefix -l,$(bench_kinds)) -Wl,-rpath,'$$ORIGIN' -pthread
$(BENCH)/call-plt: $(BENCH_SRC)/call.c $(BENCH_SRC)/call.h $(BENCH_SRC)/bench.h $(bench_kinds:%=$(BENCH)/lib%.so)
	$(call bench_call,-fplt -DHOW='"PLT"')
$(BENCH)/call-noplt: $(BENCH_SRC)/call.c $(BENCH_SRC)/call.h $(BENCH_SRC)/bench.h $(bench_kinds:%=$(BENCH)/lib%.so)
	$(call bench_call,-fno-plt -DHOW='"no PLT"')
$(BENCH)/call-chained: $(BENCH_SRC)/call.c $(BENCH_SRC)/call.h $(BENCH_SRC)/bench.h $(bench_kinds:%=$(BENCH)/lib%.so)
	$(call bench_call,-fplt -DCHAINED -DHOW='"chained PLT"')

$(BENCH)/load $(BENCH)/wait $(BENCH)/step: $(BENCH)/%: $(BENCH_SRC)/%.c $(BENCH_SRC)/bench.h
	@mkdir -p $(@D)
	$(CC) $(BENCH_CFLAGS) -Wl,-z,now -o $@ $< -pthread
$(BENCH)/size: $(BENCH_SRC)/size.c $(BENCH_SRC)/bench.h
	@mkdir -p $(@D)
	$(CC) $(BENCH_CFLAGS) -o $@ $< -lelf
$(BENCH)/exec: $(BENCH_SRC)/exec.c
	@mkdir -p $(@D)
	$(CC) $(BENCH_CFLAGS) -static -o $@ $<

$(BENCH)/libload.so: $(BENCH_SRC)/init.c $(BENCH)/exports-10.o
	$(CC) $(BENCH_SHARED) -o $@ $^
$(BENCH)/libload-rt.so: $(BENCH_SRC)/init.c $(BENCH)/exports-10.o $(bench_tools)
	$(BENCH_LDWRAP) $(BENCH_SHARED) -o $@ $(filter %.c %.o,$^)
$(BENCH)/libwait.so: $(BENCH_SRC)/wait_lib.c $(bench_tools)
	@mkdir -p $(@D)
	$(BENCH_LDWRAP) $(BENCH_SHARED) -Irt -o $@ $<

.PRECIOUS: $(BENCH)/exports-%.c
$(BENCH)/exports-%.c: $(BENCH_SRC)/exports.sh
	@mkdir -p $(@D)
	$(BENCH_SRC)/exports.sh $* >$@
$(BENCH)/exports-%.o: $(BENCH)/exports-%.c
	$(CC) -O1 -fPIC -c -o $@ $<
$(BENCH)/init.o: $(BENCH_SRC)/init.c
	@mkdir -p $(@D)
	$(CC) $(BENCH_CFLAGS) -fPIC -c -o $@ $<
$(BENCH)/empty.c:
	@mkdir -p $(@D)
	: >$@

$(BENCH)/size-%-stripped.so: $(BENCH)/size-%.so
	strip -o $@ $<
$(BENCH)/size-%-rt.so: $(BENCH)/exports-%.o $(BENCH)/init.o $(bench_tools)
	$(BENCH_LDWRAP) -shared -Wl,-Bsymbolic-functions -o $@ $(filter %.o,$^)
$(BENCH)/size-%.so: $(BENCH)/exports-%.o $(BENCH)/init.o
	$(CC) -shared -Wl,-Bsymbolic-functions -o $@ $^

$(BENCH)/libgo.so: $(BENCH_SRC)/go/add.go
	@mkdir -p $(@D)
	GOCACHE=$(abspath $(BENCH))/go-cache $(GO) build -buildmode=c-shared -o $@ $<
