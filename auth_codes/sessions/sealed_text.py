"""Texts that are kept for somebody between two of his sessions: sealed under the codes' keys, for him and one place."""

from django.views.decorators.debug import sensitive_variables

from auth_codes.crypto import sealing
from auth_codes.crypto.sealing import NONCE_BYTES, Sealed, SealError
from auth_codes.owner import Owner

KIND = "kept text"
SEPARATOR = b"|"


@sensitive_variables("text")
def seal(text: str, owner: Owner, place: str) -> bytes:
    """`text` as it may be stored; opened by `unseal` for the same owner and place alone."""
    sealed = sealing.seal(text.encode(), (KIND, str(owner.pk), place))
    return SEPARATOR.join(
        [str(sealed.format_version).encode(), sealed.key_id.encode(), sealed.nonce + sealed.ciphertext]
    )


@sensitive_variables()
def unseal(stored: bytes, owner: Owner, place: str) -> str | None:
    """What was sealed; None when it was moved or altered, or its key is gone."""
    try:
        version, key_id, rest = stored.split(SEPARATOR, 2)
        sealed = Sealed(int(version), key_id.decode(), rest[:NONCE_BYTES], rest[NONCE_BYTES:])
        return sealing.unseal(sealed, (KIND, str(owner.pk), place)).decode()
    except (SealError, ValueError):
        return None
