SHELL := /bin/bash
# The first that is there and new enough; 3.11 first because that is what the suite runs on everywhere.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $$p && break; done)
PORT ?= 8000
export PORT
# Where a shell sets this, every process would compile some 4,700 modules anew at its start: seconds for each of them.
unexport PYTHONDONTWRITEBYTECODE

RUN := .venv/bin/python -m config.runtime
# A command with a database and a Redis of its own, stopped afterwards.
ALONE := $(RUN).throwaway
OURS := accounts calls coaching config integrations reporting scenarios scoring tenants

.PHONY: run test check bench standins fmt openapi messages frontend browser

run: .venv/.synced
	@exec $(RUN)

# Each of the two gets half of the files whole, so that what a file sets up is set up once; who is done helps the other.
test: .venv/.synced frontend browser
	@status=0; set -x; \
	$(ALONE) .venv/bin/pytest -q -n 2 --dist worksteal -m "not e2e and not chaos" || status=1; \
	$(ALONE) .venv/bin/pytest -q -m "e2e or chaos" || status=1; \
	exit $$status

check: .venv/.synced frontend
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy .
	.venv/bin/lint-imports
	.venv/bin/djlint --lint --quiet templates
	PATH="$$($(RUN).frontend --path)" npm run --silent check
	$(ALONE) .venv/bin/python manage.py makemigrations --check --dry-run
	$(RUN).openapi --check
	$(RUN).audit

bench: .venv/.synced frontend
	.venv/bin/python -m uv sync --frozen --inexact -q --group bench
	$(ALONE) .venv/bin/python -m benchmarks

# Stand-ins for the vendors, to try real voices without an account: prints the settings to run Parley with.
standins: .venv/.synced
	@exec .venv/bin/python -m tests.standins

fmt: .venv/.synced frontend
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .
	PATH="$$($(RUN).frontend --path)" npm run --silent format

openapi: .venv/.synced
	$(RUN).openapi

messages: .venv/.synced
	$(RUN).messages --extract

frontend: .venv/.synced
	@$(RUN).frontend
	@$(RUN).messages

browser: .venv/.synced
	@$(RUN).browser

.venv/.synced: pyproject.toml uv.lock config/runtime/environment.py
	@test -n "$(PYTHON)" || { echo "Parley needs Python 3.11, 3.12 or 3.13, and none of them is on PATH."; exit 1; }
	@$(PYTHON) config/runtime/environment.py
	@touch $@
