.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Tasks start fast only from compiled bytecode.
unexport PYTHONDONTWRITEBYTECODE
export UV_LINK_MODE := copy

.PHONY: help setup demo up down status test lint format lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

setup: $(STAMP) ## create the environment from the hash-pinned lock

$(STAMP): requirements.lock requirements-uv.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) or sys.version_info >= (3, 14))' || \
		{ echo "Python 3.11, 3.12 or 3.13 is needed, $(PYTHON) is $$($(PYTHON) --version 2>&1): make setup PYTHON=python3.12" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
		{ echo "$(PYTHON) cannot make a virtual environment: install its venv module (Debian: apt install python3-venv)" >&2; exit 1; }
	@$(BIN)/python -m pip install -q --require-hashes -r requirements-uv.lock
	@$(BIN)/uv pip sync -q --python $(BIN)/python --require-hashes --compile-bytecode requirements.lock requirements-uv.lock
	@$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

demo: setup ## start everything, run three days, show what landed
	@$(BIN)/python -m include.cli demo

up: setup ## start PostgreSQL and Airflow
	@$(BIN)/python -m include.cli up

down: ## stop them; no data is lost
	@test ! -x $(BIN)/python || $(BIN)/python -m include.cli down

status: setup ## health of each service
	@$(BIN)/python -m include.cli status

test: setup ## the whole test suite, on servers of its own
	@$(BIN)/python -m pytest

lint: setup ## style, types, SQL
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/sqlfluff lint analytics_platform/models analytics_platform/tests analytics_platform/analyses

format: setup ## put everything in the one style
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@$(BIN)/sqlfluff fix analytics_platform/models analytics_platform/tests analytics_platform/analyses

lock: ## make the hash-pinned locks
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url requirements.in -o requirements.lock
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url benchmarks/requirements.in -o benchmarks/requirements.lock
	@echo uv | $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header - -o requirements-uv.lock

clean: down ## stop everything and remove all state but files that were not generated; the environment stays
	@rm -rf .fso reports .pytest_cache .mypy_cache .ruff_cache analytics_platform/target analytics_platform/logs
	@test ! -x $(BIN)/python || $(BIN)/python -c "from database.raw_zone import remove_generated; from include.settings import \
		PROJECT_DIR, location; remove_generated(location('database/mock_data', PROJECT_DIR))"
