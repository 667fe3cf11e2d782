"""Papers that leave by post: those of whoever does not find them in his space."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial

import pytest
from django.utils import timezone

from accounts.bank_accounts.opening import open_account
from accounts.documents import letters, statements
from accounts.models import BankAccount, Client, PostalItem
from accounts.post import queue
from auth_codes.actor import Actor
from auth_codes.models import SealedLetter
from auth_codes.renewals import closing, code_life

pytestmark = pytest.mark.django_db


@pytest.fixture
def known(person, advisor):
    """With an account and no space; without the letter of welcome."""
    open_account(person, kind=BankAccount.Kind.CURRENT, by=Actor(advisor))
    PostalItem.objects.all().delete()
    return person


def write(client, advisor, token=None):
    named = {"subject": "Votre projet", "body": "Bonjour.", "token": token or uuid.uuid4()}
    return letters.write(client, by=Actor(advisor), **named)


def test_letter_of_welcome_leaves_by_post_to_the_address_of_the_sheet(person, advisor):
    open_account(person, kind=BankAccount.Kind.CURRENT, by=Actor(advisor))
    item = PostalItem.objects.get()
    assert item.document == person.documents.get()
    assert item.address.split("\n") == ["Mme Inès Léa MARTIN", "12 rue des Lilas", "69003 LYON"]
    assert item.state == "attend l’impression"


def test_letter_to_who_has_no_space_leaves_by_post_once(known, advisor):
    token = uuid.uuid4()
    documents = {write(known, advisor, token).pk for _ in range(2)}
    assert {item.document_id for item in PostalItem.objects.all()} == documents
    assert PostalItem.objects.count() == 1


def test_letter_to_who_reads_online_does_not(client_, advisor):
    PostalItem.objects.all().delete()
    write(client_, advisor)
    assert not PostalItem.objects.exists()


def test_who_has_never_entered_his_space_does_not_read_online(new_client):
    assert not queue.reads_online(new_client)


def test_who_has_used_the_code_of_his_letter_does(new_client):
    SealedLetter.objects.update(first_used_at=timezone.now())
    assert queue.reads_online(new_client)


@pytest.mark.parametrize(
    "close", [partial(code_life.void_all, why=code_life.Why.LOST), closing.close, closing.close_with_letter]
)
def test_who_has_a_closed_space_does_not(client_, advisor, close):
    assert queue.reads_online(client_)
    close(client_.user, by=Actor(advisor))
    assert not queue.reads_online(client_)


def test_who_has_no_e_mail_gets_papers_by_post_too(client_, advisor):
    PostalItem.objects.all().delete()
    Client.objects.filter(pk=client_.pk).update(email="")
    write(client_, advisor)
    assert PostalItem.objects.get().title == "Votre projet"


def test_statements_leave_by_post_for_those_alone_who_do_not_read_online(known, client_):
    PostalItem.objects.all().delete()
    for client in (known, client_):
        client.bank_accounts.update(opened_on=date(2026, 1, 1))
        client.holdings.update(since=date(2026, 1, 1))
    for _ in range(2):
        statements.issue_month(date(2026, 1, 1), on=date(2026, 2, 1), pool=ThreadPoolExecutor(1))
    assert [item.client for item in PostalItem.objects.all()] == [known]
    assert PostalItem.objects.get().document == known.statements.get().document


def test_who_must_get_papers_is_asked_once_for_many(client_, new_client, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert queue.without_space([client_, new_client]) == {new_client.pk}


def test_letter_that_is_not_issued_is_not_queued(known, advisor):
    with pytest.raises(ValueError, match="nobody"):
        letters.write(known, subject="", body="", by=_Nobody(), token=uuid.uuid4())
    assert not PostalItem.objects.exists()


class _Nobody:
    @property
    def user(self):
        raise ValueError("nobody")


def test_opening_page_says_what_leaves_by_itself(advisor_browser, person):
    page = f"/admin/accounts/client/{person.pk}/ouvrir/compte/"
    answer = advisor_browser.get(page)
    assert "part par courrier d’elle-même" in answer.content.decode()
    assert "12 rue des Lilas" in answer.content.decode()
    typed = {"kind": "current", "token": answer.context["form"]["token"].value()}
    said = advisor_browser.post(page, typed, follow=True).content.decode()
    assert "La lettre de bienvenue part par courrier." in said
    assert "12 rue des Lilas, 69003 LYON (attend l’impression)" in said


def test_second_opening_says_nothing_of_it(advisor_browser, known):
    page = f"/admin/accounts/client/{known.pk}/ouvrir/compte/"
    answer = advisor_browser.get(page)
    typed = {"kind": "current", "token": answer.context["form"]["token"].value()}
    said = advisor_browser.post(page, typed, follow=True).content.decode()
    assert "part par courrier" not in answer.content.decode() + said.replace("attend l’impression", "")


def test_second_opening_says_what_leaves_of_those_alone_who_do_not_read_online(advisor_browser, known, client_):
    by_post, online = (
        advisor_browser.get(f"/admin/accounts/client/{client.pk}/ouvrir/compte/").content.decode()
        for client in (known, client_)
    )
    assert "relevés et courriers partent d’eux-mêmes par la poste" in by_post
    assert "Rien ne part par la poste" in online
