"""Tells whose right codes were typed without a moyen, and deletes challenges and unproved keys that are over."""

import json

from django.core.management.base import BaseCommand
from django.utils import timezone

from auth_codes.factors import client_tickets, enrolling
from auth_codes.login import steps


class Command(BaseCommand):
    help = (
        "Avertit les clients dont les deux codes ont été saisis sur un appareil inconnu sans leur second moyen, une "
        "fois par jour au plus, et efface les demandes de second moyen expirées, avec les clés que personne n’a "
        "reliées et les tickets de la veille. À lancer toutes les cinq minutes."
    )

    def handle(self, **options):
        now = timezone.now()
        told, forgotten = steps.tell_of_known_codes(now), enrolling.forget_unproved(now)
        client_tickets.forget_old(now)
        self.stdout.write(json.dumps({"told": told, "forgotten": forgotten}))
