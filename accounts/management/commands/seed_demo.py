"""Fills the demo bank."""

from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from tqdm import tqdm

from accounts import client_codes
from accounts.demo import bank, mark
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
            "--credentials", type=Path, metavar="FILE", help="y écrire leurs codes : client_code,secret_code,kind"
        )

    def handle(self, *, clients, credentials, **options):
        if not settings.DEMO:
            raise CommandError("Cette commande ne remplit qu’une démonstration : DEMO=1 manque.")
        if clients < 0:
            raise CommandError("--clients attend un nombre positif.")
        if credentials and not clients:
            raise CommandError("--credentials reçoit les codes des clients ajoutés : donnez aussi --clients N.")
        try:
            mark.mark_as_demo()
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from None
        staff = self._staff()
        if clients:
            self._many(clients, credentials)
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

    def _many(self, count, credentials):
        kept = credentials and Credentials(credentials, ["client_code", "secret_code", "kind"])
        if kept:
            self._check(kept)
        with tqdm(total=count, desc="Clients", unit="client", disable=None) as bar:
            rows = bank.make_many(count, bar.update)
        if kept:
            kept.write(rows)
        self.stdout.write(f"{len(rows)} clients ajoutés.")

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
