"""Lists what happened at the logins hour by hour: the figures of the desk's page, for a monitoring system."""

import json

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from auth_codes.lockout import hours

MOST_HOURS = 13 * 31 * 24  # the journal is kept 13 months


class Command(BaseCommand):
    help = (
        "Liste les connexions, échecs, blocages et réseaux arrêtés, heure par heure, la plus récente d’abord : une "
        "ligne JSON par heure, que lisent aussi bien un outil de supervision qu’un œil humain."
    )

    def add_arguments(self, parser):
        parser.add_argument("--hours", type=int, default=48, metavar="N", help="combien d’heures ; 48 par défaut")

    def handle(self, **options):
        if not 1 <= options["hours"] <= MOST_HOURS:
            raise CommandError(f"--hours doit être compris entre 1 et {MOST_HOURS}.")
        for hour in hours.hours(timezone.now(), options["hours"]):
            since = timezone.localtime(hour.since).isoformat(timespec="minutes")
            self.stdout.write(json.dumps(hour._asdict() | {"since": since, "alarm": hour.is_alarming}))
