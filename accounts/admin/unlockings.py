"""Locks that are to be undone, before the second advisor."""

from django.contrib import admin

from accounts.admin import lock_acts
from accounts.admin.asking import OwnersActAdmin
from accounts.desk.dual_control import Answers, why_not
from auth_codes.locking import locks, unlocking
from auth_codes.models import Unlocking


@admin.register(Unlocking)
class UnlockingAdmin(OwnersActAdmin):
    answers = Answers(
        approve=unlocking.approve,
        refuse=unlocking.refuse,
        approved="Accès déverrouillé : le client se connecte de nouveau avec ses codes.",
        refused="Demande refusée : l’accès reste verrouillé.",
        withdrawn="Demande retirée : l’accès reste verrouillé.",
        why_not=lock_acts.UNLOCKING.why_not | why_not(Unlocking),
    )

    def facts(self, asked):
        lock = locks.standing(asked.owner)
        return {"client": asked.owner.client, "lock": lock, "again": locks.last_asked_again(lock) if lock else None}
