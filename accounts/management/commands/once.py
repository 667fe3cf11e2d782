"""Runs a timer's command unless another server runs it now: so that each server may have all timers."""

import argparse
import json

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from accounts.management import results
from auth_codes import one_at_a_time

NO_TIMER = "« {} » n’est pas une commande de minuterie : lancez-la elle-même."


class Command(BaseCommand):
    help = (
        "Lance une commande de minuterie, sauf si un autre serveur la lance en ce moment : « manage.py once COMMANDE "
        "arguments ». Ainsi chaque serveur peut avoir toutes les minuteries. Affiche ce qu’affiche la commande ou, si "
        "elle tourne ailleurs, une ligne JSON qui le dit, avec le code de sortie 0."
    )

    def add_arguments(self, parser):
        parser.add_argument("timer", metavar="COMMANDE")
        parser.add_argument("arguments", nargs=argparse.REMAINDER)

    def handle(self, *, timer, arguments, **options):
        if timer not in results.TIMERS:
            raise CommandError(NO_TIMER.format(timer))
        with one_at_a_time.if_free(f"timer {timer}") as is_free:
            if not is_free:
                self.stdout.write(json.dumps({"runs_elsewhere": timer}))
                return
            with results.noted(["manage.py", timer, *arguments]):
                call_command(timer, *arguments)
