"""What is raised where the demo meets a bank's database; without models, so that `manage.py` can name it."""

from django.core.exceptions import ImproperlyConfigured


class Mixture(ImproperlyConfigured):
    """The demo would run on a bank's database, or a bank on the demo's; the text says what to do."""
