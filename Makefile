PYTHON ?= python3
PORT ?= 8000

VENV := .venv
BIN := $(VENV)/bin
# Modules are run through the interpreter: the scripts of a venv die when its folder is moved.
RUN := $(BIN)/python -m
LOCK := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate --quiet

# The parts of the suite share the machine, and their reports the terminal.
.NOTPARALLEL:
# Without byte code each worker compiles all tests anew, and each process that a test starts all of the portal.
unexport PYTHONDONTWRITEBYTECODE
# A failing part does not hide the next one; the exit code still tells.
MAKEFLAGS += --keep-going

.PHONY: help install run dev letters code check test test-fast test-sqlite test-postgres test-journeys coverage \
	audit mutation pythons lint types lock clean

help:
	@echo "make install  prépare $(VENV)"
	@echo "make run      sert une banque de démonstration sur http://127.0.0.1:$(PORT)"
	@echo "make dev      sert la même banque pour qui change le code : relance à chaque changement, styles tels qu’écrits"
	@echo "make letters  joue la poste de la démonstration : les courriers demandés arrivent dans var/demo_letters"
	@echo "make code     montre les nombres des applications d’authentification de la démonstration"
	@echo "make check    vérifie style, types et ordre des imports, et lance les tests rapides, en deux minutes environ"
	@echo "make test     lance tous les tests : SQLite, PostgreSQL, navigateur"
	@echo "make coverage dit quelles branches du code les tests SQLite ne prennent pas"
	@echo "make audit    cherche les fautes de sécurité : règles de ruff, check --deploy, failles connues des bibliothèques"
	@echo "make mutation change le code du verrou et des codes faibles, ligne à ligne : un test le remarque-t-il ? (des heures)"
	@echo "make pythons  lance les tests rapides sous Python 3.11 à 3.14, ceux que uv trouve ou télécharge"
	@echo "make lint     vérifie le style et l’ordre des imports"
	@echo "make types    vérifie les types"
	@echo "make lock     recalcule les versions verrouillées (make lock UPGRADE=--upgrade : les plus récentes)"
	@echo "make clean    retire ce que make a construit, sauf les données de var/"

install: $(VENV)/installed ;

# Made anew when the lock changes, so that nothing stays which the lock no longer names.
$(VENV)/installed: requirements-dev.txt
	@command -v $(PYTHON) > /dev/null && \
	$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' || { \
		echo "Python 3.11 à 3.14 est nécessaire : installez-le (paquets python3 et python3-venv)" \
			"ou désignez-le, par exemple « make PYTHON=python3.12 install »." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2> /dev/null || { \
		echo "Il manque à Python son module venv : installez le paquet python3-venv" \
			"(« apt install python3-venv »), puis relancez make." >&2; exit 1; }
	@echo "Installation des bibliothèques dans $(VENV) (une seule fois, moins d'une minute)..."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(RUN) pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-dev.txt || { \
		echo "L'installation a échoué (voir ci-dessus) : vérifiez la connexion, puis relancez make." >&2; exit 1; }
	@touch $@

# umask: the keys, the codes and the database are for nobody else on the machine.
run: install
	@umask 077; $(RUN) banking_portal.demo_environment
	@umask 077; unset DATABASE_URL; set -ae; . ./var/demo.env; set +a; \
	$(BIN)/python manage.py migrate --verbosity 0; \
	$(BIN)/python manage.py collectstatic --noinput --verbosity 0; \
	$(BIN)/python manage.py seed_demo; \
	echo "Le portail répond sur http://127.0.0.1:$(PORT) (Ctrl-C pour l'arrêter)."; \
	exec $(RUN) gunicorn --bind 127.0.0.1:$(PORT) --log-level warning

# DEBUG: style sheets are served from where they are written, and an error shows where it was raised.
dev: install
	@umask 077; $(RUN) banking_portal.demo_environment
	@umask 077; unset DATABASE_URL; set -ae; . ./var/demo.env; DEBUG=1; set +a; \
	$(BIN)/python manage.py migrate --verbosity 0; \
	$(BIN)/python manage.py seed_demo; \
	exec $(BIN)/python manage.py runserver 127.0.0.1:$(PORT)

# Beside a running demo, in another terminal.
letters: install
	@test -f var/demo.env || { echo "Lancez d'abord « make run »." >&2; exit 1; }
	@umask 077; unset DATABASE_URL; set -ae; . ./var/demo.env; set +a; $(BIN)/python manage.py demo_post

code: install
	@test -f var/demo.env || { echo "Lancez d’abord « make run »." >&2; exit 1; }
	@umask 077; unset DATABASE_URL; set -ae; . ./var/demo.env; set +a; $(BIN)/python manage.py demo_code

# What is asked before each commit.
check: lint types test-fast

test: test-sqlite test-postgres test-journeys

# All but those that start processes, race or sweep, which are marked `slow`.
test-fast: install
	@echo "== Tests rapides"
	@unset DATABASE_URL; $(RUN) pytest -m "not slow"

test-sqlite: install
	@echo "== Tests sur SQLite"
	@unset DATABASE_URL; $(RUN) pytest

test-postgres: install
	@echo "== Tests sur PostgreSQL"
	@$(RUN) tests.postgres $(RUN) pytest

# The browser is found or fetched first: a worker must not fetch it behind another's back.
test-journeys: install
	@echo "== Parcours dans le navigateur"
	@$(RUN) tests.chromium
	@unset DATABASE_URL; $(RUN) pytest tests/journeys

# Of the suite and of the processes that it starts, as far as they are not killed; what PostgreSQL alone runs is not told.
coverage: install
	@unset DATABASE_URL; $(RUN) pytest --cov --cov-report=term-missing:skip-covered

audit: install
	@$(RUN) tests.audit

# Each module with the tests that are about it; what is known to make no difference stands in docs/mutation.md.
LOCKOUT_TESTS := tests/auth_codes/lockout/test_lockout.py tests/auth_codes/lockout/test_counts_read.py \
	tests/auth_codes/lockout/test_lock_order.py tests/auth_codes/lockout/test_budgets.py \
	tests/auth_codes/lockout/test_networks.py tests/auth_codes/lockout/test_rush.py tests/auth_codes/lockout/test_watch.py \
	tests/auth_codes/lockout/test_hours.py tests/auth_codes/lockout/test_flood.py tests/auth_codes/lockout/test_purge_attempts.py

mutation: install
	@unset DATABASE_URL; $(RUN) tests.mutants auth_codes/weakness.py tests/auth_codes/test_weakness.py \
		tests/auth_codes/test_weakness_properties.py
	@unset DATABASE_URL; for module in flood rush budgets watch hours counters; do \
		$(RUN) tests.mutants auth_codes/lockout/$$module.py $(LOCKOUT_TESTS); done

# Each in a venv of its own below var/; one that uv neither finds nor downloads is named, and fails the whole.
PYTHONS := 3.11 3.12 3.13 3.14
pythons: install
	@unset DATABASE_URL; missed=; for version in $(PYTHONS); do \
		echo "== Python $$version"; folder=var/pythons/$$version; \
		$(RUN) uv venv --quiet --clear --python $$version $$folder && \
		$(RUN) uv pip install --quiet --python $$folder --require-hashes --requirement requirements-dev.txt && \
		$$folder/bin/python -m pytest -m "not slow" -p no:cacheprovider || missed="$$missed $$version"; \
	done; test -z "$$missed" || { echo "Sans succès sous :$$missed" >&2; exit 1; }

lint: install
	@$(RUN) ruff check .
	@$(RUN) ruff format --check .
	@$(BIN)/python -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'

types: install
	@$(RUN) mypy

# Keeps the versions already locked, unless UPGRADE=--upgrade.
lock: install
	@$(LOCK) $(UPGRADE) --output-file requirements.txt
	@$(LOCK) $(UPGRADE) --extra dev --output-file requirements-dev.txt

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis .coverage*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
