"""What begins with a login, in one step or two: the session's limits, the device, what the next page says."""

from django.contrib import messages
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from auth_codes.devices import known_devices, remembered
from auth_codes.login import attempt as attempts
from auth_codes.pages.visitor import visitor_of
from auth_codes.sessions import first_login, limits

NOT_KEPT = _(
    "Cet appareil n’est pas retenu parmi vos appareils connus : cinq autres ont servi depuis moins de 30\u00a0jours. "
    "Pour qu’il le soit, retirez-en un dans « Mon profil » avant votre prochaine connexion."
)


def begin(request, response, owner, wish):
    """`owner` has just been logged in; returns the device that the browser is from now on, None for none."""
    device = attempts.of(request).device
    _vouch(request)
    if wish.is_public:
        limits.begin(request, is_public=True)
        return _leave_nothing(request, response, owner, device)
    return _remember(request, response, owner, device, wish)


def _vouch(request):
    """Notes that a provisional code, if it was one, has just been verified."""
    verified, default = attempts.of(request).letter_id, visitor_of(request).default_code
    if default and default.letter_id == verified:
        first_login.note(request.session, str(default.id), timezone.now())


def _remember(request, response, owner, device, wish):
    known = known_devices.remember(request, response, owner, device)
    if known is None:
        messages.info(request, NOT_KEPT)
    elif wish.keep:
        remembered.keep(request, response, known)
    return known


def _leave_nothing(request, response, owner, device):
    if device is None:
        known_devices.note_new(owner, request)
    remembered.forget_own(request, response, owner)
