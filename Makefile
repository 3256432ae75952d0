# The two commands of a newcomer are `make demo` and `make test`; `make help` lists all.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo test test-long build man install lint format cross lab bench bench-peers clean prerequisites-%

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

demo: prerequisites-lab ## Boot the test hosts, build, deploy, deploy again, ask the generator
	@Tools/demo

test: prerequisites-test lint ## Lint, build, cross-build and run every test on real test hosts
	@Tests/run

test-long: prerequisites-test ## The tests that take long: outages, 100,000 polls, a million answers, a Debian in a machine
	FLEET_LONG_TESTS=1 Tests/run --filter MonitorMemoryTests --filter PlantTests \
		--filter CrashMatrixTests --filter ReadingsFuzzTests --filter GenServerFuzzTests \
		--filter GateTableTests
	Tests/Lab/vm-test

build: prerequisites-build ## Build fleetctl for this machine, optimised
	@echo "built $$(Tools/release)"

man: prerequisites-build ## Make fleetctl's manual pages in .build/man
	@Tools/man

install: ## Install fleetctl, manual and completions below PREFIX (/usr/local), once they are made
	@Tools/install $(PREFIX)

cross: prerequisites-lab ## Make the boards' SDKs, build the daemons with them and check the result
	Tools/sdk/make-sdk armv5 arm64 armhf
	Tools/sdk/check-sdk

lab: prerequisites-lab ## Boot the test hosts and stay up until `Tests/Lab/lab down`
	Tests/Lab/lab prepare
	Tests/Lab/lab up
	@echo 'The hosts are up. Tests/Lab/lab ws bash opens a shell beside them, Tests/Lab/lab down ends them.'

bench: prerequisites-bench ## Measure the daemons against Python, many hosts against ssh and Ansible, a large report, starting, scale
	Tools/bench/gen-server-bench
	Tools/bench/monitor-bench
	Tools/bench/deploy-bench
	Tools/bench/audit-bench
	Tools/bench/health-bench
	Tools/bench/report-bench
	Tools/bench/change-bench --files 100 --rounds 3
	Tools/bench/start-bench
	Tools/bench/profile-bench
	Tools/bench/scale-bench --hosts 10 100 --parallel 10 --round-trip 0 --dead 60 --timeout 2
	Tools/bench/peers-bench --hosts 1 --round-trip 20

bench-peers: prerequisites-bench ## Measure the same jobs by other tools, up to 30 hosts at several round trips (hours)
	Tools/bench/peers-bench

lint: ## swift-format and shellcheck over everything
	@Tools/lint

format: ## Format the Swift sources
	swift format format --in-place --parallel --recursive Package.swift Sources Tests

clean: ## Remove what was built here; the shared cache of SDKs and base systems stays
	rm -rf .build

prerequisites-%:
	@Tools/prerequisites $*
