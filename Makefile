# Everything a newcomer needs. `make` alone explains. Needs only Python 3.11+ and make; it fetches the rest itself.

PYTHON := $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
UV_COMPILE := $(BIN)/uv pip compile -q --generate-hashes --no-emit-index-url --universal --python-version 3.11

unexport PYTHONDONTWRITEBYTECODE  # compiled files halve the start

.DEFAULT_GOAL := help
.PHONY: help run test check bench faults soak assets new words requirements clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' Makefile

run: .make/runtime .make/assets ## start the CRM here: prints its address, the admin's name and password
	@exec $(BIN)/crm run

test: .make/dev .make/assets .make/browser ## run all tests (some minutes); TESTS=tests/runtime/db for some
	@$(BIN)/pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(TESTS)

check: .make/dev ## style, the floor plan, types, and the seeds
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/mypy
	@$(BIN)/crm check $(wildcard seeds/*)

bench: .make/dev .make/assets ## a million deals: product, floor and raw PostgreSQL side by side
	@$(BIN)/python -m bench $(ARGS)

faults: .make/dev .make/assets ## kill processes under load, 20 times each, and look for what was lost
	@$(BIN)/pytest faults $(ARGS)

soak: .make/dev .make/assets ## steady requests and kills at random; what is lost, what grows? MINUTES=480
	@$(BIN)/python -m faults.soak $(or $(MINUTES),20)

assets: .make/assets ## fetch the front-end files (npm, or the wheel of it)

new: .make/runtime ## make new kind=actions name=send_postcard room=channels · make new room=weather
	@$(BIN)/python tools/new.py "$(kind)" "$(name)" "$(room)"

words: .make/dev ## gather the product's words into the catalogues; says how many lack a translation
	@$(BIN)/python tools/messages.py

requirements: .make/runtime ## compile requirements*.in into pinned requirements*.txt
	@$(BIN)/pip install -q uv
	@$(UV_COMPILE) requirements.in -o requirements.txt
	@$(UV_COMPILE) requirements-assets.in -o requirements-assets.txt
	@$(UV_COMPILE) requirements-dev.in -c requirements.txt -o requirements-dev.txt

clean: ## forget what was fetched and made (not your data in .crm/)
	rm -rf .venv .make node_modules runtime/web/static/vendor .crm-test .mypy_cache .ruff_cache .hypothesis

.make/venv:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer with venv is needed (Debian: apt-get install python3 python3-venv)."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@mkdir -p .make && touch $@

.make/runtime: .make/venv requirements.txt pyproject.toml
	@echo "Fetching Python packages (once) …"
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements.txt
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps -e .
	@$(BIN)/python -m compileall -q metadata runtime builder wsgi.py
	@touch $@

.make/dev: .make/runtime requirements-dev.txt
	@echo "Fetching what the tests need (once) …"
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

.make/assets: .make/runtime package.json package-lock.json tools/assets.py requirements-assets.txt \
		$(wildcard runtime/web/icons.txt runtime/web/tabler.txt runtime/web/trim.mjs)
	@echo "Fetching front-end files (once) …"
	@command -v npm >/dev/null 2>&1 || $(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-assets.txt
	@$(BIN)/python tools/assets.py
	@touch $@

.make/browser: .make/dev tools/browser.sh
	@tools/browser.sh
	@touch $@
