"""Takes a booking back by a new one, for operators."""

import json
import re
from argparse import ArgumentTypeError
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from accounts.ledger import books, corrections
from accounts.models import Booking
from auth_codes.actor import SYSTEM

LONGEST_REASON = 120
REFUSALS = {
    books.AlreadyCorrected: "Cette écriture est déjà rectifiée, ou en est une elle-même : passez-en une neuve.",
    books.AccountClosed: "L’un des comptes est clôturé : rien ne peut plus y être passé.",
    books.BooksClosed: "L’un des comptes a une opération d’un jour à venir : vérifiez l’horloge de ce serveur.",
    books.SavingsOverdrawn: "L’argent n’est plus sur le livret d’épargne, qui ne peut être à découvert.",
    books.BalanceTooLarge: "L’un des soldes dépasserait ce qu’un compte peut porter.",
}


def reason(text: str) -> str:
    """Raises ArgumentTypeError."""
    if not text.strip() or len(text) > LONGEST_REASON or re.search(r"[\x00-\x1f\x7f-\x9f]", text):
        raise ArgumentTypeError(f"attendu : un motif sur une ligne, de {LONGEST_REASON} signes au plus")
    return text.strip()


def booking_id(text: str) -> UUID:
    """Raises ArgumentTypeError."""
    try:
        return UUID(text)
    except ValueError:
        raise ArgumentTypeError("attendu : l’identifiant d’une écriture, tel que check_ledger l’affiche") from None


class Command(BaseCommand):
    help = (
        "Rectifie une écriture : une nouvelle, du jour, en est l’inverse ; rien n’est effacé. Une ligne du journal le "
        "dit à chaque titulaire touché, avec le motif, qu’il peut lire. Affiche une ligne JSON."
    )

    def add_arguments(self, parser):
        parser.add_argument("booking", type=booking_id, metavar="ID", help="l’écriture")
        parser.add_argument("--reason", type=reason, required=True, metavar="MOTIF", help="lu par le client")

    def handle(self, *, booking, reason, **options):
        wrong = Booking.objects.filter(pk=booking).first()
        if wrong is None:
            raise CommandError("Aucune écriture n’a cet identifiant.")
        try:
            correction, holders = corrections.correct_booking(wrong, reason=reason, by=SYSTEM)
        except tuple(REFUSALS) as refusal:
            raise CommandError(REFUSALS[type(refusal)]) from None
        told = {"booking": wrong.pk.hex, "correction": correction.pk.hex, "clients_told": len(holders)}
        self.stdout.write(json.dumps(told))
