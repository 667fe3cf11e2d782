"""Registers a person and opens a first account, for scripts."""

import json

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.bank_accounts.opening import open_account
from accounts.clients import client_journal
from accounts.clients.address_fields import DOUBTFUL
from accounts.desk.forms import ClientForm
from accounts.kinds import Event
from accounts.models import BankAccount, Client, User
from auth_codes.actor import Actor

TWIN = (
    "Une personne de mêmes nom, prénoms et date de naissance existe déjà. "
    "Si c’est une autre personne, ajoutez --another-person."
)
SEVERAL_SCRIPTS = (
    "Ce nom mêle plusieurs alphabets, dont des lettres se ressemblent. "
    "Si la pièce d’identité l’écrit ainsi et que c’est une autre personne, ajoutez --another-person."
)

DOUBTFUL_ADDRESS = "Si l’adresse s’écrit bien ainsi, ajoutez --keep-address."

NAMED = 10  # advisors that an error names


class Command(BaseCommand):
    help = "Enregistre une personne et ouvre son premier compte ; affiche une ligne JSON avec le code client attribué."

    def add_arguments(self, parser):
        parser.add_argument("--title", required=True, choices=Client.Title.values)
        given = parser.add_mutually_exclusive_group(required=True)
        given.add_argument("--given-names", default="")
        given.add_argument("--one-name", action="store_true", dest="has_one_name", help="n’a qu’un nom")
        parser.add_argument("--family-name", required=True)
        parser.add_argument("--birth-name", default="", help="nom de naissance, s’il diffère du nom")
        born = parser.add_mutually_exclusive_group(required=True)
        born.add_argument("--birth-date", default="", metavar="AAAA-MM-JJ")
        born.add_argument("--birth-year", default="", metavar="AAAA", help="si l’année seule est connue")
        email = parser.add_mutually_exclusive_group(required=True)
        email.add_argument("--email", default="")
        email.add_argument("--no-email", action="store_true", dest="has_no_email")
        parser.add_argument("--mobile-phone", default="")
        parser.add_argument("--home-phone", default="")
        parser.add_argument("--no-phone", action="store_true", dest="has_no_phone")
        parser.add_argument("--street", required=True)
        parser.add_argument("--address-complement", default="")
        parser.add_argument("--postcode", default="", help="vide dans un pays qui n’en a pas")
        parser.add_argument("--city", required=True)
        parser.add_argument("--region", default="", help="État, province ou région, où l’adresse en nomme")
        parser.add_argument("--country", default="France", help="nom ou code ISO 3166 (par défaut France)")
        parser.add_argument(
            "--keep-address", action="store_true", help="créer malgré une adresse que ce pays n’écrit pas ainsi"
        )
        parser.add_argument("--advisor", metavar="NOM", help="nom d’utilisateur du conseiller (inutile s’il est seul)")
        parser.add_argument("--kind", choices=BankAccount.Kind.values, default=BankAccount.Kind.CURRENT)
        parser.add_argument(
            "--another-person", action="store_true", help="créer malgré les mêmes nom, prénoms et date de naissance"
        )

    def handle(self, *, kind, another_person, keep_address, advisor, **options):
        by = Actor(self._advisor(advisor))
        ticked = {"is_another_person": another_person, "keeps_address": keep_address}
        form = ClientForm({**options, **ticked, "advisor": by.user.pk})
        if not form.is_valid():
            raise CommandError("\n".join(_sentences(form)))
        with transaction.atomic():
            client = form.save()
            client_journal.record(Event.CLIENT_REGISTERED, client, by=by)
            open_account(client, kind=kind, by=by)
        self.stdout.write(json.dumps({"client_code": client.client_code}))

    def _advisor(self, name):
        staff = User.objects.filter(is_staff=True, is_active=True)
        found = list((staff.filter(username=name) if name else staff)[:2])
        if len(found) == 1:
            return found[0]
        if name:
            raise CommandError(f"Il n’y a pas de conseiller « {name} ».")
        if not found:
            raise CommandError(
                "Il n’y a pas encore de conseiller : créez d’abord un membre du personnel (createsuperuser)."
            )
        names = ", ".join(staff.order_by("username").values_list("username", flat=True)[:NAMED])
        raise CommandError(f"Précisez le conseiller, --advisor NOM : {names}.")


def _sentences(form):
    for field, errors in form.errors.items():
        if form.has_error(field, "twin"):
            yield TWIN
            continue
        if form.has_error(field, "several_scripts"):
            yield SEVERAL_SCRIPTS
            continue
        if form.has_error(field, DOUBTFUL):
            [doubt] = (error for error in errors.as_data() if error.code == DOUBTFUL)
            yield f"--{field} : {doubt.params['fact']} {DOUBTFUL_ADDRESS}"
            continue
        yield from (f"--{field.replace('_', '-')} : {error}" for error in errors)
