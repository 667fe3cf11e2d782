"""The owner's answers to failures that nobody got in by: from a known device, each ends the block of unknown ones.

« C’était moi » owns up to them; « Personne n’est entré » says that a stranger tried in vain.

Source: RTS 2018/389 art. 4(4): who is blocked is told, and has a way to use his means again.
"""

from django.db import transaction

from auth_codes import journal
from auth_codes.actor import Actor
from auth_codes.devices import known_devices, last_connection
from auth_codes.lockout import counters
from auth_codes.models import SecurityEvent
from auth_codes.owner import OwnersRequest


class UnknownDevice(Exception):
    """The session that says so is not on a known device."""


def own_up(request: OwnersRequest) -> bool:
    """« C’était moi »: notes it, and says whether a block stood, which it ends. Raises UnknownDevice."""
    if not _is_on_known_device(request):
        raise UnknownDevice
    return _lift(request, "it_was_me")


def only_tried(request: OwnersRequest) -> bool:
    """« Personne n’est entré »: notes it, and says whether a block stood, which it ends.

    Raises UnknownDevice, but only where a block stands: with nothing to lift, any device may give this answer.
    """
    if _is_on_known_device(request):
        return _lift(request, "only_tried")
    last_connection.note_answer(request)
    if counters.block_of(counters.client_counter(request.user.username)):
        raise UnknownDevice
    return False


def _is_on_known_device(request: OwnersRequest) -> bool:
    return known_devices.recognise(request, request.user.username) is not None


def _lift(request: OwnersRequest, answer: str) -> bool:
    """The count stays: whoever goes on guessing has five more tries before the same block stands again."""
    owner = request.user
    counter = counters.client_counter(owner.username)
    stood = counters.block_of(counter) is not None
    if stood or last_connection.report(request).wants_answer:
        with transaction.atomic():
            counters.lift(counter)
            details = {"answer": answer}
            by = Actor.of(request)
            journal.record(SecurityEvent.Kind.BLOCK_LIFTED, owner=owner, by=by, details=details)
    last_connection.note_answer(request)
    return stood
