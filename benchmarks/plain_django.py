"""Settings of what the portal's login is measured beside: Django's own LoginView with django-axes, and nothing more."""

import dj_database_url

SECRET_KEY = "of-a-benchmark-" + "k" * 50
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
DATABASES = {"default": dj_database_url.config("PLAIN_DATABASE_URL", conn_max_age=600, conn_health_checks=True)}
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "axes"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AXES_FAILURE_LIMIT = 5
AXES_VERBOSE = False
# At the portal's own cost.
PASSWORD_HASHERS = ["benchmarks.plain_django_urls.SameCost"]
ROOT_URLCONF = "benchmarks.plain_django_urls"
LOGIN_REDIRECT_URL = "/"
LOGIN = """<!doctype html><title>Log in</title>
<form method="post">{% csrf_token %}{{ form.as_p }}<button>Log in</button></form>"""
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [("django.template.loaders.locmem.Loader", {"registration/login.html": LOGIN})],
                )
            ],
            "context_processors": ["django.template.context_processors.request"],
        },
    }
]
USE_TZ = True
