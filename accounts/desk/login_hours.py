"""« Connexions par heure »: what the operators see of the logins, and of whoever attacks them."""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.models import User
from auth_codes import wording
from auth_codes.lockout import hours, watch
from auth_codes.lockout.hours import Hour

HOURS_SHOWN = 48
PERMISSION = "auth_codes.view_securityevent"
FIGURES = ("logins", "failures_known", "failures_unknown", "blocks", "networks")


def shown_to(user: User, now: datetime) -> dict[str, bool | list[str]]:
    """For the desk's first page: whether a link leads to this one, and the alarms that stand."""
    is_operator = user.has_perm(PERMISSION)
    return {"sees_login_hours": is_operator, "alarms": _alarms(now) if is_operator else []}


def page(request: HttpRequest, context: dict[str, object]) -> HttpResponse:
    """The last 48 hours; `context` is the desk's own."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    now = timezone.now()
    shown = hours.hours(now, HOURS_SHOWN)
    context |= {
        "title": "Connexions par heure",
        "alarms": _alarms(now),
        "threshold": wording.grouped(settings.LOGIN_FAILURES_ALARM),
        "hours_shown": HOURS_SHOWN,
        "totals": [wording.grouped(sum(getattr(hour, name) for hour in shown)) for name in FIGURES],
        "days": [{"since": rows[0]["since"], "rows": rows} for rows in _by_day(shown)],
    }
    return render(request, "admin/login_hours.html", context)


def in_words(since: datetime) -> str:
    """« 14 h », and which of the two when summer time ends and the hour comes twice."""
    local = timezone.localtime(since)
    winter = local.replace(fold=1).utcoffset()
    if local.replace(fold=0).utcoffset() <= winter:  # type: ignore[operator]  # a local time has its offset
        return f"{local.hour} h"
    return f"{local.hour} h (heure d’{'hiver' if local.utcoffset() == winter else 'été'})"


def _by_day(shown: list[Hour]) -> Iterable[list[dict[str, object]]]:
    for _, of_one_day in groupby(shown, key=lambda hour: timezone.localtime(hour.since).date()):
        yield [
            {
                "since": hour.since,
                "hour": in_words(hour.since),
                "mark": ", ".join(_marks(hour, is_present=hour is shown[0])),
                "is_alarming": hour.is_alarming,
                "figures": [wording.grouped(getattr(hour, name)) for name in FIGURES],
            }
            for hour in of_one_day
        ]


def _marks(hour: Hour, *, is_present: bool) -> Iterable[str]:
    if is_present:
        yield "en cours"
    if hour.is_alarming:
        yield "seuil dépassé"


def _alarms(now: datetime) -> list[str]:
    return [_in_a_sentence(alarm) for alarm in watch.alarms(now)]


def _in_a_sentence(alarm: watch.Alarm) -> str:
    if alarm.name == watch.COUNTERS_FULL:
        since = wording.moment(alarm.since)
        return f"Trop de numéros essayés : depuis le {since}, les appareils inconnus attendent."
    if alarm.name == watch.BINDING_BROKEN:
        since = wording.moment(alarm.since)
        return f"Depuis le {since} : un accès n’est plus lié à son client, quelqu’un a modifié la base."
    most = wording.grouped(settings.LOGIN_FAILURES_ALARM)
    # The same for one and for many: the number stands behind.
    return f"Connexions refusées en une heure : au moins {most}. Quelqu’un essaie peut-être de nombreux numéros."
