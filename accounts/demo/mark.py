"""The demo and the bank never share a database or a server."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from accounts.models import Client, DemoMark, User


def is_demo_database() -> bool:
    """Whether `seed_demo` has marked this database, on which a bank's portal then never starts."""
    return DemoMark.objects.exists()


def mark_as_demo() -> None:
    """Marks an empty database. Raises ImproperlyConfigured for one that holds people and is not the demo's."""
    if not is_demo_database() and (Client.objects.exists() or User.objects.exists()):
        raise ImproperlyConfigured("Cette base contient des personnes et n’est pas celle d’une démonstration.")
    DemoMark.objects.get_or_create(id=1)


def refuse_mixture() -> None:
    """Raises ImproperlyConfigured when the server would run the demo on a bank's database, or the reverse."""
    if settings.DEMO and not is_demo_database():
        raise ImproperlyConfigured("DEMO=1, mais cette base n’est pas marquée « démonstration » (manage.py seed_demo).")
    if not settings.DEMO and is_demo_database():
        raise ImproperlyConfigured("Cette base est une démonstration : le portail n’y démarre qu’avec DEMO=1.")
