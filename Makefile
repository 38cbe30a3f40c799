# A front for meson: what a person types. `make help` lists it.
PREFIX ?= /usr/local
DESTDIR ?=
MESON ?= meson
FUZZ_SECONDS ?= 0
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
	@echo 'make soak     hours of what a check does for minutes, from other seeds (SOAK_MINUTES=20: as much as fits), with a'
	@echo '              summary: soak-traces (gcc and clang), soak-years (SOAK_SECONDS=3600 or SOAK_YEARS of simulated'
	@echo '              life), soak-kills (SOAK_KILLS=2000 kill -9 of a real server), soak-allocations (each fails once;'
	@echo '              SOAK_ALLOCATIONS=WAY:FROM- goes on where a run ended), soak-fuzz (SOAK_FUZZ_SECONDS=600 a target)'
	@echo 'make debug    unoptimised build at build-debug/tocsin'
	@echo 'make asan     build with the address and undefined-behaviour sanitizers at build-asan/tocsin'
	@echo 'make format   clang-format over every C file'
	@echo 'make man      docs/tocsin.1 from the descriptors of the commands'
	@echo 'make install  into $$(DESTDIR)$$(PREFIX), by default $(PREFIX)'

build/build.ninja:
	$(MESON) setup build

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

# Hours of what a check does for minutes, each time from other seeds; SOAK_MINUTES=20 bounds it as a whole. tools/soak tells
# what the other SOAK_… words ask for, docs/testing.md how to read a seed that fails.
soak:
	tools/soak

soak-traces soak-years soak-kills soak-fuzz soak-allocations: soak-%:
	tools/soak $*

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
