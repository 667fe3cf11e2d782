"""Draws the pictures of /code-client-oublie/ from the sources of the papers; to be run when a paper's look changes."""

from django.conf import settings
from django.core.management.base import BaseCommand

from accounts.papers import specimens


class Command(BaseCommand):
    help = "Redessine les images de « Code client oublié » d’après les vrais documents, dans static/img/."
    requires_system_checks = ()

    def handle(self, **options):
        for kind, contents in specimens.specimens().items():
            picture = settings.BASE_DIR / "static" / "img" / f"specimen_{kind}.svg"
            picture.write_bytes(specimens.draw(contents))
            self.stdout.write(f"{picture.name} : {picture.stat().st_size} octets")
