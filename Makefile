# Common Measure. `make help` lists what there is. Needs Python 3.11 or newer and a package index;
# everything is installed into .venv, and only when requirements*.txt or pyproject.toml change.

PYTHON ?= python3
PORT ?= 8501

# What runs below is what was installed here, whatever else is on the machine.
HERE := PATH="$(CURDIR)/.venv/bin:$$PATH"

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test check fix docs demo bench

help: ## List these targets
	@sed -n 's/^\([a-z]*\):.*## /\1:/p' Makefile | while IFS=: read -r name words; do \
		printf 'make %-6s %s\n' "$$name" "$$words"; done

run: .venv/run.stamp ## Show the partnership in $PARTNERSHIP_HOME; without one, the fictional city
	@$(HERE); python -m data demo --unless-there
	@$(HERE); python -m metrics publish
	@# Ctrl-C reaches make, this shell and the server; only the server has anything to say then.
	@$(HERE); trap : INT; python -m dashboard --port $(PORT) || [ $$? -eq 130 ]

test: .venv/dev.stamp ## Run every test, with a browser; fetches one where there is none
	@$(HERE); python tests/browser/chromium.py
	@$(HERE); python -m pytest

check: .venv/dev.stamp ## Check style, types, layers and documents; runs all, counts what failed
	@$(HERE); ran=0; failed=0; \
	try() { printf '$$ %s\n' "$$*"; ran=$$((ran + 1)); "$$@" || failed=$$((failed + 1)); }; \
	try ruff check; \
	try ruff format --check; \
	try pyright; \
	try lint-imports; \
	try python -m pytest -q tests/test_docs.py; \
	if [ $$failed -gt 0 ]; then echo "$$failed of $$ran checks failed."; exit 1; fi; \
	echo "All $$ran checks passed."

fix: .venv/dev.stamp ## Put right what ruff can put right by itself
	@$(HERE); ruff check --fix; ruff format

docs: .venv/run.stamp ## Write the documents that are made from contracts and definitions
	@$(HERE); python docs/data_dictionary.py
	@$(HERE); python docs/measures.py

demo: .venv/run.stamp ## Make the fictional city and publish it, without showing it
	@$(HERE); python -m data demo
	@$(HERE); python -m metrics publish

bench: .venv/dev.stamp ## Print what was measured: waiting times, and how often a rule is wrong
	@$(HERE); python tests/browser/chromium.py
	@$(HERE); python -m benchmarks
	@$(HERE); python benchmarks/false_alarms.py

.venv/run.stamp: requirements.txt pyproject.toml | .venv/bin/python
	@echo "Installing what Common Measure needs into .venv; the first time this takes a minute or two."
	@.venv/bin/python -m pip install --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/dev.stamp: requirements-dev.txt requirements.txt pyproject.toml | .venv/bin/python
	@echo "Installing what tests and checks need into .venv; the first time this takes a minute or two."
	@.venv/bin/python -m pip install --disable-pip-version-check -r requirements-dev.txt
	@touch .venv/run.stamp $@

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Common Measure needs Python 3.11 or newer, and $(PYTHON) is older or not there. Name another, such as: make run PYTHON=python3.12" >&2; \
		exit 1; }
	@$(PYTHON) -m venv --clear .venv || { rm -rf .venv; \
		echo "$(PYTHON) cannot make an environment. On Debian and Ubuntu, install the package python3-venv and try again." >&2; \
		exit 1; }
