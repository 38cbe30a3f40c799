# A front for meson: what a person types. `make help` lists it.
PREFIX ?= /usr/local
DESTDIR ?=
MESON ?= meson
FUZZ_SECONDS ?= 0
SOAK_SECONDS ?= 3600
SOAK_YEARS ?= 0
SOAK_TRACES ?= 100
SOAK_KILLS ?= 2000
SOAK_FUZZ_SECONDS ?= 600
SOAK_ALLOCATIONS ?= 1-
SOAK_SEED := $(shell date +%s)
SITE ?= examples/site.yaml
STATE ?= build/state

SOURCES = $(shell git ls-files '*.c' '*.h')

.PHONY: all help run check quick bench soak soak-traces soak-years soak-kills soak-fuzz soak-allocations debug asan format man install clean

all: build/build.ninja
	ninja -C build

help:
	@echo 'make          release build at build/tocsin'
	@echo 'make run      install what is missing, build, and serve examples/ on 127.0.0.1:8911'
	@echo 'make check    install what the tests need, run everything, end with "N passed, N failed"'
	@echo 'make quick    build, unit suite, layers'
	@echo 'make bench    Tocsin beside Alertmanager, the compiler and the store on this machine; QUICK=--quick: a minute of it'
	@echo 'make soak     soak-traces (gcc and clang), soak-years (SOAK_SECONDS=3600 or SOAK_YEARS of simulated life, fresh seeds),'
	@echo '              soak-kills (SOAK_KILLS=2000 kill -9 of a real server; each prints its seed),'
	@echo '              soak-fuzz (SOAK_FUZZ_SECONDS=600 each target), soak-allocations (each allocation fails once;'
	@echo '              SOAK_ALLOCATIONS=WAY:FROM- goes on where a run ended)'
	@echo 'make debug    unoptimised build at build-debug/tocsin'
	@echo 'make asan     build with the address and undefined-behaviour sanitizers at build-asan/tocsin'
	@echo 'make format   clang-format over every C file'
	@echo 'make man      docs/tocsin.1 from the descriptors of the commands'
	@echo 'make install  into $$(DESTDIR)$$(PREFIX), by default $(PREFIX)'

build/build.ninja:
	$(MESON) setup build

build-clang/build.ninja:
	CC=clang $(MESON) setup build-clang

build-debug/build.ninja:
	$(MESON) setup build-debug -Doptimization=0

# The same folder and arguments as tools/check uses.
build-asan/build.ninja:
	CC=clang $(MESON) setup build-asan -Db_sanitize=address,undefined -Db_lundef=false -Doptimization=1 \
	    '-Dc_args=-fno-sanitize-recover=all -fno-omit-frame-pointer'

run:
	scripts/bootstrap
	$(MAKE) all
	build/tocsin serve --site $(SITE) --state $(STATE) --hints

check:
	scripts/bootstrap --check-deps
	tools/check --fuzz-seconds $(FUZZ_SECONDS)

quick: all
	$(MESON) test -C build --no-rebuild --suite unit
	tools/layers

# Measures, not tests: figures of this machine, nothing of it runs in a check.
bench: build/build.ninja
	ninja -C build tocsin tests/bench/bench-load tests/bench/bench-compile tests/bench/bench-store
	tools/bench $(QUICK)
	build/tests/bench/bench-compile
	build/tests/bench/bench-store build

# Hours of what a check does for minutes, each time from other seeds. docs/testing.md says how to read a seed that fails.
soak: soak-traces soak-years soak-kills soak-fuzz soak-allocations

soak-traces: build/build.ninja build-clang/build.ninja
	ninja -C build tests/test-sim
	ninja -C build-clang tests/test-sim
	build/tests/test-sim traces $(SOAK_TRACES) > build/traces
	build-clang/tests/test-sim traces $(SOAK_TRACES) > build-clang/traces
	cmp build/traces build-clang/traces
	@echo 'gcc and clang leave the same $(SOAK_TRACES) traces'

# Unbounded with SOAK_SECONDS=0 SOAK_YEARS=0.
soak-years: build/build.ninja
	ninja -C build tests/test-sim
	build/tests/test-sim soak $(SOAK_SECONDS) $(SOAK_YEARS)

# Two hundred to a server, then an audit: what was promised is there, what is there was promised.
soak-kills: build/build.ninja
	ninja -C build tocsin
	for n in $$(seq 200 200 $(SOAK_KILLS)); do \
	    TOCSIN_SEED=$$(($(SOAK_SEED) + n)) TOCSIN_KILLS=200 tests/fault/kill9.py && echo "# $$n kills" || exit 1; \
	done

soak-fuzz:
	tools/check --part fuzz --fuzz-seconds $(SOAK_FUZZ_SECONDS)

# Hours: a start of the server alone has tens of thousands. Every line that begins with # says how to go on from there.
soak-allocations: build/build.ninja
	ninja -C build tocsin tests/fault/liballoc-shim.so
	TOCSIN_ALLOCATIONS=$(SOAK_ALLOCATIONS) tests/fault/allocations.py

debug: build-debug/build.ninja
	ninja -C build-debug

asan: build-asan/build.ninja
	ninja -C build-asan

format:
	clang-format -i $(SOURCES)

man: all
	build/tocsin help --man > docs/tocsin.1

install: all
	$(MESON) configure build -Dprefix=$(PREFIX)
	DESTDIR=$(DESTDIR) $(MESON) install -C build

clean:
	rm -rf build build-clang build-debug build-asan build-fuzz
