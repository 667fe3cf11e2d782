"""What an advisor writes to a client (courrier), and the bank's letter of welcome in his name."""

import uuid
from datetime import date

from django.db import transaction
from django.utils import timezone

from accounts.clients import client_journal
from accounts.documents import issuing
from accounts.kinds import Event, Mail
from accounts.models import Client, Document, Letter
from accounts.papers.letter import CODE_LETTER, LetterContents, code_letter, welcome_letter
from accounts.post import queue
from auth_codes import notices
from auth_codes.actor import Actor


class AddressHeld(Exception):
    """Nobody has confirmed the postal address since it was changed: what gives a number back does not go there."""


class AlreadyOnItsWay(Exception):
    """A letter with the code client waits to be printed already."""


def draft(client: Client, *, subject: str, body: str, by: Actor, on: date) -> LetterContents:
    """The letter as it would be issued on that day. Raises NoClientCode."""
    return LetterContents(
        **issuing.addressed_to(client),
        written_on=on,
        salutation=client.salutation,
        subject=subject,
        body=body,
        advisor=str(by.user),
    )


def write(client: Client, *, subject: str, body: str, by: Actor, token: uuid.UUID, on: date | None = None) -> Document:
    """Issues an advisor's letter, today unless `on` says another day; the client is told by e-mail that it waits.

    `token` names the act: the same one again (a double click) returns the letter it has already issued. Raises
    NoClientCode.
    """
    on = on or timezone.localdate()
    with transaction.atomic():
        # Locked: the second click waits for the first, and then finds its letter.
        client = Client.objects.locked(client.pk)
        known = Letter.objects.filter(token=token, document__client=client).select_related("document").first()
        if known:
            return known.document
        document = _issue(client, draft(client, subject=subject, body=body, by=by, on=on), by=by, token=token)
        client_journal.record(Event.LETTER_WRITTEN, client, by=by, document=document.title)
        if client.user:
            with notices.in_language_of(client.user):
                salutation = client.salutation
            # To the present address alone: it guards nothing, and an address that was wrong is somebody else's.
            notices.tell(
                Mail.LETTER_WRITTEN,
                owner=client.user,
                recipient=client.email,
                salutation=salutation,
                at=timezone.now(),
            )
    return document


def twin_of(client: Client, *, subject: str, body: str, token: uuid.UUID, on: date) -> Letter | None:
    """A letter that says the same, issued to the client on that day by another act, and probably not to be repeated."""
    same = Letter.objects.filter(document__client=client, document__issued_on=on, subject=subject, body=body)
    return same.exclude(token=token).select_related("document").prefetch_related("written_by").first()


def welcome(client: Client, *, by: Actor, on: date) -> Document:
    """Issues the letter that tells a new client his code client."""
    return _issue(client, welcome_contents(client, on), by=by, token=uuid.uuid4())


def welcome_contents(client: Client, on: date) -> LetterContents:
    """What the letter says that tells a new client his code client, dated that day."""
    return welcome_letter(
        **issuing.addressed_to(client),
        salutation=client.salutation,
        advisor=client.advisor_name,
        written_on=on,
    )


def send_code_client(client: Client, *, by: Actor, token: uuid.UUID) -> Document:
    """Issues the letter that tells a client his code client again, and has it posted to whoever reads online as well.

    Who has lost it reads nothing online. The same `token` (a double click) returns the letter it has already issued.
    Raises NoClientCode, AddressHeld or AlreadyOnItsWay.
    """
    with transaction.atomic():
        client = Client.objects.locked(client.pk)
        known = Letter.objects.filter(token=token, document__client=client).select_related("document").first()
        if known:
            return known.document
        if client.address_awaits_confirmation:
            raise AddressHeld
        if client.postal_items.waiting().filter(title=CODE_LETTER).exists():
            raise AlreadyOnItsWay
        contents = code_letter(
            **issuing.addressed_to(client),
            salutation=client.salutation,
            advisor=client.advisor_name,
            written_on=timezone.localdate(),
        )
        document = _issued(client, contents, by=by, token=token)
        queue.post_papers([document])
        client_journal.record(Event.CODE_SENT, client, by=by)
    return document


def unsaved_letter(document: Document, contents: LetterContents, *, by: Actor, token: uuid.UUID) -> Letter:
    """The row that goes with the document of a letter."""
    return Letter(document=document, subject=contents.subject, body=contents.body, written_by=by.user, token=token)


def _issue(client: Client, contents: LetterContents, *, by: Actor, token: uuid.UUID) -> Document:
    document = _issued(client, contents, by=by, token=token)
    queue.send_papers([document])
    return document


def _issued(client: Client, contents: LetterContents, *, by: Actor, token: uuid.UUID) -> Document:
    document = issuing.issue(client, contents, title=contents.subject, on=contents.written_on)
    unsaved_letter(document, contents, by=by, token=token).save(force_insert=True)
    return document
