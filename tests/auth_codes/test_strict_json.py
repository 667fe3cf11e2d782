"""What every reader of stored JSON refuses, and that a refusal repeats nothing."""

import msgspec
import pytest

from auth_codes import strict_json
from auth_codes.strict_json import UnexpectedForm


class Told(msgspec.Struct, forbid_unknown_fields=True):
    version: int
    secret_code: str


REFUSED = [
    "", "null", "[]", "482915", '"482915"', '{"version": 2}', '{"version": 2, "secret_code": 482915}',
    '{"version": 2, "secret_code": ["482915"]}', '{"version": 2, "secret_code": null}',
    '{"version": true, "secret_code": "482915"}', '{"version": 2.5, "secret_code": "482915"}',
    '{"version": NaN, "secret_code": "482915"}', '{"version": "482915", "secret_code": ""}',
    '{"version": 2, "secret_code": "", "482915": 1}', '{"version": 2, "secret_code": "482915"',
    '{"version": 2, "secret_code": "482915"} 482915', b'{"version": 2, "secret_code": "482915\xff"}',
    '{"version": 2, "secret_code": "\\ud800482915"}', '{"version": ' + "9" * 5000 + ', "secret_code": "482915"}',
    "[" * 100_000, '{"482915": ' + '{"x": ' * 100_000, '"' + "482915" * 100_000, b"\xef\xbb\xbf{}",
    '{"version": 2, "secret_code": "482915"}'.encode("utf-16"),
]  # fmt: skip


def test_what_has_the_form_is_read():
    assert strict_json.read(Told, b'{"version": 2, "secret_code": "\xc3\xa9"}') == Told(2, "é")


@pytest.mark.parametrize("content", REFUSED)
def test_what_has_another_form_is_refused_without_being_repeated(content):
    with pytest.raises(UnexpectedForm) as refused:
        strict_json.read(Told, content)
    assert str(refused.value) == "not the JSON of a Told"
    assert refused.value.__suppress_context__


def test_version_is_told_whatever_else_stands_there():
    assert strict_json.version_of('{"a": {"version": 1}, "version": 7, "b": [null, 1.5]}') == 7


@pytest.mark.parametrize("content", ["{}", "7", '{"version": "2"}', '{"version": 1.5}', '{"version": false}'])
def test_version_that_is_no_whole_number_is_refused(content):
    with pytest.raises(UnexpectedForm):
        strict_json.version_of(content)


def test_field_passed_over_is_utf_8_as_well():
    with pytest.raises(UnexpectedForm):
        strict_json.version_of(b'{"version": 2, "x": "\xff"}')
