"""Letters sealed by earlier versions of the bank: opened for ever, and their content sealed again byte for byte."""

import base64
import hashlib

import msgspec
import pyrage
import pytest

from auth_codes.letters import envelopes, letter_pdf
from auth_codes.letters.envelopes import CodeLetterContents
from tests.pdfs import read
from tests.settings import WORKSHOP_IDENTITY

WORKSHOP = pyrage.x25519.Identity.from_str(WORKSHOP_IDENTITY)
CONTENTS = CodeLetterContents(
    version=2,
    letter_id="8a9ff0ce-45b5-4f7a-9f0b-0c52b1f2a001",
    address=("Mme Inès Léa MARTIN", 'Résidence "Les\u00a0Lilas" \\ B', "69003 LYON"),
    name="Madame Martin",
    secret_code="082915",
    letter_number="7KQ4M2XDR9TB",
    issued_on="2026-03-01",
    occasion="renewal",
)
CONTENTS_OF_VERSION_3 = msgspec.structs.replace(
    CONTENTS, version=3, phone="01 99 00 12 34", portal="espace.banque.example", large_print=True
)
PAYLOAD_OF_VERSION_3 = (
    '{"version": 3, "letter_id": "8a9ff0ce-45b5-4f7a-9f0b-0c52b1f2a001", "address": ["Mme Inès Léa MARTIN", '
    '"Résidence \\"Les\u00a0Lilas\\" \\\\ B", "69003 LYON"], "name": "Madame Martin", "secret_code": "082915", '
    '"letter_number": "7KQ4M2XDR9TB", "issued_on": "2026-03-01", "occasion": "renewal", "phone": "01 99 00 12 34", '
    '"portal": "espace.banque.example", "large_print": true}'
).encode()
SEALED_IN_VERSION_3 = base64.b64decode(
    "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBZelFrZit3U1I0amhmQTk5eHJXNHNIQ3drSk94N3FEU1RSNXhkeXNSSWgwClJselNsZkxi"
    "cGdTSG9tNWtwR1JpMDJnU2d3bFRKUlU5dy83MDhUMmpjY1EKLT4geC1ncmVhc2UgYykqfUNLaApkeWlpbWR1ZkhDSFI3WThJbUprZElYalJ3YXRQ"
    "TlpuM0lTaHY1MjM3NGdtZzM3R0ZiUi8xNXZFYXIzSjVrMDAyCjBPVjIzU1NlMTJ1SXBPeUZFTjdJbE9WQkh0K0ZpVWppdmFDRQotLS0gUHR1Wkh1"
    "MTh6WE0wKy83T0pQQS9scFl2ZnZTUUJ2c3pmS2p2eHMyeUhIRQr8qgsBDMp/ioLzGrNnnbUdcYIuiydLFe/pTyD17HTxJziOuFHaFXdEBQl1sZVm"
    "MUKLt+LykX51KzFK2f6OP6RuiaxEekrzZqpnmnbbDAqGe0NQKwZv95nROOJ2XzNjEqGsig78rvc+kgcnjWmCF+FmI4k1KiZgE8QxqyxFGyTnnvd4"
    "8isFdN9PjhhK/0XqwyeOAyLByOF5xqDN4BtEg7bCaNrixn3IPpBWuubw8slQ01+kzo7YHjPjZ1aFqezqkwFiTiWq9kLcx1CPEBkADo6ZlRAlYfO7"
    "4OUP+AnvyrMXYXbFiu9K7gEMNlUkI5sFe0DuAw54loGBmRvHcNQE8inZnJnz9gfgrxKLAEr/QBRj1dsj9xvCD07ySso/UBPpBlqXcilLGiJJIcZZ"
    "nrwR8kuNBy35jLcHhynILwn3LFGdCE+g7uSXHL7QEQYSh/pjli7v6GIPAjSlx7dAc4fPeoFWs5Vx+Lq8pIex1MnVSF+9bc6mpHZSYWjbhj79N/y5"
    "BNI6AAkTdtfaz5Dyy4nEktDDww=="
)
PAYLOAD = (
    '{"version": 2, "letter_id": "8a9ff0ce-45b5-4f7a-9f0b-0c52b1f2a001", "address": ["Mme Inès Léa MARTIN", '
    '"Résidence \\"Les\u00a0Lilas\\" \\\\ B", "69003 LYON"], "name": "Madame Martin", "secret_code": "082915", '
    '"letter_number": "7KQ4M2XDR9TB", "issued_on": "2026-03-01", "occasion": "renewal"}'
).encode()
SEALED = base64.b64decode(
    "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSB0VndVWHllWlhLejNCVzBpSmZxV0poN1FUcFFNR2h2TkQvNzA1dHdMQ3dNCmUwbXNvcF"
    "Evb21IQUJXV2JUTWdmd3dTaXN5NU1KNVNpM291bVRyMzBzM00KLT4gZDhCJy1ncmVhc2UKZUNFd1lMT3ZvelIwWnFZcTBwdHVHR2hBUGtvaXVY"
    "ZEJBbmlrelRBVGhINzdlNXNFazFUc0xjTjliSmF3bjRYaAoyR05nMk1PS1QzbFBPU3I2RjNWYU51UHJHV1R6Ci0tLSBCOFB4b0tKcmwrcTBlbn"
    "FQMVFoK1VNblo1VkJtU0tMcDIwSUNjNHlQYTlVChTl3o9jH9S3f+GhipHvpMElXwW9Dlzt2/oLZYoGYkFKbt0YY3VJVILlp2WZa2//8PJzv13T"
    "M57+oUanoHw8T5lBCM7rSSwO6/9Uztoa08grjwjeQjRv5p/3oMHmTIkdbm1a4Y4CtZjDDQ8+T2PEf3qpNJsRreMMf95rk8AhIWsj6XbWm2nJl7"
    "xFq1ixZw5VKQtFbcR8Tq9kc53Yk97kO8d+/brcwK6BFYso+MHyDcoih8LKzTRuJjNXTij5MrrERo73W1DaLtmmxbvqhyH14l4G+DsH8sBZNLB+"
    "BaZU+YJqLE+Y7/jIFDxBGmQOFCS9JSusRvLBjxSNZFgsoViupr4hF8Yn0/xfBuN5MKWqAHQZeKsR4Pkto/P19j/t0OWbThQRnOmxeatgkx6hCS"
    "A5NLSp425Y0fjFuU+EqC0MjA=="
)
PAYLOAD_OF_VERSION_1 = (
    '{"version": 1, "letter_id": "8a9ff0ce-45b5-4f7a-9f0b-0c52b1f2a001", "address": ["Mme Inès Léa MARTIN", '
    '"Résidence \\"Les\u00a0Lilas\\" \\\\ B", "69003 LYON"], "name": "Madame Martin", "secret_code": "082915", '
    '"letter_number": "7KQ4M2XDR9TB", "issued_on": "2026-03-01"}'
).encode()
SEALED_IN_VERSION_1 = base64.b64decode(
    "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBheUlJNGRqVmJjR3M1ZkhwdC9UUlFMOGF3c0JXcXNWQ05RbldqZjN1YjJVCmovdC9Bal"
    "hrS3hCVzhjOU52M3U4aHgrR0ppejRidThVUzNCa0x5bEQ5OXcKLT4gL0ItZ3JlYXNlIGcKb3o0bGFWaTNCQ0RTSE85NCtYUHA3aGhWM1ZQTFg2"
    "UXE0UmZna01BCi0tLSBRdE1GOTNWWmkwUnFiNnhoVUxzRkFYeWkrN1Z3R0lmNXF1b1VtZ00rOHQ4CpC5xS7UHN8kespJ3ya511F9eZzPGqlr+I"
    "KOBTfIa8oYjhLQAHucsJz6Hc7zttBpXY9db2bpAA2fvyWdZgZQnt23qrlCoWkdzMxi9bibpJFbWvo140VDjYzQHv61r4mCZSDkJ4mmsPabKv80"
    "EX89DZpwGQZ2wNzyrzUWqalU1RCV7PtPqU6eiDIEOdnZX8MXnsyS+QRfMJHd3+ZBQs1YYvC2SZ3htUacMmy6X+sdAGPoeyiXWMI7E3tMEsD/tr"
    "LISrClBBQFmR6WPQYXXzVGCAn7VRDytdEdHc6NoEEwMsriPJ6KOMqGZPi8G1FEgBcliN2BPfUS0a1ie/fijGcH05JP1eXcq16gDbuRYbPDdDUi"
    "pwtT5jdjqWH82PdvL4tVX5eab4Bu5A0="
)

# Of all that is printed, blanks aside: the fonts may change, the words may not.
PRINTED = {
    1: "c29d0636653cbb75520c07f3a894768f367fecd9c0062cd32a966d52896e869f",
    2: "27a30cd78d13020d83734c0e4755c68a85f523c301f0f8e329272bc63830fb69",
}


@pytest.mark.parametrize(
    ("sealed", "payload"),
    [
        (SEALED, PAYLOAD), (SEALED_IN_VERSION_1, PAYLOAD_OF_VERSION_1), (SEALED_IN_VERSION_3, PAYLOAD_OF_VERSION_3),
    ],
)  # fmt: skip
def test_stored_letters_hold_these_bytes(sealed, payload):
    assert pyrage.decrypt(sealed, [WORKSHOP]) == payload


def test_stored_letter_is_opened():
    assert envelopes.open_at_workshop(SEALED, WORKSHOP) == CONTENTS


def test_stored_letter_of_version_1_is_opened_as_a_first_letter():
    opened = envelopes.open_at_workshop(SEALED_IN_VERSION_1, WORKSHOP)
    assert (opened.version, opened.occasion) == (1, "first")
    assert (opened.letter_id, opened.address, opened.name) == (CONTENTS.letter_id, CONTENTS.address, CONTENTS.name)
    assert (opened.secret_code, opened.letter_number) == ("082915", "7KQ4M2XDR9TB")
    assert opened.issued_on == "2026-03-01"


def test_stored_letter_of_version_3_is_opened():
    assert envelopes.open_at_workshop(SEALED_IN_VERSION_3, WORKSHOP) == CONTENTS_OF_VERSION_3


@pytest.mark.parametrize(
    ("sealed", "payload"),
    [
        (SEALED, PAYLOAD), (SEALED_IN_VERSION_1, PAYLOAD_OF_VERSION_1), (SEALED_IN_VERSION_3, PAYLOAD_OF_VERSION_3),
    ],
)  # fmt: skip
def test_letter_opened_is_sealed_again_byte_for_byte(sealed, payload):
    opened = envelopes.open_at_workshop(sealed, WORKSHOP)
    assert pyrage.decrypt(envelopes.encrypt_for_workshop(opened), [WORKSHOP]) == payload


@pytest.mark.slow
@pytest.mark.parametrize("sealed", [SEALED, SEALED_IN_VERSION_1])
def test_letter_of_an_earlier_version_is_printed_word_for_word_as_then(sealed):
    opened = envelopes.open_at_workshop(sealed, WORKSHOP)
    [page] = read(letter_pdf.render(opened)).pages
    printed = "".join(page.extract_text().split())
    assert hashlib.sha256(printed.encode()).hexdigest() == PRINTED[opened.version]
