"""Issues the letters that « Code secret oublié » asked for; a timer runs it every hour or so."""

import json
import logging
from collections import Counter

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone
from tqdm import tqdm

from auth_codes.crypto.hashing import HashingFailed
from auth_codes.one_at_a_time import alone
from auth_codes.renewals import online

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = (
        "Traite les demandes de code secret faites en ligne : émet les plis scellés, ou note pourquoi aucun ne part. "
        "Affiche une ligne JSON. À lancer par une minuterie, par exemple toutes les heures."
    )

    def handle(self, **options):
        with alone("issue_requested_letters"):  # two runs at once would each count a day's letters without the other's
            self._handle_all()

    def _handle_all(self):
        outcomes, failed, is_full = Counter(), 0, False
        waiting = list(online.waiting())
        for asked in tqdm(waiting, desc="Demandes", unit="demande", disable=None):
            now = timezone.now()
            try:
                outcomes[online.handle(asked, now) or "waiting"] += 1
            except online.CeilingReached:
                online.sound_ceiling_alarm(now)
                is_full = True
                break
            except (HashingFailed, DatabaseError) as error:
                # The oldest would otherwise keep all others waiting, at each run.
                log.error("Request %d could not be handled: %s", asked.pk, type(error).__name__)
                failed += 1
        purged = online.purge(timezone.now())
        self.stdout.write(json.dumps({**outcomes, "purged": purged, "ceiling_reached": is_full}))
        if failed:
            raise CommandError(f"{failed} demande(s) en échec, voir le journal technique : relancez plus tard.")
