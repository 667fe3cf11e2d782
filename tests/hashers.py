"""The staff's hasher at the least cost that Argon2 has."""

from auth_codes.crypto.sealed_hasher import SealedPasswordHasher


class QuickPasswordHasher(SealedPasswordHasher):
    """As in production, sealing included; the real cost is proved in tests/auth_codes/crypto/test_hashing.py."""

    memory_cost = 8
    time_cost = 1
