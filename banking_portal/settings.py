"""Settings of the portal, from the environment; docs/operating.md lists the variables."""

import os
import secrets
from datetime import date
from pathlib import Path

from csp.constants import NONE, SELF

from banking_portal import bank_facts, environment
from banking_portal.variables import value

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("VAR_DIR") or BASE_DIR / "var")

DEMO = environment.flag("DEMO")
DEBUG = environment.debug(demo=DEMO)
DEMO_WORKSHOP_KEY = VAR_DIR / environment.DEMO_WORKSHOP_KEY

if environment.needs_keys():
    SECRET_KEY = environment.required("SECRET_KEY")
    SECRET_CODE_KEYS = environment.secret_code_keys(demo=DEMO)
    JOURNAL_KEYS = environment.journal_keys(demo=DEMO)
    LETTER_RECIPIENTS = environment.letter_recipients()
    LETTER_SIGNING_KEY = environment.letter_signing_key(demo=DEMO)
else:
    SECRET_KEY = secrets.token_urlsafe(60)
    SECRET_CODE_KEYS = {}
    JOURNAL_KEYS = {}
    LETTER_RECIPIENTS = ()
    LETTER_SIGNING_KEY = None
SECRET_KEY_FALLBACKS = environment.names("SECRET_KEY_FALLBACKS")
LETTER_SIGNERS = environment.letter_signers()

TRUSTED_PROXY_COUNT_IS_SAID = bool(value("TRUSTED_PROXY_COUNT"))
TRUSTED_PROXY_COUNT = environment.whole_number("TRUSTED_PROXY_COUNT", default=0)
ALLOWED_HOSTS = environment.names("ALLOWED_HOSTS") or (["localhost", "127.0.0.1", "[::1]"] if DEMO else [])

# What pages, mails and letters say of the bank itself.
BANK_PHONE = bank_facts.phone("BANK_PHONE", default=bank_facts.DEMO_PHONE)
BANK_HOURS = bank_facts.hours("BANK_HOURS")
BANK_HOURS_EN = bank_facts.hours_in_english("BANK_HOURS_EN", BANK_HOURS)
BANK_NAME = bank_facts.fact("BANK_NAME", bank_facts.DEMO_NAME, longest=bank_facts.LONGEST_NAME)
BANK_CODE = bank_facts.code("BANK_CODE", bank_facts.DEMO_BANK_CODE)
BANK_BRANCH_CODE = bank_facts.code("BANK_BRANCH_CODE", bank_facts.DEMO_BRANCH_CODE)
BANK_BIC = bank_facts.bic("BANK_BIC", bank_facts.DEMO_BIC)
# What the law has a site say of who publishes it (LCEN, article 1-1 of the law of 21 June 2004).
BANK_LEGAL_FORM = bank_facts.fact("BANK_LEGAL_FORM", bank_facts.DEMO_LEGAL_FORM)
BANK_ADDRESS = bank_facts.fact("BANK_ADDRESS", bank_facts.DEMO_ADDRESS)
BANK_REGISTERED = bank_facts.fact("BANK_REGISTERED", bank_facts.DEMO_REGISTERED)
BANK_AUTHORISED = bank_facts.fact("BANK_AUTHORISED", bank_facts.USUAL_AUTHORISATION)
BANK_PUBLISHER = bank_facts.fact("BANK_PUBLISHER", bank_facts.USUAL_PUBLISHER)
BANK_HOSTED_BY = bank_facts.fact("BANK_HOSTED_BY", f"{BANK_NAME}, à la même adresse et au même numéro")
BANK_MEDIATOR = bank_facts.fact("BANK_MEDIATOR", f"Le médiateur de {BANK_NAME}, {BANK_ADDRESS}")
CARD_STOP_PHONE = bank_facts.phone("CARD_STOP_PHONE", default=bank_facts.DEMO_CARD_STOP_PHONE)
PORTAL_ADDRESS = bank_facts.portal("PORTAL_ADDRESS", ALLOWED_HOSTS, demo=DEMO)

INSTALLED_APPS = [
    "banking_portal.apps.AdvisorsDeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "axes",
    "csp",
    "auth_codes",
    "accounts",
]

MIDDLEWARE = [
    "banking_portal.middleware.RequestIdMiddleware",  # around all, so that every answer and line of log is named
    "banking_portal.middleware.DemoGuardMiddleware",
    "banking_portal.middleware.UnsaidProxyMiddleware",
    "banking_portal.middleware.SameKeysMiddleware",
    "banking_portal.middleware.LanguageMiddleware",  # around all that may refuse with a page
    "django.middleware.security.SecurityMiddleware",
    "banking_portal.middleware.SecurityHeadersMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",  # outermost: refusals from within have its header too
    "banking_portal.middleware.PolicyMiddleware",
    "banking_portal.middleware.UnreadableRequestMiddleware",  # within what gives every answer its headers
    "auth_codes.middleware.FloodMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "banking_portal.middleware.FirstVisitMiddleware",
    "banking_portal.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "banking_portal.middleware.FrenchRefusalMiddleware",  # within: CommonMiddleware tells the length of the body
    "django.middleware.csrf.CsrfViewMiddleware",
    "banking_portal.middleware.DraftsMiddleware",
    "auth_codes.middleware.SessionLimitsMiddleware",  # before anybody is looked for in a session that has ended
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "auth_codes.middleware.PersonaliseFirstMiddleware",
    "auth_codes.middleware.StrongEnoughMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "axes.middleware.AxesMiddleware",
    "auth_codes.middleware.RefusedObjectsMiddleware",
    "auth_codes.middleware.StepUpMiddleware",
]

ROOT_URLCONF = "banking_portal.urls"
WSGI_APPLICATION = "banking_portal.wsgi.application"

# Those that Django takes by itself.
TEMPLATE_LOADERS = ["django.template.loaders.filesystem.Loader", "django.template.loaders.app_directories.Loader"]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [("banking_portal.template_loader.Loader", TEMPLATE_LOADERS)],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "auth_codes.csrf_tokens.in_templates",
                "auth_codes.pages.visitor.visitor",
            ],
            "libraries": {"static": "banking_portal.static_once"},
            "builtins": [
                "banking_portal.typography",
                "banking_portal.icons",
                "banking_portal.calling",
                "banking_portal.other_language",
                "banking_portal.operations",
                "banking_portal.layouts",
                "django.templatetags.i18n",
                "banking_portal.constants",
            ],
        },
    },
]
# Our `static` takes the place of Django's on purpose; banking_portal/static_once.py.
SILENCED_SYSTEM_CHECKS = ["templates.W003"]
FORM_RENDERER = "banking_portal.forms.PortalFormRenderer"

DATABASES = {"default": environment.database(default=f"sqlite:///{VAR_DIR / 'portal.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    DATABASES["default"]["ENGINE"] = "banking_portal.postgresql"  # whose waits are bounded
if DATABASES["default"].get("OPTIONS", {}).get("pool"):
    DATABASES["default"]["CONN_MAX_AGE"] = 0  # with `?pool=true` the pool keeps the connections, not the threads
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    Path(DATABASES["default"]["NAME"]).parent.mkdir(parents=True, exist_ok=True)
    if environment.needs_keys():
        environment.make_private(Path(DATABASES["default"]["NAME"]))
    # IMMEDIATE: a transaction that begins by reading and then writes would otherwise fail at once under concurrency.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA foreign_keys=ON",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# In small letters, so that it is no setting: an error page shows those, and this one holds a password.
mail_server = environment.mail_server(demo=DEMO)
EMAIL_BACKEND, EMAIL_HOST, EMAIL_PORT = mail_server.backend, mail_server.host, mail_server.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = mail_server.user, mail_server.password
EMAIL_USE_SSL, EMAIL_USE_TLS = mail_server.use_ssl, mail_server.use_tls
EMAIL_TIMEOUT = 5  # seconds: somebody waits for the page, and what did not leave waits for send_notices
DEFAULT_FROM_EMAIL = environment.mail_sender(ALLOWED_HOSTS)

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "auth_codes.login.backends.LockoutBackend",
    "auth_codes.login.backends.ClientBackend",
    "auth_codes.login.backends.StaffBackend",
]
# Staff passwords only: a client's code is never in User.password.
PASSWORD_HASHERS = [
    "auth_codes.crypto.sealed_hasher.SealedPasswordHasher",
    "auth_codes.crypto.hashing.StaffPasswordHasher",  # those of before: stored anew at the next login
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "auth_codes.login.password_validator.StaffPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "overview"

# RFC 9106 with OWASP's second choice of parameters. The sealing, not this cost, protects six digits.
SECRET_CODE_ARGON2 = {"memory_kib": 19456, "iterations": 2, "parallelism": 1}

# Letters that « Code secret oublié » may bring about on one day, for the whole bank; past it, an alarm.
ONLINE_RENEWALS_PER_DAY = environment.whole_number("ONLINE_RENEWALS_PER_DAY", default=1000)
# Letters a day, for the whole bank, that tell clients without an e-mail address what strangers did: blocks, requests.
STRANGERS_LETTERS_PER_DAY = environment.whole_number("STRANGERS_LETTERS_PER_DAY", default=200)

# The age, in years, from which a minor may have an online space of his own; 18 gives none to any.
MINORS_ONLINE_FROM = environment.whole_number("MINORS_ONLINE_FROM", default=16)

# Days that a first moyen rests before a login asks for it; the demo has nobody to be warned.
FACTOR_REST_DAYS = environment.whole_number("FACTOR_REST_DAYS", default=0 if DEMO else 7, least=0 if DEMO else 1)
# Whether passkeys count that Apple, Google or a password manager copies between somebody's devices.
SYNCED_PASSKEYS = environment.whole_number("SYNCED_PASSKEYS", default=1) != 0
# From which day on the desk opens to nobody of the staff by a password alone; None: never.
STAFF_SECOND_FACTOR_FROM = environment.day_if_any("STAFF_SECOND_FACTOR_FROM")
# The same of clients: from which day on the two codes alone open the last 90 days of accounts; None: never.
SECOND_FACTOR_REQUIRED_FROM = environment.day_if_any("SECOND_FACTOR_REQUIRED_FROM")
# The kinds of moyen that count as strong authentication for looking at accounts; a printed list never does.
STRONG_FOR_ACCESS = environment.some_of("STRONG_FOR_ACCESS", ("passkey", "totp", "token"))
# Failures an hour that one address may have; carriers put thousands of telephones behind one, and have their own.
NETWORK_FAILURES_PER_HOUR = environment.whole_number("NETWORK_FAILURES_PER_HOUR", default=100, least=5)
CARRIER_NETWORKS = environment.carrier_networks("CARRIER_NETWORKS")
# Failed logins an hour, in the whole bank, from which on an alarm sounds.
LOGIN_FAILURES_ALARM = environment.whole_number("LOGIN_FAILURES_ALARM", default=1000, least=1)
# Counters of numbers tried, held by somebody or not, past which unknown devices wait: they must not fill the disk.
ATTEMPT_COUNTERS_AT_MOST = environment.whole_number("ATTEMPT_COUNTERS_AT_MOST", default=5_000_000, least=1000)
# Hashes that one process computes at the same time: its memory is this many times SECRET_CODE_ARGON2's.
HASHING_SLOTS = environment.whole_number("HASHING_SLOTS", default=4, least=2)  # half for known devices

# Where processes share what `manage.py serve_metrics` shows to Prometheus; None: nobody asks.
METRICS_FOLDER = environment.metrics_folder()

AXES_HANDLER = "auth_codes.login.axes_handler.PortalHandler"
AXES_LOCKOUT_CALLABLE = "auth_codes.pages.refusals.login_refused"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "auth_codes.browser.address"
# As shipped, an attempt during a block would prolong it: whoever knows a code client could lock its owner out for ever.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_USERNAME_FORM_FIELD = "username"
AXES_PASSWORD_FORM_FIELD = "password"  # noqa: S105 - the name of a field
AXES_SENSITIVE_PARAMETERS = [
    *("username", "password", "letter", "lock_code"),
    *("code", "code2", "list_code", "token_code", "token_code2", "assertion", "ticket"),
    *("step-code", "step-assertion"),
    *("old_password", "new_password1", "new_password2"),
]
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

SESSION_COOKIE_NAME = "session" if DEMO else "__Host-session"
SESSION_COOKIE_SECURE = not DEMO
SESSION_COOKIE_SAMESITE = "Lax"
# How long a login lasts is in auth_codes/sessions/limits.py; this is for the session of somebody who has not logged in.
SESSION_ENGINE = "auth_codes.sessions.store"
SESSION_COOKIE_AGE = 5 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_NAME = "csrftoken" if DEMO else "__Host-csrftoken"
CSRF_COOKIE_SECURE = not DEMO
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "banking_portal.views.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

SECURE_SSL_REDIRECT = not DEMO
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz)$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXY_COUNT else None
SECURE_HSTS_SECONDS = 0 if DEMO else 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Whom to tell of a flaw, as /.well-known/security.txt says it, and until when: at most a year ahead (RFC 9116).
SECURITY_CONTACT = environment.security_contact(demo=DEMO)
SECURITY_TXT_EXPIRES = environment.day("SECURITY_TXT_EXPIRES", default=date(2027, 11, 1))
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "manifest-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
DEFAULT_EXCEPTION_REPORTER_FILTER = "banking_portal.errors.AlwaysSafeReporterFilter"
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024

# French is what the code and the templates say; what else there is stands in the apps' `locale/`.
LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "language" if DEMO else "__Host-language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SECURE = not DEMO
LANGUAGE_COOKIE_HTTPONLY = True
TIME_ZONE = "Europe/Paris"
USE_I18N = True
USE_TZ = True
FORMAT_MODULE_PATH = "auth_codes.formats"

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "banking_portal.static_files.PortalStaticFilesStorage"},
}

LOG_FORMAT = environment.one_of("LOG_FORMAT", ("plain", "json"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "links": {"()": "banking_portal.logs.HideLinks"},
        "refusals": {"()": "banking_portal.logs.OneLineForRefusals"},
        "out_of_reach": {"()": "banking_portal.logs.OneLineForNoDatabase"},
        "seldom": {"()": "banking_portal.logs.OnceInAWhile"},
    },
    "formatters": {
        "plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
        "json": {"()": "banking_portal.json_logs.PortalJsonFormatter"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": LOG_FORMAT,
            "filters": ["links", "refusals", "out_of_reach"],
        }
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        # Each try of each thread to reach a database that is out of reach; it counts lost connections too.
        "psycopg.pool": {"level": "WARNING", "filters": ["seldom"]},
        # At INFO it writes down the name of each passkey that is shown.
        "fido2": {"level": "WARNING"},
    },
}
