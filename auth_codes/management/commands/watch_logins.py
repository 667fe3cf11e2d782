"""Raises and ends the alarms of the logins; a timer runs it every few minutes."""

import json

from django.core.management.base import BaseCommand
from django.utils import timezone

from auth_codes import one_at_a_time
from auth_codes.lockout import hours, watch


class Command(BaseCommand):
    help = (
        "Compte les connexions, les numéros essayés et les refus, déclenche ou lève les alarmes, et affiche une ligne "
        "JSON. À lancer toutes les cinq minutes."
    )

    def handle(self, **options):
        with one_at_a_time.alone("watch logins"):
            now = timezone.now()
            figures = {"counters": watch.watch_counters(now), "failures": watch.watch_failures(now)}
            watch.watch_bindings(now)
            hours.keep(now)
            alarms = [alarm.name for alarm in watch.alarms(now)]
        self.stdout.write(json.dumps(figures | {"alarms": alarms}))
