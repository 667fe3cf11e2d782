"""The search for codes leaves out chance, and nothing that somebody wrote."""

import base64

import pytest

from tests.chance import without_chance

CODE = "739146"


@pytest.mark.parametrize(
    "text",
    [
        "22:05:03.739146",
        "datetime(2026, 11, 24, 22, 5, 3, 739146, tzinfo=utc)",
        "(0.000739146, 'SELECT')",
        "<Client object at 0x7f7391462a10>",
        "8a9ff0ce-45b5-4f7a-9f0b-739146b2f001",
        "x'00739146ff00aa11bb22'",
    ],
)
def test_chance_is_left_out(text):
    assert CODE not in without_chance(text)


@pytest.mark.parametrize(
    "text",
    ["739146", "code=739146", "password': '739146', 'x", "739 146 739146.", "<b>739146</b>", "7391462026", "a739146b"],
)
def test_code_that_somebody_wrote_is_found(text):
    assert CODE in without_chance(text)


def test_encoded_code_is_found():
    plain = CODE.encode()
    for form in (base64.b64encode(plain).decode(), plain.hex()):
        assert form in without_chance(f"session {form} end")
