# `make` lists what there is. Everything runs in .venv, which `make setup` makes.

SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
# An outer virtual environment must not leak into ours.
unexport VIRTUAL_ENV PYTHONHOME PYTHONPATH
# Our modules and tests are compiled once and not by each of their many processes.
unexport PYTHONDONTWRITEBYTECODE

.NOTPARALLEL:

# Not taken from the environment, where a shell may have put the machine's own name.
HOST = 127.0.0.1
PORT ?= 8000
CHROMIUM ?= /usr/bin/chromium
# What `make test` hands to pytest, as in ARGS="-k reset"; part of the tests is not measured.
ARGS =

PY := .venv/bin/python
BIN := .venv/bin
MANAGE := $(PY) manage.py
TEMPLATES := find . \( -name .venv -o -name var \) -prune -o -name '*.html' -print0 | xargs -0 $(BIN)/djade --target-version 6.1

# What a class or a module sets up for all its tests is set up in one process.
PYTEST := pytest -n 2 --dist loadscope --no-loadscope-reorder
MEASURED := $(PY) -m coverage run -m $(PYTEST)
# Named, so that a DATABASE_URL in .env is not used; tests make a file of their own elsewhere.
SQLITE := sqlite:///var/test.sqlite3

# The checks see an installation like a real one, whatever .env says.
CHECKED := DEBUG=false HTTPS=true ALLOWED_HOSTS=example.org DATABASE_URL=sqlite://:memory: \
	MAIL_URL=smtp://mail.example.org SECRET_KEY=only-for-checks-J7x2Qm9vLr4Tz8Kd5Wn1Hb6Yc3Gf0PsXe7Va2Ud

.PHONY: help setup setup-dev run demo dev free-port test test-sqlite test-postgresql lint lint-style lint-types lint-imports \
	lint-templates lint-django format e2e chromium screenshots bench openapi lock

help: ## List the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1|/p' $(firstword $(MAKEFILE_LIST)) | awk -F'|' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: ## Make .venv and .env; costs nothing when they are there
	@scripts/setup.sh run

setup-dev: ## The same with what the tests and checks need
	@scripts/setup.sh dev

# --- Run ---

# A worker told twice to stop (Ctrl-C reaches it and its parent) may wait for ever: hence the time-out.
run: free-port setup ## Serve with demo data (HOST=127.0.0.1 PORT=8000)
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) collectstatic --noinput --verbosity 0
	@$(MANAGE) seed_demo
	@echo "Pursestrings is at http://$(HOST):$(PORT)/ - Ctrl-C stops it."
	@exec env LOG_FORMAT=$${LOG_FORMAT:-console} $(BIN)/granian --interface wsgi config.wsgi:application \
		--host "$(HOST)" --port "$(PORT)" --workers 2 --blocking-threads 2 --no-ws --workers-kill-timeout 2 --log-level warning

demo: setup ## Put the demo data back to its first state
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) seed_demo --fresh

dev: free-port setup ## Serve with DEBUG and reload on every change
	@DEBUG=true $(MANAGE) migrate --verbosity 0
	@DEBUG=true $(MANAGE) seed_demo
	@exec env DEBUG=true $(MANAGE) runserver "$(HOST):$(PORT)"

# Asked before the work, of whatever Python is there; without one, setup says so.
free-port:
	@python=$(PY); [ -x $$python ] || python=python3; \
	$$python scripts/free_port.py "$(HOST)" "$(PORT)" 2>/dev/null || [ $$? -ne 3 ] || { \
		echo "Port $(PORT) on $(HOST) is in use: stop what listens there, or try another, as in make run PORT=8001." >&2; \
		exit 1; }

# --- Test and check ---

test: setup-dev ## Test on SQLite, and on PostgreSQL too when DATABASE_URL names one
ifeq ($(strip $(ARGS)),)
	@rm -f .coverage .coverage.*
	@failed=; $(MAKE) test-sqlite || failed=1; \
	case "$$DATABASE_URL" in postgres*) $(MAKE) test-postgresql || failed=1 ;; esac; \
	[ -z "$$failed" ]
	@echo "== Lines run by the tests"
	@$(PY) -m coverage combine --quiet
	@$(PY) -m coverage report
else
	@DATABASE_URL=$(SQLITE) $(PY) -m pytest $(ARGS)
	@case "$$DATABASE_URL" in postgres*) $(PY) -m pytest $(ARGS) ;; esac
endif

test-sqlite:
	@echo "== Tests on SQLite"
	@DATABASE_URL=$(SQLITE) $(MEASURED)

# What asks no database has passed on SQLite; which lines run is measured there too.
test-postgresql:
	@echo "== Tests on PostgreSQL"
	@$(PY) -m $(PYTEST) -m "database and not e2e"

lint: lint-style lint-types lint-imports lint-templates lint-django ## Check format, style, types, imports, templates, migrations and settings

lint-style: setup-dev
	$(BIN)/ruff format --check --output-format concise .
	$(BIN)/ruff check --output-format concise .

lint-types: setup-dev
	@$(CHECKED) $(BIN)/mypy

lint-imports: setup-dev
	@$(BIN)/lint-imports --no-logo

lint-templates: setup-dev
	@$(TEMPLATES) --check

lint-django: setup-dev
	@$(CHECKED) $(MANAGE) makemigrations --check --dry-run
	@$(CHECKED) $(MANAGE) check --deploy --fail-level WARNING

format: setup-dev ## Format code and templates, and fix what can be fixed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(TEMPLATES)

e2e: setup-dev chromium ## Test in a browser (CHROMIUM=/usr/bin/chromium)
	@DATABASE_URL=$(SQLITE) CHROMIUM="$(CHROMIUM)" $(PY) -m pytest -m e2e -n 2 $(ARGS)

chromium:
	@if [ -x "$(CHROMIUM)" ]; then exit 0; fi; \
	if [ "$(CHROMIUM)" = /usr/bin/chromium ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing chromium ..."; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-liberation >/dev/null; \
	else \
		echo "No browser at $(CHROMIUM): install Debian's chromium, or give CHROMIUM=/path/to/chromium." >&2; exit 1; \
	fi

screenshots: setup-dev chromium ## Retake the user guide’s pictures from a server with demo data
	@CHROMIUM="$(CHROMIUM)" $(PY) scripts/screenshots.py "http://$(HOST):$(PORT)"

bench: setup-dev ## Measure the ledger and the pages
	@$(PY) -m config.tests.bench

# --- Maintain ---

OPENAPI := config/tests/golden/openapi.json

openapi: setup-dev ## Write what the API says of itself into its golden file
	@$(CHECKED) $(MANAGE) export_openapi_schema --api config.api.api --indent 2 > $(OPENAPI).new
	@mv $(OPENAPI).new $(OPENAPI)

lock: setup ## Write both locks from pyproject.toml (ARGS=--upgrade takes newer versions)
	@$(PY) -m pip install -qq --disable-pip-version-check uv
	$(BIN)/uv lock --quiet --python $(PY) $(ARGS)
	$(BIN)/uv export --quiet --frozen --python $(PY) --no-dev --no-emit-project --no-header -o requirements.lock
	$(BIN)/uv export --quiet --frozen --python $(PY) --no-emit-project --no-header -o requirements-dev.lock
