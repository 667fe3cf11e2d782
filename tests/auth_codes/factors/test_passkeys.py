"""What a passkey signs is accepted for our challenge, at our address, by a holder who was checked; nothing else is."""

import json

import pytest
from fido2.utils import websafe_encode
from hypothesis import given
from hypothesis import strategies as st

from auth_codes.factors import passkeys
from auth_codes.factors.passkeys import Passkey, PasskeyFault, Refused
from tests.authenticator import FLAG, ORIGIN, Authenticator, eddsa, es256, rs256

CHALLENGE = bytes(range(32))
OTHER = bytes(32)


def make(authenticator, challenge=CHALLENGE, origin=ORIGIN, **changed):
    """The passkey that it makes, as it would be sealed."""
    drawn = passkeys.read(passkeys.draw())
    options = passkeys.creation_options(drawn, [], challenge=CHALLENGE, account="Zoé Petit")
    return passkeys.register(drawn, authenticator.create(options, **changed), challenge=challenge, origin=origin)


def show(passkey, authenticator, asked=CHALLENGE, challenge=CHALLENGE, origin=ORIGIN, **changed):
    options = passkeys.request_options([passkey], challenge=asked)
    return passkeys.verify(passkey, authenticator.get(options, **changed), challenge=challenge, origin=origin)


def why(act, *arguments, **named):
    with pytest.raises(Refused) as refused:
        act(*arguments, **named)
    return refused.value.why


@pytest.fixture
def key():
    authenticator = Authenticator()
    return make(authenticator).passkey, authenticator


@pytest.mark.parametrize("algorithm", [es256, eddsa, rs256])
def test_each_algorithm_that_is_asked_for_registers_and_signs(algorithm):
    authenticator = Authenticator(algorithm)
    made = make(authenticator)
    assert passkeys.read(passkeys.written(made.passkey)) == made.passkey
    assert made.passkey.name == authenticator.name
    assert made.passkey.transports == ("usb",)
    assert show(made.passkey, authenticator) == 0


def test_options_ask_for_the_holder_and_for_nothing_that_tells_him_apart():
    drawn, other = passkeys.read(passkeys.draw()), make(Authenticator()).passkey
    asked = json.loads(passkeys.creation_options(drawn, [other], challenge=CHALLENGE, account="Zoé Petit"))
    assert asked["authenticatorSelection"]["userVerification"] == "required"
    assert asked["authenticatorSelection"]["residentKey"] == "discouraged"
    assert asked["attestation"] == "none"
    assert [each["alg"] for each in asked["pubKeyCredParams"]] == [-7, -8, -257]
    assert [each["id"] for each in asked["excludeCredentials"]] == [websafe_encode(other.name)]
    assert asked["rp"]["id"] == "testserver"
    assert asked["challenge"] == websafe_encode(CHALLENGE)
    assert passkeys.read(passkeys.draw()).handle != drawn.handle


def test_request_names_his_passkeys_and_how_they_are_reached(key):
    asked = json.loads(passkeys.request_options([key[0]], challenge=CHALLENGE))
    assert (asked["userVerification"], asked["rpId"]) == ("required", "testserver")
    assert asked["allowCredentials"] == [
        {"type": "public-key", "id": websafe_encode(key[0].name), "transports": ["usb"]}
    ]


WRONG = {
    "another origin": ({"origin": "https://testserver.example"}, PasskeyFault.ELSEWHERE),
    "the origin without https": ({"origin": "http://testserver"}, PasskeyFault.ELSEWHERE),
    "another port": ({"origin": "https://testserver:8443"}, PasskeyFault.ELSEWHERE),
    "a name below ours": ({"origin": "https://evil.testserver"}, PasskeyFault.ELSEWHERE),
    "another host": ({"host": "testserver.example"}, PasskeyFault.ELSEWHERE),
    "a frame of another site": ({"is_cross_origin": True}, PasskeyFault.ELSEWHERE),
    "no user verification": ({"flags": FLAG.UP}, PasskeyFault.UNVERIFIED),
    "no user": ({"flags": FLAG.UV}, PasskeyFault.UNVERIFIED),
}


@pytest.mark.parametrize(("changed", "reason"), WRONG.values(), ids=WRONG)
def test_neither_registers_nor_shows(changed, reason, key):
    assert why(make, Authenticator(**changed)) == reason
    passkey, authenticator = key
    for name, value in changed.items():
        setattr(authenticator, name, value)
    assert why(show, passkey, authenticator) == reason


def test_answer_to_another_challenge_is_stale(key):
    assert why(show, *key, asked=OTHER) == PasskeyFault.STALE
    assert why(make, Authenticator(), challenge=OTHER) == PasskeyFault.STALE


def test_signature_of_another_key_is_wrong(key):
    twin = Authenticator(name=key[1].name)
    make(twin)
    twin.handle = key[1].handle
    assert why(show, key[0], twin) == PasskeyFault.WRONG


def test_one_bit_of_the_authenticators_data_breaks_the_signature(key):
    options = passkeys.request_options([key[0]], challenge=CHALLENGE)
    answer = json.loads(key[1].get(options))
    key[1].count = 7
    other = json.loads(key[1].get(options))["response"]["authenticatorData"]
    answer["response"]["authenticatorData"] = other
    assert why(passkeys.verify, key[0], json.dumps(answer), challenge=CHALLENGE, origin=ORIGIN) == PasskeyFault.WRONG


def test_answer_of_registration_is_no_answer_of_a_login_and_the_other_way_round(key):
    passkey, authenticator = key
    created = Authenticator().create(passkeys.creation_options(passkey, [], challenge=CHALLENGE, account="x"))
    assert why(passkeys.verify, passkey, created, challenge=CHALLENGE, origin=ORIGIN) == PasskeyFault.UNREADABLE
    shown = authenticator.get(passkeys.request_options([passkey], challenge=CHALLENGE))
    assert why(passkeys.register, passkey, shown, challenge=CHALLENGE, origin=ORIGIN) == PasskeyFault.UNREADABLE


def test_handle_of_somebody_else_is_refused_and_none_is_well(key):
    passkey, authenticator = key
    assert why(show, passkey, authenticator, userHandle=websafe_encode(b"somebody else")) == PasskeyFault.WRONG
    assert show(passkey, authenticator, userHandle=None) == 0


def test_synced_ones_count_unless_the_bank_refuses_them(settings):
    authenticator = Authenticator(flags=FLAG.UP | FLAG.UV | FLAG.BE | FLAG.BS)
    made = make(authenticator)
    assert made.passkey.is_synced
    assert show(made.passkey, authenticator) == 0
    settings.SYNCED_PASSKEYS = False
    assert why(show, made.passkey, authenticator) == PasskeyFault.SYNCED
    assert why(make, Authenticator(flags=authenticator.flags)) == PasskeyFault.SYNCED
    own = Authenticator()
    assert show(make(own).passkey, own) == 0


def test_one_that_says_later_that_it_can_be_copied_is_refused(key):
    key[1].flags |= FLAG.BE
    assert why(show, *key) == PasskeyFault.WRONG


def test_key_of_an_algorithm_that_was_not_asked_for_is_refused():
    def es256_in_disguise():
        public, sign = es256()
        return public | {3: -47}, sign

    assert why(make, Authenticator(es256_in_disguise)) == PasskeyFault.UNREADABLE


def test_key_that_is_none_is_refused_when_it_is_made_and_not_at_a_login():
    def off_the_curve():
        public, sign = es256()
        return public | {-2: bytes(32), -3: bytes(32)}, sign

    assert why(make, Authenticator(off_the_curve)) == PasskeyFault.UNREADABLE


GARBAGE = ["", "x", "\0", "[]", "{}", "null", "1" * 30_000, "[" * 9_000, '{"rawId": "é", "response": {}}', "½"]


@pytest.mark.parametrize("text", GARBAGE, ids=range(len(GARBAGE)))
def test_what_is_no_answer_is_refused_in_words(text, key):
    assert why(passkeys.verify, key[0], text, challenge=CHALLENGE, origin=ORIGIN) == PasskeyFault.UNREADABLE
    assert why(passkeys.register, key[0], text, challenge=CHALLENGE, origin=ORIGIN) == PasskeyFault.UNREADABLE
    assert why(passkeys.named_in, text) == PasskeyFault.UNREADABLE


MADE, HELD = Authenticator(), []


@given(part=st.sampled_from(["clientDataJSON", "authenticatorData", "signature", "attestationObject"]), put=st.binary())
def test_odd_bytes_in_any_place_are_refused_and_break_nothing(part, put):
    if not HELD:
        HELD.append(make(MADE).passkey)
    passkey = HELD[0]
    shown = json.loads(MADE.get(passkeys.request_options([passkey], challenge=CHALLENGE)))
    made = json.loads(Authenticator().create(passkeys.creation_options(passkey, [], challenge=CHALLENGE, account="x")))
    for answer, act in ((shown, passkeys.verify), (made, passkeys.register)):
        if part not in answer["response"]:
            continue
        answer["response"][part] = websafe_encode(put)
        assert why(act, passkey, json.dumps(answer), challenge=CHALLENGE, origin=ORIGIN) in set(PasskeyFault)


def test_what_is_sealed_before_an_answer_holds_a_handle_alone():
    drawn = passkeys.read(passkeys.draw())
    assert drawn == Passkey(drawn.handle)
    assert len(drawn.handle) == 32


def test_library_does_not_write_down_whose_passkey_was_shown(key, caplog):
    show(*key)
    assert key[1].name.hex() not in caplog.text
