# KONNECT: everything that one does with it. `make help` lists the targets.

SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The peers that the portal is measured against live apart from it.
PEERS := .venv-bench
PIP := $(BIN)/python -m pip --disable-pip-version-check
# --no-compile: most modules are never imported, the others are compiled when they are.
INSTALL := $(PIP) install --quiet --no-compile --require-hashes
LOCK := var/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header
# Between two tests tables are empty: PostgreSQL would count that, and then join all with all.
TEST_SERVERS := KONNECT_DATA_DIR=var/test KONNECT_POSTGRES_OPTIONS="-c autovacuum=off" $(BIN)/python -m konnect.embedded run --
# Tests that empty tables come after those that take back what they wrote, in every worker: the
# group that kills processes does not go first because it is large.
IN_WORKERS := -n 3 --dist loadgroup --no-loadscope-reorder
# What `manage.py check --deploy` looks at: a production environment with nothing secret in it.
PRODUCTION_LIKE := KONNECT_ENVIRONMENT=production ALLOWED_HOSTS=konnect.example \
	SECRET_KEY=for-the-checks-only-$$(printf '0123456789abcdef%.0s' 1 2 3 4) \
	DATABASE_URL=postgres://konnect@database/konnect REDIS_URL=redis://broker/0 \
	SITE_URL=https://konnect.example EMAIL_URL=smtp+tls://mail.example:587

.PHONY: help
help: ## List what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' \
		| awk -F'\t' '{ printf "  make %-12s %s\n", $$1, $$2 }'

.PHONY: demo
demo: $(VENV)/base.stamp ## Run the whole portal here, with invented people; Ctrl-C stops it
	@$(BIN)/python -m konnect.supervisor

.PHONY: stop
stop: $(VENV)/base.stamp ## Stop the portal and whatever a crashed run left behind
	@$(BIN)/python -m konnect.supervisor stop
	@KONNECT_DATA_DIR=var/test $(BIN)/python -m konnect.embedded stop

.PHONY: test
test: $(VENV)/test.stamp $(VENV)/browser.stamp ## Run all the tests; TESTS=path runs some
	@$(BIN)/python manage.py messages --compile >/dev/null
	$(TEST_SERVERS) $(BIN)/python -m pytest $(IN_WORKERS) -q $(TESTS)

.PHONY: check
check: $(VENV)/test.stamp lint types contracts migrations deploy templates translations description ## Run every check that is not a test

.PHONY: lint
lint: $(VENV)/test.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	git ls-files -- '*.py' ':!*/migrations/*' | xargs $(BIN)/django-upgrade --target-version 5.2 --check

.PHONY: types
types: $(VENV)/test.stamp
	$(BIN)/mypy

.PHONY: contracts
contracts: $(VENV)/test.stamp
	$(BIN)/lint-imports

.PHONY: migrations
migrations: $(VENV)/test.stamp
	$(TEST_SERVERS) $(BIN)/python manage.py makemigrations --check --dry-run

.PHONY: deploy
deploy: $(VENV)/test.stamp
	$(PRODUCTION_LIKE) $(BIN)/python manage.py check --deploy --fail-level WARNING

.PHONY: templates
templates: $(VENV)/test.stamp
	git ls-files -- 'templates/*.html' 'templates/*.txt' | xargs $(BIN)/djade --target-version 5.2 --check
	@! git grep -nE '\{% blocktrans(late)? ' -- templates | grep -v trimmed \
		|| { echo "Write {% blocktranslate trimmed %}: line breaks do not belong in messages."; exit 1; }

.PHONY: translations
translations: $(VENV)/test.stamp
	$(BIN)/python manage.py messages --check

.PHONY: description
description: $(VENV)/test.stamp
	$(BIN)/python manage.py spectacular --validate --fail-on-warn --file $(or $(TMPDIR),/tmp)/konnect-api.yml

# FUZZ_EXAMPLES: how many requests an operation gets, each with and without mistakes.
.PHONY: test-api fuzz-api
test-api: $(VENV)/test.stamp ## Test the API alone, with a short run of schemathesis
	$(TEST_SERVERS) $(BIN)/python -m pytest -q -n 2 tests/konnect/test_api*.py tests/matching/test_api*.py

FUZZ_EXAMPLES ?= 300
fuzz-api: $(VENV)/test.stamp ## Ask the API everything that schemathesis thinks of, for an hour or so
	FUZZ_EXAMPLES=$(FUZZ_EXAMPLES) $(TEST_SERVERS) $(BIN)/python -m pytest -q -n0 tests/konnect/test_api_fuzz.py

.PHONY: messages
messages: $(VENV)/test.stamp ## Bring the message catalogues up to the texts in the code
	$(BIN)/python manage.py messages --collect

.PHONY: format
format: $(VENV)/test.stamp ## Let the tools put the code and the templates in order
	git ls-files -- '*.py' ':!*/migrations/*' | xargs $(BIN)/django-upgrade --target-version 5.2 || true
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	git ls-files -- 'templates/*.html' 'templates/*.txt' | xargs $(BIN)/djade --target-version 5.2 || true

.PHONY: bench
bench: $(VENV)/test.stamp ## Measure the portal: pages, a run of 40,000 people, a worker that is killed
	@$(BIN)/python -m bench

# QUICK=1 takes minutes and proves nothing about large sizes; SPEED, EDIT, WRITE hand options on.
SPEED ?= $(if $(QUICK),--quick)
EDIT ?= $(if $(QUICK),--n 20000 --rounds 5)
WRITE ?= $(if $(QUICK),--lists 10000 --rounds 2)
.PHONY: bench-speed
bench-speed: $(PEERS)/bench.stamp ## Measure the speed of matching against peers; QUICK=1 takes minutes
	@$(PEERS)/bin/python -m bench.speed $(SPEED)
	@$(PEERS)/bin/python -m bench.edit $(EDIT)
	@$(PEERS)/bin/python -m bench.write $(WRITE)

.PHONY: bench-quality
bench-quality: $(VENV)/base.stamp ## Measure the quality of matching against published systems
	@$(BIN)/python -m bench.quality

.PHONY: screenshots
screenshots: $(VENV)/test.stamp $(VENV)/browser.stamp ## Take the pictures of the README
	$(BIN)/python scripts/screenshots.py

.PHONY: lock
lock: var/lock/bin/uv ## Choose the newest versions that fit requirements/*.in
	$(LOCK) $(UPGRADE) requirements/base.in --output-file requirements/base.txt
	$(LOCK) $(UPGRADE) requirements/test.in --output-file requirements/test.txt
	$(LOCK) $(UPGRADE) requirements/bench.in --output-file requirements/bench.txt

.PHONY: clean
clean: ## Remove the environment and all data of the demonstration and the tests
	@test ! -x $(BIN)/python || $(MAKE) --no-print-directory stop
	rm -rf $(VENV) $(PEERS) var staticfiles .mypy_cache .ruff_cache .import_linter_cache .hypothesis

# --- Set-up: each stamp says that one thing was done for the files named beside it ------------

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("KONNECT needs Python 3.11 or newer; name one with make PYTHON=...")'
	@echo "Creating $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)

$(VENV)/base.stamp: requirements/base.txt | $(BIN)/python
	@echo "Installing the requirements (a minute or two the first time) ..."
	@$(INSTALL) -r requirements/base.txt
	@touch $@

$(VENV)/test.stamp: requirements/test.txt requirements/base.txt | $(BIN)/python
	@echo "Installing the requirements of the tests (a minute or two the first time) ..."
	@$(INSTALL) -r requirements/test.txt
	@touch $@ $(VENV)/base.stamp

$(PEERS)/bin/python:
	@echo "Creating $(PEERS) ..."
	@$(PYTHON) -m venv $(PEERS)

$(PEERS)/bench.stamp: requirements/bench.txt | $(PEERS)/bin/python
	@echo "Installing the peers of the comparisons (a minute or two the first time) ..."
	@$(PEERS)/bin/python -m pip --disable-pip-version-check install --quiet --no-compile \
		--require-hashes -r requirements/bench.txt
	@touch $@

$(VENV)/browser.stamp: scripts/browser.py | $(VENV)/test.stamp
	@$(BIN)/python scripts/browser.py
	@touch $@

var/lock/bin/uv:
	@$(PYTHON) -m venv var/lock
	@var/lock/bin/python -m pip --disable-pip-version-check install --quiet uv
