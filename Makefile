# Everything a newcomer needs: `make run` and `make test`. Nothing has to be installed before them
# but Python >= 3.11, make and git.
.DEFAULT_GOAL := help
.PHONY: help setup run demo test test-fast lint format types arch browser bench ci clean

PYTHON ?= python3
BIN := .venv/bin
FRONT := $(shell find frontend -type f -not -path '*/node_modules/*' 2>/dev/null) $(shell find templates -name '*.html' 2>/dev/null)
PYTEST := $(BIN)/python -m pytest

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

setup: .venv/ready market/web/static/manifest.json ## the environment and the front end

.venv/ready: requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed: make setup PYTHON=python3.x" if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check --require-hashes -r requirements/dev.txt
	touch $@

# The machine's Node if it is recent enough, else the one that comes as a Python package.
frontend/node_modules/.ready: frontend/package-lock.json | .venv/ready
	@if node -e 'process.exit(+process.versions.node.split(".")[0] < 20)' 2>/dev/null; then :; else \
	  echo "no Node >= 20 here: taking the one packaged for Python"; \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/node.txt; fi
	PATH="$$( node -e 'process.exit(+process.versions.node.split(".")[0] < 20)' 2>/dev/null || echo "$(CURDIR)/$(BIN):" )$$PATH" \
	  npm ci --prefix frontend --no-audit --no-fund --loglevel=error
	touch $@

market/web/static/manifest.json: frontend/node_modules/.ready $(FRONT)
	PATH="$$( node -e 'process.exit(+process.versions.node.split(".")[0] < 20)' 2>/dev/null || echo "$(CURDIR)/$(BIN):" )$$PATH" \
	  node frontend/build.mjs
	touch $@

run: setup ## the demonstration market on http://127.0.0.1:8000
	$(BIN)/python -m market demo
	$(BIN)/python -m market serve

demo: setup ## build the demonstration market anew
	$(BIN)/python -m market demo --fresh

test: setup ## all tests, browser journeys included where there is a Chromium
	$(PYTEST) -n 2 tests

test-fast: setup ## the pure rules only: seconds
	$(PYTEST) -q tests -m "not browser" -k "rules or kernel"

lint: format types arch ## ruff, types, architecture

format: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup ## mypy alone
	$(BIN)/mypy

arch: setup ## who may import whom
	$(BIN)/lint-imports

browser: setup ## the journeys in Chromium alone
	$(PYTEST) -q tests/browser

bench: setup ## all speed measurements
	$(BIN)/python -m market bench all

ci: ## exactly what the continuous integration runs
	bash .ci/run

clean: ## forget the demonstration, the environment and the front end
	rm -rf .venv var frontend/node_modules market/web/static
