"""The pages that answer while no code is verified: blocked, busy, or too many."""

import math
from typing import NamedTuple

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from auth_codes import browser
from auth_codes.devices import last_connection
from auth_codes.lockout import budgets, counters, rush
from auth_codes.login import attempt as attempts
from auth_codes.login import gate
from auth_codes.measures.series import Door


class WaitingPage(NamedTuple):
    """What answers while no code is verified, after how many seconds to come again, and why, as the staff is told."""

    template: str
    status: int
    seconds: int
    at_desk: str


UNKNOWN_DEVICES_WAIT = WaitingPage(
    "auth_codes/login/unknown_devices_wait.html",
    503,
    15 * 60,
    "La banque reçoit un très grand nombre d’essais de connexion. Réessayez dans un quart d’heure.",
)
WAITING_PAGES = {
    budgets.Spent: WaitingPage(
        "auth_codes/login/network_spent.html",
        429,
        int(budgets.WINDOW.total_seconds()),
        "Trop d’essais ont échoué depuis cette connexion Internet. Elle reprend dans une heure au plus.",
    ),
    gate.TooManyNumbers: UNKNOWN_DEVICES_WAIT,
    rush.QueueFull: UNKNOWN_DEVICES_WAIT,
}
# A letter takes some days: nothing before is worth a machine's try.
UNTIL_RENEWAL_SECONDS = 24 * 60 * 60
BUSY_SECONDS = 5
WRONG_PASSWORDS = "Il y a eu trop de mots de passe erronés sous ce nom."
WRONG_NUMBERS = "Il y a eu trop de nombres erronés pour ce second moyen."
NEEDS_A_TICKET = (
    "Il y a eu vingt nombres erronés : ce second moyen n’ouvre plus rien sur un navigateur inconnu. Demandez un "
    "nouveau ticket à un administrateur, en personne."
)


def login_refused(request, response=None, credentials=None):
    """The answer to an attempt that was not made: the same for every number."""
    attempt = attempts.of(request)
    return busy(response) if attempt.found_no_slot else refused(request, attempt.refusal)


def to_attempt(request, form, page):
    """The answer to an attempt at both codes that came to nothing: `page` makes the form's own, where that is shown."""
    attempt = attempts.of(request)
    if attempt.refusal and not attempt.found_no_slot:
        return HttpResponse()  # axes' middleware puts `login_refused` in its place
    block = attempt.aftermath.block
    response = refused(request, block) if block else page()
    if form.has_error("__all__", "invalid_login"):
        browser.keep_mark(request, response)
    return response


def refused(request, refusal):
    """The page that says why no code is verified now, and from when on again."""
    if isinstance(refusal, counters.Blocked):
        return blocked(request, refusal.until)
    page = WAITING_PAGES[type(refusal)]
    return asked_to_wait(request, page, {})


def asked_to_wait(request, page, shown):
    """The page of clients, or at the desk's door that of the staff: nothing of theirs is a client's."""
    at_desk = attempts.of(request).door == Door.STAFF
    template = "auth_codes/login/desk_waits.html" if at_desk else page.template
    response = render(request, template, {"why": page.at_desk, **shown}, status=page.status)
    response["Retry-After"] = str(page.seconds)
    return response


def busy(response):
    """The form again, with the sentence that says so: nothing was counted, and a moment later there is room."""
    response.status_code = 503
    response["Retry-After"] = str(BUSY_SECONDS)
    return response


def blocked(request, until, template="auth_codes/login/blocked.html", at_desk=WRONG_PASSWORDS, **shown):
    """`until`: None for a block that ends with the renewal of the code."""
    now = timezone.now()
    seconds = max(1, math.ceil((until - now).total_seconds())) if until else UNTIL_RENEWAL_SECONDS
    shown |= told_of_the_end(last_connection.to_the_minute(until), seconds, now) if until else {}
    return asked_to_wait(request, WaitingPage(template, 429, seconds, at_desk), shown)


def factor_blocked(request, refusal, **shown):
    """The same, of a moyen: the codes beside it were right. `shown`: its kind, and which others serve meanwhile."""
    if not isinstance(refusal, counters.Blocked):
        return refused(request, refusal)
    return blocked(request, refusal.until, "auth_codes/factors/blocked.html", **shown)


def desk_factor_refused(request, refusal, **shown):
    """The same at the desk."""
    if not isinstance(refusal, counters.Blocked):
        return refused(request, refusal)
    why = WRONG_NUMBERS if refusal.until else NEEDS_A_TICKET
    return blocked(request, refusal.until, at_desk=why, paused="second moyen", **shown)


def told_of_the_end(until, seconds, now):
    """The minute that the page names, in how many minutes, and the seconds to it that a script counts down."""
    seconds_left = math.ceil((until - now).total_seconds())
    return {"until": until, "minutes": math.ceil(seconds / 60), "seconds_left": seconds_left}
