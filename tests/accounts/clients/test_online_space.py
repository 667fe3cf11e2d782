import re

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import IntegrityError, connection, transaction
from msgspec.structs import astuple

from accounts.bank_accounts.opening import open_account
from accounts.client_codes import NoClientCode
from accounts.clients import contact_changes
from accounts.clients.online_space import AlreadyCreated, ContactsUnconfirmed, create_online_space
from accounts.kinds import Event
from accounts.models import BankAccount, Client, User
from auth_codes.actor import Actor
from auth_codes.models import SealedLetter, SecretCode, SecurityEvent
from auth_codes.sessions.store import SessionStore
from tests import makers
from tests.accounts import at_once
from tests.standing import made_once


@made_once
def opened(person, advisor):
    """Somebody with an account and a code client, without online space."""
    open_account(person, kind=BankAccount.Kind.CURRENT, by=Actor(advisor))
    return person


def test_no_online_space_without_a_client_code(person, advisor):
    with pytest.raises(NoClientCode):
        create_online_space(person, by=Actor(advisor))
    assert not SealedLetter.objects.exists()


def test_user_is_named_by_the_client_code_and_has_no_password(opened, advisor):
    user = create_online_space(opened, by=Actor(advisor))
    assert user.username == opened.client_code
    assert not user.has_usable_password()
    assert (user.is_staff, user.is_superuser) == (False, False)
    assert Client.objects.get(user=user) == opened


def test_default_code_and_its_letter_are_made_together(opened, advisor):
    user = create_online_space(opened, by=Actor(advisor))
    code, letter = user.secret_codes.get(), user.sealed_letters.get()
    assert code.is_default
    assert code.letter == letter


def test_second_creation_is_refused_and_changes_nothing(opened, advisor):
    create_online_space(opened, by=Actor(advisor))
    before = makers.open_letter(Client.objects.get(pk=opened.pk))
    with pytest.raises(AlreadyCreated):
        create_online_space(opened, by=Actor(advisor))
    assert makers.open_letter(Client.objects.get(pk=opened.pk)) == before
    assert SealedLetter.objects.count() == SecretCode.objects.count() == 1


def test_letter_goes_to_the_address_as_it_stands_now(opened, advisor):
    Client.objects.filter(pk=opened.pk).update(street="3 quai de la Loire")
    create_online_space(opened, by=Actor(advisor))  # `opened` still holds the old street
    assert "3 quai de la Loire" in makers.open_letter(Client.objects.get(pk=opened.pk)).address


def test_letter_does_not_hold_the_client_code(opened, advisor):
    create_online_space(opened, by=Actor(advisor))
    contents = makers.open_letter(Client.objects.get(pk=opened.pk))
    printed = " ".join(map(str, astuple(contents)))
    assert opened.client_code not in re.sub(r"\s", "", printed)


def test_journal_says_who_created_it(opened, advisor):
    user = create_online_space(opened, by=Actor(advisor))
    kinds = [Event.ONLINE_SPACE_CREATED, SecurityEvent.Kind.DEFAULT_CODE_ISSUED]
    lines = SecurityEvent.objects.filter(kind__in=kinds)
    assert {(line.kind, line.owner, line.by) for line in lines} == {(kind, user, advisor) for kind in kinds}


def test_nobody_at_the_bank_sees_the_code(opened, advisor_browser, advisor):
    """Every page, message, mail, and every row of every table but the sealed bytes."""
    answer = advisor_browser.post(f"/admin/accounts/client/{opened.pk}/espace-en-ligne/", follow=True)
    client = Client.objects.get(pk=opened.pk)
    contents = makers.open_letter(client)
    pages = [answer] + [
        advisor_browser.get(f"/admin/accounts/client/{path}")
        for path in ("", f"{client.pk}/change/", f"{client.pk}/history/", f"{client.pk}/espace-en-ligne/")
    ]
    seen = [page.content.decode() for page in pages] + [str(message.body) for message in mail.outbox]
    seen += [str(SessionStore.data_of(session)) for session in Session.objects.all()] + list(all_rows())
    for secret in (contents.secret_code, contents.letter_number):
        assert not re.search(rf"(?<![0-9a-f.]){secret}(?![0-9a-f])", "\n".join(seen))


def all_rows():
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                yield "\n".join(str(value) for value in row if not isinstance(value, bytes | memoryview))


def test_what_is_returned_does_not_hold_the_code(opened, advisor):
    user = create_online_space(opened, by=Actor(advisor))
    code = makers.default_code(Client.objects.get(pk=opened.pk))
    held = [*vars(user).values(), *vars(user.secret_codes.get()).values(), *vars(user.sealed_letters.get()).values()]
    assert code not in held
    assert code.encode() not in held


@pytest.mark.django_db(transaction=True)
def test_creations_at_the_same_instant_make_one_user_and_one_letter(opened, advisor):
    def create():
        try:
            create_online_space(Client.objects.get(pk=opened.pk), by=Actor(advisor))
        except AlreadyCreated:
            return "already"
        return "created"

    assert sorted(at_once.in_threads([create] * 8)) == ["already"] * 7 + ["created"]
    client = Client.objects.get(pk=opened.pk)
    assert client.user.sealed_letters.count() == client.user.secret_codes.count() == 1
    assert User.objects.filter(username=client.client_code).count() == 1
    assert len(makers.default_code(client)) == 6


def test_database_refuses_an_online_space_without_a_client_code(person):
    user = User.objects.create(username="1000000009")
    with pytest.raises(IntegrityError, match="online_space_needs_client_code"):
        Client.objects.filter(pk=person.pk).update(user=user)


@pytest.mark.parametrize("flag", ["is_staff", "is_superuser"])
def test_database_refuses_that_a_client_be_staff(new_client, flag):
    with pytest.raises(IntegrityError, match="user_is_client_or_staff"):
        User.objects.filter(pk=new_client.user.pk).update(**{flag: True})


@pytest.mark.parametrize("name", ["12345", "0123456789", "12345678901", ""])
def test_database_refuses_a_name_of_digits_that_is_no_client_code(db, name):
    with pytest.raises(IntegrityError, match="user_is_client_or_staff"), transaction.atomic():
        User.objects.create(username=name, is_staff=True)


def test_address_of_the_letter_tells_that_it_waits_to_be_confirmed(opened, advisor):
    user = create_online_space(opened, by=Actor(advisor))
    makers.change_address(Client.objects.get(pk=opened.pk), advisor)
    assert User.objects.get(pk=user.pk).letter_address().is_held


@pytest.mark.parametrize(("field", "value"), [("email", "new@example.org"), ("mobile_phone", "+33699999999")])
def test_space_waits_for_any_contact_that_nobody_has_confirmed(opened, advisor, field, value):
    setattr(opened, field, value)
    contact_changes.note(opened, [field], by=Actor(advisor))
    with pytest.raises(ContactsUnconfirmed):
        create_online_space(opened, by=Actor(advisor))
    assert not SealedLetter.objects.exists()
