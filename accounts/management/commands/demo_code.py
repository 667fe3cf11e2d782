"""The demo's telephone: what the authenticator apps and the lent tokens of its people show at this moment."""

import time

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from auth_codes.factors import totp
from auth_codes.models import Factor, Token

IN_STOCK = "à la banque"


class Command(BaseCommand):
    help = (
        "Dans la démonstration : affiche les nombres que montreraient maintenant les applications d’authentification "
        "de ses conseillers et de ses clients et les boîtiers de la banque, et ceux d’avant, qu’il faut pour en relier "
        "ou en activer un."
    )

    def handle(self, **options):
        if not settings.DEMO:
            raise CommandError("Cette commande ne sert qu’à la démonstration : DEMO=1 manque.")
        shown = [*self._apps(), *self._tokens()]
        if not shown:
            self.stdout.write("Personne n’a encore de second moyen : ajoutez-en un, puis relancez.")
            return
        step = totp.step_at(timezone.now())
        for name, secret, what in shown:
            numbers = [totp.code_at(secret, at) for at in (step - 1, step)]
            in_words = "   puis   ".join(f"{number[:3]} {number[3:]}" for number in numbers)
            self.stdout.write(f"{name}   {in_words}   {what}")
        left = totp.STEP_SECONDS - int(time.time()) % totp.STEP_SECONDS
        self.stdout.write(f"Le second de chaque ligne est celui du moment, pour {left} secondes encore.")

    def _apps(self):
        factors = Factor.objects.unended().filter(kind=Factor.Kind.TOTP).select_related("owner")
        for factor in factors.order_by("owner__username", "state"):
            yield factor.owner.get_username(), factor.unseal(), factor

    def _tokens(self):
        for token in Token.objects.exclude(state=Token.State.WITHDRAWN).select_related("lent_to"):
            name = token.lent_to.get_username() if token.lent_to else IN_STOCK
            yield name, token.unseal(), token
