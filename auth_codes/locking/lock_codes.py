"""The code that locks an access: 12 signs on each letter with a secret code or a list of codes, which open nothing.

Two lock at once: that of the last letter with a secret code, whose code serves, and that of the list in service.

55 bits and no counter: nobody guesses one, and whoever knew a way to use up its attempts would keep its owner from
locking. What a network tries is bounded by a budget of its own. The number of a letter is written in the same way, but
neither is ever taken for the other: their digests have different keys.
"""

import unicodedata
from datetime import datetime

from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import HttpRequest
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from auth_codes.letters import letter_numbers
from auth_codes.lockout import budgets
from auth_codes.models import Factor, LockCode
from auth_codes.owner import Owner

BUDGET = "lock"
# An hour: whoever reads his letter aright needs one.
TRIES_PER_NETWORK = 30
# The alphabet has no U: who reads one has read a V.
MISREAD = str.maketrans("U", "V")

draw = letter_numbers.draw
is_well_formed = letter_numbers.is_well_formed
in_fours = letter_numbers.in_fours


@sensitive_variables()
def normalise(text: str) -> str:
    """What was typed, without spaces and dashes of any kind, in plain capitals, with misread signs put right."""
    return letter_numbers.normalise(unicodedata.normalize("NFKC", text)).translate(MISREAD)


@sensitive_variables()
def digest(code: str) -> str:
    """What the database keeps of a code."""
    return letter_numbers.lock_digest(code, settings.SECRET_KEY)


def keep(owner: Owner, digest: str) -> None:
    """The code of a new letter, in the transaction that issues it; those before lock nothing any more."""
    void(owner)
    LockCode.objects.create(owner=owner, digest=digest)


def keep_beside(owner: Owner, digest: str) -> None:
    """That of a letter whose secret code stands beside a valid one: it locks once `take_its_place` has been called."""
    LockCode.objects.update_or_create(owner=owner, is_pending=True, defaults={"digest": digest})


def take_its_place(owner: Owner) -> None:
    """With its secret code, the code of the later letter takes the place of the one before."""
    later = LockCode.objects.filter(owner=owner, is_pending=True).first()
    if later:
        keep(owner, later.digest)


def void_pending(owner: Owner) -> None:
    """With its secret code, the code of a letter ends that never took the place of the one before."""
    LockCode.objects.filter(owner=owner, is_pending=True).delete()


def void(owner: Owner) -> None:
    """No code of a letter locks any more."""
    LockCode.objects.filter(owner=owner).delete()


@sensitive_variables()
def owner_of(code: str, request: HttpRequest, now: datetime | None = None) -> Owner | None:
    """Whose access a normalised code locks, or None. Raises budgets.Spent; the right one spends nothing."""
    spending = budgets.spend(BUDGET, request, tries_allowed(request), now or timezone.now())
    # Letters are kept for years: one of before a change of SECRET_KEY locks for as long as the former key is at hand.
    secrets = settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS
    digests = [letter_numbers.lock_digest(code, secret) for secret in secrets]
    users = get_user_model()._default_manager.filter(is_active=True)
    owner = users.filter(lock_codes__digest__in=digests, lock_codes__is_pending=False).first()
    listed = Factor.objects.active().filter(lock_digest__in=digests)
    owner = owner or users.filter(pk__in=listed.values("owner")).first()
    if owner:
        budgets.give_back(spending)
    return owner


def tries_allowed(request: HttpRequest) -> int:
    """How many an hour one line may have; thousands of telephones share a carrier's range, which has its own number."""
    line = budgets.line_of(request)
    return max(line.carrier.failures, TRIES_PER_NETWORK) if line and line.carrier else TRIES_PER_NETWORK
