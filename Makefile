# Everything a person does with this project. `make` alone lists it.
.DEFAULT_GOAL := help
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
# Much of a test is waiting: more workers than processors.
TESTERS ?= 4
CLIENT_SOURCES := $(shell find clients -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help run test check setup clients schemas fuzz prove simulate mutants bench lock format clean doctor

help: ## this list
	@echo "CAS, the Crime Alarm System"; echo
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' \
		| while IFS="$$(printf '\t')" read -r name text; do printf '  make %-9s %s\n' "$$name" "$$text"; done

run: setup clients ## set everything up and run it at http://127.0.0.1:8000; Ctrl-C stops it
	@exec $(BIN)/cas up

test: setup clients ## all tests: real PostGIS, real sockets, a real browser
	@$(BIN)/python -m pytest -n $(TESTERS) --dist loadgroup
	@cd clients && npm run --silent test

check: setup clients/node_modules/.ready ## format, lint, types, layers, schemas
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/bandit --quiet --configfile pyproject.toml --recursive cas_server deploy
	@$(BIN)/cas schemas --check
	@cd clients && npm run --silent check

setup: $(VENV)/.ready ## the virtual environment, from requirements.lock
$(VENV)/.ready: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "CAS needs Python 3.11 or newer: install python3 (Debian: apt install python3 python3-venv)"; exit 1; }
	@test -x $(BIN)/python || { echo "[1/4] making $(VENV) with $$($(PYTHON) --version)"; \
		$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Python's venv is missing: apt install python3-venv"; exit 1; }; }
	@echo "[2/4] installing what requirements.lock names"
	@test -x $(BIN)/uv || { sed -n '/^uv==/,/^[^ ]/p' requirements.lock | sed '$$d' > $(VENV)/uv.lock; \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.lock; }
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip install --quiet --require-hashes -r requirements.lock
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

clients: clients/.built ## build the web clients
clients/node_modules/.ready: clients/package-lock.json $(VENV)/.ready
	@echo "[3/4] fetching what the web clients are built with"
	@cd clients && npm ci --silent --no-audit --no-fund
	@touch $@
clients/.built: $(filter-out clients/.built,$(CLIENT_SOURCES)) clients/node_modules/.ready
	@echo "[4/4] building the web clients"
	@cd clients && npm run --silent build > .build.log 2>&1 || { cat .build.log; exit 1; }
	@touch $@

schemas: setup clients/node_modules/.ready ## write schemas/ and the clients' types from the models
	@$(BIN)/cas schemas
	@cd clients && npm run --silent types

FUZZ ?= 100
fuzz: setup ## random requests of every role against every route; FUZZ=1000 for longer
	@$(BIN)/python -m tests.fuzz --examples $(FUZZ)

SEEDS ?= 130
FIRST ?= 0
MINUTES ?= 60
prove: setup ## break it on purpose, seed by seed; SEEDS= FIRST= MINUTES=, or SEED=7 for that one
	@$(BIN)/python -m tests.crash --minutes $(MINUTES) \
		$(if $(SEED),--seed $(SEED),--first $(FIRST) --seeds $(SEEDS))

COUNT ?= 1000
JOBS ?= 1
simulate: setup ## hours of duty in seconds, seed by seed; COUNT= JOBS= FIRST=, PURE=100000, or SEED=7
	@$(BIN)/python -m tests.simulation \
		$(if $(PURE),--first $(FIRST) --jobs $(JOBS) --pure $(PURE),)$(if $(PURE)$(SEED),,--first $(FIRST) --count $(COUNT) --jobs $(JOBS) --minutes $(MINUTES)) \
		$(if $(SEED),--seed $(SEED))

mutants: setup ## change the decisions one expression at a time: do the pure tests notice?
	@folder=$$(mktemp -d) && mkdir $$folder/tests && cp -r cas_server $$folder/ \
		&& cp -r tests/pure tests/__init__.py $$folder/tests/ \
		&& cp tests/simulation/mutants_conftest.py $$folder/tests/conftest.py \
		&& cp tests/simulation/mutants.cfg $$folder/setup.cfg \
		&& cd $$folder && $(CURDIR)/$(BIN)/mutmut run --max-children $(TESTERS) && $(CURDIR)/$(BIN)/mutmut results

bench: setup ## every benchmark, one after another
	@for name in press walls flood reach deadlines fixes nearest fanout idle memory restart isolation growth; \
		do $(BIN)/cas bench $$name || exit 1; done

doctor: setup ## what is wrong with this installation, and how to mend it
	@$(BIN)/cas doctor

format: setup clients/node_modules/.ready ## format everything
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix-only --quiet .
	@cd clients && npm run --silent format

lock: setup ## write requirements.lock anew from pyproject.toml
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip compile --quiet --universal --generate-hashes --all-extras \
		--python-version 3.11 --no-header pyproject.toml -o requirements.lock

clean: ## remove what was built here (the data of `make run` stays)
	@rm -rf $(VENV) clients/node_modules clients/.built clients/*/dist .mypy_cache .ruff_cache .pytest_cache
