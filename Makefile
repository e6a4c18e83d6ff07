# Everything runs from .venv at the repository's root; nothing but Python 3.11+ and make is needed.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# `make demo DOCUMENTS=1` runs the first document only; empty runs all of examples/documents.
DOCUMENTS ?=
OUT ?= runs/demo

.PHONY: help setup setup-dev demo test lint bench lock clean

help:  ## List the targets
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "autodata needs Python 3.11 or newer; name one with: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	@$(PYTHON) -m venv .venv

.venv/setup.done: .venv/bin/python requirements.lock pyproject.toml
	@echo "Setting up .venv (once) ..."
	@$(PIP) install -qq --require-hashes -r requirements.lock
	@$(PIP) install -qq --no-deps --no-build-isolation -e .
	@touch $@

.venv/setup-dev.done: .venv/setup.done requirements-dev.lock
	@echo "Setting up the development tools (once) ..."
	@$(PIP) install -qq --require-hashes -r requirements-dev.lock
	@touch $@

setup: .venv/setup.done  ## Install what running needs, the embedded models' server included

setup-dev: .venv/setup-dev.done  ## Install the development tools too

demo: setup  ## Run the whole loop on the example documents with real models on this CPU
	@$(BIN)/autodata demo --out $(OUT) $(if $(DOCUMENTS),--documents $(DOCUMENTS))

test: setup-dev  ## Run the tests
	@$(BIN)/pytest -n auto --dist worksteal

lint: setup-dev  ## Run ruff and mypy
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: setup-dev  ## Time the loop against the project's own simulated server
	@$(BIN)/python -m evals.bench

lock: setup-dev  ## Resolve the locked versions anew (needs uv: pip install uv)
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --no-annotate --upgrade --extra dev --extra local --extra postgres pyproject.toml -o requirements-dev.lock
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --no-annotate -c requirements-dev.lock --extra local --extra build pyproject.toml -o requirements.lock

clean:  ## Remove .venv and caches; runs and downloaded models stay
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
