# Rollbook. `make run` needs Python 3.11 or newer, and nothing else. A bare `make` lists the targets.
PYTHON ?= python3
VENV := .venv
PIP := $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help run

help:  ## List what make can do
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/local  ## Start the application on the local stack: demo data, a stand-in for AWS, a mailbox
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

quick test: export PYTHONDONTWRITEBYTECODE :=
# Some images set it. Then every process, and each local stack of a test, compiles the project anew.

.PHONY: quick test check format bench lighthouse compare package routes lock
quick: $(VENV)/dev  ## The tests that need no AWS, in half a minute
	@$(VENV)/bin/python -m tests.quick

test: $(VENV)/dev  ## The whole suite, with the reason for every test that did not run
	@$(VENV)/bin/python -m tests.provide
	@$(VENV)/bin/python -m pytest -rsfE -n 4 --dist loadscope --no-loadscope-reorder

check: $(VENV)/dev  ## Lint, format, types, the imports between floors and the names
	@$(VENV)/bin/ruff check
	@$(VENV)/bin/ruff format --check
	@$(VENV)/bin/mypy
	@$(VENV)/bin/python -m pytest tests/test_architecture.py tests/test_names.py tests/test_tree.py

format: $(VENV)/dev  ## Sort imports, format, and mend what the linter can mend
	@$(VENV)/bin/ruff check --fix
	@$(VENV)/bin/ruff format

bench: $(VENV)/dev  ## Measure the figures: a table, and bench/results.json
	@$(VENV)/bin/python -m tests.provide
	@$(VENV)/bin/python -m bench

lighthouse: $(VENV)/dev  ## Have Lighthouse look at the public pages as on a phone: four categories, and what they load
	@$(VENV)/bin/python -m tests.provide
	@$(VENV)/bin/python -m bench.lighthouse

compare: $(VENV)/dev  ## Have pretix and Rollbook do the same work in one run: a table, and bench/pretix/results.json
	@$(VENV)/bin/python -m bench.pretix

routes: $(VENV)/dev  ## Write the routes as data, after an endpoint or a page was declared
	@$(VENV)/bin/python -m infra.routes

lock: $(VENV)/dev  ## Write requirements.lock, after requirements.txt was changed: the versions that the tests use
	@$(PIP) pip-tools==7.6.2
	@mkdir -p build && $(VENV)/bin/python -m pip freeze > build/tested.txt
	@$(VENV)/bin/python -m piptools compile --quiet --generate-hashes --strip-extras --no-header --no-annotate --no-emit-index-url \
		--no-emit-find-links --no-emit-trusted-host --constraint build/tested.txt -o requirements.lock requirements.txt

package: $(VENV)/dev  ## Build what a deployment uploads, in build/, with its size and start-up time
	@$(VENV)/bin/python -m infra package $(if $(STAGE),--stage $(STAGE))

.PHONY: deploy destroy
deploy: $(VENV)/local  ## Deploy a stage: make deploy STAGE=prod SET="Sender=bookings@example.org"
	@$(VENV)/bin/python -m infra deploy --stage $(or $(STAGE),$(error Which stage? make deploy STAGE=prod)) $(foreach pair,$(SET),--set $(pair)) $(if $(YES),--yes)

destroy: $(VENV)/local  ## Remove a stage's application; what people have entered stays
	@$(VENV)/bin/python -m infra destroy --stage $(or $(STAGE),$(error Which stage? make destroy STAGE=prod)) $(if $(YES),--yes)
