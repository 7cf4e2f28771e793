# Every target sets up what it needs: Python 3.11 or newer, make and a package index are enough.
PORT ?= 8000
HOST ?= 127.0.0.1
BIN := .venv/bin
KNOWLEDGE := $(wildcard regimens/knowledge/*.yaml regimens/knowledge/publications/*.yaml)
SOURCES := $(wildcard */migrations/*.py curation/*.py curation/actions/*.py curation/models/*.py regimens/*.py regimens/models/*.py regimens/knowledge/*.py regimens/rules/*.py)
STATIC := $(wildcard static/*)
RELEASE := $(shell date '+%Y-%m-%d %H:%M')

.DEFAULT_GOAL := help
.PHONY: help run test test-quick test-sqlite test-postgresql lint format messages method bench requirements sbom audit clean

help:
	@echo "make run            serve the app on $(HOST):$(PORT) (PORT=8001 for another port)"
	@echo "make test           run every test on SQLite, browser journeys included, and on PostgreSQL what writes or searches"
	@echo "                    CLOCK_AHEAD=1095 runs them as if it were in three years"
	@echo "make test-quick     run the rules and whatever else needs no database, browser or other process: for work in between"
	@echo "make test-sqlite    run the first half of make test; make test-postgresql runs the second"
	@echo "make lint           check style, types, templates, imports, migrations and production settings"
	@echo "make format         put Python and templates into the project's format"
	@echo "make messages       bring the translations' catalogues in line with the sources, and compile them"
	@echo "make method         write the constants of the rules into the tables of docs/method.md"
	@echo "make bench          measure speed and memory, and print ratios"
	@echo "make requirements   lock the dependencies of pyproject.toml anew"
	@echo "make sbom           write what the production lock consists of: a CycloneDX bill of materials, and its licences"
	@echo "make audit          ask for known vulnerabilities of what is locked; needs the network"
	@echo "make clean          remove the virtual environment and what was collected; the database stays"

run: .venv/.installed .env
	@$(BIN)/python -m necapp.check_port $(HOST) $(PORT)
	@test -f var/necapp.sqlite3 || rm -f var/.prepared
	@$(MAKE) --silent --no-print-directory var/.prepared var/.static
	@echo "Serving http://$(HOST):$(PORT) (stop with Ctrl-C)"
	@exec $(BIN)/gunicorn necapp.wsgi --bind $(HOST):$(PORT) --log-level warning

test: test-sqlite test-postgresql

test-quick: .venv/.installed .env
	@echo "Tests of the rules, and others that need no database"
	@$(BIN)/python -m pytest -n 2 -m quick

test-sqlite: .venv/.installed .env
	@echo "Tests on SQLite, browser journeys included"
	@$(BIN)/python -m pytest -n 2

test-postgresql: .venv/.installed .env
	@echo "Tests on PostgreSQL: what writes, what keeps others from writing, and what searches"
	@$(BIN)/python -m tests.postgresql -n 2

lint: .venv/.installed .env
	@echo "Style";            $(BIN)/ruff check . && $(BIN)/ruff format --check .
	@echo "Types";            $(BIN)/mypy
	@echo "Templates";        $(BIN)/djlint templates --lint --quiet && $(BIN)/djlint templates --check $(AS_FORMATTED)
	@echo "Imports";          $(BIN)/lint-imports --no-cache
	@echo "Migrations";       $(BIN)/python manage.py makemigrations --check --dry-run
	@echo "Deployment";       $(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING

# The answer's templates are written at every change of what is entered: what indents them would be half of its bytes.
AS_FORMATTED = --quiet --extend-exclude templates/answer/

# Settings as on a hospital's server, with keys for this check alone.
PRODUCTION = DEBUG=false HTTPS=true ALLOWED_HOSTS=necapp.example SECRET_KEY=$(A_KEY) SEED_KEY=$(A_KEY)
A_KEY = $$($(BIN)/python -c "import secrets; print(secrets.token_urlsafe(50))")

format: .venv/.installed
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format . ; $(BIN)/djlint templates --reformat $(AS_FORMATTED)

messages: .venv/.installed .env
	@$(BIN)/python -m necapp.catalogues

method: .venv/.installed
	@$(BIN)/python -m regimens.wording.method_tables

bench: .venv/.installed .env
	@$(BIN)/python -m benchmarks

requirements: .venv/.locker
	@$(BIN)/uv pip compile pyproject.toml $(LOCK) --output-file requirements/production.txt
	@$(BIN)/uv pip compile pyproject.toml $(LOCK) --group development --constraints requirements/production.txt \
		--output-file requirements/development.txt

# To give out with a release. Fails where a licence is none of those that pyproject.toml allows.
sbom: .venv/.installed
	@mkdir -p var/sbom
	@$(BIN)/cyclonedx-py requirements requirements/production.txt --pyproject pyproject.toml --output-reproducible \
		--output-file var/sbom/necapp.cdx.json
	@$(BIN)/pip-licenses --format markdown --with-urls --output-file var/sbom/licences.md \
		--packages $$(sed -n 's/^\([a-z0-9._-]*\)==.*/\1/p' requirements/production.txt)

audit: .venv/.auditor
	@$(BIN)/pip-audit --strict --disable-pip --require-hashes --requirement requirements/production.txt
	@$(BIN)/pip-audit --strict --disable-pip --require-hashes --requirement requirements/development.txt

LOCK = --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

clean:
	@rm -rf .venv var/static var/.static var/.prepared

.venv/.installed: requirements/development.txt
	@python=$$(for name in python3.13 python3.12 python3.11 python3.14 python3 python; do \
		$$name -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done); \
	test -n "$$python" || { echo "necapp needs Python 3.11 or newer; none was found on the PATH."; exit 1; }; \
	echo "Making the virtual environment .venv with $$($$python --version)"; \
	$$python -m venv --clear .venv || { echo "The venv module is missing: on Debian, install python3-venv."; exit 1; }
	@echo "Installing the locked requirements (a minute or two)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/development.txt
	@touch $@

.venv/.locker: .venv/.installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv && touch $@

.venv/.auditor: .venv/.installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check pip-audit && touch $@

# A machine of one's own: a key made here, and plain HTTP on the loopback addresses.
.env: | .venv/.installed
	@echo "Writing .env with a new secret key"
	@$(BIN)/python -c "import secrets; print('SECRET_KEY=' + secrets.token_urlsafe(50))" > .env
	@printf 'HTTPS=false\nALLOWED_HOSTS=localhost,127.0.0.1,[::1]\n' >> .env

var/.prepared: .venv/.installed $(KNOWLEDGE) $(SOURCES) | .env
	@mkdir -p var
	@echo "Migrating the database";         $(BIN)/python manage.py migrate --verbosity 0
	@echo "Loading the evidence base";      $(BIN)/python manage.py load_evidence
	@echo "Publishing it as a release";     $(BIN)/python manage.py publish_release "$(RELEASE)" --unless-put-back
	@touch $@

var/.static: .venv/.installed $(STATIC) | .env
	@mkdir -p var
	@echo "Collecting static files";        $(BIN)/python manage.py collectstatic --no-input --clear --verbosity 0
	@touch $@
