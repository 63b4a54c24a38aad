# `make` lists the targets. CI calls these and nothing else.

SWIFT ?= swift
# Compiler processes at one time; each may take 2 GB.
JOBS ?= $(shell nproc)
# One configuration for building and testing, so that nothing is compiled twice.
FLAGS = -c release --jobs $(JOBS)
RELEASE = .build/release
SWIFT_SOURCES = Package.swift Sources Tests Tools $(wildcard Benchmarks Fuzz Examples)

.DEFAULT_GOAL := help
.PHONY: help setup python-tools swift build release test test-only test-clients check format docs check-deploy bench fuzz faults demo clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install what building and testing need
	scripts/setup

python-tools: ## Fetch the Python programs that tests compare us with
	scripts/python-tools

swift:
	@command -v $(SWIFT) > /dev/null || { \
	    echo "swift is missing: install Swift 6.3 from https://www.swift.org/install/linux/ and put it on PATH" >&2; exit 69; }

build: swift ## Build the server and the client, optimised
	$(SWIFT) build $(FLAGS) --product pratique
	$(SWIFT) build $(FLAGS) --product securectl

release: build ## Build, and see that the programs need no Swift on their machine, for Deploy/Containerfile
	@for program in pratique securectl; do \
	    if ldd $(RELEASE)/$$program | grep swift; then echo "$$program needs Swift's libraries" >&2; exit 70; fi; \
	    $(RELEASE)/$$program --version; done

test: setup python-tools ## Run every test
	$(MAKE) test-only check check-deploy
	$(MAKE) test-clients

test-clients: ## Run real clients, the documents' commands and the demo against the built programs
	scripts/test-clients

test-only: swift ## Run the tests whose target matches FILTER, without setting up
	$(SWIFT) build $(FLAGS) --build-tests
	scripts/test $(FILTER)

check: swift ## Check layout and the rules of the house
	$(SWIFT) format lint --strict --parallel --recursive $(SWIFT_SOURCES)
	$(SWIFT) run $(FLAGS) tidy

format: swift ## Lay the sources out
	$(SWIFT) format --in-place --parallel --recursive $(SWIFT_SOURCES)

docs: build ## Renew the generated pages, and check that the documents' links point at something
	for page in configuration errors findings; do \
	    $(RELEASE)/pratique reference $$page > docs/reference/$$page.md; done
	$(SWIFT) run $(FLAGS) tidy | { ! grep -E ': (link|decision-record): '; }

check-deploy: ## Check the files of Deploy/
	scripts/check-deploy

bench: build ## Measure against the targets; BENCH=--quick takes two minutes
	$(SWIFT) build $(FLAGS) --product registry-bench
	$(RELEASE)/registry-bench $(BENCH)

fuzz: swift ## Fuzz every parser for FUZZ_SECONDS (60) each
	scripts/fuzz

faults: swift ## Run the fault tests at length (PRATIQUE_FAULT_ROUNDS, 40)
	$(SWIFT) build $(FLAGS) --build-tests
	scripts/faults

demo: setup build ## Show the life of an artifact from end to end
	scripts/demo

clean: ## Remove what was built; fetched tools stay
	rm -rf .build
