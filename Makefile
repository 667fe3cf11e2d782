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

.PHONY: help install run letters check test test-fast test-sqlite test-postgres test-journeys lint lock clean

help:
	@echo "make install  prépare $(VENV)"
	@echo "make run      sert une banque de démonstration sur http://127.0.0.1:$(PORT)"
	@echo "make letters  joue la poste de la démonstration : les courriers demandés arrivent dans var/demo_letters"
	@echo "make check    vérifie le style et lance les tests rapides, en moins d'une minute"
	@echo "make test     lance tous les tests : SQLite, PostgreSQL, navigateur"
	@echo "make lint     vérifie le style"
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
	exec $(RUN) gunicorn banking_portal.wsgi --bind 127.0.0.1:$(PORT) --workers 2 --threads 4 \
		--no-control-socket --log-level warning

# Beside a running demo, in another terminal.
letters: install
	@test -f var/demo.env || { echo "Lancez d'abord « make run »." >&2; exit 1; }
	@umask 077; unset DATABASE_URL; set -ae; . ./var/demo.env; set +a; $(BIN)/python manage.py demo_post

# What is asked before each commit.
check: lint test-fast

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

lint: install
	@$(RUN) ruff check .
	@$(RUN) ruff format --check .

# Keeps the versions already locked, unless UPGRADE=--upgrade.
lock: install
	@$(LOCK) $(UPGRADE) --output-file requirements.txt
	@$(LOCK) $(UPGRADE) --extra dev --output-file requirements-dev.txt

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
