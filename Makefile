# Every step that people and CI take, by one name each. `make help` lists them.

.DEFAULT_GOAL := help
.PHONY: help install dev dev-system demo test test-decisions test-long test-clients check check-lint check-format check-types \
	check-imports check-texts format bench screenshots package clean
SHELL := /bin/sh

# The first Python of 3.11 or newer that starts (a version manager's shim may exist and still not start).
ifndef PYTHON
PYTHON := $(shell for name in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { command -v "$$name"; break; }; done)
endif
ifeq ($(strip $(PYTHON)),)
$(error OrgMirror needs Python 3.11 or newer, and none was found. On Debian or Ubuntu: sudo apt-get install python3 python3-venv)
endif

BIN := .venv/bin
# One private session bus around the whole suite: without one Qt starts a stray daemon.
BUS := $(BIN)/python tools/in_session_bus.py
PYTEST := $(BUS) $(BIN)/python -m pytest

help: ## list these targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

install: ## make .venv and install OrgMirror into it
	@$(PYTHON) tools/bootstrap.py install

demo: ## open OrgMirror on a demo org of its own (in the terminal where there is no display)
	@$(PYTHON) tools/bootstrap.py demo $(ARGS)

dev:
	@$(PYTHON) tools/bootstrap.py install --dev

dev-system:
	@$(PYTHON) tools/bootstrap.py install --dev --with-tests

test: dev-system ## run the suite, without the long tests and the benchmarks
	$(PYTEST) -n 2 $(ARGS)

DECISIONS := core/sync/merge3.py,core/sync/push_plan.py,core/sync/push_errors.py,core/sync/push_values.py,core/sync/duplicates.py,core/mirror/outbox.py,core/mirror/entries.py

test-decisions: dev-system ## hold what decides about edits at 100 % branch coverage
	$(BUS) $(BIN)/coverage run --source=core.sync,core.mirror --data-file=.coverage.decisions -m pytest -q \
		tests/unit/push tests/unit/mirror/test_outbox.py tests/unit/mirror/test_outbox_histories.py
	$(BIN)/coverage report --data-file=.coverage.decisions --include='$(DECISIONS)' --show-missing --fail-under=100

test-long: dev-system ## run the tests that take minutes
	$(PYTEST) -m long --timeout=1800 $(ARGS)

test-clients: dev ## try jsforce, the sf command line and simple-salesforce against the demo org (needs Node 22)
	$(BIN)/python tests/clients/run.py $(ARGS)

check: check-lint check-format check-types check-imports check-texts ## lint, format, types, import contracts, translatable texts

check-lint: dev
	$(BIN)/ruff check .

check-format: dev
	$(BIN)/ruff format --check .

check-types: dev
	$(BIN)/mypy

check-imports: dev
	$(BIN)/lint-imports --no-cache

check-texts: dev
	$(BIN)/python tools/check_tr.py core gui

format: dev ## format the sources and mend what lint can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: dev-system ## measure the first load and the lists; prints the machine next to the figures
	$(PYTEST) -m bench --timeout=3600 -p no:randomly -s $(ARGS)

screenshots: dev-system ## take the pictures of docs/images from the running program
	$(BUS) $(BIN)/python tools/screenshots.py $(ARGS)

package: dev-system ## build the self-contained folder in dist/ (PyInstaller) and try it
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt pyinstaller
	$(BIN)/pyinstaller --noconfirm --clean packaging/orgmirror.spec
	$(BIN)/python packaging/smoke_test.py dist/orgmirror

clean: ## remove what was built; .venv and your data stay
	rm -rf build dist .bench .coverage .coverage.decisions htmlcov .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find core gui resources tests tools -name __pycache__ -type d -prune -exec rm -rf {} +
