"""The WSGI application, for gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "banking_portal.settings")
application = get_wsgi_application()

from accounts.demo.mark import refuse_mixture  # noqa: E402 - models need the application set up

refuse_mixture()
