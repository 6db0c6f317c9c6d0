# Thin: CMake builds, scripts/ does the rest. The command ends up at
# build/release/vyre.
PREFIX ?= /usr/local

.PHONY: all demo check check-full check-fuzz format lint setup install clean

all:
	@scripts/build release

demo:
	@scripts/demo

check:
	@scripts/check

check-full:
	@scripts/check-full

check-fuzz:
	@scripts/check-fuzz

format:
	@scripts/format

lint:
	@scripts/lint

setup:
	@scripts/setup

install: all
	cmake --install build/release --prefix "$(PREFIX)"

clean:
	rm -rf build
