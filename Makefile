# `make` lists the commands. Requires GNU make, a POSIX shell and Python 3.11 or newer.

PY := .venv/bin/python
# In collection order: see pytest_collection_modifyitems in tests/conftest.py.
SPREAD := --numprocesses auto --maxprocesses 4 --dist loadgroup --no-loadscope-reorder
# The test suite ignores the environment variables of a running site.
CLEAN := env -u DATABASE_URL -u JOBBOARD_MODE -u DEBUG -u SECRET_KEY -u ALLOWED_HOSTS JOBBOARD_VAR="$(CURDIR)/var/test"
LOCK := CUSTOM_COMPILE_COMMAND="make lock" $(PY) -m piptools compile --quiet --generate-hashes --allow-unsafe \
	--strip-extras --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options

.DEFAULT_GOAL := help
.PHONY: help run dev install-dev test test-postgres bench fuzz lint format lock audit sbom screenshots

help: ## List the commands
	@echo "make COMMAND, where COMMAND is one of:"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)$$/  \1|\2/p' Makefile | while IFS='|' read -r name text; do \
		printf '%-16s%s\n' "$$name" "$$text"; done
	@echo "PORT=8001 chooses a port, PYTHON=/path/to/python3 an interpreter, CHROMIUM=/path a browser;"
	@echo "ARGS= passes options: make test ARGS='tests/offers -x'"

run: ## Install requirements, prepare the site and serve it on http://127.0.0.1:8000
	@bin/venv --port requirements.txt
	@$(PY) manage.py prepare
	@exec $(PY) manage.py serve

dev: export DEBUG = 1
dev: ## The same for development: debug pages, restart when the code changes
	@bin/venv --port requirements.txt
	@$(PY) manage.py prepare --no-static
	@exec $(PY) manage.py serve --reload

install-dev:
	@bin/venv requirements-dev.txt

test: install-dev ## Run the test suite on SQLite, with browser tests if Chromium is found
	@$(CLEAN) $(PY) -m pytest $(SPREAD) $(ARGS)

test-postgres: install-dev ## Run the test suite on the PostgreSQL of DATABASE_URL
	@case "$$DATABASE_URL" in postgres*) ;; *) \
		echo "DATABASE_URL must be the URL of a PostgreSQL database, for example:" >&2; \
		echo "  make test-postgres DATABASE_URL=postgres://postgres@127.0.0.1:5432/jobboard" >&2; \
		echo "The test suite creates its own database on the same server, test_jobboard." >&2; exit 2;; esac
	@url="$$DATABASE_URL"; $(CLEAN) DATABASE_URL="$$url" $(PY) -m pytest $(SPREAD) $(ARGS)

bench: install-dev ## Measure the site on SQLite and PostgreSQL (SIZES="10000 100000 1000000", FRESH=1), write docs/benchmarks.md
	@$(PY) -m tests.bench $(SIZES) $(if $(FRESH),--fresh) $(ARGS)

fuzz: SECONDS := 60
fuzz: install-dev ## Fuzz the parsing of recruiters' Markdown (SECONDS=600, ARGS="-max_len=20000", ARGS=var/fuzz/crash-…)
	@$(CLEAN) $(PY) -m tests.fuzz -max_total_time=$(SECONDS) $(ARGS)

lint: install-dev ## Check style, security (bandit), templates, import contracts and missing migrations
	@$(PY) -m ruff check
	@$(PY) -m ruff format --check
	@$(PY) -m bandit --quiet -c pyproject.toml -r jobboard careers offers gunicorn.conf.py manage.py 2>&1 | \
		{ ! grep -v '^\[tester\].*nosec encountered'; }
	@$(PY) -m djlint --quiet --lint templates --extend-exclude templates/jinja2
	@$(PY) -m djlint --quiet --lint templates/jinja2 --profile jinja
	@$(PY) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'
	@$(CLEAN) $(PY) manage.py makemigrations --check --dry-run

format: install-dev ## Format the code and apply automatic fixes
	@$(PY) -m ruff check --fix
	@$(PY) -m ruff format

lock: install-dev ## Pin the requirements of pyproject.toml again (ARGS=--upgrade for newer versions)
	@$(LOCK) $(ARGS) --output-file requirements.txt pyproject.toml
	@$(LOCK) $(ARGS) --extra dev --constraint requirements.txt --output-file requirements-dev.txt pyproject.toml
	@$(PY) bin/keep-markers

audit: install-dev ## Look up known vulnerabilities of the pinned requirements (if the data can be reached)
	@bin/audit

sbom: install-dev ## Write the bill of materials of a release as CycloneDX JSON to var/sbom.json
	@mkdir -p var
	@$(PY) -W ignore -m cyclonedx_py requirements requirements.txt --pyproject pyproject.toml --output-reproducible \
		--output-file var/sbom.json
	@echo "var/sbom.json"

screenshots: install-dev ## Take the screenshots of the README from a temporary site
	@$(CLEAN) $(PY) docs/screenshots.py
