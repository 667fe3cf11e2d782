"""Tells the journal of default codes that expired unused; a timer runs it every day."""

import json

from django.core.management.base import BaseCommand
from django.utils import timezone

from auth_codes.renewals import code_life


class Command(BaseCommand):
    help = "Note au journal les codes provisoires expirés sans avoir été remplacés. À lancer chaque jour."

    def handle(self, **options):
        self.stdout.write(json.dumps({"expired": code_life.note_expired(timezone.now())}))
