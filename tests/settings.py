"""The portal's settings under test: as in production, but for what would only slow the suite down."""

import base64
import os
import tempfile
from pathlib import Path

# A key pair of the tests' own: the private half opens the letters that the tests issue.
WORKSHOP_IDENTITY = "AGE-SECRET-KEY-1NQ042CZ4M3QHJCF5EUYR9XXCW6QU0QCRLTREQ9E3S66ZRV7QXRHSK5GPEQ"
WORKSHOP_RECIPIENT = "age1qxv5jfwqtcr2cakx92j5tj9w3gey0ag34x520flk4v8r37v3g5dsn66h4s"

os.environ.update(
    SECRET_KEY="tests-only-" + "k" * 50,
    SECRET_CODE_KEYS="test-1:" + base64.b64encode(bytes(range(32))).decode(),
    LETTER_RECIPIENT=WORKSHOP_RECIPIENT,
    ALLOWED_HOSTS="testserver,localhost,127.0.0.1",
    EMAIL_URL="console:",
)
for name in (
    "DEMO",
    "SECRET_KEY_FALLBACKS",
    "DEBUG",
    "TRUSTED_PROXY_COUNT",
    "EMAIL_FROM",
    "JOURNAL_KEYS",
    "LETTER_SIGNING_KEY",
    "LETTER_SIGNER",
    "BANK_PHONE",
    "BANK_HOURS",
    "BANK_HOURS_EN",
    "CARD_STOP_PHONE",
    "PORTAL_ADDRESS",
    "BANK_NAME",
    "BANK_CODE",
    "BANK_BRANCH_CODE",
    "BANK_BIC",
    "BANK_LEGAL_FORM",
    "BANK_ADDRESS",
    "BANK_REGISTERED",
    "BANK_AUTHORISED",
    "BANK_PUBLISHER",
    "BANK_HOSTED_BY",
    "BANK_MEDIATOR",
    "CREDENTIALS_DIRECTORY",
    "PROMETHEUS_MULTIPROC_DIR",
    "LOG_FORMAT",
):
    os.environ.pop(name, None)

from banking_portal.settings import *  # noqa: E402, F403
from banking_portal.settings import DATABASES, STORAGES  # noqa: E402

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file: the in-memory database loses updates under threads. The disk is not waited for. One for each run, so
    # that two runs at once do not share it.
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", os.getpid())
    DATABASES["default"]["TEST"] = {"NAME": str(Path(tempfile.gettempdir()) / f"portal-tests-{run}.sqlite3")}
    DATABASES["default"]["OPTIONS"]["init_command"] += "; PRAGMA synchronous=OFF"

# The test client speaks plain http; tests/portal/test_settings.py proves the redirect in the real settings.
SECURE_SSL_REDIRECT = False
# The real cost is proved in tests/auth_codes/crypto/test_hashing.py.
SECRET_CODE_ARGON2 = {"memory_kib": 8, "iterations": 1, "parallelism": 1}
PASSWORD_HASHERS = ["tests.hashers.QuickPasswordHasher"]
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_AUTOREFRESH = True  # a fresh checkout has no collected files, which whitenoise would warn of
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
