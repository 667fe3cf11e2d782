"""Issues the monthly statements of all accounts."""

import argparse
import json
import os
import re
import time
from concurrent.futures.process import BrokenProcessPool
from datetime import date

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from accounts.documents import render_pool, statements

NOT_ENDED = "Le mois {month:%Y-%m} n’est pas terminé : ses relevés s’émettent à partir du jour suivant."
EARLIER_MISSING = (
    "Il manque des relevés de {month:%Y-%m}, et un relevé commence où finit le précédent. Lancez d’abord : "
    "issue_statements --month {month:%Y-%m}"
)
RENDERER_ENDED = (
    "Un processus qui compose les relevés a été arrêté, peut-être faute de mémoire. Relancez la même commande, au "
    "besoin avec moins de --workers : ce qui est émis reste émis."
)
NOTHING_TO_ISSUE = "Rien à émettre : aucun compte n’attend de relevé de {month:%Y-%m}."
DAMAGED = (
    "{count} compte(s) sans relevé : leurs opérations ne s’additionnent pas. Le journal technique donne leurs numéros "
    "internes ; le reste est émis."
)


def month_of(text: str) -> date:
    if not re.fullmatch(r"20[0-9]{2}-(0[1-9]|1[0-2])", text):
        raise argparse.ArgumentTypeError(f"« {text} » n’est pas un mois : écrivez par exemple 2026-10.")
    return date.fromisoformat(f"{text}-01")


def at_least_one(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text)):
        raise argparse.ArgumentTypeError("--workers attend un nombre à partir de 1.")
    return int(text)


class Command(BaseCommand):
    help = (
        "Arrête les comptes à la fin du mois, puis émet le relevé de chaque compte pour chacun de ses titulaires, avec "
        "son code client à lui. Peut être interrompue et relancée à tout moment : ce qui est émis ne l’est qu’une fois "
        "et ne change plus. Affiche une ligne JSON. À lancer par une minuterie, le premier jour de chaque mois."
    )

    def add_arguments(self, parser):
        parser.add_argument("--month", required=True, type=month_of, metavar="AAAA-MM", help="un mois terminé")
        parser.add_argument(
            "--workers", type=at_least_one, default=os.cpu_count(), help="processus qui composent (les cœurs)"
        )

    def handle(self, *, month, workers, **options):
        started = time.monotonic()
        with tqdm(total=statements.waiting(month).count(), desc="Comptes", unit=" comptes", disable=None) as bar:
            try:
                pool = render_pool.of(workers)
                done = statements.issue_month(month, on=timezone.localdate(), pool=pool, advance=bar.update)
            except statements.MonthNotEnded:
                raise CommandError(NOT_ENDED.format(month=month)) from None
            except statements.EarlierMonthMissing as missing:
                raise CommandError(EARLIER_MISSING.format(month=missing.month)) from None
            except BrokenProcessPool:
                raise CommandError(RENDERER_ENDED) from None
        seconds = time.monotonic() - started
        figures = {
            "month": f"{month:%Y-%m}",
            "statements": done.statements,
            "damaged_accounts": len(done.damaged),
            "seconds": round(seconds, 2),
            "per_second": round(done.statements / seconds, 1),
        }
        self.stdout.write(json.dumps(figures))
        if done.damaged:
            raise CommandError(DAMAGED.format(count=len(done.damaged)))
        if not done.statements:
            self.stderr.write(NOTHING_TO_ISSUE.format(month=month))
