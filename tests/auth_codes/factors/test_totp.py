"""Numbers of an authenticator app, against the vectors of RFC 6238 and at the edges of their half minutes."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth_codes.factors import totp

SECRET = b"12345678901234567890"
# RFC 6238, appendix B, for SHA-1: the last six of its eight digits.
VECTORS = [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"),
           (2000000000, "279037"), (20000000000, "353130")]  # fmt: skip
NOW = datetime(2026, 3, 1, 8, 5, tzinfo=UTC)
STEP = timedelta(seconds=totp.STEP_SECONDS)
SECRETS = st.binary(min_size=20, max_size=20)
MOMENTS = st.integers(1_000_000_000, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_numbers_are_those_of_the_rfc(seconds, code):
    assert totp.code_at(SECRET, totp.step_at(datetime.fromtimestamp(seconds, UTC))) == code


@given(SECRETS, MOMENTS, st.integers(-1, 1))
def test_number_of_this_half_minute_and_its_neighbours_is_known(secret, now, off):
    code = totp.code_at(secret, totp.step_at(now) + off)
    step = totp.step_of(secret, code, now)
    assert step is not None
    assert totp.code_at(secret, step) == code


@pytest.mark.parametrize("off", [-2, 2, -2880])
def test_number_from_farther_off_is_none(off):
    assert totp.step_of(SECRET, totp.code_at(SECRET, totp.step_at(NOW) + off), NOW) is None


def test_of_two_half_minutes_with_one_number_the_later_counts(monkeypatch):
    monkeypatch.setattr(totp, "code_at", lambda secret, step: "123456")
    assert totp.step_of(SECRET, "123456", NOW) == totp.step_at(NOW) + 1


@pytest.mark.parametrize("seconds_since", [0, 20, 59, 119])
def test_two_numbers_in_a_row_are_known_for_two_minutes(seconds_since):
    step = totp.step_at(NOW)
    first, second = totp.code_at(SECRET, step - 1), totp.code_at(SECRET, step)
    assert totp.step_of_two(SECRET, first, second, NOW + timedelta(seconds=seconds_since)) == step


@pytest.mark.parametrize(("one", "other"), [(0, 0), (0, 2), (1, 0), (-12, -11)])
def test_two_numbers_that_do_not_follow_each_other_of_late_are_none(one, other):
    codes = [totp.code_at(SECRET, totp.step_at(NOW) + off) for off in (one, other)]
    assert totp.step_of_two(SECRET, *codes, NOW) is None


def test_key_is_written_in_fours_and_fills_no_last_group_with_signs_of_its_own():
    assert totp.written(SECRET) == "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"


def test_address_says_key_bank_and_owner():
    address = urlsplit(totp.address(SECRET, bank="Banque & Fils", account="Zoé Martin"))
    assert (address.scheme, address.netloc) == ("otpauth", "totp")
    assert address.path == "/Banque%20%26%20Fils%3AZo%C3%A9%20Martin"
    assert parse_qs(address.query)["secret"] == ["GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"]
    assert parse_qs(address.query)["issuer"] == ["Banque & Fils"]


def test_two_keys_are_never_alike():
    assert len({totp.draw() for _ in range(50)}) == 50
