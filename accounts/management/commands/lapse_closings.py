"""Writes down the closings that were asked of holders and are over by themselves; a timer runs it every night."""

import json

from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts.bank_accounts import closing_requests


class Command(BaseCommand):
    help = (
        "Note les demandes de clôture dont le dernier jour est passé, ou que leur compte ne permet plus, et prévient "
        "les titulaires. À lancer chaque nuit."
    )

    def handle(self, **options):
        self.stdout.write(json.dumps({"lapsed": closing_requests.end_those_over(timezone.localdate())}))
