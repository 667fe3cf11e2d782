"""Telephone numbers by the plan of each country: kept as +33612345678 (E.164), shown as 06 12 34 56 78.

France has one plan of ten digits and several country codes: 0692 12 34 56, dialled so from Lille as from Saint-Denis,
is +262 692 12 34 56 to the rest of the world. Kept in that one form, it is found however it is written.
"""

import re

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType, ValidationResult

FRANCE, SAINT_PIERRE = 33, 508
OVERSEAS = (590, 594, 596, 262, SAINT_PIERRE)
# Whole blocks, with what is not given out yet, which the library does not count among the valid numbers.
# Source: Arcep, « Plan national de numérotation », numbers of the departments and regions overseas.
BLOCKS = {
    "262": 262, "263": 262, "269": 262, "590": 590, "594": 594, "596": 596,
    "639": 262, "690": 590, "691": 590, "692": 262, "693": 262, "694": 594, "696": 596, "697": 596,
}  # fmt: skip
# Others, as the freephone ones, are dialled alike everywhere in France and stay French.
OF_A_PLACE = {PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}
SHARED_COST = "8"
LONGEST = 16  # the + and the fifteen digits of E.164
NO_BREAK_SPACE, NO_BREAK_HYPHEN = "\u00a0", "\u2011"


class NotAPhoneNumber(ValueError):
    """What was typed is no telephone number."""


def normalise(text: str) -> str:
    """The number in international form (E.164). Raises NotAPhoneNumber.

    A number is judged by the lengths of its country's plan, not by the ranges in use: countries open new ones, and
    nobody is to be refused for having one of them.
    """
    typed = _closed_up(text)
    # « +39 (06) » needs its zero, « +352 (0) » must lose it: the one that the plan knows is meant.
    readings = {re.sub(r"[()]", "", typed), re.sub(r"\(0\)|[()]", "", typed)}
    numbers = {number for digits in readings if (number := _number(re.sub(r"^00", "+", digits)))}
    if not numbers:
        raise NotAPhoneNumber
    return numbers.pop() if len(numbers) == 1 else min(sorted(numbers), key=_is_unknown)


def as_kept(text: str) -> str | None:
    """The number to be looked for: one that no plan knows is kept as it was written before plans were asked."""
    try:
        return normalise(text)
    except NotAPhoneNumber:
        written = re.sub(r"^00", "+", re.sub(r"[()]", "", _closed_up(text)))
        return written if re.fullmatch(r"\+[1-9][0-9]{7,14}", written) else None


def national(number: str) -> str:
    """The ten digits dialled in France, or the number as it is when it is foreign."""
    parsed = _parsed(number)
    if parsed is None or parsed.country_code not in {FRANCE, *OVERSEAS}:
        return number
    before = SAINT_PIERRE if len(str(parsed.national_number)) == 6 else ""
    dialled = f"0{before}{parsed.national_number}"
    return dialled if _number(dialled) == number else number


def display(number: str) -> str:
    """« 06 12 34 56 78 », and « +262 692 12 34 56 » where the country's code is needed, each on one line."""
    parsed = _parsed(number)
    if parsed is None:
        return number
    if parsed.country_code == FRANCE:
        return NO_BREAK_SPACE.join(re.findall("..?", f"0{parsed.national_number}"))
    shown = phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL)
    return shown.replace(" ", NO_BREAK_SPACE).replace("-", NO_BREAK_HYPHEN)


def _closed_up(text: str) -> str:
    # The signs at the end have no width: they come along with a number copied from a list of contacts.
    return re.sub(r"[\s.\-/\u2010\u2011\u200b-\u200f\u202a-\u202e\ufeff]", "", text)


def _number(digits: str) -> str | None:
    """E.164, when its country's plan has numbers of that length and reads it back as the same."""
    # The library would also read letters, foreign digits, extensions, and a French number without its zero.
    parsed = _parsed(digits) if re.fullmatch(r"\+[0-9]{5,20}|0[0-9]{9}", digits) else None
    if parsed is None:
        return None
    parsed = _overseas(parsed) if parsed.country_code == FRANCE else parsed
    number = phonenumbers.format_number(parsed, PhoneNumberFormat.E164)
    has_its_length = phonenumbers.is_possible_number_with_reason(parsed) == ValidationResult.IS_POSSIBLE
    is_kept = has_its_length and len(number) <= LONGEST and not number.startswith(f"+{FRANCE}0")
    return number if is_kept and _parsed(number) == parsed else None


def _is_unknown(number: str) -> bool:
    return not phonenumbers.is_valid_number(phonenumbers.parse(number))


def _parsed(digits: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(digits, "FR")
    except NumberParseException:
        return None


def _overseas(number: PhoneNumber) -> PhoneNumber:
    """The same in the plan of the place overseas that it belongs to, if it belongs to one."""
    dialled = str(number.national_number)
    if len(dialled) == 9 and dialled.startswith(str(SAINT_PIERRE)):
        return PhoneNumber(SAINT_PIERRE, int(dialled[3:]))
    code = BLOCKS.get(dialled[:3]) or _code_by_plan(number)
    return PhoneNumber(code, number.national_number) if code else number


def _code_by_plan(number: PhoneNumber) -> int | None:
    is_shared = str(number.national_number).startswith(SHARED_COST)
    if is_shared or phonenumbers.number_type(number) == PhoneNumberType.MOBILE:
        return None
    for code in OVERSEAS:
        if phonenumbers.number_type(PhoneNumber(code, number.national_number)) in OF_A_PLACE:
            return code
    return None
