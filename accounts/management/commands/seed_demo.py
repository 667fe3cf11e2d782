"""Fills the demo bank."""

import time
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from tqdm import tqdm

from accounts import client_codes
from accounts.demo import bank, crowd, loading, mark
from accounts.demo.bank import Credentials
from accounts.models import Client

KINDS = {
    "default": "code provisoire, à personnaliser à la première connexion",
    "personal": "code personnel, une année d’opérations",
    "no online space": "pas encore d’espace en ligne",
}


class Command(BaseCommand):
    help = "Remplit une banque de démonstration et affiche ses codes. Demande DEMO=1 et une base vide ou déjà marquée."

    def add_arguments(self, parser):
        parser.add_argument("--clients", type=int, default=0, metavar="N", help="ajouter N clients inventés")
        parser.add_argument(
            "--with-codes",
            type=int,
            metavar="M",
            help="parmi eux, M ont un code secret, un contrat et des opérations, les autres un espace et un compte "
            "seulement, ce qui va cent fois plus vite ; N si rien n’est dit",
        )
        parser.add_argument(
            "--credentials", type=Path, metavar="FILE", help="y écrire leurs codes : client_code,secret_code,kind"
        )

    def handle(self, *, clients, credentials, with_codes, **options):
        if not settings.DEMO:
            raise CommandError("Cette commande ne remplit qu’une démonstration : DEMO=1 manque.")
        if clients < 0:
            raise CommandError("--clients attend un nombre positif.")
        if with_codes is not None and not 0 <= with_codes <= clients:
            raise CommandError("--with-codes attend un nombre de 0 à celui de --clients.")
        if credentials and not clients:
            raise CommandError("--credentials reçoit les codes des clients ajoutés : donnez aussi --clients N.")
        try:
            mark.mark_as_demo()
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from None
        staff = self._staff()
        if clients:
            self._many(clients, clients if with_codes is None else with_codes, credentials)
            return
        self._print(self._three_people(), staff)

    def _staff(self):
        kept = Credentials(settings.VAR_DIR / "demo_staff.csv", ["username", "password", "role"])
        with transaction.atomic():
            made = bank.make_staff()
            anew = {row["username"] for row in made}
            kept.write([row for row in kept.read() if row["username"] not in anew] + made)
        return kept.read()

    def _three_people(self):
        kept = Credentials(settings.VAR_DIR / "demo_codes.csv", ["name", "client_code", "secret_code", "kind"])
        if not Client.objects.exists():
            if not settings.DEMO_WORKSHOP_KEY.exists():
                raise CommandError("La clé de l’atelier manque : lancez « python -m banking_portal.demo_environment ».")
            with transaction.atomic():
                letters = settings.VAR_DIR / "demo_letters"
                kept.write(bank.make_three_people(letters, settings.DEMO_WORKSHOP_KEY))
        return kept.read()

    def _many(self, count, with_codes, credentials):
        kept = credentials and Credentials(credentials, ["client_code", "secret_code", "kind"])
        if kept:
            self._check(kept)
        rows = self._with_codes(with_codes) if with_codes else []
        if kept:
            kept.write(rows)  # before the rest: their codes are nowhere else
        if count > with_codes:
            self._without_codes(count - with_codes)
        loading.analyze()
        self.stdout.write(f"{count} clients ajoutés.")

    def _with_codes(self, count):
        started = time.monotonic()
        with tqdm(total=count, desc="Clients avec un code", unit="client", disable=None) as bar:
            made = bank.make_many(count, bar.update)
        self._say_rate("avec un code", count, time.monotonic() - started, f", dont hachage {made.hashing:.1f} s")
        return made.rows

    def _without_codes(self, count):
        started = time.monotonic()
        with tqdm(total=count, desc="Clients sans code", unit="client", disable=None) as bar:
            crowd.make(count, bank.advisors(), bar.update)
        self._say_rate("sans code", count, time.monotonic() - started)

    def _say_rate(self, which, count, seconds, hashing=""):
        self.stderr.write(f"{count} {which} : {seconds:.1f} s{hashing} ; {count / seconds:.0f} par seconde.")

    def _check(self, kept):
        """A file that cannot be written is said before the work, not after."""
        try:
            kept.write([])
        except OSError as error:
            raise CommandError(f"{kept.path} ne peut pas être écrit : {error.strerror}.") from None

    def _print(self, people, staff):
        self.stdout.write("\nClients de la démonstration (codes du début) :")
        for row in people:
            shown = client_codes.display(row["client_code"]).replace("\u00a0", " ")
            self.stdout.write(f"  {shown}   {row['secret_code'] or '------'}   {row['name']} : {KINDS[row['kind']]}")
        self.stdout.write("Personnel, sur /admin/ :")
        for row in staff:
            self.stdout.write(f"  {row['username']}   {row['password']}   {row['role']}")
        self.stdout.write("")
