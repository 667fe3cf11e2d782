"""An advisor's letters: written once, told by e-mail, readable whatever was typed."""

import uuid
from datetime import date

import pytest
from django.core import mail

from accounts import client_codes
from accounts.client_codes import NoClientCode
from accounts.documents import letters
from accounts.documents.issuing import pdf_of
from accounts.documents.letters import twin_of, write
from accounts.models import Letter
from auth_codes.actor import Actor
from auth_codes.models import SecurityEvent
from tests import makers, pdfs
from tests.races import at_once


def write_to(client, advisor, **changed):
    typed = {"subject": "Votre projet", "body": "Bonjour.\n\nÀ bientôt.", "token": uuid.uuid4()}
    return write(client, by=Actor(advisor), **(typed | changed))


def text_of(document) -> str:
    return " ".join(page.extract_text() for page in pdfs.read(pdf_of(document)).pages)


def test_letter_is_a_document_of_the_client_signed_by_who_wrote_it(client_, advisor):
    other = makers.make_advisor("marc.lefevre")
    document = write_to(client_, other, on=date(2026, 3, 1))
    assert (document.client, document.kind, document.title) == (client_, "letter", "Votre projet")
    assert document.issued_on == date(2026, 3, 1)
    assert document.letter.written_by == other
    assert str(other) in text_of(document)
    assert client_codes.display(client_.client_code) in text_of(document)


def test_same_act_writes_one_letter(client_, advisor):
    token = uuid.uuid4()
    written = {write_to(client_, advisor, token=token, body=body) for body in ("Un", "Deux")}
    assert len(written) == 1
    assert Letter.objects.filter(token=token).count() == 1
    assert SecurityEvent.objects.filter(kind="letter_written").count() == 1


@pytest.mark.django_db(transaction=True)
def test_clicks_at_once_write_one_letter(client_, advisor):
    token = uuid.uuid4()
    written = at_once(lambda _: write_to(client_, advisor, token=token).pk, range(5))
    assert len(set(written)) == Letter.objects.filter(token=token).count() == 1


def test_journal_tells_the_letter_by_its_subject(client_, advisor):
    write_to(client_, advisor)
    line = SecurityEvent.objects.get(kind="letter_written")
    assert (line.owner, line.by) == (client_.user, advisor)
    assert line.details == {"client": client_.pk, "document": "Votre projet"}


@pytest.mark.django_db(transaction=True)
def test_client_is_told_that_a_letter_waits_and_not_what_it_says(client_, advisor):
    mail.outbox.clear()
    write_to(client_, advisor, subject="Sujet intime", body="Contenu intime")
    [sent] = mail.outbox
    assert (sent.to, sent.subject) == ([client_.email], "Un courrier vous attend")
    assert "Mes documents" in sent.body
    for absent in ("intime", "http", client_.client_code, client_codes.display(client_.client_code)):
        assert absent not in sent.body + sent.subject


@pytest.mark.django_db(transaction=True)
def test_client_without_online_space_is_told_nothing_by_e_mail(person, advisor):
    makers.open_account(person, kind="current", by=Actor(advisor))
    write_to(person, advisor)
    assert mail.outbox == []


def test_person_without_code_client_gets_no_letter(person, advisor):
    with pytest.raises(NoClientCode):
        write_to(person, advisor)
    assert not Letter.objects.exists()


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ('#panic("x") $x$ *gras* <b>', '#panic("x") $x$ *gras* <b>'),
        ("Ελλάδα, Київ, naïveté", "Ελλάδα, Київ, naïveté"),
        ("Bravo 🎉 !", "Bravo [U+1F389] !"),
        ("\u202egauche", "gauche"),
    ],
)
def test_what_was_typed_is_shown_as_it_is(client_, advisor, body, shown):
    assert shown in text_of(write_to(client_, advisor, body=body)).replace("\u202f", " ")


def test_very_long_letter_has_many_pages(client_, advisor):
    body = "\n\n".join(f"Paragraphe {number} " + "texte " * 80 for number in range(40))
    reader = pdfs.read(pdf_of(write_to(client_, advisor, body=body)))
    assert len(reader.pages) > 3
    assert "Paragraphe 39" in reader.pages[-1].extract_text()


def test_twin_is_a_letter_of_the_same_day_by_another_act(client_, advisor):
    day, token = date(2026, 3, 1), uuid.uuid4()
    said = {"subject": "Votre projet", "body": "Bonjour."}
    letter = write_to(client_, advisor, on=day, token=token, **said).letter
    assert twin_of(client_, on=day, token=uuid.uuid4(), **said) == letter
    assert twin_of(client_, on=day, token=token, **said) is None
    assert twin_of(client_, on=date(2026, 3, 2), token=uuid.uuid4(), **said) is None


def test_draft_is_what_is_written_afterwards(client_, advisor):
    day = date(2026, 3, 1)
    draft = letters.draft(client_, subject="Votre projet", body="Bonjour.", by=Actor(advisor), on=day)
    document = write_to(client_, advisor, body="Bonjour.", on=day)
    assert document.contents == draft.to_json()
