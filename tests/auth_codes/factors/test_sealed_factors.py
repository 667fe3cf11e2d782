"""What proves a moyen opens in its own row, state and dates alone, by keys at hand, and is gone once it has ended."""

import uuid
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone
from fido2.utils import websafe_encode

from auth_codes import checks
from auth_codes.actor import SYSTEM
from auth_codes.codes import factor_seals
from auth_codes.crypto.sealing import SealError
from auth_codes.factors import ending, passkeys, proving
from auth_codes.models import Factor
from tests import makers
from tests.portal.traces import database_cells
from tests.settings import SECRET_CODE_KEYS

pytestmark = pytest.mark.django_db

SEALED = ("format_version", "key_id", "nonce", "ciphertext")
TOMORROW = timezone.now() + timedelta(days=1)


@pytest.fixture
def app(client_):
    return makers.make_app(client_)


def opens(factor):
    try:
        return bool(Factor.objects.select_related("owner").get(pk=factor.pk).unseal())
    except SealError:
        return False


@pytest.mark.proves("RTS 22(2)(b)")
def test_thief_of_the_database_finds_no_key_in_any_cell(app):
    secret = app[1]
    written = secret.hex().encode()
    assert not [place for place, cell in database_cells() if secret in cell or written in cell.lower()]


@pytest.mark.parametrize(
    "moved",
    [{"state": "pending"}, {"generation": 2}, {"asked_from": TOMORROW}, {"payments_from": TOMORROW}],
    ids=lambda moved: next(iter(moved)),
)
def test_row_whose_facts_somebody_wrote_does_not_open(app, moved):
    Factor.objects.update(**moved)
    assert not opens(app[0])


def test_row_of_another_client_or_under_another_id_does_not_open(app, advisor):
    other = makers.make_personalised_client(advisor, family_name="Petit")
    own, _ = makers.make_app(other)
    stolen = {name: getattr(own, name) for name in SEALED}
    Factor.objects.filter(pk=app[0].pk).update(**stolen)
    assert not opens(app[0])
    Factor.objects.filter(pk=own.pk).delete()
    Factor.objects.filter(pk=app[0].pk).update(owner=other.user)
    assert not opens(app[0])


def test_thief_who_puts_his_own_key_in_the_owners_row_proves_nothing(app, advisor, caplog):
    thief = makers.make_personalised_client(advisor, family_name="Petit")
    own, secret = makers.make_app(thief)
    Factor.objects.filter(pk=app[0].pk).update(**{name: getattr(own, name) for name in SEALED})
    stored = Factor.objects.select_related("owner").get(pk=app[0].pk)
    assert not proving.is_right(stored, makers.number_of(secret), timezone.now())
    assert "cannot be opened" in caplog.text


def test_an_ended_one_cannot_be_revived_by_its_state(app):
    ended = {"state": "ended", "ended_at": timezone.now(), "ended_why": "removed", "ciphertext": None}
    Factor.objects.update(**ended)
    assert not opens(app[0])
    with pytest.raises(IntegrityError), transaction.atomic():
        Factor.objects.update(state="active", ended_at=None, ended_why="")


@pytest.mark.parametrize(
    "wrong", [{"state": "ended"}, {"ciphertext": None}, {"ended_at": TOMORROW}, {"ended_why": "removed"}]
)
def test_database_refuses_half_an_end(app, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        Factor.objects.update(**wrong)


def test_database_refuses_a_second_app_in_service(app, client_):
    with pytest.raises(IntegrityError), transaction.atomic():
        makers.make_app(client_, generation=2)


def test_rotation_seals_it_anew_and_then_the_old_key_is_not_needed(app, settings, capsys):
    old = settings.SECRET_CODE_KEYS
    settings.SECRET_CODE_KEYS = {"test-2": bytes(range(32)), **old}
    assert [message.id for message in checks.check_factors(["default"])] == ["auth_codes.I006"]
    call_command("rotate_secret_codes")
    assert '"factors": 1' in capsys.readouterr().out
    assert checks.check_factors(["default"]) == []
    settings.SECRET_CODE_KEYS = {"test-2": bytes(range(32))}
    assert opens(app[0])


def test_check_names_a_missing_key(app, settings):
    settings.SECRET_CODE_KEYS = {"test-2": bytes(32)}
    assert [message.id for message in checks.check_factors(["default"])] == ["auth_codes.E005"]


def test_rotation_leaves_a_moved_row_as_it_is_and_names_it(app, settings, caplog):
    Factor.objects.update(generation=7)
    settings.SECRET_CODE_KEYS = {"test-2": bytes(32), **SECRET_CODE_KEYS}
    assert factor_seals.seal_anew(lambda done: None) == 0
    assert str(app[0].pk) in caplog.text
    assert Factor.objects.get().key_id == app[0].key_id


@pytest.mark.proves("RTS 22(2)(b)")
def test_thief_of_the_database_finds_no_passkeys_name_handle_or_public_key(client_):
    factor, authenticator = makers.make_passkey(client_)
    hidden = [authenticator.name, authenticator.handle, *(authenticator.public_key[part] for part in (-2, -3))]
    written = [form for each in hidden for form in (each, each.hex().encode(), websafe_encode(each).encode())]
    assert not [place for place, cell in database_cells() if any(form in cell for form in written)]
    assert factor.credential_digest


@pytest.mark.parametrize(
    "moved",
    [{"state": "pending"}, {"generation": 2}, {"kind": "totp"}, {"payments_from": TOMORROW}],
    ids=lambda moved: next(iter(moved)),
)
def test_passkey_whose_facts_somebody_wrote_does_not_open(client_, moved):
    factor, _ = makers.make_passkey(client_)
    Factor.objects.update(**moved)
    assert not opens(factor)


def test_thief_who_puts_his_own_passkey_in_the_owners_row_proves_nothing(client_, advisor):
    thief = makers.make_personalised_client(advisor, family_name="Petit")
    own, _ = makers.make_passkey(thief)
    factor, _ = makers.make_passkey(client_)
    Factor.objects.filter(pk=own.pk).update(credential_digest="")
    stolen = {name: getattr(own, name) for name in (*SEALED, "credential_digest")}
    Factor.objects.filter(pk=factor.pk).update(**stolen)
    assert not opens(factor)


def test_database_takes_no_passkey_twice_not_even_an_ended_one(client_, advisor):
    other = makers.make_personalised_client(advisor, family_name="Petit")
    factor, authenticator = makers.make_passkey(client_)
    ending.end_all(client_.user, Factor.Why.REMOVED, by=SYSTEM, now=timezone.now())
    factor.refresh_from_db()
    assert (bytes(factor.ciphertext or b""), bool(factor.credential_digest)) == (b"", True)
    with pytest.raises(IntegrityError), transaction.atomic():
        makers.make_passkey(other, authenticator)


def test_rotation_seals_passkeys_anew_and_they_still_open(client_, settings):
    old = settings.SECRET_CODE_KEYS
    _, authenticator = makers.make_passkey(client_)
    settings.SECRET_CODE_KEYS = {"test-2": bytes(range(32)), **old}
    assert factor_seals.seal_anew(lambda done: None) == 1
    settings.SECRET_CODE_KEYS = {"test-2": bytes(range(32))}
    stored = Factor.objects.select_related("owner").get()
    assert passkeys.read(stored.unseal()).name == authenticator.name


def test_ids_are_drawn():
    assert Factor().pk != Factor().pk
    assert isinstance(Factor().pk, uuid.UUID)
