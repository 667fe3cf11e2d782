"""Tokens that somebody wrote into the database, or put back after they were lost, are named."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from auth_codes.actor import Actor
from auth_codes.factors import token_checking, tokens
from auth_codes.factors.token_checking import TokenProblem
from auth_codes.factors.tokens import Back
from auth_codes.models import Token
from tests import makers

pytestmark = pytest.mark.django_db


def found():
    return [(each.serial, each.problem) for each in token_checking.check()]


def take_back(client, how):
    tokens.take_back(client.user, how, by=Actor(client.advisor), now=timezone.now())


def test_what_the_bank_lends_and_takes_back_is_sound(client_):
    makers.lend_token(client_)
    assert found() == []
    take_back(client_, Back.RETURNED)
    assert found() == []


@pytest.mark.parametrize("how", [Back.LOST, Back.BROKEN])
def test_lost_one_that_was_put_back_is_named(client_, how):
    makers.lend_token(client_)
    row = Token.objects.values().get()
    take_back(client_, how)
    assert found() == []
    Token.objects.filter(pk=row["id"]).update(**row)
    assert Token.objects.select_related("lent_to").get().unseal(), "its copy opens"
    assert found() == [("TK0001", TokenProblem.PUT_BACK)]


@pytest.mark.parametrize("change", [{"nonce": bytes(12)}, {"serial": "TK0009"}, {"state": "in_use"}])
def test_one_that_is_not_as_the_bank_wrote_it_is_named(client_, change):
    makers.lend_token(client_)
    Token.objects.update(**change)
    assert found() == [(Token.objects.get().serial, TokenProblem.NOT_SEALED)]


def test_one_that_waits_for_a_missing_key_is_left_to_the_check_of_keys(client_):
    makers.lend_token(client_)
    Token.objects.update(key_id="2020-01")
    assert found() == []


def test_one_that_is_lent_meanwhile_is_not_named(client_, monkeypatch):
    makers.lend_token(client_)
    judge, answers = token_checking._problem, iter([TokenProblem.NOT_SEALED])
    monkeypatch.setattr(token_checking, "_problem", lambda token, gone: next(answers, None) or judge(token, gone))
    assert found() == []


def test_command_names_it_and_ends_in_failure(client_):
    makers.lend_token(client_)
    Token.objects.update(nonce=bytes(12))
    said = io.StringIO()
    with pytest.raises(CommandError, match=r"1 constat\(s\)"):
        call_command("check_factors", stdout=io.StringIO(), stderr=said)
    assert "Boîtier n° TK0001 : sa ligne n’est plus celle qu’a écrite la banque" in said.getvalue()
