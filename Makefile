# Everything that is needed is made on the way: `make demo`, `make test` and `make lint` work
# in a fresh clone on a machine with Python 3.11 or later, git and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
OUT ?= demo-output
NEEDS := pyproject.toml constraints.txt

.DEFAULT_GOAL := help
.PHONY: help demo test lint docs clean

help:  ## say what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*##/  make \1\t/'

demo: $(VENV)/.core  ## make a digital patient, analyse it, write its report to demo-output/
	$(BIN)/gliokit demo --out $(OUT)

test: $(VENV)/.dev  ## run all tests
	$(BIN)/python -m pytest -n 2 --dist loadfile

lint: $(VENV)/.dev  ## check style, types and architecture
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(VENV)/.dev  ## fill in the figures of the docs from results/
	$(BIN)/python docs/generate.py

clean:  ## remove what was made, .venv too
	rm -rf $(VENV) $(OUT) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "gliokit needs Python 3.11 or later; $(PYTHON) is" \
	    "$$($(PYTHON) --version 2>&1). Name another one: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.core: $(NEEDS) | $(BIN)/python
	$(PIP) install --quiet -c constraints.txt -e .
	@touch $@

$(VENV)/.dev: $(NEEDS) | $(BIN)/python
	$(PIP) install --quiet -c constraints.txt -e ".[dev,train]"
	@touch $@ $(VENV)/.core
