# Rollbook. `make run` needs Python 3.11 or newer and nothing else.
PYTHON ?= python3
VENV := .venv
PIP := $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := run
.PHONY: run

run: $(VENV)/local  ## Start the application with its own little AWS and a mailbox
	@$(VENV)/bin/python -m infra.local

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Rollbook needs Python 3.11 or newer: make PYTHON=python3.11")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/local: requirements.txt requirements-local.txt | $(VENV)/bin/python
	@echo "Installing what the local stack needs into $(VENV) (once) ..."
	@$(PIP) -r requirements-local.txt
	@touch $@

$(VENV)/dev: $(VENV)/local requirements-dev.txt
	@echo "Installing what tests and checks need into $(VENV) (once) ..."
	@$(PIP) -r requirements-dev.txt
	@touch $@

.PHONY: test check bench package
test: $(VENV)/dev  ## The whole suite; says which tests did not run and why
	@$(VENV)/bin/python -m tests.provide
	@$(VENV)/bin/python -m pytest -rsfE -n 2 --dist loadscope --no-loadscope-reorder

check: $(VENV)/dev  ## Lint, format, types, the arrows between rooms
	@$(VENV)/bin/ruff check
	@$(VENV)/bin/ruff format --check
	@$(VENV)/bin/mypy
	@$(VENV)/bin/python -m pytest tests/test_arrows.py

bench: $(VENV)/dev  ## The figures, as a table and bench/results.json
	@$(VENV)/bin/python -m tests.provide
	@$(VENV)/bin/python -m bench

package: $(VENV)/dev  ## What a deployment uploads, in build/, with its size and how long it takes to start
	@$(VENV)/bin/python -m infra package $(if $(STAGE),--stage $(STAGE))

.PHONY: deploy destroy
deploy: $(VENV)/local  ## Deploy a stage: make deploy STAGE=prod SET="Sender=bookings@example.org"
	@$(VENV)/bin/python -m infra deploy --stage $(or $(STAGE),$(error Which stage? make deploy STAGE=prod)) $(foreach pair,$(SET),--set $(pair)) $(if $(YES),--yes)

destroy: $(VENV)/local  ## Take a stage's application away; what people have entered stays
	@$(VENV)/bin/python -m infra destroy --stage $(or $(STAGE),$(error Which stage? make destroy STAGE=prod)) $(if $(YES),--yes)
