"""Issues the letters that « Code secret oublié » asked for; a timer runs it every hour or so."""

import json
from collections import Counter

from django.core.management.base import BaseCommand
from django.utils import timezone
from tqdm import tqdm

from auth_codes import online_requests


class Command(BaseCommand):
    help = (
        "Traite les demandes de code secret faites en ligne : émet les plis scellés, ou note pourquoi aucun ne part. "
        "Affiche une ligne JSON. À lancer par une minuterie, par exemple toutes les heures."
    )

    def handle(self, **options):
        outcomes, is_full = Counter(), False
        waiting = list(online_requests.waiting())
        for asked in tqdm(waiting, desc="Demandes", unit="demande", disable=None):
            now = timezone.now()
            try:
                outcomes[online_requests.handle(asked, now) or "waiting"] += 1
            except online_requests.CeilingReached:
                online_requests.sound_ceiling_alarm(now)
                is_full = True
                break
        purged = online_requests.purge(timezone.now())
        self.stdout.write(json.dumps({**outcomes, "purged": purged, "ceiling_reached": is_full}))
