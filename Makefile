# Everything stays in this folder: .venv, .venv-2.11, .airflow, .demo, .cache. Needs Python 3.11 or later, git and make.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

first = $(firstword $(foreach name,$(1),$(if $(shell command -v $(name)),$(name))))
PYTHON ?= $(call first,python3.11 python3.12 python3.13 python3)
PYTHON_2_11 ?= $(call first,python3.11 python3.12 python3)

VENV := .venv
VENV_2_11 := .venv-2.11
BIN := $(CURDIR)/$(VENV)/bin
BIN_2_11 := $(CURDIR)/$(VENV_2_11)/bin
# What `make demo AIRFLOW=...` runs on.
AIRFLOW ?= 3
venv_3 := $(VENV)
venv_2.11 := $(VENV_2_11)
DEMO_VENV := $(or $(venv_$(AIRFLOW)),unknown-airflow)
# One worker a core, a module of tests at a time, in order: the slow ones, which mostly wait for Airflow, come first.
PYTEST := -m pytest -n logical --dist loadfile --no-loadscope-reorder -p no:cacheprovider
EXAMPLES ?= 5000
LONG_TESTS := $(addprefix tests/unit/x12/test_,round_trip.py invoice_round_trip.py shipment_round_trip.py \
    change_round_trip.py change_chain.py changed_bytes.py other_parsers.py)
SOURCES := airflow_provider_sagex3_cleo dags demo tests benchmarks

# A home that is missing, empty or read-only must not matter.
export AIRFLOW_HOME := $(CURDIR)/.airflow
export PIP_CACHE_DIR := $(CURDIR)/.cache/pip
export XDG_CACHE_HOME := $(CURDIR)/.cache
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore
export PYTHONNOUSERSITE := 1

.PHONY: help setup demo test test-long check bench bench-x12 clean

help: ## Show what can be made
	@sed -nE 's/^([a-z0-9-]+):[^#]*## (.*)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name words; do printf '  make %-9s %s\n' "$$name" "$$words"; done

setup: $(VENV)/.ready ## Make .venv with Airflow 3 and this package (quick when it is there)
	@:

demo: $(DEMO_VENV)/.ready ## Run every DAG on a real Airflow, from a fake Sage X3 to a fake Cleo (AIRFLOW=2.11, KEEP=1)
	@"$(CURDIR)/$(DEMO_VENV)/bin/python" -m demo.run $(if $(KEEP),--keep)

test: check $(VENV_2_11)/.ready ## Run all checks and all tests, on Airflow 3 and on Airflow 2.11
	@echo "Tests that depend on the release of Airflow or SQLAlchemy, on Airflow 2.11:"
	@AIRFLOW_HOME="$(CURDIR)/.airflow-2.11" "$(BIN_2_11)/python" $(PYTEST) tests/airflow tests/ledger tests/meta/test_wheel.py
	@echo "All tests, on Airflow 3:"
	@"$(BIN)/python" $(PYTEST)

test-long: setup ## Round trips of documents through X12 with EXAMPLES=5000 each, where `make test` tries a slice
	@EDI_EXAMPLES="$(EXAMPLES)" "$(BIN)/python" $(PYTEST) $(LONG_TESTS)

check: setup ## Lint, format, types, and the walls between the rooms
	@"$(BIN)/ruff" check -q $(SOURCES)
	@"$(BIN)/ruff" format -q --check $(SOURCES)
	@"$(BIN)/mypy"
	@"$(BIN)/lint-imports" --no-cache | tail -n 1

bench: setup ## Measure speed and memory; prints the figures, keeps them in benchmarks/results
	@"$(BIN)/python" -m benchmarks

bench-x12: setup ## Measure the X12 engine, and which faults it and other open parsers find
	@"$(BIN)/python" -m benchmarks.scoreboard

clean: ## Remove everything that was made here
	@rm -rf $(VENV) $(VENV_2_11) .airflow .airflow-2.11 .demo .cache build dist *.egg-info .hypothesis
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache benchmarks/results
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.ready: pyproject.toml constraints/airflow-3.txt
	@echo "Setting up $(VENV) with Airflow 3 (a few minutes the first time) ..."
	@"$(PYTHON)" -c 'import sys; sys.exit("Python 3.11 or later is needed") if sys.version_info < (3, 11) else None'
	@test -x "$(BIN)/python" || "$(PYTHON)" -m venv $(VENV)
	@"$(BIN)/python" -m pip install -qq -c constraints/airflow-3.txt -e '.[dev]'
	@touch $@

unknown-airflow/.ready:
	@echo "AIRFLOW=$(AIRFLOW): there is no such demo; say AIRFLOW=3 (the default) or AIRFLOW=2.11" >&2; exit 2

$(VENV_2_11)/.ready: pyproject.toml constraints/airflow-2.11.txt
	@echo "Setting up $(VENV_2_11) with Airflow 2.11 (a few minutes the first time) ..."
	@"$(PYTHON_2_11)" -c 'import sys; sys.exit("Airflow 2.11 needs Python 3.11 or 3.12; name one by PYTHON_2_11=...") if sys.version_info[:2] not in {(3, 11), (3, 12)} else None'
	@test -x "$(BIN_2_11)/python" || "$(PYTHON_2_11)" -m venv $(VENV_2_11)
	@"$(BIN_2_11)/python" -m pip install -qq -c constraints/airflow-2.11.txt -e '.[test]'
	@touch $@
