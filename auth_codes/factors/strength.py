"""Which moyens count as strong: something that its owner alone has, and that nobody copies by looking at it.

A printed list is a safety net and none of them. Source: EBA-Op-2019-06; RTS 2018/389 art. 7.
"""

from collections.abc import Iterable
from datetime import datetime

from auth_codes.factors import levels
from auth_codes.models import Factor


def strong(factors: Iterable[Factor]) -> list[Factor]:
    """Those of these that are strong, in their order."""
    return [factor for factor in factors if levels.is_strong(factor)]


def rested(factors: Iterable[Factor], now: datetime) -> list[Factor]:
    """Those that have been there for as long as a new one rests: of each its owner was told, and had time to object."""
    return [factor for factor in factors if factor.payments_from <= now]


def strongest(factors: Iterable[Factor]) -> list[Factor]:
    """The strong ones and, of who has none of them, what he has: never a weak one in the place of a strong one."""
    found = list(factors)
    return strong(found) or found
