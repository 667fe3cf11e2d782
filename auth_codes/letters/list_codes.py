"""The codes of a printed list: eight digits, shown in two groups, the last one a check digit.

A mistyped digit, or two neighbours exchanged, is told before anything is counted (Damm). Seven digits are drawn: the
code asked for is guessed within five tries once in two million times.
"""

import secrets

from django.views.decorators.debug import sensitive_variables
from stdnum import damm

DIGITS = 8
CODES_ON_A_LIST = 40
GROUP = 4


@sensitive_variables()
def draw() -> list[str]:
    """The codes of a new list, from number 1 on, no two alike, from the CSPRNG."""
    drawn: dict[str, None] = {}
    while len(drawn) < CODES_ON_A_LIST:
        drawn[_one()] = None
    return list(drawn)


@sensitive_variables()
def is_well_formed(code: str) -> bool:
    """Whether it has eight digits of the ordinary keyboard and the right check digit."""
    return len(code) == DIGITS and code.isascii() and code.isdecimal() and bool(damm.is_valid(code))


@sensitive_variables()
def in_groups(code: str) -> str:
    """As it is printed: « 1234 5678 », never broken over two lines."""
    return "\u00a0".join(code[start : start + GROUP] for start in range(0, DIGITS, GROUP))


@sensitive_variables()
def _one() -> str:
    body = f"{secrets.randbelow(10 ** (DIGITS - 1)):0{DIGITS - 1}}"
    return body + str(damm.calc_check_digit(body))
