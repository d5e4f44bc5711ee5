# SPDX-License-Identifier: Apache-2.0
#
# make run      installs what is missing, builds a release, shows both directions with receipts (tallystick demo), then
#               the whole circle of Campaign and a People service (tallystick demo circle)
# make test     installs what is missing, then everything that CI runs
# make bench    generates files and times this program beside DuckDB and ClickHouse (PROFILES=, LINES= scale it)
# make bench-transfers   times SFTP beside OpenSSH's client and S3 beside the AWS command line, on loopback
# make bench-outbound    times the rendering and writing of outbound files of 5 million lines
# make bench-people      times onboarding, ID-sync, segments and exchanges of 10 million devices (DEVICES= scales it)
# make format   formats the Swift code        make lint   checks its format, and the directions of imports
# make clean    removes everything that was built

SWIFT ?= swift

# Tests run one after the other: many of them block, and some look at the clock.
#
# Warnings are errors in our own targets only: SwiftPM silences those of dependencies. Building and testing use the
# same flags, so that nothing is compiled twice.
CHECKED = -Xswiftc -warnings-as-errors

PROFILES ?= 10000000
LINES ?= $(PROFILES)
BENCH_DATA ?= .build-bench
DEVICES ?= 10000000

.PHONY: run release test bench bench-transfers bench-outbound bench-people format lint clean

run: release
	.build/release/tallystick demo
	.build/release/tallystick demo circle

release:
	./scripts/install-packages build
	$(SWIFT) build -c release --product tallystick

test:
	./scripts/install-packages build test
	$(MAKE) --no-print-directory lint
	./scripts/check-demo
	$(SWIFT) build --build-tests $(CHECKED)
	$(SWIFT) test --skip-build --no-parallel --disable-xctest $(CHECKED)
	./scripts/check-api
	./scripts/check-docs

bench: release
	./scripts/install-packages bench
	./Benchmarks/compare/run.sh --profiles $(PROFILES) --lines $(LINES) --work $(BENCH_DATA)

bench-transfers:
	./scripts/install-packages build test bench
	$(SWIFT) build -c release --product transfer-bench
	./Benchmarks/sftp/run.sh
	./Benchmarks/s3/run

bench-outbound:
	./scripts/install-packages build
	$(SWIFT) build -c release --product outbound-bench
	.build/release/outbound-bench

bench-people:
	./scripts/install-packages build
	$(SWIFT) build -c release --product people-bench
	mkdir -p $(BENCH_DATA)
	.build/release/people-bench $(DEVICES) $(BENCH_DATA)

format:
	$(SWIFT) format format --in-place --parallel --recursive Sources Tests Package.swift

lint:
	$(SWIFT) format lint --strict --parallel --recursive Sources Tests Package.swift
	./scripts/check-layers

clean:
	rm -rf .build .build-bench
