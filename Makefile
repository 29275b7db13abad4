# Parity from a clean clone: `make size` and `make test` need nothing but Python 3.12 or newer.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

AREA ?= lsc
YEAR ?= 2016/17
BUDGET ?= 6 min
BIN := .venv/bin
STAMP := .venv/.made-from-the-lock

.PHONY: help setup size board test verify dieharder bench lint format docs doctor

help: ## what there is to make
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

setup: $(STAMP) ## make .venv with everything in the lock (once)

# Python: the one of .python-version when pyenv has it, else the newest on the path.
$(STAMP): pyproject.toml requirements.lock
	@wanted=$$(cat .python-version); \
	found=; \
	if command -v pyenv >/dev/null 2>&1; then \
	    version=$$(pyenv latest "$$wanted" 2>/dev/null || true); \
	    if [ -n "$$version" ]; then found="$$(pyenv root)/versions/$$version/bin/python3"; fi; \
	fi; \
	for python in $$found "python$$wanted" python3.13 python3.12 python3 python; do \
	    if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1; then break; fi; \
	    python=; \
	done; \
	if [ -z "$$python" ]; then \
	    echo "Parity needs Python 3.12 or newer and found none (looked for pyenv $$wanted, python$$wanted, python3.12, python3)." >&2; \
	    echo "Install one, put it on the PATH, and run make again." >&2; \
	    exit 1; \
	fi; \
	if ! $(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1; then \
	    "$$python" -m venv --clear .venv; \
	fi
	@echo "Installing the lock into .venv (half a minute or so) ..." >&2
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

size: setup ## size every team of the area (AREA=lsc YEAR=2016/17 BUDGET="6 min")
	$(BIN)/parity size --area $(AREA) --year $(YEAR) --budget "$(BUDGET)"

board: setup ## the board on one page (AREA=lsc): reality, apportioned against demand, risk, what to do
	$(BIN)/parity board --area $(AREA) --out results/board

test: setup ## the quick tests, the dependency arrows and the style
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m pytest -m "not verify"

verify: setup dieharder ## slow statistical checks against theory, rival programs and a battery for luck
	$(BIN)/python -m pytest -m verify

# The battery for random numbers is a program of its own, not a Python library.
dieharder:
	@if ! command -v dieharder >/dev/null 2>&1; then \
	    if command -v apt-get >/dev/null 2>&1 && [ "$$(id -u)" = 0 ]; then \
	        apt-get update -qq && apt-get install -y -qq --no-install-recommends dieharder >/dev/null; \
	    else \
	        echo "make verify needs dieharder, the battery for random numbers. Install it (Debian: apt-get install dieharder; macOS: brew install dieharder; conda-forge has it too) and run make again." >&2; \
	        exit 1; \
	    fi; \
	fi

bench: setup ## speed beside other programs and beside the machine, written into docs/performance.md
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --requirement requirements-bench.lock \
	    || echo "Starsim and LASER do not install here: the tables will say so." >&2
	$(BIN)/python -m experiments.bench --write

lint: setup ## style, types of the public surface, dependency arrows
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: setup ## put the code into its format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: setup ## check the documentation: links, commands, and its Python runs
	$(BIN)/python -m pytest tests/test_docs.py

doctor: setup ## is this installation sound?
	$(BIN)/parity doctor
