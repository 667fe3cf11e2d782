"""The WSGI application, for gunicorn."""

import logging
import os
import sys

import django
from django.db import DatabaseError

# What a worker of gunicorn ends with for its master to stop: another start would end alike.
CANNOT_BOOT = 3

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "banking_portal.settings")
django.setup(set_prefix=False)

from accounts.demo.mark import refuse_mixture  # noqa: E402 - models need the application set up
from auth_codes.crypto.fingerprints import WrongKeys  # noqa: E402 - as above
from banking_portal.database_errors import is_out_of_reach  # noqa: E402 - as above
from banking_portal.deployment import say_at_start  # noqa: E402 - as above
from banking_portal.postgresql.connections import bound_pages  # noqa: E402 - as above
from banking_portal.requests import PortalApplication  # noqa: E402 - as above
from banking_portal.serving.backends import choose_at_once  # noqa: E402 - as above
from banking_portal.serving.forms import copy_at_once  # noqa: E402 - as above
from banking_portal.serving.headers import write_plainly  # noqa: E402 - as above
from banking_portal.serving.plain_settings import read_plainly  # noqa: E402 - as above
from banking_portal.serving.routes import keep_routes  # noqa: E402 - as above
from banking_portal.serving.threads import keep_by_thread  # noqa: E402 - as above
from banking_portal.serving.tokens import draw_at_once  # noqa: E402 - as above
from banking_portal.serving.words import keep_words  # noqa: E402 - as above

keep_by_thread()
draw_at_once()
choose_at_once()
read_plainly()
keep_routes()
keep_words()
copy_at_once()
write_plainly()
bound_pages()
try:
    refuse_mixture()
except WrongKeys as refused:
    logging.getLogger(__name__).critical("%s", refused)
    sys.exit(CANNOT_BOOT)
except DatabaseError as error:
    # Workers are replaced while the database is away as well: each connection is judged when it is made.
    if not is_out_of_reach(error):
        raise
say_at_start()
application = PortalApplication()
