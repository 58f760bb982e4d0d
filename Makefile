# Everything a person or CI runs. Set-up happens by itself, once, into .venv.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ROOMS := flows tasks schemas expectations warehouse
# One more than the cores of a small machine: a test that waits for a service leaves its core idle.
WORKERS ?= 3
export PREFECT_SERVER_ANALYTICS_ENABLED := false
export DO_NOT_TRACK := 1
export GX_ANALYTICS_ENABLED := false

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev system demo test check format bench soak golden docs lock clean

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | column -t -s "$$(printf '\t')"

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if (3, 11) <= v[:2] < (3, 14) else f"Python 3.11 to 3.13 is needed; {sys.executable} is {v[0]}.{v[1]}. Run make PYTHON=python3.12 (or 3.11, 3.13).")'
	@echo "Making $(VENV)"
	@$(PYTHON) -m venv $(VENV)

# --no-deps: the files are whole closures (see docs/decisions/0002-pinned-requirements.md).
$(VENV)/.runtime: requirements/runtime.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing pinned requirements (about a minute on a new machine)"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements/runtime.txt
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.runtime
	@echo "Installing what tests and checks need"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements/dev.txt
	@touch $@

setup: $(VENV)/.runtime ## Install what the pipeline needs into .venv

setup-dev: $(VENV)/.dev ## Install what tests and checks need as well

system: ## Install the Debian packages some tests need (PostgreSQL, Chromium), when root
	@bash tests/system_packages.sh

demo: setup ## Invented returns for 17 authorities through the whole pipeline, by events
	@$(BIN)/sfp demo

test: setup-dev system ## All tests
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

check: setup-dev ## Format, lint, types, rooms
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: setup-dev ## Let ruff rewrite what it can
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: setup-dev ## Timings, printed with ratios
	@$(BIN)/python -m benchmarks

soak: setup-dev ## Long fault proofs, figures printed
	@$(BIN)/python -m benchmarks.soak
	@$(BIN)/python -m pytest -m soak -s tests/operations tests/boundaries tests/flows/test_demo.py

golden: setup-dev ## Renew the stored tables of the synthetic quarter; read the difference before you commit it
	@$(BIN)/python -m tests.golden.renew

docs: setup-dev ## Print the pages that are made from declarations and spec tests
	@$(BIN)/python -m tests.support.pages

lock: ## Renew requirements/*.txt from the .in files (needs uv on the path)
	uv pip compile --universal --python-version 3.11 --override requirements/overrides.txt --generate-hashes --no-emit-index-url --no-header --no-annotate requirements/runtime.in -o requirements/runtime.txt
	uv pip compile --universal --python-version 3.11 --override requirements/overrides.txt --generate-hashes --no-emit-index-url --no-header --no-annotate requirements/runtime.in requirements/dev.in -c requirements/runtime.txt -o requirements/dev.txt

clean: ## Remove what make made (not var/)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
