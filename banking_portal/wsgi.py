"""The WSGI application, for gunicorn."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "banking_portal.settings")
django.setup(set_prefix=False)

from accounts.demo.mark import refuse_mixture  # noqa: E402 - models need the application set up
from banking_portal.requests import PortalApplication  # noqa: E402 - as above

refuse_mixture()
application = PortalApplication()
