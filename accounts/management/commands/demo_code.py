"""The demo's telephone: shows the numbers that the authenticator apps of its people show at this moment."""

import time

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from auth_codes.factors import totp
from auth_codes.models import Factor


class Command(BaseCommand):
    help = (
        "Dans la démonstration : affiche les nombres que montreraient maintenant les applications d’authentification "
        "de ses conseillers et de ses clients, et ceux d’avant, qu’il faut pour en relier une."
    )

    def handle(self, **options):
        if not settings.DEMO:
            raise CommandError("Cette commande ne sert qu’à la démonstration : DEMO=1 manque.")
        factors = (
            Factor.objects.unended()
            .filter(kind=Factor.Kind.TOTP)
            .select_related("owner")
            .order_by("owner__username", "state")
        )
        if not factors:
            self.stdout.write("Personne n’a encore de second moyen : ajoutez-en un, puis relancez.")
            return
        step = totp.step_at(timezone.now())
        for factor in factors:
            numbers = [totp.code_at(factor.unseal(), at) for at in (step - 1, step)]
            shown = "   puis   ".join(f"{number[:3]} {number[3:]}" for number in numbers)
            self.stdout.write(f"{factor.owner.get_username()}   {shown}   {factor}")
        left = totp.STEP_SECONDS - int(time.time()) % totp.STEP_SECONDS
        self.stdout.write(f"Le second de chaque ligne est celui du moment, pour {left} secondes encore.")
