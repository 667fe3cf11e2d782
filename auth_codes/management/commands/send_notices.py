"""For a timer: writes the e-mails about blocks, and sends those that could not leave when they were written."""

import json

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from auth_codes import notices
from auth_codes.login import block_notices, staff_block_notices


class Command(BaseCommand):
    help = (
        "Prévient les clients et le personnel dont la connexion est en pause, envoie les courriels en attente, "
        "les plus anciens d’abord, et affiche une ligne JSON. Un courriel qui vient d’échouer attend dix minutes ; "
        "au bout de sept jours il est abandonné."
    )

    def handle(self, **options):
        now = timezone.now()
        blocks_told = block_notices.write_due(now) + staff_block_notices.write_due(now)
        if not notices.can_send():
            raise CommandError(f"EMAIL_URL manque : {notices.count_waiting()} courriel(s) en attente.")
        done = notices.send_waiting(timezone.now())
        counts = {"blocks_told": blocks_told, "sent": done.sent, "refused": done.refused, "given_up": done.given_up}
        self.stdout.write(json.dumps(counts | {"waiting": notices.count_waiting()}))
        if done.is_cut_short:
            raise CommandError("Le serveur de messagerie ne répond pas comme il faut : le reste attend.")
