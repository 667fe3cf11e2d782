"""Who signs for the holder of an account, for an advisor who reads the signatures on a paper."""

from datetime import date

from accounts.bank_accounts.signers import signers_of
from accounts.models import Client

HEIRS = "La succession de {} : le notaire, ou tous les héritiers"
WITH = "{}, avec {}, son curateur"
FOR = "{} pour {}"
GUARDIANS = "Qui représente {}, jugement ou livret de famille à l’appui"


def who_signs(holder: Client, today: date) -> str:
    """« M. Paul DURAND pour Mlle Léa DURAND »: the person himself, or whoever acts for him on that day."""
    if holder.end_reason == Client.End.DEATH:
        return HEIRS.format(holder)
    signing = signers_of(holder, today)
    others = " et ".join(str(signer) for signer in signing if signer != holder)
    if holder.is_minor(today) or holder.is_ward:
        return FOR.format(others, holder) if others else GUARDIANS.format(holder)
    return WITH.format(holder, others) if others else str(holder)
