"""An authenticator in software: makes key pairs and signs as a security key or a telephone does, by fido2's structures.

What a real one never does it does on demand: without a user, for another address, with a count that goes back.
"""

import hashlib
import json
import secrets
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from fido2.cose import ES256, RS256, CoseKey, EdDSA
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

FLAG = AuthenticatorData.FLAG
HOST = "testserver"
ORIGIN = "https://testserver"


def es256():
    return _es256(ec.generate_private_key(ec.SECP256R1()))


def es256_of(private: int):
    """The same key in two processes."""
    return _es256(ec.derive_private_key(private, ec.SECP256R1()))


def _es256(key):
    return ES256.from_cryptography_key(key.public_key()), lambda said: key.sign(said, ec.ECDSA(hashes.SHA256()))


def eddsa():
    key = ed25519.Ed25519PrivateKey.generate()
    return EdDSA.from_cryptography_key(key.public_key()), key.sign


def rs256():
    key = rsa.generate_private_key(65537, 2048)
    return RS256.from_cryptography_key(key.public_key()), lambda said: key.sign(
        said, padding.PKCS1v15(), hashes.SHA256()
    )


@dataclass
class Authenticator:
    """Holds one passkey once it has been asked to `create` it."""

    algorithm: object = es256
    flags: int = FLAG.UP | FLAG.UV
    count: int = 0
    host: str = HOST
    origin: str = ORIGIN
    is_cross_origin: bool = False
    name: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    public_key: CoseKey | None = None
    handle: bytes = b""

    def create(self, options: str, **changed) -> str:
        """The answer to creation options, as a browser posts it."""
        asked = json.loads(options)
        self.public_key, self.sign = self.algorithm()
        self.handle = websafe_decode(asked["user"]["id"])
        credential = AttestedCredentialData.create(bytes(Aaguid.NONE), self.name, self.public_key)
        data = self._data(credential, FLAG.AT)
        made = AttestationObject.create("none", data, {})
        said = self._client_data("webauthn.create", asked)
        return self._answer({"clientDataJSON": said, "attestationObject": made, "transports": ["usb", "odd"]}, changed)

    def get(self, options: str, **changed) -> str:
        """The answer to request options; one more signature where it counts them."""
        asked = json.loads(options)
        self.count += 1 if self.count else 0
        data, said = self._data(), self._client_data("webauthn.get", asked)
        signature = self.sign(data + hashlib.sha256(said).digest())
        parts = {"clientDataJSON": said, "authenticatorData": data, "signature": signature, "userHandle": self.handle}
        return self._answer(parts, changed)

    def _data(self, credential=b"", flag=0):
        host = hashlib.sha256(self.host.encode()).digest()
        return AuthenticatorData.create(host, FLAG(self.flags | flag), self.count, credential)

    def _client_data(self, kind, asked):
        return CollectedClientData.create(kind, asked["challenge"], self.origin, self.is_cross_origin)

    def _answer(self, parts, changed):
        encoded = {key: websafe_encode(part) if isinstance(part, bytes) else part for key, part in parts.items()}
        name = websafe_encode(self.name)
        return json.dumps(
            {
                "id": name,
                "rawId": name,
                "type": "public-key",
                "clientExtensionResults": {},
                "response": encoded | changed,
            }
        )
