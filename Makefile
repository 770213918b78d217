# One word per chore. Needs GNU make, git and Python 3.11 or newer with its venv module; no root, no compiler.

PYTHON ?= python3
AREA ?= demo
HISTORIES ?= 100000
KILLS ?= 200
SECONDS ?= 600
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# Compiled files make every start faster; an environment that forbids them means its own interpreter, not this one.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test test-long test-kills test-soak test-ray check bench lock clean
.DELETE_ON_ERROR:

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.demo  ## the whole floor on real flights (ARGS="..." goes to pressroom demo)
	@$(BIN)/pressroom demo $(ARGS)

test: $(VENV)/.test  ## every test, on both cores (ARGS="..." goes to pytest)
	@$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

test-long: $(VENV)/.test  ## offline and online against plain Python over many histories (HISTORIES=100000)
	@PRESSROOM_PARITY=$(HISTORIES) $(BIN)/python -m pytest tests/features/test_parity_histories.py $(ARGS)

test-kills: $(VENV)/.test  ## a training that is killed KILLS=200 times, worker or driver
	@PRESSROOM_KILLS=$(KILLS) $(BIN)/python -m pytest tests/stories/test_kills.py $(ARGS)

test-soak: $(VENV)/.test  ## a hundred swaps under load, then minutes of requests and pushes (SECONDS=600)
	@PRESSROOM_SWAPS=100 PRESSROOM_SOAK_S=$(SECONDS) $(BIN)/python -m pytest tests/stories/test_swaps.py tests/stories/test_soak.py $(ARGS)

test-ray: $(VENV)/.test  ## the tests that start a Ray cluster of two nodes on this machine
	@$(BIN)/python -m pytest -m ray tests/backends/ray $(ARGS)

check: $(VENV)/.test  ## style, types and floors, without the tests
	@$(BIN)/ruff check $(wildcard src tests benchmarks)
	@$(BIN)/ruff format --check $(wildcard src tests benchmarks)
	@$(BIN)/basedpyright src
	@$(BIN)/lint-imports

bench: $(VENV)/.test  ## ours against the physical limit (AREA=demo; ARGS="--json FILE")
	@$(BIN)/python -m benchmarks $(AREA) $(ARGS)

lock:  ## pin and hash the requirements again after a change of pyproject.toml (needs uv)
	@command -v uv >/dev/null || { echo "Pinning needs uv. Install it (pip install uv), then try again." >&2; exit 1; }
	@requirements/lock.sh $(ARGS)

clean:  ## remove what the others made: .venv, caches, pressroom-demo
	@rm -rf $(VENV) dist pressroom-demo .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	@find src tests $(wildcard benchmarks) -name __pycache__ -type d -prune -exec rm -rf {} +

# An installed set is stamped: a second run installs nothing until the requirements or pyproject.toml change.

$(VENV)/.demo: requirements/demo.txt pyproject.toml | $(BIN)/python
	@echo "Installing what the demo needs into $(VENV) (once, about a minute) ..."
	@$(INSTALL) --require-hashes --requirement requirements/demo.txt
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.test: requirements/test.txt requirements/torch.txt pyproject.toml | $(BIN)/python
	@echo "Installing what the tests need into $(VENV) (once, about a minute) ..."
	@$(INSTALL) --require-hashes --requirement requirements/test.txt
	@$(INSTALL) --no-deps --require-hashes --requirement requirements/torch.txt 2>/dev/null || \
		echo "There is no CPU build of PyTorch to install here: its tests are skipped."
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.demo

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "Pressroom needs Python 3.11 or newer. Say where one is: make demo PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "This Python has no venv module. Install it (on Debian the package python3-venv), then try again." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }
