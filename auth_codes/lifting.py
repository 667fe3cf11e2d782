"""« C’était moi »: the owner owns up to the failures, and the block of unknown devices ends.

Source: RTS 2018/389 art. 4(4): who is blocked is told, and has a way to use his means again.
"""

from django.db import transaction
from django.http import HttpRequest

from auth_codes import connections, devices, journal, lockout
from auth_codes.models import SecurityEvent


class UnknownDevice(Exception):
    """The session that says so is not on a known device."""


def own_up(request: HttpRequest) -> bool:
    """Notes the answer of who is logged in, and says whether a block stood, which it ends. Raises UnknownDevice.

    The count stays: whoever goes on guessing has five more tries before the same block stands again.
    """
    owner = request.user
    if devices.recognise(request, owner.username) is None:
        raise UnknownDevice
    counter = lockout.client_counter(owner.username)
    stood = lockout.block_of(counter) is not None
    if stood or connections.report(request).wants_answer:
        with transaction.atomic():
            lockout.lift(counter)
            journal.record(SecurityEvent.Kind.BLOCK_LIFTED, owner=owner, by=owner, request=request)
    connections.note_answer(request)
    return stood
