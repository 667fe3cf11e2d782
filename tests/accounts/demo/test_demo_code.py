"""`make code`: the numbers of the demo's people, and of nobody else's."""

import pytest
from django.core.management import CommandError, call_command

from tests import makers

pytestmark = pytest.mark.django_db


def test_it_shows_the_numbers_of_now_and_of_before(advisor, settings, capsys):
    settings.DEMO = True
    call_command("demo_code")
    assert "Personne n’a encore de second moyen" in capsys.readouterr().out
    _, secret = makers.make_app_of(advisor)
    possible = {makers.number_of(secret, ahead) for ahead in (-1, 0)}
    call_command("demo_code")
    [line, _] = capsys.readouterr().out.splitlines()
    possible |= {makers.number_of(secret, ahead) for ahead in (-1, 0)}  # half a minute may have begun meanwhile
    name, *shown = line.split("   ")
    assert name == "claire.dubois"
    assert {number.replace(" ", "") for number in (shown[0], shown[2])} <= possible


def test_it_shows_the_numbers_of_the_banks_tokens_and_who_has_borrowed_them(client_, settings, capsys):
    settings.DEMO = True
    secrets = {"TK0001": makers.lend_token(client_), **makers.make_stock("TK0002")}
    possible = {serial: {makers.number_of(key, ahead) for ahead in (-1, 0)} for serial, key in secrets.items()}
    call_command("demo_code")
    lines = [line.split("   ") for line in capsys.readouterr().out.splitlines()[:-1]]
    for serial, key in secrets.items():
        possible[serial] |= {makers.number_of(key, ahead) for ahead in (-1, 0)}  # as above
    assert [(line[0], line[-1]) for line in lines] == [
        (client_.client_code, "boîtier n°\u00a0TK0001"),
        ("à la banque", "boîtier n°\u00a0TK0002"),
    ]
    for line, serial in zip(lines, secrets, strict=True):
        assert {number.replace(" ", "") for number in (line[1], line[3])} <= possible[serial]


def test_outside_the_demo_it_shows_nothing(advisor, settings):
    makers.make_app_of(advisor)
    settings.DEMO = False
    with pytest.raises(CommandError, match="DEMO=1 manque"):
        call_command("demo_code")
