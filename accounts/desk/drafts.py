"""A form of the desk that was half filled in when the session ended is there again after the login.

It is kept by the server, sealed for who typed it and for the page it belongs to, for half a day: whoever sits down at
the same machine, or reads the database, has nothing of it. A script keeps it while somebody types
(static/js/drafts.js); without one, a form that is sent after the end is kept by the middleware, and not carried out.
"""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import NamedTuple

from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone

from accounts.models import Draft, User
from auth_codes.actor import Actor
from auth_codes.codes import owners
from auth_codes.pages import step_up
from auth_codes.sessions import sealed_text

KEPT_FOR = timedelta(hours=12)
AT_MOST = 20
# Pages with a form that is kept, and a page beside one of them. None on which a password is typed.
PAGES = {
    name: name
    for name in (
        "accounts_client_add",
        "client_edit",
        "account_access",
        "account_close",
        "client_letter",
        "client_open",
        "client_renew",
        "client_sessions",
        "client_close",
        "client_end",
        "client_undo",
        "client_join",
        "contract_end",
        "client_unblock",
        "client_factors",
        "client_ticket",
        "client_token",
        "client_unlock",
    )
} | {"client_letter_preview": "client_letter"}
# What belongs to one showing of a form, not to what was typed.
OWN_OF_A_FORM = ("csrfmiddlewaretoken", "token", "seen", "reviewed")
PAGE, DROP = "draft-page", "draft-drop"
# By one of these a form says from which showing it comes.
SHOWINGS = ("token", "seen")
SHOWING = "[0-9a-f-]{1,64}"
LONGEST_PAGE = 200
View = Callable[..., HttpResponse]


class DeskRequest(HttpRequest):
    """One of a page whose form is kept."""

    draft: "Kept | None"
    is_drafted: bool


class Kept(NamedTuple):
    """What was typed, by field, when it was last kept, and from which showing of the form."""

    fields: dict[str, list[str]]
    kept_at: datetime
    form: str

    def initial(self) -> dict[str, str]:
        """For a form that is shown anew."""
        return {name: values[-1] for name, values in self.fields.items() if name not in OWN_OF_A_FORM}


def page_of(path: str) -> str:
    """The page on which a draft of a form that is sent to `path` is shown; empty where none is kept."""
    try:
        found = resolve(path)
    except Resolver404:
        return ""
    name = PAGES.get(found.url_name or "") if found.app_name == "admin" else None
    page = reverse(f"admin:{name}", args=found.args, kwargs=found.kwargs) if name else ""
    return page if len(page) <= LONGEST_PAGE else ""


def keep(owner: User, path: str, typed: QueryDict) -> None:
    """Keeps what was typed in the form of a page in place of what was kept before; nothing of one that was sent."""
    page, form = page_of(path), _showing(typed)
    kept = [name for name in typed if name not in ("csrfmiddlewaretoken", PAGE) and not name.startswith(step_up.PREFIX)]
    fields = {name: typed.getlist(name) for name in kept}
    sealed = sealed_text.seal(json.dumps(fields), owner, page)
    with transaction.atomic():
        owners.lock(owner)  # else what is kept late would overtake the end of its form
        sent = Draft.objects.filter(owner=owner, page=page, form=form, sealed=b"").exclude(form="")
        if page and not sent.exists():
            _write(owner, page, form, sealed)
            _forget_old(owner)


def of(owner: User, path: str) -> Kept | None:
    """What is kept of the form of this page."""
    page = page_of(path)
    kept_since = timezone.now() - KEPT_FOR
    draft = Draft.objects.filter(owner=owner, page=page, kept_at__gt=kept_since).first() if page else None
    text = sealed_text.unseal(bytes(draft.sealed), owner, page) if draft and draft.sealed else None
    return Kept(json.loads(text), draft.kept_at, draft.form) if draft and text else None


def initial(request: DeskRequest) -> dict[str, str]:
    """What a form that is shown anew begins with; nothing where nothing is kept."""
    kept = getattr(request, "draft", None)
    return kept.initial() if kept else {}


def drop(owner: User, path: str) -> None:
    """Forgets what was typed, at the wish of who typed it."""
    Draft.objects.filter(owner=owner, page=page_of(path)).delete()


def shown_again(view: View) -> View:
    """A page of the desk that finds what was typed as `request.draft`, and forgets it once its form was taken."""

    @wraps(view)
    def drafting(request: DeskRequest, *args: object, **kwargs: object) -> HttpResponse:
        page = page_of(request.path)
        if page and request.method == "GET":
            request.draft, request.is_drafted = of(Actor.of(request).person, request.path), True
        response = view(request, *args, **kwargs)
        if page and request.method == "POST" and response.has_header("Location"):
            _end(Actor.of(request).person, page, _showing(request.POST))
        return response

    return drafting


def _showing(typed: QueryDict) -> str:
    said = next((str(typed[name]) for name in SHOWINGS if typed.get(name)), "")
    return said if re.fullmatch(SHOWING, said) else ""


@transaction.atomic
def _end(owner: User, page: str, form: str) -> None:
    owners.lock(owner)
    _write(owner, page, form, b"")


def _write(owner: User, page: str, form: str, sealed: bytes) -> None:
    Draft.objects.update_or_create(
        owner=owner, page=page, defaults={"form": form, "sealed": sealed, "kept_at": timezone.now()}
    )


def _forget_old(owner: User) -> None:
    Draft.objects.filter(kept_at__lte=timezone.now() - KEPT_FOR).delete()
    surplus = owner.drafts.order_by("-kept_at").values_list("pk", flat=True)[AT_MOST:]
    Draft.objects.filter(pk__in=list(surplus)).delete()
